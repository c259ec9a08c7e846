"""What reps and managers do between two syncs, against both CRMs: their edits win, and deals are seen as they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.torture.books import Book, HubSpotBook, OurTask, open_hubspot
from tests.torture.command_line import CommandLine
from tests.torture.emulators.hubspot import HubSpot
from tests.torture.emulators.wire import now
from tests.torture.oracle import emulator_is_well, ledger_balances, nothing_is_written, tasks_stand_once
from tests.torture.test_line import KINDS, Opened, go_live

pytestmark = pytest.mark.slow


@pytest.fixture(params=KINDS if os.environ.get("TORTURE_SEEDS") else ("salesforce_full", "hubspot_bare"))
def live(request: pytest.FixtureRequest, tmp_path: Path, seed: int) -> Iterator[Opened]:
    """A connection that is live, with its first tasks written."""
    book, line = KINDS[request.param](tmp_path, seed)
    book.connect(line)
    line.must("sync", "--json")
    go_live(book, line)
    yield book, line
    book.crm.stop()


def settle(book: Book, line: CommandLine) -> None:
    """Syncs until a search index has caught up: what people did is seen at last."""
    if isinstance(book, HubSpotBook):
        book.crm.publish_all()
    line.must("sync", "--json", tries=4)


def reminder_of(line: CommandLine, task_id: str) -> dict[str, Any]:
    found = [one for one in line.must("reminders", "list", "--json").json() if one["task_id"] == task_id]
    assert len(found) == 1, found
    return dict(found[0])


def still_to_come(book: Book) -> list[OurTask]:
    """The tasks of later days, on whatever day the test runs: one of today is due at the next sync."""
    day_after = (now() + timedelta(days=2)).date().isoformat()
    return [one for one in book.tasks() if one.due_on >= day_after]


def test_a_reps_edits_win(live: Opened) -> None:
    book, line = live
    done, moved, dropped, given, *_ = still_to_come(book)
    book.complete(done.id)
    day = book.move(moved.id, 45)
    book.drop_task(dropped.id)
    book.reassign(given.id)

    settle(book, line)

    assert reminder_of(line, done.id)["state"] == "done"
    assert reminder_of(line, moved.id)["state"] == "snoozed"
    assert reminder_of(line, moved.id)["due_on"] == day
    assert reminder_of(line, dropped.id)["state"] == "cancelled"
    assert reminder_of(line, given.id)["state"] == "scheduled"
    standing = {one.id: one for one in book.tasks()}
    assert dropped.id not in standing
    assert standing[moved.id].due_on == day
    assert not standing[done.id].is_open
    assert standing[given.id].due_on == given.due_on
    settle(book, line)
    tasks_stand_once(book, line)
    nothing_is_written(book, line, "sync", "--json")

    said = line.must("undo", "acme", "--yes", "--json").json()
    left = {one.id for one in book.tasks()}
    assert {done.id, moved.id, given.id} <= left
    assert left <= {one["task_id"] for one in said["touched"]} | {done.id}
    emulator_is_well(book)


def test_of_two_merged_deals_the_survivors_plan_stands(tmp_path: Path, seed: int) -> None:
    book, line = open_hubspot(tmp_path, HubSpot(full=True, page=100, lag=30), seed=seed)
    crm = book.crm
    assert isinstance(crm, HubSpot)
    book.connect(line)
    line.must("sync", "--json")
    go_live(book, line)
    kept, absorbed, *_ = book.tasks()
    crm.merge(kept.deal_id, absorbed.deal_id)

    settle(book, line)
    settle(book, line)
    settle(book, line)

    standing = {one.id: one for one in book.tasks()}
    assert standing[kept.id].is_open
    assert absorbed.id not in standing or not standing[absorbed.id].is_open
    tasks_stand_once(book, line)
    ledger_balances(book, line)
    nothing_is_written(book, line, "sync", "--json")
    emulator_is_well(book)
    crm.stop()


def test_deals_that_come_back_to_life_end_their_tasks(live: Opened) -> None:
    book, line = live
    tasks = book.tasks()
    reopened, won, dropped, lost_again, *_ = dict.fromkeys(one.deal_id for one in tasks)
    book.reopen(reopened)
    book.win(won)
    book.drop_deal(dropped)
    book.reopen(lost_again)

    settle(book, line)

    still_open = {one.deal_id for one in book.tasks() if one.is_open}
    assert reopened not in still_open
    assert won not in still_open
    assert lost_again not in still_open
    for deal in (reopened, won, dropped, lost_again):
        states = {one["state"] for one in line.must("reminders", "list", "--deal", deal, "--json").json()}
        assert not states & {"scheduled", "due", "snoozed"}, (deal, states)
    settle(book, line)
    ledger_balances(book, line)

    book.lose(lost_again)
    settle(book, line)
    settle(book, line)
    episodes = {one["episode"] for one in line.must("reminders", "list", "--deal", lost_again, "--json").json()}
    assert 2 in episodes or not episodes - {1}, episodes
    ledger_balances(book, line)
    nothing_is_written(book, line, "sync", "--json")
    emulator_is_well(book)
