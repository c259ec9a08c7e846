"""Storing what webhooks announce: straight to the driver, because each webhook pays for it.

By way of SQLAlchemy the same rows took three (SQLite) to seven times (PostgreSQL) the time. Here every call is a
transaction of its own, on a connection that its caller keeps.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    import psycopg

MEANING = ("connection_id", "deal_id", "kind", "mark")
COLUMNS = {
    "connection_id": "int", "deal_id": "text", "kind": "text", "mark": "text", "state": "text", "is_bulk": "bool",
    "is_deletion": "bool", "attempts": "int", "occurred_at": "timestamptz", "received_at": "timestamptz",
    "next_try_at": "timestamptz",
}  # fmt: skip
_NAMES = ", ".join(COLUMNS)
_UNLESS_KNOWN = f"ON CONFLICT ({', '.join(MEANING)}) DO NOTHING"
# One statement and one parameter for any number of rows: it is prepared once.
_POSTGRESQL = (
    f"INSERT INTO inbox ({_NAMES}) SELECT * FROM json_to_recordset(%s::json) "  # noqa: S608 -- names of ours
    f"AS r({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())}) {_UNLESS_KNOWN}"
)
_SQLITE = (
    f"INSERT INTO inbox ({_NAMES}) "  # noqa: S608 -- names of ours
    f"VALUES ({', '.join('?' for _ in COLUMNS)}) {_UNLESS_KNOWN}"
)


def insert_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store events for good; one that means the same as a stored one is left out. How many were new.

    In one order everywhere, so that no two processes wait for each other's keys. Raises what SQLAlchemy would raise.
    """
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in MEANING))
    if connection.dialect.name == "postgresql":
        return _insert_json(connection, ordered)
    return _insert_each(connection, ordered)


def _insert_json(connection: Connection, rows: list[Mapping[str, Any]]) -> int:
    """On a connection that commits by itself."""
    import psycopg  # 8 MB that nobody needs over SQLite

    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        return driver.execute(_POSTGRESQL, (orjson.dumps(rows).decode(),), prepare=True).rowcount
    except psycopg.Error as error:
        raise _as_told(connection, error, psycopg.Error, is_lost=driver.closed or driver.broken) from error


def _insert_each(connection: Connection, rows: list[Mapping[str, Any]]) -> int:
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    try:
        driver.execute("BEGIN IMMEDIATE")
        with driver:  # commits, or rolls back
            return driver.executemany(_SQLITE, [_values(row) for row in rows]).rowcount
    except sqlite3.Error as error:
        raise _as_told(connection, error, sqlite3.Error, is_lost=False) from error


def _as_told(connection: Connection, error: Exception, kind: type[Exception], *, is_lost: bool) -> BaseException:
    told = DBAPIError.instance(
        "INSERT INTO inbox",
        None,
        error,
        kind,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=connection.dialect,
    )
    return cast("BaseException", told)


def _values(row: Mapping[str, Any]) -> list[Any]:
    return [_written(row[name]) for name in COLUMNS]


def _written(value: Any) -> Any:
    """As the columns' types write it: enumerations as their words, instants in UTC without a zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return str(value) if isinstance(value, StrEnum) else value
