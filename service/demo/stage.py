"""What the demo plays on: one Salesforce org and one HubSpot portal of the sandbox, and a home of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from connectors.sandbox.book import Book
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.journal import Journalled
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.server import RunningServer, serve
from service.bootstrap import App, open_app
from service.clock import Clock
from service.config import Settings
from service.connections.connect import Wanted

DEALS = 240
SEEDS = {"salesforce": 7, "hubspot": 11}
BEGUN = "begun-on.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The opened product and the two sandbox CRMs."""

    app: App
    org: RunningServer[Journalled[SalesforceOrg]]
    portal: RunningServer[Journalled[HubSpotPortal]]
    is_first_run: bool

    def wanted(self) -> tuple[Wanted, Wanted]:
        """What is connected: an org by client credentials, a portal by its token."""
        org = self.org.app.app.settings
        return (
            Wanted(
                crm="salesforce",
                name="demo-salesforce",
                url=self.org.url,
                auth="client_credentials",
                credentials={"client_id": org.client_id, "client_secret": org.client_secret},
            ),
            Wanted(
                crm="hubspot",
                name="demo-hubspot",
                url=self.portal.url,
                auth="token",
                credentials={"token": DEMO_TOKEN},
            ),
        )


@contextmanager
def set_stage(settings: Settings, now: Clock) -> Iterator[Stage]:
    """Everything running; both CRMs are as the last demo left them. The home is `demo` in the settings' home."""
    home = settings.home / "demo"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    begun = _begun_on(home, now())
    is_first_run = not (home / "rekindle.sqlite3").exists()
    org = Journalled(SalesforceOrg(_book("salesforce", begun)), home / "salesforce.journal")
    portal = Journalled(HubSpotPortal(_book("hubspot", begun)), home / "hubspot.journal")
    with (
        serve(org, now=now, tls_folder=home, port=_kept_port(home, "salesforce")) as org_server,
        serve(portal, now=now, port=_kept_port(home, "hubspot")) as portal_server,
    ):
        _keep_port(home, "salesforce", org_server.url)
        _keep_port(home, "hubspot", portal_server.url)
        ours = replace(settings, home=home, database_url="", ca_file=str(org_server.ca_file))
        app = open_app(ours, now=now)
        try:
            yield Stage(app=app, org=org_server, portal=portal_server, is_first_run=is_first_run)
        finally:
            app.store.dispose()


def _kept_port(home: Path, crm: str) -> int:
    """The port of the last demo while it is free, so that the addresses in the tasks go on working; else any."""
    path = home / f"{crm}.port"
    port = int(path.read_text(encoding="ascii")) if path.exists() else 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _keep_port(home: Path, crm: str, url: str) -> None:
    (home / f"{crm}.port").write_text(url.rpartition(":")[2], encoding="ascii")


def _book(crm: str, begun: date) -> Book:
    return make_book(SEEDS[crm], deals=DEALS, today=begun)


def _begun_on(home: Path, now: datetime) -> date:
    """The day of the first demo in this home: the books were made as of that day."""
    path = home / BEGUN
    if not path.exists():
        path.write_text(now.date().isoformat(), encoding="ascii")
    return date.fromisoformat(path.read_text(encoding="ascii").strip())
