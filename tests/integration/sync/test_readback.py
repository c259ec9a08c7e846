"""A rep's own edits win, and nothing they decided is undone by us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from connectors.base import TaskStatus
from connectors.errors import Unclear, Unreachable
from mappings.model import Purpose
from service.reminders.actions import Action, decide
from service.reminders.readback import read_back
from service.store.models import TaskRefRow
from tests.integration.world import TODAY, World, step

SOON = TODAY + timedelta(days=30)
THEN = TODAY + timedelta(days=90)


def sync(world: World) -> dict[str, int]:
    counts = read_back(world.store, world.crm, world.connection_id, since=None, today=world.today, now=world.now)
    world.work()
    return dict(counts)


@pytest.fixture
def two_steps(world: World) -> World:
    world.lose("d1", step(SOON, Purpose.POSITION), step(THEN, Purpose.DECIDE))
    world.work()
    return world


def test_only_the_next_step_stands(two_steps: World) -> None:
    assert two_steps.crm.the_task().due_on == SOON
    assert two_steps.states() == ["scheduled", "scheduled"]


def test_our_own_writes_are_no_edits(two_steps: World) -> None:
    assert sync(two_steps) == {}
    assert two_steps.states() == ["scheduled", "scheduled"]


def test_a_completed_task_is_done_and_the_next_step_follows(two_steps: World) -> None:
    two_steps.crm.the_task().status = TaskStatus.COMPLETED

    sync(two_steps)

    assert two_steps.states() == ["done", "scheduled"]
    assert two_steps.crm.the_task().due_on == THEN


def test_a_task_that_stands_already_is_closed_where_the_one_before_it_is_deleted(two_steps: World) -> None:
    """Done here, but the CRM could not be told at once; the next task is written, then a rep deletes the first."""
    two_steps.crm.before = broken_once()
    with two_steps.store.begin() as tx:
        decide(tx, [two_steps.reminders()[0].id], Action.DONE, who="ann", now=two_steps.now)
    two_steps.drain()
    two_steps.work()
    first, second = sorted(two_steps.crm.open(), key=lambda task: task.due_on)

    first.status = TaskStatus.DELETED
    sync(two_steps)
    two_steps.pass_time(hours=1)
    sync(two_steps)

    assert two_steps.states() == ["done", "cancelled"]
    assert two_steps.crm.open() == []
    assert "we stop" in two_steps.crm.tasks[second.id].body


def broken_once() -> Callable[[str], None]:
    """The line breaks before the next write."""
    left = [Unreachable("The line broke.")]

    def fail(kind: str) -> None:
        if left and kind == "write_tasks":
            raise left.pop()

    return fail


def test_a_deleted_task_stops_the_follow_ups_of_that_loss(two_steps: World) -> None:
    two_steps.crm.the_task().status = TaskStatus.DELETED

    sync(two_steps)
    two_steps.apply("d1")
    two_steps.work()

    assert two_steps.states() == ["cancelled", "cancelled"]
    assert two_steps.crm.live() == []


def test_a_moved_day_is_a_snooze_that_no_plan_moves_back(two_steps: World) -> None:
    theirs = SOON + timedelta(days=17)
    two_steps.crm.the_task().due_on = theirs

    sync(two_steps)
    two_steps.replan("d1", step(SOON + timedelta(days=2), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    sync(two_steps)

    first = two_steps.reminders()[0]
    assert (first.state, first.due_on, first.is_pinned) == ("snoozed", theirs, True)
    assert two_steps.crm.the_task().due_on == theirs


def test_a_snoozed_follow_up_is_due_on_its_day(two_steps: World) -> None:
    two_steps.crm.the_task().due_on = TODAY + timedelta(days=2)
    sync(two_steps)

    two_steps.pass_time(days=2)
    sync(two_steps)

    assert two_steps.states() == ["due", "scheduled"]


def test_a_task_given_to_a_colleague_stays_there(two_steps: World) -> None:
    two_steps.crm.the_task().owner_id = "rep-2"

    counts = sync(two_steps)
    two_steps.replan("d1", step(SOON + timedelta(days=3), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    two_steps.work()

    assert counts["reassigned"] == 1
    task = two_steps.crm.the_task()
    assert (task.owner_id, task.due_on) == ("rep-2", SOON + timedelta(days=3))


def test_a_changed_subject_is_kept_when_the_plan_moves_the_day(two_steps: World) -> None:
    two_steps.crm.the_task().subject = "Call Maria"

    two_steps.replan("d1", step(SOON + timedelta(days=3), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    two_steps.work()

    task = two_steps.crm.the_task()
    assert (task.subject, task.due_on) == ("Call Maria", SOON + timedelta(days=3))


def test_what_a_person_changed_is_kept_as_the_crm_has_it_and_forgotten_once_they_take_it_back(two_steps: World) -> None:
    task = two_steps.crm.the_task()
    before = task.subject, task.owner_id
    task.subject, task.owner_id, task.body = "Call Maria", "rep-2", f"{task.body}\nshe is on leave"

    sync(two_steps)

    (ref,) = two_steps.rows(TaskRefRow)
    assert ref.seen == {"subject": "Call Maria", "owner_id": "rep-2"}
    assert sorted(ref.touched) == ["body", "owner_id", "subject"]
    task.subject, task.owner_id = before
    sync(two_steps)
    (ref,) = two_steps.rows(TaskRefRow)
    assert ref.seen is None
    assert "subject" in ref.touched, "it was changed once: undo leaves it"


def test_an_edit_not_read_back_yet_is_not_overwritten(two_steps: World) -> None:
    two_steps.crm.the_task().due_on = SOON + timedelta(days=8)

    two_steps.replan("d1", step(SOON + timedelta(days=3), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    two_steps.work()

    assert two_steps.crm.the_task().due_on == SOON + timedelta(days=8)


def test_what_was_in_flight_when_an_answer_was_lost_is_no_edit(two_steps: World) -> None:
    faults = iter([True])

    def lose_answer(kind: str) -> None:
        if kind == "write_tasks" and next(faults, False):
            raise Unclear("cut")

    two_steps.replan("d1", step(SOON + timedelta(days=3), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    two_steps.crm.after = lose_answer
    two_steps.work()

    sync(two_steps)

    first = two_steps.reminders()[0]
    assert (first.state, first.is_pinned) == ("scheduled", False)


def test_a_close_whose_answer_was_lost_puts_its_note_once(two_steps: World) -> None:
    faults = iter([True])

    def lose_answer(kind: str) -> None:
        if kind == "write_tasks" and next(faults, False):
            raise Unclear("cut")

    two_steps.crm.after = lose_answer
    two_steps.end("d1", "won", "The deal was won.")
    two_steps.drain()
    two_steps.pass_time(seconds=71)
    two_steps.drain()

    (task,) = two_steps.crm.live()
    assert task.body.count("The deal was won.") == 1
    assert [ref.state for ref in two_steps.rows(TaskRefRow)] == ["closed"]


def test_a_changed_plan_moves_the_standing_task_and_writes_no_other(two_steps: World) -> None:
    two_steps.replan("d1", step(SOON + timedelta(days=1), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    two_steps.work()

    assert two_steps.crm.the_task().due_on == SOON + timedelta(days=1)
    assert two_steps.crm.created == 1


def test_a_step_that_vanishes_is_closed_and_opened_again_when_the_plan_is_rolled_back(two_steps: World) -> None:
    two_steps.replan("d1")
    two_steps.work()
    assert two_steps.crm.open() == []
    assert two_steps.states() == ["skipped", "skipped"]

    two_steps.replan("d1", step(SOON, Purpose.POSITION), step(THEN, Purpose.DECIDE))
    two_steps.work()

    assert two_steps.crm.created == 1
    assert two_steps.crm.the_task().due_on == SOON
    assert two_steps.states() == ["scheduled", "scheduled"]


def test_a_past_due_follow_up_stays_whatever_the_plan_says(two_steps: World) -> None:
    two_steps.pass_time(days=40)
    two_steps.work()

    two_steps.replan("d1", step(SOON + timedelta(days=20), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    two_steps.work()

    assert two_steps.crm.the_task().due_on == SOON
    assert two_steps.states() == ["due", "scheduled"]


def test_a_text_that_a_rep_wrote_outlives_every_move_of_its_task(two_steps: World) -> None:
    two_steps.crm.the_task().body += "\nShe moves to Lisbon in May."

    for days in (7, 14, 21):
        two_steps.replan("d1", step(SOON + timedelta(days=days), Purpose.POSITION), step(THEN, Purpose.DECIDE))
        sync(two_steps)

    assert "She moves to Lisbon in May." in two_steps.crm.the_task().body
    assert two_steps.crm.the_task().due_on == SOON + timedelta(days=21)
