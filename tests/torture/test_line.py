"""The whole line on the real command line, against CRMs that another team might have written."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.torture.books import Book, open_hubspot, open_salesforce
from tests.torture.command_line import CommandLine
from tests.torture.emulators.hubspot import HubSpot
from tests.torture.emulators.salesforce import Salesforce
from tests.torture.emulators.wire import Faults
from tests.torture.oracle import emulator_is_well, ledger_balances, nothing_is_written, tasks_stand_once

pytestmark = pytest.mark.slow
Opened = tuple[Book, CommandLine]

KINDS: dict[str, Callable[[Path, int], Opened]] = {
    "salesforce_bare": lambda folder, seed: open_salesforce(folder, full=False, seed=seed),
    "salesforce_full": lambda folder, seed: open_salesforce(folder, full=True, seed=seed, page=200),
    "hubspot_bare": lambda folder, seed: open_hubspot(folder, HubSpot(full=False), seed=seed),
    "hubspot_full": lambda folder, seed: open_hubspot(
        folder, HubSpot(full=True, page=100, multi_status=200, account_info=False, associations_page=1), seed=seed
    ),
}


# One server of each kind where nothing was asked for, so that a plain run stays short; else all four.
CHOSEN = tuple(KINDS) if os.environ.get("TORTURE_SEEDS") else ("salesforce_bare", "hubspot_full")


@pytest.fixture(params=CHOSEN)
def opened(request: pytest.FixtureRequest, tmp_path: Path, seed: int, database_url: str) -> Iterator[Opened]:
    book, line = KINDS[request.param](tmp_path, seed)
    line.on_database(database_url)
    yield book, line
    book.crm.stop()


def go_live(book: Book, line: CommandLine, *, tries: int = 1) -> int:
    """Go live; gives how many tasks were announced."""
    announced = line.must("go-live", "acme", "--json", tries=tries).json()
    assert not book.tasks(), "an announcement writes nothing"
    line.must("go-live", "acme", "--yes", "--json", tries=tries)
    return int(announced["tasks"])


def test_what_go_live_announces_stands_once_and_undo_takes_it_back(opened: Opened) -> None:
    book, line = opened
    book.connect(line)
    lost = len(book.lost())

    assert line.must("sync", "--json").json()["new"] == lost
    assert book.crm.writes == [], "on hold nothing is written"
    announced = go_live(book, line)
    assert announced > 0
    assert tasks_stand_once(book, line) == announced
    nothing_is_written(book, line, "sync", "--json")
    nothing_is_written(book, line, "sync", "--full", "--json")
    ledger_balances(book, line)

    assert line.must("undo", "acme", "--yes", "--json").json()["tasks_deleted"] == announced
    assert book.tasks() == []
    assert book.out_fields() == {}
    nothing_is_written(book, line, "sync", "--json")
    emulator_is_well(book)


def test_the_same_holds_under_faults(opened: Opened, seed: int) -> None:
    book, line = opened
    book.crm.faults = Faults(seed=seed, rate=0.1 + 0.2 * random.Random(seed).random(), row_rate=0.1)
    if isinstance(book.crm, Salesforce):
        book.crm.expire_locators = 3
    book.connect(line)
    line.must("sync", "--json", tries=12)
    assert book.crm.writes == []
    announced = go_live(book, line, tries=12)
    line.must("sync", "--json", tries=12)
    assert tasks_stand_once(book, line) == announced

    book.crm.faults = Faults()
    line.must("sync", "--json", tries=3)
    nothing_is_written(book, line, "sync", "--json")
    assert tasks_stand_once(book, line) == announced
    ledger_balances(book, line)

    book.crm.faults = Faults(seed=seed + 1, rate=0.2, row_rate=0.1)
    line.must("undo", "acme", "--yes", "--json", tries=12)
    assert book.tasks() == []
    assert book.out_fields() == {}
    emulator_is_well(book)


def test_faults_and_kills_together_between_edits(opened: Opened, seed: int) -> None:
    book, line = opened
    book.connect(line)
    draw = random.Random(seed * 7)
    book.crm.faults = Faults(seed=seed, rate=0.15, row_rate=0.1)
    line.must("sync", "--json", tries=12)
    for round_ in range(4):
        arguments = ("sync", "--json") if round_ else ("go-live", "acme", "--yes", "--json")
        line.run(*arguments, kill_at=draw.randrange(1, 25), phase=draw.choice(("before", "after")))
        tasks = [one for one in book.tasks() if one.is_open]
        lost = book.lost()
        with book.crm.lock:
            if tasks:
                draw.choice((book.complete, book.drop_task, book.reassign))(draw.choice(tasks).id)
            draw.choice((book.reopen, book.win, book.drop_deal))(draw.choice(lost))
    line.must("go-live", "acme", "--yes", "--json", tries=12)
    book.crm.faults = Faults()
    for _ in range(3):
        if isinstance(book.crm, HubSpot):
            book.crm.publish_all()
        line.must("sync", "--json", tries=3)
    tasks_stand_once(book, line)
    ledger_balances(book, line)
    nothing_is_written(book, line, "sync", "--json")
    emulator_is_well(book)


def test_the_same_holds_when_the_process_is_killed(opened: Opened, seed: int) -> None:
    book, line = opened
    book.connect(line)
    draw = random.Random(seed)

    def killed(*arguments: str, times: int) -> None:
        for _ in range(times):
            line.run(*arguments, kill_at=draw.randrange(1, 18), phase=draw.choice(("before", "after")))
        line.must(*arguments, tries=6)

    killed("sync", "--json", times=3)
    assert book.crm.writes == []
    announced = line.must("go-live", "acme", "--json").json()["tasks"]
    killed("go-live", "acme", "--yes", "--json", times=3)
    line.must("sync", "--json", tries=3)
    assert tasks_stand_once(book, line) == announced
    nothing_is_written(book, line, "sync", "--json")
    ledger_balances(book, line)
    killed("undo", "acme", "--yes", "--json", times=2)
    assert book.tasks() == []
    assert book.out_fields() == {}
    emulator_is_well(book)


@pytest.mark.parametrize("said", [(), ("--api-version", "2026-09")], ids=["found_out", "said"])
def test_a_portal_that_speaks_only_a_dated_version_is_read_and_written(
    tmp_path: Path, seed: int, said: tuple[str, ...]
) -> None:
    crm = HubSpot(full=True, family="2026-09", page=100, multi_status=200)
    book, line = open_hubspot(tmp_path, crm, seed=seed)
    try:
        line.must(*("connect", "hubspot", "acme", "--api-url", crm.url, "--token-stdin", *said), typed=crm.token + "\n")
        with crm.lock:
            refused = sum(status == 404 and path.startswith("/crm/") for _, path, status in crm.log)
        assert refused == (0 if said else 1)
        assert line.must("sync", "--json").json()["new"] == len(book.lost())
        announced = go_live(book, line)
        assert tasks_stand_once(book, line) == announced
        with crm.lock:
            known = sum(status == 404 and path.startswith("/crm/") for _, path, status in crm.log)
        assert known == refused, "asked for once, and kept"
        ledger_balances(book, line)
    finally:
        crm.stop()
