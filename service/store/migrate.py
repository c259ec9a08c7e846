"""Bringing a database to the schema of this version, and refusing one that is newer.

Every process looks at the schema when it starts, and hardly any changes it: Alembic is loaded where it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from service.errors import RekindleError, UsageFault
from service.store.changes import note_change
from service.store.models import Base
from service.store.session import Store

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 731_520_466  # any number that nobody else on the server uses for an advisory lock


def migrate(store: Store, *, to: str = "head") -> str:
    """Bring the schema to `to` (a revision, "head", or "base" for nothing at all); the revision reached.

    Two processes at once are safe: the second waits and finds nothing left to do.
    """
    _refuse_unknown(to)
    schema_of(store)
    with changing_schema(store) as connection:
        return migrate_in(connection, to)


@contextmanager
def changing_schema(store: Store) -> Iterator[Connection]:
    """A unit of work in which tables may be made anew.

    SQLite makes a table anew for many a change, and would remove with the old one every row that refers to it. So its
    foreign keys are off meanwhile, which no transaction can switch, and checked before the end.
    """
    with store.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        try:
            if is_sqlite:
                _switch_foreign_keys(connection, "OFF")
            with connection.begin():
                yield connection
                note_change(connection)
                if is_sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise RekindleError(
                        f"After the change of the schema, rows of {lost[0]} refer to nothing; nothing was changed.",
                        remedy="Please report it, with the version you came from.",
                    )
        finally:
            if is_sqlite:
                _switch_foreign_keys(connection, "ON")


def _switch_foreign_keys(connection: Connection, to: str) -> None:
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute(f"PRAGMA foreign_keys = {to}").close()


def schema_of(store: Store) -> str | None:
    """The schema the database has, or None where it has none. Raises RekindleError where it cannot be opened."""
    try:
        return in_revision(store)
    except DatabaseError as error:
        raise _not_opened(store, error) from error


def migrate_in(connection: Connection, to: str) -> str:
    """The same, as a part of a unit of work that goes on."""
    from alembic import command

    _lock(connection)
    refuse_newer(connection)
    step = command.downgrade if to == "base" or _is_behind(connection, to) else command.upgrade
    step(_config(connection), to)
    return revision_of(connection) or "base"


def take_everything_away(connection: Connection) -> None:
    """Drop every table of ours, whatever its schema and whatever it holds."""
    Base.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def is_known(revision: str) -> bool:
    """Whether this version knows that schema."""
    return revision in known_revisions()


def _refuse_unknown(to: str) -> None:
    if to not in (*known_revisions(), "head", "base"):
        raise UsageFault(
            f"There is no schema {to!r}.", remedy=f"There are: base, {', '.join(known_revisions())}, head."
        )


def ensure_schema(store: Store, *, is_ours: bool) -> None:
    """The schema of this version, made where the database is empty, or is our own embedded one.

    Raises UsageFault where it is newer, or older and not ours to change without being asked.
    """
    try:
        with store.engine.connect() as connection:
            refuse_newer(connection)
            current = revision_of(connection)
            is_empty = current is None and not inspect(connection).get_table_names()
    except DatabaseError as error:
        raise _not_opened(store, error) from error
    if current == latest_revision():
        return
    if not (is_empty or is_ours):
        raise UsageFault("The database has an older schema.", remedy="Run `rekindle migrate` after a backup.")
    migrate(store)


def refuse_newer(connection: Connection) -> None:
    """Raise UsageFault if the database was written by a newer version: its tables may mean something else."""
    current = revision_of(connection)
    if current is not None and current not in known_revisions():
        raise UsageFault(
            f"The database is of a newer version (schema {current}).",
            remedy="Install that version of Rekindle, or restore a backup made with this one.",
        )


def in_revision(store: Store) -> str | None:
    """The schema the database has, or None where it has none. Waits for nobody who writes."""
    with store.engine.connect().execution_options(rekindle_read_only=True) as connection:
        return revision_of(connection)


def latest_revision() -> str:
    """The schema of this version."""
    return known_revisions()[-1]


def known_revisions() -> list[str]:
    """Every schema there was, the oldest first: each migration's file begins with its own."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _is_behind(connection: Connection, to: str) -> bool:
    """Whether going to `to` means going back."""
    current = revision_of(connection)
    if to == "head" or current is None:
        return False
    earlier = {script.revision for script in _scripts().iterate_revisions(current, "base")}
    return to in earlier and to != current


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def revision_of(connection: Connection) -> str | None:
    """The schema that this connection sees, or None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _not_opened(store: Store, error: DatabaseError) -> RekindleError:
    return RekindleError(
        f"The database {_shown(store)} cannot be opened: {_first_line(error)}.", remedy=_remedy(store, error)
    )


def _shown(store: Store) -> str:
    """Where the database is, without its password."""
    url = store.engine.url
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _remedy(store: Store, error: DatabaseError) -> str:
    if store.engine.dialect.name != "sqlite":
        return "Check REKINDLE_DATABASE_URL, and that the server runs and lets this user in."
    if "not a database" in str(error.orig) or "malformed" in str(error.orig):
        return "Put another file's name in its place, or restore a backup: this one is damaged or something else."
    return "See that the file and its folder may be written by this user, and that the disk has room."


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0].rstrip(".")
