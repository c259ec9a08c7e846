"""A copy of the store to rehearse in: what happens there leaves no trace, and keeps nobody waiting here."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from service.store.models import Base
from service.store.session import Store, open_store


@contextmanager
def scratch_copy(store: Store) -> Iterator[Store]:
    """The store as it is at this moment, for as long as the block runs. No lock is held on the original."""
    database = store.engine.url.database
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection:
            try:
                _shadow(connection)
                yield Store(connection)
            finally:
                connection.invalidate()  # its temporary tables go with it
        return
    folder = Path(database).parent if database else None
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=folder) as place:  # mode 0700, as the data folder
        copy = Path(place) / "copy.sqlite3"
        with closing(sqlite3.connect(database or "")) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        scratch = open_store(f"sqlite:///{copy}", poolclass=NullPool, is_durable=False)
        try:
            yield scratch
        finally:
            scratch.dispose()


def _shadow(connection: Connection) -> None:
    """Temporary tables in front of the real ones: this connection sees and changes them alone."""
    schema = connection.scalar(text("SELECT current_schema()"))
    preparer = connection.dialect.identifier_preparer
    for table in Base.metadata.sorted_tables:
        name = preparer.quote(table.name)
        real = f"{preparer.quote(str(schema))}.{name}"
        connection.execute(text(f"CREATE TEMPORARY TABLE {name} (LIKE {real} INCLUDING ALL)"))
        connection.execute(text(f"INSERT INTO pg_temp.{name} SELECT * FROM {real}"))  # noqa: S608 -- our own names
    connection.execute(text("ANALYZE"))
    connection.commit()
