"""A backup: everything as it was at one moment, read while the installation goes on working."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from service.errors import UsageFault
from service.keeping.backup_file import Header, Writer, new_file
from service.keeping.tables import kept_tables, read_rows
from service.security.keyring import names_of
from service.store.migrate import refuse_newer, revision_of
from service.store.sealed import stored_ciphertexts
from service.store.session import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What a backup holds: rows by table, and the fingerprints of the keys that its secrets need."""

    schema: str
    rows: dict[str, int]
    keys: tuple[str, ...]
    size_bytes: int = 0


def backup(store: Store, file: Path, *, now: datetime, told: Callable[[str], None] = lambda _: None) -> BackupReport:
    """Write a backup of the store as it is at this moment. Nobody waits for it, and memory stays flat.

    `told` is given the table being written. Raises RekindleError where the file cannot be written; then there is none,
    or the one from before. Raises UsageFault for a database without a schema, or with a newer one.
    """
    with _one_moment(store) as connection:
        refuse_newer(connection)
        schema = revision_of(connection)
        if schema is None:
            raise UsageFault("There is nothing to back up: the database is empty.", remedy="Check where it is.")
        header = Header(schema=schema, made_at=now.isoformat(), keys=names_of(stored_ciphertexts(connection)))
        with new_file(file) as target:
            writer = Writer(target, header)
            for table, names in kept_tables(connection):
                told(f"Writing {table.name}")
                writer.table(str(table.name), names, read_rows(connection, table, names))
            writer.close()
    size = file.stat().st_size if file.is_file() else 0
    return BackupReport(schema=schema, rows=writer.rows, keys=header.keys, size_bytes=size)


@contextmanager
def _one_moment(store: Store) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever others write meanwhile."""
    reading = store.engine.execution_options(rekindle_read_only=True)
    if store.engine.dialect.name == "postgresql":
        reading = reading.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with reading.connect() as connection:
        yield connection
        connection.rollback()
