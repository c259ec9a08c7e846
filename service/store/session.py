"""The database session: one unit of work per request or job, opened at the edge.

SQLite writers take the write lock at the start (BEGIN IMMEDIATE): a transaction that begins by reading and then
writes would otherwise fail when another process wrote in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import orjson
from sqlalchemy import URL, Connection, Engine, Pool, Select, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from service.errors import UsageFault
from service.store import changes
from service.store.codec import to_json
from service.store.gate import gate_of, holding, pass_by
from service.store.models.base import Base

COPY = "COPY "
"""So begins a statement that PostgreSQL is given rows for."""

S = TypeVar("S", bound=Select[*tuple[Any, ...]])

BUSY_TIMEOUT_MS = 30_000
WAL_PAGES = 4_000  # 16 MB
# A server that is cut off answers nothing: without these a process would wait a quarter of an hour for it. Each can
# be set in the address (?tcp_user_timeout=5000).
PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
# And the server drops a machine that vanished within half a minute: its locks would hold up the others for hours.
_SERVER_LOOKS = (
    "SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), "
    "set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '25000', false)"
)
DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql+psycopg"})

KEPT = "kept"
"""Under this name of `Session.info` a unit of work that only reads keeps answers that are asked for several times."""

REMEMBERED = "remembered"
"""Under this one, what is remembered beyond it, by name. None where what is seen is not what others see."""


class Store:
    """Where everything durable is kept. Cheap to make; connects when first used."""

    def __init__(self, engine: Engine | Connection) -> None:
        self.engine = engine.engine
        self._bind = engine
        self._remembered: dict[str, Any] | None = {} if isinstance(engine, Engine) else None

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A unit of work: committed when the block ends, rolled back unless it succeeds."""
        with Session(self._bind, expire_on_commit=False, autoflush=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A unit of work that only reads: takes no write lock, and is always rolled back."""
        reading = self._bind.execution_options(rekindle_read_only=True)
        kept = {KEPT: {}, REMEMBERED: self._remembered}
        with Session(reading, expire_on_commit=False, autoflush=False, info=kept) as session:
            yield session
            session.expunge_all()  # what was read stays readable; a rollback would expire it
            session.rollback()

    @contextmanager
    def going_first(self) -> Iterator[None]:
        """Whoever else wants to write waits until the block ends, where only one can write at a time."""
        with holding(gate_of(self.engine.url)):
            yield

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def locked(tx: Session, statement: S, *, of: type[Base] | None = None) -> S:
    """The statement, locking the rows that it finds (those of `of`) unless the unit of work only reads.

    Who only looks would keep writers waiting, and PostgreSQL writes each lock to the row's page.
    """
    is_reading = tx.get_bind().get_execution_options().get("rekindle_read_only", False)
    return statement if is_reading else statement.with_for_update(of=of)


def open_store(url: str, *, poolclass: type[Pool] | None = None, is_durable: bool = True) -> Store:
    """The store at an SQLAlchemy address (sqlite:///..., postgresql+psycopg://...). Does no I/O yet.

    Without `is_durable` it is a copy to be thrown away. Raises UsageFault for an address that leads nowhere; it may
    hold a password, so it is not repeated.
    """
    address = _address(url)
    engine = create_engine(
        address,
        hide_parameters=True,  # an error that is written down must hold no credentials and no notes
        json_serializer=to_json,
        json_deserializer=orjson.loads,
        pool_pre_ping=not url.startswith("sqlite"),
        # A statement with a huge IN list must not fill memory with its cached form.
        query_cache_size=500,
        poolclass=poolclass,
        connect_args=_patience(address),
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite if is_durable else _prepare_scratch)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _refuse_other_encoding, insert=True)  # before SQLAlchemy asks it anything
        event.listen(engine, "do_executemany", _copy_rows)
        if "host" not in address.query:  # by TCP: a socket in a folder cannot be cut off
            event.listen(engine, "connect", _have_server_look)
    changes.watch(engine)
    return Store(engine)


def _address(url: str) -> URL:
    remedy = "It is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
    try:
        address = make_url(_with_driver(url))
    except (ArgumentError, ValueError) as error:
        raise UsageFault("REKINDLE_DATABASE_URL is no database address.", remedy=remedy) from error
    if address.drivername not in DRIVERS:
        raise UsageFault(f"REKINDLE_DATABASE_URL names {address.drivername}, which is not supported.", remedy=remedy)
    return address


def _patience(address: URL) -> dict[str, str]:
    if address.get_backend_name() != "postgresql":
        return {}
    return {name: value for name, value in PATIENCE.items() if name not in address.query}


def _with_driver(url: str) -> str:
    """PostgreSQL addresses as people write them, with the driver we ship."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    # What a CRM was told must survive a power cut, or it would be told again.
    cursor.execute("PRAGMA synchronous = FULL")
    # Pages that every batch writes to would else be copied after each: that was a third of the time of saving many.
    cursor.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
    cursor.close()


def _refuse_other_encoding(connection: Any, _record: Any) -> None:
    """Raise UsageFault where not every text could be kept: the first Greek deal would fail amid a sync."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in (None, "UTF8"):  # a pooler in between may keep it to itself
        raise UsageFault(
            f"The PostgreSQL database is in {encoding}, which cannot hold every text.",
            remedy="Make one with: CREATE DATABASE rekindle ENCODING 'UTF8' TEMPLATE template0",
        )


def _have_server_look(connection: Any, _record: Any) -> None:
    connection.execute(_SERVER_LOOKS)
    connection.commit()


def _copy_rows(cursor: Any, statement: str, rows: Iterable[Any], _context: Any) -> bool:
    """Many rows by COPY, where the statement says so: PostgreSQL takes them in with half the work on both sides."""
    if not statement.startswith(COPY):
        return False
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return True


def _prepare_scratch(connection: Any, _record: Any) -> None:
    """A copy that is thrown away need not survive anything."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = OFF").close()
    connection.execute("PRAGMA synchronous = OFF").close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    is_read = options.get("rekindle_read_only", False)
    if not is_read:
        pass_by(gate_of(connection.engine.url))
    connection.exec_driver_sql("BEGIN" if is_read else "BEGIN IMMEDIATE")
