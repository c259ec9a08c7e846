"""A whole book, three calls in ten going wrong, and the process killed again and again: as if nothing had happened.

What the storm leaves in the CRM is held against the same book in another server, where nothing went wrong, and against
the oracle.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.torture.books import Book, open_hubspot, open_salesforce
from tests.torture.command_line import CommandLine
from tests.torture.conftest import NAME
from tests.torture.emulators.hubspot import HubSpot
from tests.torture.emulators.wire import Faults
from tests.torture.oracle import emulator_is_well, ledger_balances, nothing_is_written, tasks_stand_once
from tests.torture.test_volume import connected, publish

pytestmark = pytest.mark.slow

DEALS = int(os.environ.get("TORTURE_DEALS") or (10_000 if os.environ.get(NAME) else 300))
KILLS = 50 if os.environ.get(NAME) else 5
RATE = 0.3
LIVE: tuple[str, ...] = ("go-live", "acme", "--yes", "--json")
SYNC: tuple[str, ...] = ("sync", "--json")


@pytest.fixture(params=["salesforce", "hubspot"])
def pair(
    request: pytest.FixtureRequest, tmp_path: Path, seed: int, database_url: str
) -> Iterator[list[tuple[Book, CommandLine]]]:
    """The same book in two servers, each with a command line."""
    opened = []
    for name in ("calm", "storm"):
        folder = tmp_path / name
        folder.mkdir()
        if request.param == "salesforce":
            book, line = open_salesforce(folder, full=True, seed=seed, deals=DEALS, page=200)
        else:
            crm = HubSpot(full=True, page=100, multi_status=200)
            book, line = open_hubspot(folder, crm, seed=seed, deals=DEALS)
        opened.append((book, replace(line, too_long_s=3600.0)))
    opened[1][1].on_database(database_url)
    yield opened
    for book, _ in opened:
        book.crm.stop()


def test_a_storm_leaves_the_book_as_calm_weather_does(pair: list[tuple[Book, CommandLine]], seed: int) -> None:
    (calm, line), (book, stormy) = (connected(each) for each in pair)
    calls = [len(calm.crm.log)]
    for command in (SYNC, LIVE, SYNC):
        line.must(*command)
        calls.append(len(calm.crm.log))

    draw = random.Random(seed)
    book.crm.faults = Faults(seed=seed, rate=RATE, row_rate=0.1)
    shares = (KILLS * 2 // 5, KILLS * 2 // 5, KILLS - 2 * (KILLS * 2 // 5))
    for place, (command, times) in enumerate(zip((SYNC, LIVE, SYNC), shares, strict=True)):
        kill(stormy, command, times, draw, most=max(20, calls[place + 1] - calls[place]))
        stormy.must(*command, tries=30)
    book.crm.faults = Faults()
    publish(book)
    stormy.must(*SYNC, tries=5)

    assert standing(book) == standing(calm)
    assert book.out_fields() == calm.out_fields()
    assert tasks_stand_once(book, stormy) == len(standing(book)) > 0
    ledger_balances(book, stormy)
    nothing_is_written(book, stormy, *SYNC)
    emulator_is_well(book)


def kill(line: CommandLine, command: tuple[str, ...], times: int, draw: random.Random, *, most: int) -> None:
    """Kill a command so often, each time at a random call; where it ended before that, the next comes sooner."""
    while times:
        said = line.run(*command, kill_at=draw.randrange(1, most), phase=draw.choice(("before", "after")))
        if said.status < 0:
            times -= 1
        else:
            most = max(5, most * 3 // 4)


def standing(book: Book) -> dict[str, list[tuple[str, bool]]]:
    """Every task by its deal: its day, and whether it is open."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for task in book.tasks():
        found.setdefault(task.deal_id, []).append((task.due_on, task.is_open))
    return found
