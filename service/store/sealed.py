"""Secrets in the database: every column that holds ciphertext is of the type `Sealed`, and is found by it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Table, inspect, select

from service.store.models import Base
from service.store.models.text import Sealed


def sealed_columns() -> list[tuple[Table, Column[str]]]:
    """Every column that holds ciphertext, with its table."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]


def stored_ciphertexts(connection: Connection) -> Iterator[str]:
    """Everything encrypted that is stored, for checking the keys against; older schemas have fewer columns."""
    found = inspect(connection)
    tables = set(found.get_table_names())
    for table, column in sealed_columns():
        if table.name in tables and column.name in {one["name"] for one in found.get_columns(table.name)}:
            yield from (text for text in connection.scalars(select(column).where(column.is_not(None))) if text)
