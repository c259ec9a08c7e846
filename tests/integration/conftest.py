"""Both databases, and a small sales world to act in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine, text
from werkzeug.routing import Rule

from service import bootstrap
from service.deeds import documents
from service.people import issuer
from service.security import passwords
from service.store import session
from service.store.models import Base
from service.store.session import Store, open_store
from tests import tables
from tests.integration.world import World
from tests.patience import PATIENCE_S
from tests.postgres import running_postgres
from tests.tables import with_tables

QUICK_ON_SQLITE = frozenset(
    {
        "test_adoption", "test_api_access", "test_api_connections", "test_api_edits", "test_api_reviews",
        "test_backup", "test_cards", "test_connections", "test_consent", "test_counted_losses",
        "test_deadly_events", "test_digests", "test_golive", "test_golive_stopped", "test_idempotency",
        "test_inbox", "test_later", "test_many_rows", "test_mapping_sets", "test_odd_deals", "test_outbox",
        "test_patience", "test_people", "test_person", "test_queue", "test_readback", "test_reviews",
        "test_rotate_key", "test_schedule", "test_scope_foreseen", "test_shared_limits", "test_turns",
        "test_upgrade", "test_webhooks", "test_webhooks_under_strain", "test_write_right",
    }
)  # fmt: skip
"""Modules that are among the quick tests on SQLite alone; the slower suites run them on PostgreSQL too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long on PostgreSQL and says little more there is left to the slower suites."""
    for item in items:
        if item.path.stem in QUICK_ON_SQLITE and "postgresql" in item.name:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the session, in a folder of its own."""
    with running_postgres() as url:
        _spare_the_disk(url)
        yield url


def _spare_the_disk(url: str) -> None:
    """These databases outlive no test, so nothing of them has to outlive a power cut."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request ends what it begins, however slow the machine; how it goes on by parts has tests of its own."""
    monkeypatch.setattr(documents, "AT_ONCE_S", PATIENCE_S)
    monkeypatch.setattr(issuer, "LONGEST_WAIT_S", PATIENCE_S)


@pytest.fixture(autouse=True)
def _tables_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new installation's tables are copied; making them has tests of its own."""
    monkeypatch.setattr(bootstrap, "ensure_schema", tables.ensure_schema)


@pytest.fixture(scope="session", autouse=True)
def _routes_at_hand() -> Iterator[None]:
    """Tests make hundreds of applications with the same routes; compiling those was half of making one."""
    compiled: dict[tuple[object, ...], Any] = {}
    compiling: Callable[[Rule, bool], Any] = Rule._compile_builder

    def known(rule: Rule, append_unknown: bool) -> Any:
        key = (rule.rule, rule.subdomain, repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compiling(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", known)
        yield


class _Templates(BytecodeCache):
    """Compiled templates by their checksum, whichever application asks."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(f"{bucket.key} {bucket.checksum}"):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[f"{bucket.key} {bucket.checksum}"] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _templates_at_hand() -> Iterator[None]:
    """Each application compiles the templates that it shows; nearly all of them show the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", _Templates())
        yield


class _Statements(dict[Any, Any]):
    """Compiled SQL by statement and the kind of database, whichever engine asks."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


@pytest.fixture(scope="session", autouse=True)
def _statements_at_hand() -> Iterator[None]:
    """Tests open hundreds of databases and say the same to each; putting that into SQL took a sixth of their time."""
    compiled = _Statements()

    def create(*arguments: Any, **options: Any) -> Engine:
        engine = create_engine(*arguments, **options)
        engine._compiled_cache = compiled
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "create_engine", create)
        yield


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing one costs a third of a second on purpose; what it costs has a test of its own."""
    monkeypatch.setattr(passwords, "_N", 2)
    monkeypatch.setattr(passwords, "_NOBODY", passwords._NOBODY.replace("65536", "2"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database with every table."""
    if request.param == "sqlite":
        found = open_store(f"sqlite:///{tmp_path / 'rekindle.db'}")
        with_tables(found)
        yield found
    else:
        found = open_store(request.getfixturevalue("postgres_url"))
        Base.metadata.create_all(found.engine)
        _empty(found)
        yield found
    found.dispose()


def _empty(store: Store) -> None:
    """Take out what the test before left; a table that holds nothing costs a look, not a new file."""
    names = [table.name for table in Base.metadata.sorted_tables]
    held = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names)
    with store.engine.begin() as connection:
        if full := connection.scalars(text(held)).all():
            connection.execute(text(f"TRUNCATE {', '.join(full)} RESTART IDENTITY CASCADE"))


@pytest.fixture
def world(store: Store) -> World:
    """A live connection with two reps, and no deals yet."""
    return World(store)
