"""A number that tells whether the losses have changed: raised once in every transaction that writes to them.

What was counted is kept by that number. Nobody has to remember to raise it: the statements themselves are looked at.
It is raised just before the commit, so that on PostgreSQL its row is locked for no longer than that takes.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.orm import Session

from service.store.models import CounterRow

LOSSES = "losses"
_TOUCHED = "rekindle_losses_touched"
# Deals that were met again, and episodes that are what a newer version makes of them, too, are as they were.
_WRITES = re.compile(
    r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|COPY) "?(?:(?:deals|episodes|classifications)\b'
    r"(?! SET (?:seen_in_run|mapping_version) ?=)|connections\b(?! SET)(?! \())",
    re.IGNORECASE,
)
_RAISE = (
    f"INSERT INTO counters (name, number) VALUES ('{LOSSES}', 1) "  # noqa: S608 -- no value of anybody's
    "ON CONFLICT (name) DO UPDATE SET number = counters.number + 1"
)
_FIND = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'counters'",
    "postgresql": "SELECT 1 FROM pg_class WHERE oid = to_regclass('counters')",
}


def watch(engine: Engine) -> None:
    """Have the number raised by whatever is written through this engine."""
    event.listen(engine, "before_cursor_execute", _notice)
    event.listen(engine, "commit", _raise)
    event.listen(engine, "rollback", _forget)


def losses_version(tx: Session) -> int:
    """The number as this transaction sees it."""
    return tx.scalar(select(CounterRow.number).where(CounterRow.name == LOSSES)) or 0


def note_change(connection: Connection) -> None:
    """Raise the number with this transaction, whatever it wrote."""
    connection.info[_TOUCHED] = True


def _notice(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    if _TOUCHED not in connection.info and _WRITES.match(statement):
        connection.info[_TOUCHED] = True


def _raise(connection: Connection) -> None:
    if connection.info.pop(_TOUCHED, None):
        with closing(connection.connection.cursor()) as cursor:
            # While the schema changes, there are times without the table.
            cursor.execute(_FIND[connection.dialect.name])
            if cursor.fetchone():
                cursor.execute(_RAISE)


def _forget(connection: Connection) -> None:
    connection.info.pop(_TOUCHED, None)
