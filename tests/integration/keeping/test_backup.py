"""Backups: of one moment, of either database, whole or refused; and what a restored installation does first."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select, update

from service.config import Settings
from service.errors import RekindleError, UsageFault
from service.keeping.backup import backup
from service.keeping.restore import RestoreReport, restore
from service.security.keyring import check_names, fingerprint
from service.store.migrate import in_revision, latest_revision, migrate
from service.store.models import (
    ConnectionRow,
    DealRow,
    MessageRow,
    OutboxKind,
    OutboxRow,
    OutboxState,
    ReminderRow,
    TurnRow,
    UserRow,
)
from service.store.session import Store
from tests.integration.keeping_world import KEY, SECRET, address, content, filled, opened
from tests.integration.world import NOW, World, step
from tests.tables import with_tables

LATER = NOW + timedelta(days=3)
CHANGED_BY_A_RESTORE = {"state", "remembers_since"}


@pytest.fixture(params=["sqlite", "postgresql"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with opened(address(request.param, tmp_path, url)) as store:
        yield filled(store)


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[World]:
    """One on SQLite, for what no database has a part in."""
    with opened(address("sqlite", tmp_path)) as store:
        yield filled(store, deals=12)


def brought_back(store: Store, file: Path, **values: Any) -> RestoreReport:
    return restore(store, file, check_keys=lambda names: None, now=LATER, **values)


def but_for_the_hold(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The rows without what a restore changes on purpose."""
    connections = [
        {key: value for key, value in row.items() if key not in CHANGED_BY_A_RESTORE} for row in tables["connections"]
    ]
    events = [row for row in tables["events"] if row["who"] != "restore"]
    return {**tables, "connections": connections, "events": events, "counters": []}  # a restore is a change, too


@pytest.mark.parametrize(
    "way",
    [
        ("sqlite", "postgresql", "sqlite"),
        pytest.param(("postgresql", "sqlite", "postgresql"), marks=pytest.mark.slow),
    ],
)
def test_moving_to_the_other_database_and_back_changes_nothing(
    way: tuple[str, ...], tmp_path: Path, postgres_url: str
) -> None:
    file = tmp_path / "a.rekindle"
    with opened(address(way[0], tmp_path, postgres_url, "first")) as store:
        filled(store)
        before = but_for_the_hold(content(store, tmp_path))
        backup(store, file, now=NOW)

    for number, kind in enumerate(way[1:]):
        with opened(address(kind, tmp_path, postgres_url, f"further{number}")) as store:
            brought_back(store, file)
            assert but_for_the_hold(content(store, tmp_path)) == before
            backup(store, file, now=NOW)


def test_a_backup_holds_one_moment_whatever_is_written_meanwhile(full: World, tmp_path: Path) -> None:
    before = but_for_the_hold(content(full.store, tmp_path))
    file, numbers = tmp_path / "a.rekindle", itertools.count()

    def somebody_writes(_: str) -> None:
        full.lose(f"new{next(numbers)}", step(date(2026, 11, 25)))
        full.work()

    backup(full.store, file, now=NOW, told=somebody_writes)

    assert len(full.reminders()) > len(before["reminders"])
    with opened(address("sqlite", tmp_path, name="moment")) as store:
        brought_back(store, file)
        assert but_for_the_hold(content(store, tmp_path)) == before


def test_a_restored_installation_is_on_hold_and_goes_on_counting(full: World, tmp_path: Path) -> None:
    backup(full.store, tmp_path / "a.rekindle", now=NOW)

    report = brought_back(full.store, tmp_path / "a.rekindle", is_replacing=True)

    connection = full.connection()
    assert (report.connections, connection.state, connection.remembers_since) == (("acme",), "hold", LATER)
    ids = {row.id for row in full.rows(DealRow)}
    assert full.lose("new", step(date(2026, 11, 25))).deal_row_id not in ids
    assert in_revision(full.store) == latest_revision()


