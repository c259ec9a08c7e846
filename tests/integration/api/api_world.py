"""The API over the sales world of the drafts' tests, asked by each kind of person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from connectors.base import Connector, Credentials
from connectors.base import Settings as ConnectorSettings
from connectors.http import CallCount
from service.bootstrap import App
from service.config import Settings
from service.people import sessions
from service.people.roles import Role, Scope
from service.people.users import add_user
from service.store.models import ConnectionRow
from service.store.people import user_of_email
from service.store.session import Store
from service.store.tokens import UnkeptTokens
from service.web.app import create_app
from tests.fakes.connector import FakeConnector
from tests.integration.sets_world import SetsWorld

PEOPLE = {
    "ada@x.example": Role.ADMIN,
    "max@x.example": Role.MANAGER,
    "rep-1@x.example": Role.REP,
    "rep-2@x.example": Role.REP,
    "vic@x.example": Role.VIEWER,
}
OWNER, COLLEAGUE, STRANGER = "rep-1@x.example", "rep-2@x.example", "zoe@x.example"
CRM: dict[str, FakeConnector] = {}


class FakeCrmApp(App):
    """The product whose every connection leads to a CRM in memory."""

    __slots__ = ()

    def connector_for_page(self, connection: ConnectionRow) -> Connector:
        return self.connector(connection)[0]

    def connector(self, connection: ConnectionRow) -> tuple[Connector, CallCount]:
        """The one CRM there is."""
        return CRM[""], CallCount()

    def try_connector(
        self,
        crm: str,
        settings: ConnectorSettings,
        credentials: Credentials,
        tokens: UnkeptTokens,
        *,
        only_public: bool = False,
    ) -> Connector:
        """The same."""
        return CRM[""]


@dataclass
class Caller:
    """A program with a token."""

    service: Flask
    headers: dict[str, str]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Ask; `If_Match` and the like become headers."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        client = self.service.test_client()
        return client.open(f"/api/v1{path}", method=method, json=body, headers={**self.headers, **more})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a call that is not refused."""
        answer = self.call(method, path, body, **headers)
        assert answer.status_code < 300, (path, answer.status_code, answer.get_data(as_text=True))
        return answer.json

    def status(self, method: str, path: str, body: Any = None, **headers: str) -> int:
        """The answer's status alone."""
        return self.call(method, path, body, **headers).status_code


@dataclass
class ApiWorld:
    """One installation with a live connection; what is asked for in the background is done at once."""

    store: Store
    home: Path
    sets: SetsWorld = field(init=False)
    service: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.sets = SetsWorld(self.store)
        CRM[""] = self.sets.crm
        there = self.sets.app
        settings = replace(Settings(home=self.home), allow_private_addresses=True)
        self.app = FakeCrmApp(
            settings=settings, store=self.store, keyring=there.keyring, now=there.now, sleep=there.sleep,
            jitter=there.jitter,
        )  # fmt: skip
        with self.store.begin() as tx:
            for email, role in {**PEOPLE, STRANGER: Role.REP}.items():
                add_user(tx, email=email, name="", role=role, who="test", now=self.sets.now)
            credentials = self.app.keyring.encrypt({"token": "t"})
            row = tx.get_one(ConnectionRow, self.sets.connection_id)
            row.credentials, row.crm, row.last_sync_at = credentials, "hubspot", self.sets.now
        self.service = create_app(self.app, background=_at_once)

    def caller(self, email: str = "ada@x.example", *scopes: Scope) -> Caller:
        """A program of this person's, with a token for these scopes, or for all."""
        with self.store.begin() as tx:
            user = user_of_email(tx, email)
            assert user is not None
            named = list(scopes) or list(Scope)
            token = sessions.make_api_token(tx, user, name="t", scopes=named, who="t", now=self.sets.now)
        return Caller(self.service, {"Authorization": f"Bearer {token}"})

    def nobody(self) -> Caller:
        """A program without a token."""
        return Caller(self.service, {})


def _at_once(act: Callable[[], None]) -> None:
    act()
