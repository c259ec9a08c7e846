"""The ledger is part of a connection's health: compared after each sync, with as few calls as the CRM allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.server import RunningServer, serve
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.store.connections import connection_named
from service.store.models import DealRow
from service.sync.report import SyncReport
from service.sync.runner import sync

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


@dataclass
class Desk:
    """The product beside a CRM, with a clock of its own."""

    app: App
    crm: RunningServer[Any]
    time: list[datetime] = field(default_factory=list)

    def sync(self, *, full: bool = False) -> SyncReport:
        return sync(self.app, "acme", full=full, monotonic=lambda: 0.0)

    def ledger(self) -> dict[str, Any]:
        with self.app.store.read() as tx:
            (line,) = [one for one in connection_named(tx, "acme").health if one["check"] == "ledger"]
        return dict(line)

    def lose_a_row(self) -> str:
        """A deal that should be stored is not; gives the month of its close date."""
        with self.app.store.begin() as tx:
            row = tx.scalars(select(DealRow).where(DealRow.state == "lost").limit(1)).one()
            tx.execute(delete(DealRow).where(DealRow.id == row.id))
        return row.close_month


@pytest.fixture(params=["hubspot", "salesforce"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    time = [NOW]
    book = make_book(11, deals=40, today=NOW.date())
    crm: Any
    credentials = {"token": DEMO_TOKEN}
    if request.param == "hubspot":
        crm, folder = HubSpotPortal(book, PortalSettings(limits=None)), None
    else:
        crm, folder = SalesforceOrg(book), tmp_path
        credentials = {"client_id": crm.settings.client_id, "client_secret": crm.settings.client_secret}
    with serve(crm, now=lambda: time[0], tls_folder=folder) as server:
        settings = Settings(home=tmp_path / "home", http_max_tries=1, ca_file=str(server.ca_file or ""))
        app = open_app(settings, now=lambda: time[0], sleep=lambda _: None, jitter=lambda: 0.0)
        auth = "token" if request.param == "hubspot" else "client_credentials"
        connect(app, Wanted(crm=request.param, name="acme", url=server.url, auth=auth, credentials=credentials))
        yield Desk(app=app, crm=server, time=time)
        app.store.dispose()


def test_a_sync_says_that_we_hold_what_the_crm_counts_in_one_call(desk: Desk) -> None:
    report = desk.sync()
    assert desk.ledger()["ok"] is True
    assert report.ledger_calls == 1


def test_a_difference_names_its_month_until_a_full_read_puts_it_right(desk: Desk) -> None:
    desk.sync()
    month = desk.lose_a_row()

    desk.sync()
    assert desk.ledger()["ok"] is False
    assert f"{month}: the CRM counts" in desk.ledger()["says"]

    desk.sync(full=True)
    assert desk.ledger()["ok"] is True


def test_once_a_day_every_month_is_counted(desk: Desk) -> None:
    desk.sync()
    quiet = desk.sync().ledger_calls
    desk.time[0] += timedelta(days=1)
    daily = desk.sync().ledger_calls
    assert (quiet, desk.sync().ledger_calls) == (1, 1)
    assert daily >= 1
    assert desk.ledger()["ok"] is True


def test_counts_that_cannot_be_read_fail_no_sync(desk: Desk) -> None:
    desk.sync()
    before = desk.ledger()
    desk.crm.faults.add(Fault(path="search", contains="DESCENDING", status=503, times=None, body="<html>"))
    desk.crm.faults.add(Fault(path="COUNT", status=503, times=None, body="<html>"))
    desk.sync()
    assert desk.ledger() == before
