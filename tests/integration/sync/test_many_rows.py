"""Many rows written at once are what the same rows are when they are written one by one, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store import bulk, stories
from service.store.bulk import insert_numbered, table_of, update_rows, upsert
from service.store.models import ClassificationRow, ConnectionRow, DealRow, EpisodeRow, PlanRow
from service.store.session import Store

NOW = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
SYDNEY = timezone(timedelta(hours=11))


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver gets its rows in several parts, the last a single one."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)


def test_rows_of_every_type_come_back_as_the_object_mapper_stores_them(store: Store) -> None:
    with store.begin() as tx:
        rows = _odd_rows(_connection(tx))
        insert_numbered(tx, DealRow, rows)
        tx.add_all(DealRow(**{**row, "crm_deal_id": f"one-{row['crm_deal_id']}"}) for row in rows)
        tx.flush()
        many, single = _stored(tx, "many"), _stored(tx, "one-many")

    assert len(many) == len(rows)
    assert many == single
    assert [row["has_told"] for row in many] == [False] * len(rows)  # a column's default, which the rows did not give


def test_an_update_of_many_sets_values_and_takes_them_away(store: Store) -> None:
    with store.begin() as tx:
        ids = insert_numbered(tx, DealRow, _odd_rows(_connection(tx)))
        update_rows(tx, DealRow, [{"id": ids[0], "lost_on": None}, {"id": ids[1], "lost_on": date(2026, 2, 3)}])
        days = dict(tx.execute(select(DealRow.id, DealRow.lost_on).order_by(DealRow.id)).all())

    assert [days[one] for one in ids[:2]] == [None, date(2026, 2, 3)]


def test_a_row_that_stands_is_replaced_and_its_like_is_added(store: Store) -> None:
    with store.begin() as tx:
        ids = insert_numbered(tx, DealRow, _odd_rows(_connection(tx)))
        episodes = insert_numbered(
            tx, EpisodeRow, [{"deal_id": one, "number": 1, "lost_on": date(2026, 1, 1)} for one in ids]
        )
        upsert(tx, PlanRow, [_plan(episodes[0], "first")], key=["episode_id"])
        upsert(tx, PlanRow, [_plan(one, None) for one in episodes], key=["episode_id"])
        plans = tx.scalars(select(PlanRow).order_by(PlanRow.episode_id)).all()

    assert [(plan.episode_id, plan.why_none, plan.record) for plan in plans] == [(one, None, {}) for one in episodes]


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with store.begin() as tx:
        rows = [{**row, "changed_at": datetime(2026, 3, 1)} for row in _odd_rows(_connection(tx))]  # noqa: DTZ001
        with pytest.raises(ValueError, match="time zone"):
            insert_numbered(tx, DealRow, rows)
        tx.rollback()


def test_the_pages_of_many_deals_are_all_of_them_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "FEW", 3)  # more are not sorted at once
    lost_on = [date(2026, 1, 1) + timedelta(days=number % 4) for number in range(11)]
    with store.begin() as tx:
        connection_id = _connection(tx)
        deals = [_deal(connection_id, number) for number in range(len(lost_on))]
        ids = insert_numbered(tx, DealRow, deals)
        losses = [{"deal_id": one, "number": 1, "lost_on": day} for one, day in zip(ids, lost_on, strict=True)]
        upsert(
            tx,
            ClassificationRow,
            [_unknown(one) for one in insert_numbered(tx, EpisodeRow, losses)],
            key=["episode_id"],
        )
    newest = [one for _, one in sorted(zip(lost_on, ids, strict=True), reverse=True)]

    with store.read() as tx:
        pages = [stories.deal_lines(tx, [], page=page, size=2) for page in range(1, 8)]

    assert [total for _, total in pages] == [len(ids)] * 7
    assert [one.id for lines, _ in pages for one in lines] == newest


def _deal(connection_id: int, number: int) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "crm_deal_id": f"page-{number}",
        "name": f"Deal {number}",
        "state": "lost",
        "changed_at": NOW,
        "record": {},
    }


def _unknown(episode_id: int) -> dict[str, Any]:
    return {
        "episode_id": episode_id,
        "category": "unknown",
        "stated_category": "unknown",
        "confidence": 0.0,
        "finality": "open",
        "needs_review": False,
        "mapping_version": "m1",
        "record": {},
    }


def _connection(tx: Session) -> int:
    row = {
        "name": "main",
        "crm": "hubspot",
        "url": "https://crm.example",
        "account_id": "1",
        "auth": "token",
        "fields": {},
        "scope": {},
        "options": {},
        "described": {},
        "health": [],
        "created_at": NOW,
    }
    return insert_numbered(tx, ConnectionRow, [row])[0]


def _odd_rows(connection_id: int) -> list[dict[str, Any]]:
    shared = {"connection_id": connection_id, "state": "lost", "changed_at": NOW, "record": {"notes": ["é\x00", 1.5]}}
    full = {
        "name": "Café\x00 \ud800" + "x" * 600,
        "amount": Decimal("12345.6789"),
        "lost_on": date(2026, 2, 1),
        "excluded_by": "a rule, with 'quotes' and 100 %s",
        "modified_at": NOW.astimezone(SYDNEY),
    }
    empty = {**dict.fromkeys(full), "name": ""}
    return [
        {**shared, "crm_deal_id": "many-1", **full},
        {**shared, "crm_deal_id": "many-2", **empty},
        {**shared, "crm_deal_id": "many-3", **full, "amount": None, "modified_at": NOW},
    ]


def _stored(tx: Session, prefix: str) -> list[dict[str, Any]]:
    table = table_of(DealRow)
    found = tx.execute(select(table).where(table.c.crm_deal_id.startswith(prefix)).order_by(table.c.crm_deal_id))
    return [{name: value for name, value in row._mapping.items() if name not in {"id", "crm_deal_id"}} for row in found]


def _plan(episode_id: int, why_none: str | None) -> dict[str, Any]:
    return {
        "episode_id": episode_id,
        "made_on": date(2026, 3, 1),
        "policy_version": "p1",
        "why_none": why_none,
        "record": {},
    }
