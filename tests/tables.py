"""Empty databases with every table. On SQLite they are copies of one file: making the tables took a third of a test."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import inspect

from service.store import migrate as migrating
from service.store.migrate import migrate, revision_of
from service.store.models import Base
from service.store.session import Store, open_store


def with_tables(store: Store) -> None:
    """Give a database that was not opened yet its tables, as `rekindle migrate` does; what stands there stays.

    A PostgreSQL database that other tests left their tables in has no schema's number, and only gets what is missing.
    """
    if _laid_down(store):
        return
    with store.engine.connect() as connection:
        has_tables, revision = bool(inspect(connection).get_table_names()), revision_of(connection)
    if has_tables and revision is None:
        Base.metadata.create_all(store.engine)
    else:
        migrate(store)


def ensure_schema(store: Store, *, is_ours: bool) -> None:
    """The product's own, which finds the tables of a new SQLite file there already."""
    _laid_down(store)
    migrating.ensure_schema(store, is_ours=is_ours)


def _laid_down(store: Store) -> bool:
    name = store.engine.url.database
    if store.engine.dialect.name != "sqlite" or not name or Path(name).exists() or not Path(name).parent.is_dir():
        return False
    Path(name).write_bytes(_migrated())
    return True


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite3"
        store = open_store(f"sqlite:///{file}")
        migrate(store)
        store.dispose()  # and with it the last connection, whose log of writes goes into the file
        return file.read_bytes()
