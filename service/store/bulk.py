"""Writing many rows at once: one statement on the table itself, which the database is given in one go.

The same statements on the mapped classes are split wherever a column goes from a value to NULL: they took five times
as long. And `INSERT ... RETURNING` in parameter order costs ten times the insert itself, so ids are drawn first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.models.base import Base, Numbered

Row = Mapping[str, Any]


def insert_rows(tx: Session, kind: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows; all have the same columns."""
    if rows:
        tx.execute(insert(table_of(kind)), _plain(rows))


def insert_numbered(tx: Session, kind: type[Numbered], rows: Sequence[Row]) -> list[int]:
    """Insert the rows, all with the same columns; their ids in the same order."""
    ids = draw_ids(tx, kind, len(rows)) if rows else []
    insert_rows(tx, kind, [{"id": one, **row} for one, row in zip(ids, rows, strict=True)])
    return ids


def update_rows(tx: Session, kind: type[Base], rows: Sequence[Row], *, key: str = "id") -> None:
    """Set the other columns of the rows by their `key`; all have the same columns."""
    if not rows:
        return
    table = table_of(kind)
    others: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != key}
    statement = update(table).where(table.c[key] == bindparam("row_key")).values(others)
    tx.execute(statement, [{"row_key": row[key], **{name: row[name] for name in others}} for row in rows])


def upsert(tx: Session, kind: type[Base], rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert the rows; where `key` exists already, set the row's other columns. All rows have the same columns."""
    if not rows:
        return
    is_postgresql = tx.get_bind().dialect.name == "postgresql"
    statement = (postgresql.insert if is_postgresql else sqlite.insert)(table_of(kind))
    others = {name: statement.excluded[name] for name in rows[0] if name not in key}
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=others), _plain(rows))


def draw_ids(tx: Session, kind: type[Numbered], count: int) -> list[int]:
    """That many ids nobody else gets. SQLite's writers are alone until they commit; PostgreSQL has its sequence."""
    if tx.get_bind().dialect.name == "postgresql":
        # A scratch copy of a table has no sequence of its own, and draws from the table's.
        drawn = text(
            "SELECT nextval(CAST(coalesce(pg_get_serial_sequence(:table, 'id'), :table || '_id_seq') AS regclass))"
            " FROM generate_series(1, :count)"
        )
        return list(tx.scalars(drawn, {"table": kind.__tablename__, "count": count}))
    first = (tx.scalar(select(func.max(kind.id))) or 0) + 1
    return list(range(first, first + count))


def table_of(kind: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast("Table", kind.__table__)


def _plain(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [row if isinstance(row, dict) else dict(row) for row in rows]
