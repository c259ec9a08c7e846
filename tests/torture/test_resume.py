"""A long first read that is killed again and again: the end is the same, and next to nothing is read twice."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.torture.books import Book, open_hubspot, open_salesforce
from tests.torture.command_line import CommandLine
from tests.torture.conftest import NAME
from tests.torture.emulators.hubspot import HubSpot
from tests.torture.emulators.wire import Answer, Emulator, Request, now
from tests.torture.oracle import ledger_balances
from tests.torture.test_volume import connected, made, publish

pytestmark = pytest.mark.slow

# 50,000 deals are 500 of HubSpot's own pages; a tenth of them where nothing was asked for.
DEALS = int(os.environ.get("TORTURE_DEALS") or (50_000 if os.environ.get(NAME) else 5_000))
KILLS = DEALS // 2500
PAGE = 100
LOOKING_ROUND = 12
"""Requests with which every sync begins: who and what is there."""


@pytest.fixture(params=["salesforce", "hubspot"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Book, CommandLine]]:
    if request.param == "salesforce":
        book, line = open_salesforce(tmp_path, full=True, seed=3, deals=10, page=PAGE)
    else:
        book, line = open_hubspot(tmp_path, HubSpot(full=True, page=PAGE, multi_status=200), seed=3, deals=10)
    yield book, replace(line, too_long_s=3600.0)
    book.crm.stop()


def test_a_read_killed_at_random_pages_ends_as_an_undisturbed_one(
    opened: tuple[Book, CommandLine], database_url: str
) -> None:
    book, calm = opened
    draw = random.Random(DEALS)
    with book.crm.lock:
        for number in range(DEALS):
            made(book, number, now() - timedelta(minutes=DEALS - number))
    publish(book)
    calm, killed = connected((book, calm))[1], replace(calm, home=calm.home.parent / "killed")
    killed.on_database(database_url)
    connected((book, killed))

    asked, start = Pages(book.crm), len(book.crm.log)
    assert calm.must("sync", "--json").json()["new"] == len(book.lost())
    calm_pages, calls = asked.count, len(book.crm.log) - start

    last = 0
    # A start that finds pages read ahead asks for fewer, so twenty of them come to the end a little sooner.
    for at in sorted(draw.sample(range((calls - LOOKING_ROUND) * 9 // 10), KILLS)):
        said = killed.run("sync", kill_at=LOOKING_ROUND + at - last, phase=draw.choice(("before", "after")))
        assert said.status < 0, "it was to be killed"
        last = at
    killed.must("sync", "--json")
    pages = asked.count - calm_pages

    assert reminders(killed) == reminders(calm)
    ledger_balances(book, killed)
    assert calm_pages <= pages <= 1.05 * calm_pages, f"{pages} pages for {calm_pages}"


def reminders(line: CommandLine) -> list[tuple[str, ...]]:
    """Every follow-up that came of the read, whatever the row ids."""
    told = line.must("reminders", "list", "--json").json()
    return sorted(tuple(str(one[name]) for name in ("deal_id", "purpose", "state", "due_on", "why")) for one in told)


class Pages:
    """Counts the pages of deals that are asked for."""

    def __init__(self, crm: Emulator) -> None:
        self.count = 0
        self._handle = crm.handle
        self._following: set[str] = set()
        crm.handle = self._counted  # type: ignore[method-assign]  # the emulator looks it up for each request

    def _counted(self, request: Request) -> Answer:
        answer = self._handle(request)
        soql = " ".join(request.query.get("q", "").split())
        is_first = "FROM Opportunity " in soql and "ORDER BY" in soql
        is_list = request.method == "GET" and request.path.rstrip("/").endswith("/objects/deals")
        if is_first or is_list or request.path in self._following:
            self.count += 1
            body = answer.body if isinstance(answer.body, dict) else {}
            self._following.add(body.get("nextRecordsUrl", ""))
        return answer
