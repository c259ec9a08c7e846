"""What pages count is kept between visits, and is never older than what is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from mappings.model import Account
from service.audit.lens import Lens, last_weeks
from service.audit.report import audit
from service.connections import leaving
from service.store.changes import losses_version
from service.store.connections import all_connections, connection_named
from service.store.losses import losses_between
from service.store.models import ConnectionRow, DealRow, EpisodeRow
from service.store.session import Store, open_store
from tests.integration.sets_world import SetsWorld


@pytest.fixture
def sets(store: Store) -> SetsWorld:
    return SetsWorld(store)


def lost(store: Store, sets: SetsWorld, **narrowed: Any) -> int:
    lens = Lens(period=last_weeks(sets.now.date(), 52), **narrowed)
    with store.read() as tx:
        return int(audit(tx, lens)["lost"])


def version(sets: SetsWorld) -> int:
    with sets.store.read() as tx:
        return losses_version(tx)


def in_country(sets: SetsWorld, name: str, country: str) -> Any:
    return sets.lost(name, account=Account(id=f"A{name}", name=name, country=country))


def test_a_loss_that_arrives_is_counted_at_the_next_look(sets: SetsWorld) -> None:
    sets.read(in_country(sets, "d1", "DE"))
    assert (lost(sets.store, sets), lost(sets.store, sets, country="FR")) == (1, 0)

    sets.read(in_country(sets, "d2", "FR"))
    assert (lost(sets.store, sets), lost(sets.store, sets, country="FR")) == (2, 1)


def test_what_another_process_writes_is_counted_too(sets: SetsWorld) -> None:
    sets.read(in_country(sets, "d1", "DE"))
    elsewhere = open_store(sets.store.engine.url.render_as_string(hide_password=False))
    assert lost(elsewhere, sets) == 1

    sets.read(in_country(sets, "d2", "DE"))
    assert lost(elsewhere, sets) == 2
    elsewhere.dispose()


def test_between_two_looks_with_nothing_written_nothing_is_read_again(sets: SetsWorld) -> None:
    sets.read(in_country(sets, "d1", "DE"))
    period = last_weeks(sets.now.date(), 52)
    with sets.store.read() as tx:
        first = losses_between(tx, period.start, period.end)
    with sets.store.read() as tx:
        assert losses_between(tx, period.start + timedelta(days=30), period.end) is first


def test_what_is_rolled_back_or_says_nothing_of_losses_changes_no_count(sets: SetsWorld) -> None:
    sets.read(in_country(sets, "d1", "DE"))
    before = version(sets)
    with sets.store.begin() as tx:
        tx.execute(text("DELETE FROM deals"))
        tx.rollback()
    with sets.store.begin() as tx:
        tx.execute(text("UPDATE deals SET seen_in_run = 7"))
        tx.execute(text("UPDATE connections SET digest_hour = 9"))
    assert version(sets) == before

    with sets.store.begin() as tx:
        tx.execute(text("UPDATE episodes SET lost_on = lost_on"))
    assert version(sets) == before + 1


def test_a_removed_connection_is_gone_at_once_and_what_it_left_is_deleted_in_the_end(
    sets: SetsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "BATCH", 2)
    sets.read(*(in_country(sets, f"d{number}", "DE") for number in range(5)))
    with sets.store.begin() as tx:
        row = all_connections(tx)[0]
        name, id_ = row.name, row.id
        again = {column.name: getattr(row, column.name) for column in ConnectionRow.__table__.columns}
        assert leaving.begin_leaving(tx, row, now=sets.now) == 5

    assert leaving.forget_some(sets.store, id_), "as far as the process got that was killed"
    with sets.store.begin() as tx:
        assert all_connections(tx) == []
        assert leaving.leaving(tx) == [(id_, 3)]
        tx.execute(insert(ConnectionRow).values(**{**again, "id": id_ + 1}))
        assert connection_named(tx, name).id == id_ + 1, "the account can be connected again meanwhile"

    leaving.finish_leaving(sets.store)
    assert (sets.all(DealRow), sets.all(EpisodeRow)) == ([], [])
    assert [one.id for one in sets.all(ConnectionRow)] == [id_ + 1]
