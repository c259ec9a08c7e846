"""INSERT ... ON CONFLICT for both databases, in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.models import Base

Row = Mapping[str, Any]


def upsert(tx: Session, kind: type[Base], rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert the rows; where `key` exists already, set the row's other columns. All rows have the same columns."""
    if not rows:
        return
    dialect = tx.get_bind().dialect.name
    insert = postgresql.insert(kind) if dialect == "postgresql" else sqlite.insert(kind)
    others = {name: insert.excluded[name] for name in rows[0] if name not in key}
    tx.execute(insert.on_conflict_do_update(index_elements=list(key), set_=others), list(rows))
