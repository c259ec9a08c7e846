"""Who has the one task of an account, on both CRMs over real HTTP: deals that leave it, and deals nobody looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from service.store.models import ReminderRow, ReminderState, TaskRefRow, TaskRefState
from tests.integration.people_world import Office, make_book_of, office

FIRST, SECOND = 1, 2

pytestmark = pytest.mark.slow


@pytest.fixture(params=["salesforce", "hubspot"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Two deals that were lost at one account, which has one task."""
    book = make_book_of({FIRST: "Timing", SECOND: "Timing"})
    first, second = book.deals
    book = replace(book, deals=(first, replace(second, account_number=first.account_number)))
    with office(request.param, tmp_path, book) as found:
        yield found


@pytest.fixture(params=["salesforce", "hubspot"])
def apart(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Two deals at accounts of their own, each with its task."""
    with office(request.param, tmp_path, make_book_of({FIRST: "Timing", SECOND: "Timing"})) as found:
        yield found


def open_tasks(found: Office) -> dict[int, int]:
    return {number: sum(task.is_open for task in found.hands.tasks(number)) for number in (FIRST, SECOND)}


def test_when_the_deal_with_the_task_moves_to_another_account_the_one_that_waited_gets_its_own(shared: Office) -> None:
    assert sorted(open_tasks(shared).values()) == [0, 1]
    (holder,) = (number for number, count in open_tasks(shared).items() if count)

    shared.pass_time(hours=1)
    shared.hands.to_empty_account(holder)
    shared.sync()

    assert open_tasks(shared) == {FIRST: 1, SECOND: 1}


def test_an_account_to_which_a_deal_with_a_task_moves_has_one_task(apart: Office) -> None:
    assert open_tasks(apart) == {FIRST: 1, SECOND: 1}

    apart.pass_time(hours=1)
    apart.hands.to_account_of(SECOND, FIRST)
    apart.sync()

    assert sorted(open_tasks(apart).values()) == [0, 1]


def test_a_complete_read_sees_to_a_deal_whose_turn_passed_unnoticed(shared: Office) -> None:
    (holder,) = (number for number, count in open_tasks(shared).items() if count)
    (waiting,) = {FIRST, SECOND} - {holder}
    ended = [row.id for row in shared.reminders(holder)]
    with shared.app.store.begin() as tx:  # the holder's turn ends, and nobody tells the one that waits
        tx.execute(update(ReminderRow).where(ReminderRow.id.in_(ended)).values(state=ReminderState.DONE, act_on=None))
        tx.execute(update(TaskRefRow).values(state=TaskRefState.CLOSED))

    shared.sync()
    assert open_tasks(shared)[waiting] == 0

    shared.sync(full=True)
    assert open_tasks(shared)[waiting] == 1

    written = len(shared.hands.tasks(waiting))
    shared.sync(full=True)
    assert len(shared.hands.tasks(waiting)) == written