def test_writes_that_were_on_their_way_are_looked_at_again_and_an_undo_is_not_gone_on_with(
    full: World, tmp_path: Path
) -> None:
    row = {"connection_id": full.connection_id, "payload": {"values": {}}, "next_try_at": NOW, "created_at": NOW}
    deal_id = full.planned["D3"].deal_row_id
    with full.store.begin() as tx:
        tx.execute(update(OutboxRow).values(state=OutboxState.DONE))
        for kind, values in ((OutboxKind.WRITE_FIELDS, {}), (OutboxKind.DELETE_TASK, {"is_undo": True})):
            shared = {**row, "kind": kind, "state": OutboxState.READY, "deal_id": deal_id}
            tx.execute(insert(OutboxRow).values(**shared, **values))
        message = {
            "connection_id": full.connection_id, "kind": "digest", "owner_id": "rep-1", "day": date(2026, 11, 23),
            "channel": "email", "state": "ready", "content": {}, "next_try_at": NOW, "created_at": NOW,
        }  # fmt: skip
        tx.execute(insert(MessageRow).values(**message))
    backup(full.store, tmp_path / "a.rekindle", now=NOW)

    brought_back(full.store, tmp_path / "a.rekindle", is_replacing=True)

    assert full.outbox_states()[-2:] == ["unclear", "discarded"]
    assert [one.state for one in full.rows(MessageRow)] == ["dropped"]


def test_a_backup_holds_no_keys_and_no_secret_in_clear(lite: World, tmp_path: Path) -> None:
    report = backup(lite.store, tmp_path / "a.rekindle", now=NOW)

    text = gzip.decompress((tmp_path / "a.rekindle").read_bytes()).decode()
    assert KEY not in text
    assert SECRET not in text
    assert report.keys == (fingerprint(KEY),)
    assert (tmp_path / "a.rekindle").stat().st_mode & 0o077 == 0


def test_a_wrong_key_is_refused_by_its_fingerprint_before_anything_is_touched(lite: World, tmp_path: Path) -> None:
    backup(lite.store, tmp_path / "a.rekindle", now=NOW)
    other = Settings(home=tmp_path, encryption_keys=(Fernet.generate_key().decode(),))

    with pytest.raises(UsageFault, match=fingerprint(KEY)):
        restore(
            lite.store,
            tmp_path / "a.rekindle",
            check_keys=lambda names: check_names(other, names),
            now=LATER,
            is_replacing=True,
        )
    assert lite.connection().state == "live"


def test_without_its_key_a_backup_comes_back_without_secrets(lite: World, tmp_path: Path) -> None:
    backup(lite.store, tmp_path / "a.rekindle", now=NOW)

    def refuse(_: object) -> None:
        raise AssertionError("no key is needed")

    restore(
        lite.store,
        tmp_path / "a.rekindle",
        check_keys=refuse,
        now=LATER,
        is_replacing=True,
        keeps_secrets=False,
    )

    connection = lite.connection()
    secrets = {connection.credentials, connection.token, connection.webhook_keys, connection.slack}
    assert secrets == {None}
    assert len(lite.rows(DealRow)) == 12


def _cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _without_an_end(raw: bytes) -> bytes:
    return gzip.compress(b"\n".join(gzip.decompress(raw).splitlines()[:-1]) + b"\n")


def _altered(raw: bytes) -> bytes:
    return gzip.compress(gzip.decompress(raw).replace(b"Account 7", b"Account 8"))


def _with_a_row_less(raw: bytes) -> bytes:
    lines = gzip.decompress(raw).splitlines()
    return gzip.compress(b"\n".join(line for line in lines if b'"D7"' not in line) + b"\n")


def _of_a_newer_schema(raw: bytes) -> bytes:
    head, _, rest = gzip.decompress(raw).partition(b"\n")
    return gzip.compress(orjson.dumps({**orjson.loads(head), "schema": "9999"}) + b"\n" + rest)


def _of_a_newer_format(raw: bytes) -> bytes:
    head, _, rest = gzip.decompress(raw).partition(b"\n")
    return gzip.compress(orjson.dumps({**orjson.loads(head), "rekindle_backup": 2}) + b"\n" + rest)


