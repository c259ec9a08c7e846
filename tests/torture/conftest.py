"""How many seeds: TORTURE_SEEDS, a number or a range such as 10-30; on which databases: TORTURE_DATABASES."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.postgres import running_postgres

NAME = "TORTURE_SEEDS"
DATABASES = "TORTURE_DATABASES"


def seeds() -> list[int]:
    """The seeds of this run."""
    text = os.environ.get(NAME, "1")
    first, _, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if last else list(range(1, int(first) + 1))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a `seed` runs once for each."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", seeds())
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", os.environ.get(DATABASES, "sqlite").split(","), indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """One server for the session, in a folder of its own."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; none for SQLite in the home folder."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS torture WITH (FORCE)")
        connection.execute("CREATE DATABASE torture")
    address, _, options = url.partition("?")
    return f"{address.rpartition('/')[0]}/torture?{options}"
