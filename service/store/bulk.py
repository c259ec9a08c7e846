"""Inserting many rows at once and knowing their ids.

`INSERT ... RETURNING` in parameter order costs ten times the insert itself in SQLAlchemy, so the ids are drawn first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from service.store.models.base import Numbered


def insert_numbered(tx: Session, kind: type[Numbered], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert the rows, all with the same columns; their ids in the same order."""
    if not rows:
        return []
    ids = draw_ids(tx, kind, len(rows))
    tx.execute(insert(cast("Table", kind.__table__)), [{"id": one, **row} for one, row in zip(ids, rows, strict=True)])
    return ids


def draw_ids(tx: Session, kind: type[Numbered], count: int) -> list[int]:
    """That many ids nobody else gets. SQLite's writers are alone until they commit; PostgreSQL has its sequence."""
    if tx.get_bind().dialect.name == "postgresql":
        drawn = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
        return list(tx.scalars(drawn, {"table": kind.__tablename__, "count": count}))
    first = (tx.scalar(select(func.max(kind.id))) or 0) + 1
    return list(range(first, first + count))
