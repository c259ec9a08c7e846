"""A sync that dies around any commit, or while its pages come: the next ends as if nothing had been."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from connectors.base import Checkpoint, Connector, Page, Watermark
from connectors.http import CallCount
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import serve
from mappings.model import Account, DealKey, LostDeal
from service import bootstrap
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.errors import Busy
from service.losses.ahead import unpacked
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    DealRow,
    EpisodeRow,
    PlanRow,
    ReminderRow,
    StreamRow,
)
from service.store.session import Store
from service.sync import beside, readahead
from service.sync.report import SyncReport
from service.sync.runner import sync
from tests.fakes.connector import ACCOUNT_ID, Crash, FakeConnector

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
Opened = Callable[[str], App]


class MortalStore(Store):
    """Dies right after its n-th commit from now, once; or whenever `dies` says so."""

    left = 0

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as tx:
            yield tx
        self.left -= 1
        if self.left == 0:
            raise Crash


@pytest.fixture(params=["hubspot", "salesforce"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Opens a home of its own, connected, on one and the same CRM; the sync's lease is given up with its process."""
    monkeypatch.setattr(readahead, "ENOUGH", 12)
    book = make_book(11, deals=90, today=NOW.date())
    crm: Any
    if request.param == "hubspot":
        crm = HubSpotPortal(book, PortalSettings(limits=None))
    else:
        crm = SalesforceOrg(book, OrgSettings(page_size=9, long_text_page_size=None))
    if request.param == "hubspot":
        auth, credentials = "token", {"token": DEMO_TOKEN}
    else:
        auth = "client_credentials"
        credentials = {"client_id": crm.settings.client_id, "client_secret": crm.settings.client_secret}
    apps: list[App] = []
    with serve(crm, now=lambda: NOW, tls_folder=None if auth == "token" else tmp_path) as server:

        def open_(name: str) -> App:
            settings = Settings(home=tmp_path / name, ca_file=str(server.ca_file or ""))
            app = open_app(settings, now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
            connect(app, Wanted(crm=request.param, name="acme", url=server.url, auth=auth, credentials=credentials))
            app = replace(app, store=MortalStore(app.store.engine))
            apps.append(app)
            return app

        yield open_
        for app in apps:
            app.store.dispose()


def sync_of(app: App) -> SyncReport:
    return sync(app, "acme", monotonic=lambda: 0.0)


def give_up_leases(app: App) -> None:
    """As is found of a process that is no more."""
    with app.store.begin() as tx:
        tx.execute(update(ConnectionRow).values(sync_leased_until=None, sync_leased_by=None))


def held(app: App) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """What a sync has made of the CRM, whatever the row ids."""
    with app.store.read() as tx:
        deals = tx.execute(select(DealRow.crm_deal_id, DealRow.state, DealRow.fingerprint))
        reminders = tx.execute(select(ReminderRow.key, ReminderRow.state, ReminderRow.planned_on))
        marks = tx.execute(select(StreamRow.stream, StreamRow.watermark_at, StreamRow.checkpoint))
        found = sorted(tuple(map(str, row)) for row in [*deals, *marks])
        return found, sorted(tuple(map(str, row)) for row in reminders)


def meant(app: App) -> list[str]:
    """What every loss was taken to mean, and its plan."""
    with app.store.read() as tx:
        rows = tx.execute(
            select(DealRow.crm_deal_id, ClassificationRow.record, PlanRow.record)
            .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
            .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
            .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
        )
        return sorted(map(str, rows))


@pytest.mark.parametrize(
    ("first", "stride"),
    [
        pytest.param(1, 1, marks=pytest.mark.slow, id="every"),
        pytest.param(2, 11, id="some, the first page's among them"),
    ],
)
def test_dying_after_any_commit_changes_nothing_in_the_end(opened: Opened, first: int, stride: int) -> None:
    calm = opened("calm")
    sync_of(calm)
    for number in count(first, stride):
        app = opened(f"home-{number}")
        assert isinstance(app.store, MortalStore)
        app.store.left = number
        try:
            sync_of(app)
        except Crash:
            app.store.left = 0
            give_up_leases(app)
            sync_of(app)
            assert held(app) == held(calm), f"killed after commit {number}"
        else:
            break


def test_pages_that_were_read_when_it_died_are_not_asked_for_again(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, calm = opened("killed"), opened("calm")
    read: list[str] = []
    dies: list[int] = []

    class Counted:
        """A connector that counts its pages, and dies with one of them."""

        def __init__(self, inner: Connector) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def changed_deals(self, since: Any) -> Iterator[Page]:
            for page in self._inner.changed_deals(since):
                for deals in (page.deals[at : at + 4] for at in range(0, len(page.deals), 4)):
                    read.extend(deal.key.deal_id for deal in deals)
                yield page
                if dies and len(read) >= dies[0]:
                    dies.pop()
                    raise Crash

    real = bootstrap.App.connector

    def connector(self: App, row: ConnectionRow) -> tuple[Connector, CallCount]:
        inner, calls = real(self, row)
        return Counted(inner), calls

    sync_of(calm)
    monkeypatch.setattr(bootstrap.App, "connector", connector)
    for at in sorted(Random(5).sample(range(1, 50), 3)):
        dies[:] = [len(read) + at]
        with pytest.raises(Crash):
            sync_of(app)
        if not dies:
            break
    sync_of(app)

    assert held(app) == held(calm)
    assert len(read) == len(set(read)), "no page was asked for twice"


@pytest.mark.slow
@pytest.mark.parametrize("opened", ["salesforce"], indirect=True)  # HubSpot's one page holds all of the book
def test_a_first_read_on_two_cores_ends_as_one_on_a_single_core(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm, app = opened("calm"), opened("two")
    sync_of(calm)
    answers: list[bool] = []

    def counted(deals: Any, reading: Any, answer: bytes) -> Any:
        answers.append(bool(answer))
        return unpacked(deals, reading, answer)

    monkeypatch.setattr("service.sync.beside.unpacked", counted)
    monkeypatch.setattr(beside, "MANY", 1)
    monkeypatch.setattr(beside, "cores", lambda: 2)
    assert isinstance(app.store, MortalStore)
    app.store.left = 12  # in the middle of it
    with pytest.raises(Crash):
        sync_of(app)
    give_up_leases(app)
    sync_of(app)

    assert answers, "another process was asked"
    assert all(answers), "and it answered"
    assert held(app) == held(calm)
    assert meant(app) == meant(calm)


def test_of_two_syncs_at_once_one_leaves_and_says_so(opened: Opened) -> None:
    app = opened("home")
    start = threading.Barrier(2)
    told: list[SyncReport | Busy] = []

    def run() -> None:
        start.wait()
        try:
            told.append(sync_of(app))
        except Busy as busy:
            told.append(busy)

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    left = [one for one in told if isinstance(one, Busy)]
    new = sum(one.counts.new for one in told if isinstance(one, SyncReport))
    with app.store.read() as tx:
        assert new == len(tx.scalars(select(DealRow.id).where(DealRow.state == "lost")).all())
    assert all("another sync" in str(one) for one in left)


@pytest.mark.slow
def test_a_sync_of_10_000_deals_killed_at_twenty_pages_reads_few_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readahead, "ENOUGH", 1500)
    book = [a_deal(number) for number in range(10_000)]
    size = 20
    draw = Random(7)
    kills = sorted(draw.sample(range(5, 495), 20))
    pages = {"calm": 0, "killed": 0}
    found = {}
    for name, to_die in (("calm", []), ("killed", kills)):
        app = open_app(Settings(home=tmp_path / name), now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
        with app.store.begin() as tx:
            tx.execute(insert(ConnectionRow), [a_connection(app)])
        crm = FakeConnector()

        def read(since: Any, name: str = name, to_die: list[int] = to_die) -> Iterator[Page]:
            for start in range(int(since.cursor) if since else 0, len(book), size):
                end = start + size
                pages[name] += 1
                if to_die and pages[name] >= to_die[0]:
                    to_die.pop(0)
                    raise Crash
                is_last = end >= len(book)
                yield Page(
                    deals=tuple(book[start:end]),
                    checkpoint=None if is_last else Checkpoint(cursor=str(end)),
                    watermark=Watermark(stamp=NOW) if is_last else None,
                )

        monkeypatch.setattr(crm, "changed_deals", read)
        monkeypatch.setattr(bootstrap.App, "connector", lambda _app, _row, crm=crm: (crm, CallCount()))
        while True:
            try:
                report = sync_of(app)
            except Crash:
                continue
            break
        assert report.failures == []
        found[name] = held(app)
        app.store.dispose()

    assert kills == []
    assert found["killed"] == found["calm"]
    assert pages["calm"] <= pages["killed"] <= 1.05 * pages["calm"]


def a_deal(number: int) -> LostDeal:
    return LostDeal(
        key=DealKey(ACCOUNT_ID, f"d{number:05d}"),
        name=f"Deal {number}",
        lost_on=date(2026, 9, 1),
        close_date=date(2026, 9, 1),
        account=Account(id=f"a{number % 3000}", name=f"Account {number % 3000}"),
        owner_id="rep-1",
    )


def a_connection(app: App) -> dict[str, Any]:
    empty: dict[str, Any] = {"fields": {}, "scope": {}, "options": {}, "described": {}, "health": []}
    named = {"name": "acme", "crm": "fake", "account_id": ACCOUNT_ID, "url": "https://crm.example", "auth": "token"}
    return {**named, **empty, "credentials": app.keyring.encrypt({"token": "x"}), "created_at": NOW}
