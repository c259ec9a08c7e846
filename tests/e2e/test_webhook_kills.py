"""Servers killed at random while webhooks arrive: each acknowledged event is in the inbox exactly once."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import select, text

from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.webhooks import hubspot_deliveries, hubspot_event, send
from service import clock
from service.store.migrate import migrate
from service.store.models import InboxRow
from service.store.session import open_store
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import Portal
from tests.e2e.test_up import children_of
from tests.e2e.test_webhooks import HUSH, wait_until_up
from tests.integration.conftest import postgres_url
from tests.patience import PATIENCE_S, free_port

__all__ = ["postgres_url"]


class Killed:
    """`rekindle serve` that is killed and started again on the same port, and `rekindle worker` beside it."""

    def __init__(self, rekindle: CommandLine) -> None:
        self._rekindle = rekindle
        self.port = free_port()
        self._process = self._start()
        self._workers = self._start_workers()

    def _start(self) -> subprocess.Popen[bytes]:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        process = self._rekindle.start("serve", "--port", self.port, **quiet)  # type: ignore[arg-type]  # as options
        wait_until_up(self.port)
        return process

    def _start_workers(self) -> subprocess.Popen[bytes]:
        """Two workers and the embedded server. The inbox is worked on meanwhile, from one try to the next."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return self._rekindle.start("worker", "--number", 2, **quiet)  # type: ignore[arg-type]  # as options

    def kill_all(self) -> None:
        """Every process of the web service at once, then a new start."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = self._start()

    def kill_workers(self) -> None:
        """Every worker at once, with their supervisor and the queue's server; then a new start."""
        self._end_workers()
        self._workers = self._start_workers()

    def _end_workers(self) -> None:
        for pid in [self._workers.pid, *children_of(self._workers.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._workers.wait()

    def kill_worker(self, dice: random.Random) -> None:
        """One of the working processes; the first one starts another."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if children:
            with suppress(ProcessLookupError):  # it ended by itself just now
                os.kill(int(dice.choice(children)), signal.SIGKILL)

    def stop(self) -> None:
        """The end."""
        self._end_workers()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def killing(server: Killed, *, times: int, is_over: threading.Event) -> Iterator[list[str]]:
    """Kill at random moments while the block runs."""
    dice, kills = random.Random(7), list[str]()

    def run() -> None:
        while len(kills) < times and not is_over.is_set():
            time.sleep(dice.uniform(0.05, 0.6))
            what = dice.choice(("one", "web", "workers"))
            if what == "one":
                server.kill_worker(dice)
            elif what == "web":
                server.kill_all()
            else:
                server.kill_workers()
            kills.append(what)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield kills
    finally:
        thread.join()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, home: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        home.mkdir(parents=True)
        yield f"sqlite:///{home / 'rekindle.sqlite3'}"
        return
    server = open_store(request.getfixturevalue("postgres_url"))
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS kills WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE kills"))
    server.dispose()
    address, _, options = request.getfixturevalue("postgres_url").partition("?")
    yield f"{address.rpartition('/')[0]}/kills?{options}"


@pytest.mark.skipif(sys.platform != "linux", reason="finds the children of a process in /proc")
@pytest.mark.parametrize(
    ("count", "times"), [pytest.param(5000, 20, marks=pytest.mark.slow, id="5000-20"), pytest.param(150, 3, id="150-3")]
)
def test_each_acknowledged_event_is_in_the_inbox_exactly_once(
    rekindle: CommandLine, portal: Portal, database: str, count: int, times: int
) -> None:
    store = open_store(database)
    migrate(store)
    rekindle.env["REKINDLE_DATABASE_URL"] = database
    rekindle.env["REKINDLE_BASE_URL"] = "https://rekindle.example"
    signed_url = "https://rekindle.example/webhooks/hubspot"
    secrets = f"{DEMO_TOKEN}\n{HUSH}\n"
    options = ["--token-stdin", "--webhook-secret-stdin", "--api-url", portal.url]
    rekindle.json("connect", "hubspot", "acme", *options, stdin=secrets)
    server, portal_id = Killed(rekindle), portal.portal.settings.portal_id
    url = f"http://127.0.0.1:{server.port}/webhooks/hubspot"
    answers: Counter[int] = Counter()
    acknowledged: set[str] = set()
    kills: list[str] = []

    def deliver(number: int) -> None:
        """As the CRM does: again and again, until it is acknowledged; one in ten even then."""
        events = [hubspot_event(portal_id, 10_000_000 + number, event_id=number % 50, at=clock.now())]
        until = clock.monotonic() + PATIENCE_S
        for tries in itertools.count(1):
            assert clock.monotonic() < until, f"{number} was never acknowledged: {answers}"
            ((headers, body),) = hubspot_deliveries(events, HUSH, url=signed_url, at=clock.now())
            answered = send(url, headers, body, timeout_s=60)
            answers[answered.status] += 1
            if answered.status == 200:
                acknowledged.add(str(10_000_000 + number))
                if number % 10 or tries > 1:
                    return
            time.sleep(0.02)

    try:
        is_over = threading.Event()
        with killing(server, times=times, is_over=is_over) as kills, ThreadPoolExecutor(16) as pool:
            list(pool.map(deliver, range(count)))
            is_over.set() if count < 1000 else None
    finally:
        server.stop()
    with store.read() as tx:
        stored = Counter(tx.scalars(select(InboxRow.deal_id)).all())
    store.dispose()
    assert len(kills) >= min(times, 1)
    assert len(acknowledged) == count
    assert acknowledged <= stored.keys()
    assert set(stored.values()) == {1}
    assert set(answers) <= {0, 200, 503}, answers
