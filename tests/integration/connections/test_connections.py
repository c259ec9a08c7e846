"""A connection is one account, and what a person decides about it is never overwritten by what was read before."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.base import Description, Role
from connectors.errors import ConnectorError, NeedsReconnect
from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.server import RunningServer, serve
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.connections.describe import keep_description
from service.connections.settings import set_setting
from service.connections.show import connection_json
from service.errors import RekindleError
from service.golive.hold import hold
from service.store.connections import DEALS, connection_named, load_stream, read_anew
from service.store.models import ConnectionRow, DealRow, RunRow
from service.sync import runner
from service.sync.report import SyncReport
from service.sync.runner import sync
from tests.fakes.connector import ACCOUNT_ID, Crash
from tests.integration.world import World

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


@dataclass
class Desk:
    """The product on SQLite beside a HubSpot portal."""

    app: App
    crm: RunningServer[HubSpotPortal]
    wanted: Wanted

    def sync(self) -> SyncReport:
        return sync(self.app, "acme", monotonic=lambda: 0.0)

    def row(self) -> ConnectionRow:
        with self.app.store.read() as tx:
            return connection_named(tx, "acme")


@contextmanager
def portal(number: int = 62515) -> Iterator[RunningServer[HubSpotPortal]]:
    # The clock stands still here, so that a limit of calls a second would never end.
    crm = HubSpotPortal(make_book(11, deals=40, today=NOW.date()), PortalSettings(portal_id=number, limits=None))
    with serve(crm, now=lambda: NOW) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with portal() as server:
        settings = Settings(home=tmp_path, http_max_tries=1)
        app = open_app(settings, now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
        credentials = {"token": DEMO_TOKEN}
        wanted = Wanted(crm="hubspot", name="acme", url=server.url, auth="token", credentials=credentials)
        connect(app, wanted)
        yield Desk(app=app, crm=server, wanted=wanted)
        app.store.dispose()


def test_a_hold_put_on_while_the_account_is_described_stays(world: World) -> None:
    read_before = world.connection()
    hold(world.store, world.connection_id, who="admin", why="Stop.", now=world.now)

    with world.store.begin() as tx:
        keep_description(tx, read_before, Description(account_id=ACCOUNT_ID, zone="Asia/Tokyo"))

    assert (world.connection().state, world.connection().zone) == ("hold", "Asia/Tokyo")


def test_another_account_under_the_same_name_is_not_read(desk: Desk) -> None:
    desk.sync()
    with portal(number=777) as other:
        with desk.app.store.begin() as tx:
            connection_named(tx, "acme").url = other.url
        with pytest.raises(RekindleError, match=r"62515.* open 777 now; nothing was read"):
            desk.sync()
        assert other.calls.count("objects/deals") == 0


def test_refused_credentials_are_noted_and_new_ones_bring_the_former_state_back(desk: Desk) -> None:
    with desk.app.store.begin() as tx:
        connection_named(tx, "acme").state = "live"
    desk.crm.faults.add(Fault(status=401, times=None, body={"category": "INVALID_AUTHENTICATION"}))
    with pytest.raises(NeedsReconnect):
        desk.sync()
    assert desk.row().state == "reconnect"
    desk.crm.faults.clear()
    with pytest.raises(RekindleError, match="rekindle connect hubspot acme"):
        desk.sync()

    connect(desk.app, desk.wanted)

    assert desk.row().state == "live"
    assert desk.sync().counts.new > 0


def test_a_page_that_fails_leaves_what_was_read_and_the_next_sync_goes_on(desk: Desk) -> None:
    desk.crm.faults.add(Fault(path="/crm/v3/objects/companies/batch/read", status=500, times=1))
    with pytest.raises(ConnectorError):
        desk.sync()
    with desk.app.store.read() as tx:
        runs = [(row.error is not None, row.finished_at) for row in tx.query(RunRow)]
    assert runs == [(True, NOW)]
    assert desk.sync().counts.new > 0


def test_another_field_mapping_has_every_deal_read_again(desk: Desk) -> None:
    desk.sync()

    connect(desk.app, replace(desk.wanted, fields={Role.REASON: ("description",)}))

    again = desk.sync()
    assert again.counts.read > 10
    assert again.counts.changed > 0
    assert desk.sync().counts.changed == 0


def test_new_credentials_alone_read_nothing_again(desk: Desk) -> None:
    desk.sync()

    connect(desk.app, desk.wanted)

    with desk.app.store.read() as tx:
        assert load_stream(tx, desk.row().id, DEALS) is not None


def test_notes_that_are_to_be_kept_again_are_read_again(desk: Desk) -> None:
    connect(desk.app, replace(desk.wanted, fields={Role.NOTES: ("closed_lost_reason",)}))
    with desk.app.store.begin() as tx:
        set_setting(tx, connection_named(tx, "acme"), "notes", "off")
    desk.sync()
    assert not _notes(desk)
    with desk.app.store.begin() as tx:
        set_setting(tx, connection_named(tx, "acme"), "notes", "full")

    desk.sync()
    assert _notes(desk)


def _notes(desk: Desk) -> list[object]:
    with desk.app.store.read() as tx:
        return [note for record in tx.scalars(select(DealRow.record)) for note in record["notes"]]


def test_the_webhook_secret_is_shown_as_set_and_outlives_new_credentials(desk: Desk) -> None:
    assert _webhook(desk)["secret_set"] is False
    connect(desk.app, replace(desk.wanted, credentials={"token": DEMO_TOKEN, "webhook_secret": "s3cret"}))
    assert _webhook(desk)["secret_set"] is True

    connect(desk.app, desk.wanted)

    assert _webhook(desk)["secret_set"] is True
    assert "s3cret" not in str(connection_json(desk.row(), base_url="", keyring=desk.app.keyring))


def _webhook(desk: Desk) -> dict[str, object]:
    shown: dict[str, object] = connection_json(desk.row(), base_url="", keyring=desk.app.keyring)["webhook"]
    return shown


def test_a_complete_read_that_dies_before_it_is_reconciled_is_reconciled_by_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sync()
    deal_id = _first_deal(desk)
    _delete(desk, deal_id)

    def killed(*_: object) -> None:
        raise Crash

    with desk.app.store.begin() as tx:
        read_anew(tx, desk.row().id)
    with monkeypatch.context() as broken:
        broken.setattr(runner, "reconcile", killed)
        with pytest.raises(Crash):
            desk.sync()

    assert desk.sync().counts.deleted == 1
    assert desk.sync().counts.deleted == 0


def _first_deal(desk: Desk) -> str:
    with desk.app.store.read() as tx:
        return tx.scalars(select(DealRow.crm_deal_id).order_by(DealRow.id)).all()[0]


def _delete(desk: Desk, deal_id: str) -> None:
    request = urllib.request.Request(
        f"{desk.crm.url}/crm/v3/objects/deals/{deal_id}",
        method="DELETE",
        headers={"Authorization": f"Bearer {DEMO_TOKEN}"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 204