DAMAGES = {
    "cut": (_cut, "damaged"),
    "no end": (_without_an_end, "damaged"),
    "altered": (_altered, "damaged"),
    "a row less": (_with_a_row_less, "damaged"),
    "a byte": (lambda raw: raw[:500] + bytes([raw[500] ^ 1]) + raw[501:], "damaged"),
    "empty": (lambda _: b"", "no backup|damaged"),
    "something else": (lambda _: b"Id,Name\n1,Acme\n", "no backup"),
    "other JSON": (lambda _: gzip.compress(b'{"a": 1}\n'), "no backup"),
    "newer schema": (_of_a_newer_schema, "newer version"),
    "newer format": (_of_a_newer_format, "newer version"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_not_a_whole_backup_is_refused_and_nothing_is_lost(
    damage: str, lite: World, tmp_path: Path
) -> None:
    change, says = DAMAGES[damage]
    file = tmp_path / "a.rekindle"
    before = content(lite.store, tmp_path)
    backup(lite.store, file, now=NOW)
    file.write_bytes(change(file.read_bytes()))

    with pytest.raises(UsageFault, match=says):
        brought_back(lite.store, file, is_replacing=True)
    assert content(lite.store, tmp_path) == before


def test_a_restore_that_fails_half_way_leaves_the_database_as_it_was(full: World, tmp_path: Path) -> None:
    file = tmp_path / "a.rekindle"
    before = content(full.store, tmp_path)
    backup(full.store, file, now=NOW)

    def fails(what: str) -> None:
        if "reminders" in what:
            raise RekindleError("The power went.")

    with pytest.raises(RekindleError, match="power"):
        brought_back(full.store, file, is_replacing=True, told=fails)
    assert content(full.store, tmp_path) == before


def test_a_database_with_something_in_it_is_left_alone_unless_told_otherwise(lite: World, tmp_path: Path) -> None:
    backup(lite.store, tmp_path / "a.rekindle", now=NOW)

    with pytest.raises(UsageFault, match="--replace"):
        brought_back(lite.store, tmp_path / "a.rekindle")

    assert lite.connection().state == "live"


def test_people_alone_are_something_too(lite: World, tmp_path: Path) -> None:
    backup(lite.store, tmp_path / "a.rekindle", now=NOW)
    with opened(address("sqlite", tmp_path, name="people")) as store:
        with_tables(store)
        with store.begin() as tx:
            tx.add(UserRow(email="ann@seller.example", role="admin", created_at=NOW))

        with pytest.raises(UsageFault, match="--replace"):
            brought_back(store, tmp_path / "a.rekindle")


def test_a_database_that_is_in_use_is_not_restored_into(full: World, tmp_path: Path) -> None:
    backup(full.store, tmp_path / "a.rekindle", now=NOW)
    with full.store.begin() as tx:
        tx.add(TurnRow(name="scheduler", leased_until=LATER + timedelta(seconds=20), leased_by="host/7"))

    with pytest.raises(RekindleError, match="running on this database"):
        brought_back(full.store, tmp_path / "a.rekindle", is_replacing=True)


def test_a_backup_of_an_older_version_is_brought_to_this_one(tmp_path: Path, postgres_url: str) -> None:
    file = tmp_path / "old.rekindle"
    with opened(address("postgresql", tmp_path, postgres_url, "old")) as store:
        filled(store)
        migrate(store, to="0006")
        backup(store, file, now=NOW)
    with opened(address("sqlite", tmp_path, name="new")) as store:
        report = brought_back(store, file)

        assert (report.schema, in_revision(store)) == ("0006", latest_revision())
        with store.read() as tx:
            assert len(tx.scalars(select(DealRow)).all()) == 30
            assert len(tx.scalars(select(ReminderRow)).all()) == 60
            assert tx.scalars(select(ConnectionRow.state)).all() == ["hold"]


def test_an_empty_database_is_nothing_to_back_up(tmp_path: Path) -> None:
    with opened(address("sqlite", tmp_path)) as store, pytest.raises(UsageFault, match="nothing to back"):
        backup(store, tmp_path / "a.rekindle", now=NOW)
    assert not (tmp_path / "a.rekindle").exists()
