"""Webhooks while connections to the database end, run out, or give way to each other: 200 or 503, and never a 500."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg.errors
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from service.store.arrivals import insert_events
from service.store.session import Store, open_store
from service.webhooks import committer, directory
from tests.integration.webhooks.web_world import WebWorld


@pytest.fixture
def world(store: Store, tmp_path: Path) -> WebWorld:
    return WebWorld(store, tmp_path)


def is_put_off(answer: Any) -> bool:
    return bool(answer.status_code == 503 and "Retry-After" in answer.headers and answer.json["reason"] == "not_saved")


@contextmanager
def all_taken(engine: Engine) -> Iterator[None]:
    """Every connection of the pool is in use, and nobody waits for long."""
    pool: Any = engine.pool
    patience, pool._timeout = pool._timeout, 0.05
    with ExitStack() as held:
        for _ in range(pool.size() + pool._max_overflow - pool.checkedout()):
            held.enter_context(engine.connect().execution_options(rekindle_read_only=True))
        yield
    pool._timeout = patience


def test_connections_that_run_out_put_a_webhook_off_until_there_are_some(world: WebWorld) -> None:
    client = world.web()
    with all_taken(world.store.engine):
        assert is_put_off(world.hubspot(client, [world.event(1)]))
    assert world.hubspot(client, [world.event(1)]).status_code == 200
    assert world.named() == ["1"]


def test_whatever_goes_wrong_a_webhook_is_put_off_and_not_lost(
    world: WebWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.web(webhook_directory_s=0.0)
    monkeypatch.setattr(directory.Directories, "current", lambda self: dict[str, Any]()["what nobody foresaw"])
    assert is_put_off(world.hubspot(client, [world.event(1)]))
    monkeypatch.undo()
    assert world.hubspot(client, [world.event(1)]).status_code == 200


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_deadlock_is_tried_once_more_before_anybody_is_put_off(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlstate: str
) -> None:
    with a_world(postgres_url, tmp_path) as world:
        refused: list[str] = []

        def gives_way(connection: Any, rows: Sequence[Any]) -> int:
            if not refused:
                refused.append(sqlstate)
                raise OperationalError("INSERT", {}, psycopg.errors.lookup(sqlstate)())
            return insert_events(connection, rows)

        monkeypatch.setattr(committer, "insert_events", gives_way)
        assert world.hubspot(world.web(), [world.event(1)]).status_code == 200
        assert (world.named(), refused) == (["1"], [sqlstate])


@contextmanager
def a_world(url: str, folder: Path) -> Iterator[WebWorld]:
    """Over a database of its own, so that its connections can be ended without harm to others."""
    server = open_store(url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS strained WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE strained"))
    server.dispose()
    address, _, options = url.partition("?")
    store = open_store(f"{address.rpartition('/')[0]}/strained?{options}")
    from service.store.models import Base

    Base.metadata.create_all(store.engine)
    yield WebWorld(store, folder)
    store.dispose()


@contextmanager
def meanwhile(act: Callable[[], None], *, pause_s: float, times: int) -> Iterator[Counter[str]]:
    """Something is done again and again while the block runs, but not for ever: a slow machine gets there too."""
    is_over, done = threading.Event(), Counter[str]()

    def run() -> None:
        while done["times"] < times and not is_over.wait(pause_s):
            act()
            done["times"] += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield done
    finally:
        is_over.set()
        thread.join()


def deliver(world: WebWorld, numbers: Sequence[int], seen: Counter[int]) -> None:
    """Each event until it is acknowledged, by eight senders at once."""
    service = threading.local()

    def send(number: int) -> None:
        if not hasattr(service, "client"):
            service.client = world.web_client()
        for _ in range(300):
            answer = world.hubspot(service.client, [world.event(number)])
            seen[answer.status_code] += 1
            if answer.status_code == 200:
                return
            assert is_put_off(answer), answer.text
        raise AssertionError("never acknowledged")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, numbers))


def test_connections_that_the_server_ends_cost_nothing_that_was_acknowledged(postgres_url: str, tmp_path: Path) -> None:
    with a_world(postgres_url, tmp_path) as world:
        killer = psycopg.connect(postgres_url, autocommit=True)

        def end_all() -> None:
            killer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'strained'")

        seen = Counter[int]()
        numbers = list(range(1, 301)) * 2
        random.Random(7).shuffle(numbers)
        with killer, meanwhile(end_all, pause_s=0.02, times=25) as done:
            deliver(world, numbers, seen)
        assert done["times"] > 0
        assert set(seen) <= {200, 503}
        assert sorted(map(int, world.named())) == list(range(1, 301))


def test_a_server_without_a_free_connection_puts_webhooks_off(postgres_url: str, tmp_path: Path) -> None:
    with a_world(postgres_url, tmp_path) as world, psycopg.connect(postgres_url, autocommit=True) as admin:
        client = world.web()
        world.store.dispose()
        admin.execute("ALTER DATABASE strained ALLOW_CONNECTIONS false")
        assert is_put_off(world.hubspot(client, [world.event(1)]))
        admin.execute("ALTER DATABASE strained ALLOW_CONNECTIONS true")
        assert world.hubspot(client, [world.event(1)]).status_code == 200
        assert world.named() == ["1"]
