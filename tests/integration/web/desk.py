"""A desk at which admins edit the documents: the sales world of the drafts' tests, behind the web app and the API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.config import Settings
from service.people import sessions
from service.people.roles import Role, Scope
from service.people.users import add_user
from service.store.people import user_of_email
from service.store.session import open_store
from service.web.app import create_app
from tests.integration.sets_world import SetsWorld
from tests.tables import with_tables


@dataclass
class Desk:
    """One installation with a live connection, two admins and a rep."""

    sets: SetsWorld
    service: Flask

    def enter(self, email: str = "ada@example.com") -> Browser:
        """A browser in which this person is signed in."""
        client = self.service.test_client()
        with self.sets.store.begin() as tx:
            user = user_of_email(tx, email)
            assert user is not None
            client.set_cookie("rekindle", sessions.sign_in(tx, user, now=self.sets.now))
        return Browser(client)

    def token(self, *scopes: Scope, email: str = "ada@example.com") -> dict[str, str]:
        """The header that carries a token of these scopes."""
        with self.sets.store.begin() as tx:
            user = user_of_email(tx, email)
            assert user is not None
            made = sessions.make_api_token(tx, user, name="t", scopes=list(scopes), who="t", now=self.sets.now)
        return {"Authorization": f"Bearer {made}"}


@dataclass
class Browser:
    """A browser that fills in the forms it is shown."""

    client: FlaskClient
    page: str = ""

    def open(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.get_data(as_text=True)[-800:])
        self.page = unescape(answer.get_data(as_text=True))
        return self.page

    def send(self, path: str, values: Mapping[str, Any] | Sequence[tuple[str, Any]] = (), **more: Any) -> TestResponse:
        """Send a form of the page that is open, with its hidden fields."""
        typed = dict(values) | more
        hidden = {name: self._hidden(name) for name in ("csrf_token", "revision", "seen")}
        answer = self.client.post(path, data={**hidden, **typed})
        self.page = unescape(answer.get_data(as_text=True))
        return answer

    def _hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""


@contextmanager
def open_desk(home: Path) -> Iterator[Desk]:
    """A desk on SQLite."""
    store = open_store(f"sqlite:///{home / 'rekindle.db'}")
    with_tables(store)
    sets = SetsWorld(store)
    app = replace(sets.app, settings=Settings(home=home))
    with store.begin() as tx:
        for email, role in (
            ("ada@example.com", Role.ADMIN),
            ("bob@example.com", Role.ADMIN),
            ("rep-1@x.example", Role.REP),
        ):
            add_user(tx, email=email, name="", role=role, who="test", now=sets.now)
    yield Desk(sets, create_app(app))
    store.dispose()
