"""Bringing a backup back, into this database or another kind of one: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, inspect, select
from sqlalchemy.orm import Session

from service.bootstrap import SHIPPED_BY
from service.errors import RekindleError, UsageFault
from service.keeping.aftercare import after_restore, forget_secrets
from service.keeping.backup_file import Header, TableHead, read_header, read_whole
from service.keeping.tables import HELPING, go_on_counting, write_rows
from service.store.migrate import changing_schema, is_known, migrate_in, refuse_newer, take_everything_away
from service.store.models import (
    Base,
    ConnectionRow,
    DraftRow,
    MappingSetRow,
    PolicyRow,
    TurnRow,
    UserRow,
)
from service.store.session import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """What was brought back: rows by table, and the connections, all of them on hold."""

    schema: str
    made_at: str
    rows: dict[str, int]
    connections: tuple[str, ...]


def restore(
    store: Store,
    file: Path,
    *,
    check_keys: Callable[[tuple[str, ...]], None],
    now: datetime,
    is_replacing: bool = False,
    keeps_secrets: bool = True,
    told: Callable[[str], None] = lambda _: None,
) -> RestoreReport:
    """Bring a backup back, in one unit of work: a failure leaves the database as it was.

    `check_keys` is given the fingerprints that the backup's secrets need, and raises where one is not here; without
    `keeps_secrets` they are left out. Raises UsageFault for a file that is no whole backup of a version we know, and
    for a database that holds something already, unless `is_replacing`.
    """
    header = _known_header(file)
    if keeps_secrets:
        check_keys(header.keys)
    told("Checking the file")
    for _ in read_whole(file):
        pass
    with changing_schema(store) as connection:
        _refuse_use(connection, now=now)
        if not is_replacing:
            _refuse_content(connection)
        refuse_newer(connection)
        take_everything_away(connection)
        migrate_in(connection, header.schema)
        rows = _load(connection, file, told)
        migrate_in(connection, "head")
        names = _look_after(connection, now=now, keeps_secrets=keeps_secrets)
    return _report(header, rows, names)


def _known_header(file: Path) -> Header:
    header = read_header(file)
    if not is_known(header.schema):
        raise UsageFault(
            f"{file} was written by a newer version of Rekindle (schema {header.schema}); nothing was restored.",
            remedy="Install that version, or a later one, and restore with it.",
        )
    return header


def _look_after(connection: Connection, *, now: datetime, keeps_secrets: bool) -> tuple[str, ...]:
    """What restored rows need before anybody works on them; the names of the connections."""
    with Session(connection, expire_on_commit=False) as tx:
        if not keeps_secrets:
            forget_secrets(tx)
        names = after_restore(tx, now=now)
        tx.flush()
    return names


def _load(connection: Connection, file: Path, told: Callable[[str], None]) -> dict[str, int]:
    rows: dict[str, int] = {}
    table, columns, helping = Table("none", MetaData()), tuple[str, ...](), list[list[Any]]()

    def store_helping() -> None:
        write_rows(connection, table, columns, helping)
        helping.clear()

    for content in read_whole(file):
        if isinstance(content, TableHead):
            store_helping()
            table, columns = _known(content, file), content.columns
            rows[table.name] = 0
            told(f"Restoring {table.name}")
            continue
        helping.append(content)
        rows[table.name] += 1
        if len(helping) == HELPING:
            store_helping()
    store_helping()
    for name in rows:
        go_on_counting(connection, Base.metadata.tables[name])
    return rows


def _known(head: TableHead, file: Path) -> Table:
    table = Base.metadata.tables.get(head.table)
    if table is None or not set(head.columns) <= set(table.columns.keys()):
        raise UsageFault(f"{file} holds a table that no version here knows: {head.table}.", remedy="Update Rekindle.")
    return table


def _refuse_use(connection: Connection, *, now: datetime) -> None:
    """Nobody may work on a database that is being replaced."""
    if not inspect(connection).has_table(TurnRow.__tablename__):
        return
    who = connection.scalar(select(TurnRow.leased_by).where(TurnRow.leased_until > now).limit(1))
    if who is not None:
        raise RekindleError(
            f"Rekindle is running on this database ({who}); nothing was restored.",
            remedy="Stop `rekindle up`, its workers and its scheduler, and run this again a minute later.",
        )


def _refuse_content(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    for kind in (ConnectionRow, UserRow, DraftRow):
        if kind.__tablename__ in there and connection.scalar(select(func.count()).select_from(kind)):
            raise _not_empty()
    for document in (MappingSetRow, PolicyRow):
        if document.__tablename__ in there and connection.scalar(
            select(func.count()).select_from(document).where(document.author != SHIPPED_BY)
        ):
            raise _not_empty()


def _not_empty() -> UsageFault:
    return UsageFault(
        "This database holds connections, people or rules already; nothing was restored.",
        remedy="Restore into an empty one, or say --replace to throw away what is in it.",
    )


def _report(header: Header, rows: dict[str, int], names: tuple[str, ...]) -> RestoreReport:
    return RestoreReport(schema=header.schema, made_at=header.made_at, rows=rows, connections=names)
