"""The web service over either database, with a connection of each CRM whose account is made up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from connectors.base import Connector
from connectors.http import CallCount
from connectors.sandbox.webhooks import SALESFORCE_HEADERS, hubspot_event, hubspot_headers, salesforce_message
from connectors.standard_webhooks import signature
from service.bootstrap import App
from service.config import Settings
from service.connections.webhook_keys import keep_webhook_keys
from service.security.keyring import Keyring
from service.store.models import ConnectionRow, InboxRow
from service.store.session import Store
from service.web.app import create_app
from service.webhooks.waking import Wake, nobody
from tests.fakes.connector import FakeConnector
from tests.patience import PATIENCE_S

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BASE = "https://rekindle.example"
PORTAL = 62515
ORG = "00Dxx0000001gPLEAY"
APP_SECRET = "the-apps-secret"
OWN_SECRET = "the-portals-own-secret"


class FakeApp(App):
    """The product with connectors of the tests' own, by the connection's name."""

    __slots__ = ()

    def connector_for_page(self, connection: ConnectionRow) -> Connector:
        return self.connector(connection)[0]

    def connector(self, connection: ConnectionRow) -> tuple[Connector, CallCount]:
        """The fake of that name."""
        return FAKES[connection.name], CallCount()


FAKES: dict[str, FakeConnector] = {}


@dataclass
class WebWorld:
    """One installation: `portal` and `org` are connected, live or on hold. `now` is what the clock says."""

    store: Store
    home: Path
    now: datetime = NOW
    settings: Settings = field(init=False)
    app: FakeApp = field(init=False)
    service: Flask | None = None
    _making: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.settings = Settings(
            home=self.home,
            base_url=BASE,
            hubspot_client_secret=APP_SECRET,
            lease_s=30,
            webhook_commit_timeout_s=PATIENCE_S,  # a busy machine stores later, and no less
        )
        self.app = FakeApp(
            settings=self.settings,
            store=self.store,
            keyring=Keyring([Fernet.generate_key().decode()]),
            now=lambda: self.now,
            sleep=lambda _: None,
            jitter=lambda: 0.0,
        )
        FAKES.clear()
        self.add("portal", "hubspot", str(PORTAL))
        self.add("org", "salesforce", ORG)

    def add(self, name: str, crm: str, account_id: str, *, secret: str = "", **values: Any) -> None:
        """One more connection."""
        FAKES[name] = FakeConnector()
        row = {
            "name": name, "crm": crm, "account_id": account_id, "state": "hold", "url": "https://crm.example",
            "auth": "token", "fields": {}, "scope": {}, "options": {}, "described": {}, "health": [],
            "created_at": NOW, "account_sense": False, **values,
        }  # fmt: skip
        if secret:
            row["credentials"] = self.app.keyring.encrypt({"token": "t", "webhook_secret": secret})
        with self.store.begin() as tx:
            tx.execute(insert(ConnectionRow), [row])
            keep_webhook_keys(self.row(tx, name), self.app.keyring)

    def row(self, tx: Any, name: str) -> ConnectionRow:
        found: ConnectionRow = tx.scalars(select(ConnectionRow).where(ConnectionRow.name == name)).one()
        return found

    def keys(self, name: str) -> Any:
        with self.store.begin() as tx:
            return keep_webhook_keys(self.row(tx, name), self.app.keyring)

    def web(self, *, wake: Wake | None = None, **settings: Any) -> FlaskClient:
        """A client of the service."""
        app = replace(self.app, settings=replace(self.settings, **settings))
        flask: Flask = create_app(app, wake=nobody if wake is None else wake)
        return flask.test_client()

    def web_client(self) -> FlaskClient:
        """One more client of one service, for a thread of its own."""
        with self._making:  # Python 3.11 trips where two threads compile the routes of an application at once
            if self.service is None:
                self.service = create_app(self.app)
        return self.service.test_client()

    def inbox(self) -> list[InboxRow]:
        with self.store.read() as tx:
            return list(tx.scalars(select(InboxRow).order_by(InboxRow.id)))

    def named(self) -> list[str]:
        return [row.deal_id for row in self.inbox()]

    def pass_time(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    # --- what senders send

    def event(self, deal_id: int, **values: Any) -> dict[str, Any]:
        return hubspot_event(PORTAL, deal_id, **{"event_id": deal_id, "at": self.now, **values})

    def hubspot(
        self, client: FlaskClient, events: Sequence[Mapping[str, Any]], *, secret: str = APP_SECRET, base: str = BASE
    ) -> TestResponse:
        body = orjson.dumps(list(events))
        headers = hubspot_headers(secret, url=f"{base}/webhooks/hubspot", body=body, at=self.now)
        return client.post("/webhooks/hubspot", data=body, headers=headers)

    def salesforce(
        self, client: FlaskClient, named: Mapping[str, str], *, token: str = "", org: str = ORG, name: str = "org"
    ) -> TestResponse:
        path = f"/webhooks/salesforce/{name}/{token or self.keys('org').token}"
        return client.post(path, data=salesforce_message(org, named), headers=SALESFORCE_HEADERS)

    def announce(
        self, client: FlaskClient, body: bytes, *, secret: str = "", id_: str = "msg_1", name: str = "org"
    ) -> TestResponse:
        timestamp = str(int(self.now.timestamp()))
        made = signature(secret or self.keys(name).secret, message_id=id_, timestamp=timestamp, body=body)
        headers = {"webhook-id": id_, "webhook-timestamp": timestamp, "webhook-signature": made}
        return client.post(f"/webhooks/deals/{name}", data=body, headers=headers)


@contextmanager
def broken(store: Store, error: Exception) -> Iterator[None]:
    """A database that refuses everything for as long as the block runs."""
    read: Callable[..., Any] = store.read
    connect: Callable[..., Any] = store.engine.connect

    def fail(*_: Any, **__: Any) -> Any:
        raise error

    store.read = store.engine.connect = fail  # type: ignore[method-assign]
    try:
        yield
    finally:
        store.read, store.engine.connect = read, connect  # type: ignore[method-assign]
