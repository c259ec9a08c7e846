"""The whole line on PostgreSQL, against both sandbox CRMs, with values that only PostgreSQL refuses."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from connectors.sandbox.book import Book, BookDeal
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import App as CrmApp
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.errors import Busy
from service.golive.report import GoLiveRequest
from service.operations import go_live, undo
from service.store.models import Base, DealRow, MappingSetRow, OutboxRow, ReminderRow, TaskRefRow, TaskRefState
from service.store.session import open_store
from service.sync.report import SyncReport
from service.sync.runner import sync

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
LONG = "Löschkandidat 🧊 " * 320  # some 5,000 characters
NUL = "before\x00after"


@dataclass
class Line:
    """The product on PostgreSQL beside one CRM, with a clock of its own."""

    app: App
    wanted: Wanted
    crm: RunningServer[CrmApp]

    def sync(self, *, full: bool = False) -> SyncReport:
        return sync(self.app, self.wanted.name, full=full, monotonic=lambda: 0.0)


def _odd(number: int, deal: BookDeal) -> BookDeal:
    """The first lost deals carry what people and imports leave in a CRM."""
    odd: dict[int, dict[str, Any]] = {
        0: {"name": f"{NUL} deal", "notes": f"{NUL}: call back in March 2027, the budget is frozen until then."},
        1: {"name": LONG, "notes": LONG * 4},
        2: {"amount": Decimal("99999999999999999999.99")},
        3: {"amount": None, "contact_number": None, "notes": None, "reason": None},
        4: {"amount": Decimal("-0.00000001"), "competitor": LONG},
    }
    return replace(deal, **odd.get(number, {}))


def _book(seed: int) -> Book:
    book = make_book(seed, deals=60, today=NOW.date())
    lost = [deal for deal in book.deals if deal.state == "lost"]
    places = {deal.number: place for place, deal in enumerate(lost)}
    deals = tuple(_odd(places.get(deal.number, -1), deal) for deal in book.deals)
    accounts = (replace(book.accounts[0], name=LONG), *book.accounts[1:])
    users = (replace(book.users[0], name=f"{NUL} {LONG}"), *book.users[1:])
    return replace(book, deals=deals, accounts=accounts, users=users)


@pytest.fixture(params=["salesforce", "hubspot"])
def line(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> Iterator[Line]:
    clock = {"now": NOW}
    store = open_store(postgres_url)
    with store.engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    store.dispose()
    is_salesforce = request.param == "salesforce"
    crm: CrmApp = SalesforceOrg(_book(7)) if is_salesforce else HubSpotPortal(_book(11))
    with serve(crm, now=lambda: clock["now"], tls_folder=tmp_path if is_salesforce else None) as server:
        settings = Settings(home=tmp_path, database_url=postgres_url, ca_file=str(server.ca_file or ""))
        app = open_app(settings, now=lambda: clock["now"], sleep=lambda _: None, jitter=lambda: 0.0)
        if isinstance(crm, SalesforceOrg):
            auth = "client_credentials"
            credentials = {"client_id": crm.settings.client_id, "client_secret": crm.settings.client_secret}
        else:
            auth, credentials = "token", {"token": DEMO_TOKEN}
        yield Line(
            app=app,
            wanted=Wanted(crm=request.param, name="acme", url=server.url, auth=auth, credentials=credentials),
            crm=server,
        )
        app.store.dispose()


def test_a_book_is_read_written_and_taken_back_whatever_its_texts_hold(line: Line) -> None:
    connect(line.app, line.wanted)
    first = line.sync()
    assert first.counts.new > 20
    assert not [one for one in first.warnings if "left out" in one]
    report, written = go_live(line.app, "acme", GoLiveRequest())
    assert not written.failures
    assert written.written >= report.as_json()["tasks"] > 0
    again = line.sync()
    assert (again.counts.new, again.counts.changed, again.written, again.failed) == (0, 0, 0, 0)
    with line.app.store.read() as tx:
        standing = tx.scalars(select(TaskRefRow).where(TaskRefRow.state == TaskRefState.OPEN)).all()
        dead = tx.scalars(select(OutboxRow.error).where(OutboxRow.state == "dead")).all()
        names = tx.scalars(select(DealRow.name)).all()
        assert tx.scalars(select(ReminderRow.why)).all()
    assert standing
    assert not dead
    assert any(name.startswith("before") for name in names)
    taken_back = undo(line.app, "acme", since=NOW - timedelta(days=1))
    assert taken_back.tasks_deleted == len(standing)


def test_a_full_read_of_an_unchanged_book_changes_nothing(line: Line) -> None:
    connect(line.app, line.wanted)
    line.sync()
    again = line.sync(full=True)
    assert (again.counts.new, again.counts.changed, again.counts.deleted) == (0, 0, 0)


def test_two_accounts_synced_at_once_from_the_start_do_not_disturb_each_other(line: Line) -> None:
    connect(line.app, line.wanted)
    with serve(HubSpotPortal(_book(11), PortalSettings(portal_id=4711)), now=lambda: NOW) as other:
        second = Wanted(crm="hubspot", name="other", url=other.url, auth="token", credentials={"token": DEMO_TOKEN})
        connect(line.app, second)
        with ThreadPoolExecutor(max_workers=4) as pool:
            names = ["acme", "other", "acme", "other"]
            results = list(pool.map(lambda name: _sync_or_busy(line.app, name), names))
    with line.app.store.read() as tx:
        assert tx.scalar(select(func.count()).select_from(MappingSetRow)) == 1
        assert tx.scalar(select(func.count()).select_from(DealRow)) == sum(results)


def _sync_or_busy(app: App, name: str) -> int:
    """How many deals were new; none where another sync was running."""
    try:
        return sync(app, name, monotonic=lambda: 0.0).counts.new
    except Busy:
        return 0
