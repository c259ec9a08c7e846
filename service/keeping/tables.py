"""Tables in a form that no database owns: rows as JSON arrays, which SQLite and PostgreSQL both give and take.

Instants and days are ISO texts, amounts are texts, and documents are the JSON texts that they are: a NULL and a
document that says `null` stay two things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Date,
    Numeric,
    Table,
    TableClause,
    Text,
    cast,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy import column as light_column
from sqlalchemy import table as light_table

from service.store.models import Base
from service.store.models.base import Instant

LEFT_OUT = frozenset({"sessions", "crm_sign_ins", "sign_in_failures", "turns", "api_answers"})
"""Good for minutes or hours, or for the processes of one installation only."""

HELPING = 1000

Row = list[Any]


def kept_tables(connection: Connection) -> list[tuple[Table, list[str]]]:
    """The tables that are there and are kept, those referred to first, each with the columns that are there."""
    found = inspect(connection)
    there = set(found.get_table_names())
    return [
        (one, [str(column["name"]) for column in found.get_columns(one.name) if column["name"] in one.columns])
        for one in Base.metadata.sorted_tables
        if one.name in there and one.name not in LEFT_OUT
    ]


def read_rows(connection: Connection, table: Table, names: Sequence[str]) -> Iterator[bytes]:
    """Each row as a JSON array, in the order of the primary key, a helping at a time."""
    source = _light(table, names)
    order = [source.c[column.name] for column in table.primary_key.columns]
    query = select(*(_read(table.columns[name], source) for name in names)).order_by(*order)
    streaming = {"stream_results": True, "yield_per": HELPING}
    for helping in connection.execute(query, execution_options=streaming).partitions():
        yield from (orjson.dumps(tuple(row), default=_plain) for row in helping)


def write_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows as `read_rows` gave them."""
    if not rows:
        return
    target = _light(table, names)
    values = {name: _written(table.columns[name], connection.dialect.name) for name in names}
    readers = [(place, read) for place, name in enumerate(names) if (read := _reader(table.columns[name])) is not None]
    for row in rows:
        for place, read in readers:
            if row[place] is not None:
                row[place] = read(row[place])
    connection.execute(insert(target).values(values), [dict(zip(names, row, strict=True)) for row in rows])


def go_on_counting(connection: Connection, table: Table) -> None:
    """Have PostgreSQL's own count of ids go on after those that were written."""
    if connection.dialect.name != "postgresql" or "id" not in table.columns:
        return
    last = connection.scalar(select(func.max(table.c.id)))
    if last is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
        connection.execute(sequence, {"table": table.name, "last": last})


def _light(table: Table, names: Sequence[str]) -> TableClause:
    """The table with these columns alone: nothing adds a default of today to a row of an older schema."""
    return light_table(table.name, *(light_column(name, table.columns[name].type) for name in names))


def is_document(column: Column[Any]) -> bool:
    """Whether the column holds JSON, which rows here have as a text."""
    return isinstance(column.type, JSON)


def _read(column: Column[Any], source: TableClause) -> ColumnElement[Any]:
    return cast(source.c[column.name], Text).label(column.name) if is_document(column) else source.c[column.name]


def _written(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    if not is_document(column):
        return BindParameter(column.name, type_=column.type)
    document: BindParameter[Any] = BindParameter(column.name, type_=Text())
    return cast(document, column.type) if dialect == "postgresql" else document


def _reader(column: Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Instant):
        return datetime.fromisoformat
    if isinstance(column.type, Date):
        return date.fromisoformat
    return Decimal if isinstance(column.type, Numeric) and column.type.asdecimal else None


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
