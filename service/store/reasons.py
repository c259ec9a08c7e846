"""Queries over what the stored deals state: distinct reasons with their counts, read from one index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.store.models import ConnectionRow, DealRow

CHUNK = 500
# The words of ix_deals_reasons' own condition: with bound values no database would take the index.
IN_SCOPE = text("deals.state = 'lost' AND deals.excluded_by IS NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One distinct stated reason of one connection. `texts` are the words by field; empty where none is given."""

    connection_id: int
    connection: str
    key: int
    count: int
    amounts: dict[str, Decimal] = field(default_factory=dict)
    sample_id: int = 0
    texts: tuple[tuple[str, str], ...] = ()


def count_stated(tx: Session, connection_id: int | None = None) -> list[Stated]:
    """Every distinct stated reason, the most frequent first, without its words. Uses ix_deals_reasons alone."""
    query = (
        select(
            DealRow.connection_id,
            DealRow.reason_key,
            DealRow.currency,
            func.count(),
            func.sum(DealRow.amount),
            func.min(DealRow.id),
        )
        .where(IN_SCOPE)
        .group_by(DealRow.connection_id, DealRow.reason_key, DealRow.currency)
    )
    if connection_id is not None:
        query = query.where(DealRow.connection_id == connection_id)
    names = {row.id: row.name for row in tx.execute(select(ConnectionRow.id, ConnectionRow.name))}
    groups: dict[tuple[int, int | None], list[Sequence[Any]]] = {}
    for row in tx.execute(query):
        groups.setdefault((row[0], row[1]), []).append(row)
    found = [
        _stated(names.get(connection, ""), connection, key or 0, rows) for (connection, key), rows in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.sample_id))


def with_words(tx: Session, found: Iterable[Stated]) -> list[Stated]:
    """The same with the words, where they are not there yet: each taken from one of its deals."""
    wanted = list(found)
    words = _words(tx, [one.sample_id for one in wanted if not one.texts])
    return [one if one.texts else replace(one, texts=words.get(one.sample_id, ())) for one in wanted]


def _stated(connection: str, connection_id: int, key: int, rows: Sequence[Sequence[Any]]) -> Stated:
    amounts = {row[2] or "": Decimal(row[4]) for row in rows if row[4] is not None}
    return Stated(
        connection_id=connection_id,
        connection=connection,
        key=key,
        count=sum(row[3] for row in rows),
        amounts=amounts,
        sample_id=min(row[5] for row in rows),
    )


def _words(tx: Session, deal_ids: Sequence[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    words = {}
    for start in range(0, len(deal_ids), CHUNK):
        query = select(DealRow.id, DealRow.record["stated_reasons"]).where(
            DealRow.id.in_(deal_ids[start : start + CHUNK])
        )
        for id_, reasons in tx.execute(query):
            said = [(one["field"], one.get("label") or one["value"]) for one in reasons or ()]
            words[id_] = tuple((name, value) for name, value in said if value.strip())
    return words
