"""A task is written once, whatever crashes, retries or repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from connectors.base import CreateTask, OpenDeal, TaskChange, TaskOutcome, TaskStatus
from connectors.errors import (
    ConnectorError,
    MissingPermission,
    NeedsReconnect,
    RateLimited,
    Rejected,
    ServerError,
    Unclear,
)
from connectors.guard import GuardedConnector
from service.outbox.writer import drain
from service.reminders.actions import Action, decide
from service.store.models import EventRow, FieldWriteRow, OutboxRow, TaskRefRow
from tests.fakes.connector import Crash, FakeConnector
from tests.integration.world import TODAY, World, step

LATER = TODAY + timedelta(days=30)


def on_call(number: int, kind: str, error: BaseException) -> Callable[[str], None]:
    """Raises at the given request of one kind, counted from 1, and never again."""
    seen = count(1)

    def fault(called: str) -> None:
        if called == kind and next(seen) == number:
            raise error

    return fault


def test_a_planned_follow_up_becomes_one_task(world: World) -> None:
    world.lose("d1", step(LATER))

    world.work()

    task = world.crm.the_task()
    assert (task.due_on, task.owner_id) == (LATER, "rep-1")
    assert world.states() == ["scheduled"]


def test_a_second_run_writes_nothing(world: World) -> None:
    world.lose("d1", step(LATER))
    world.work()
    calls = list(world.crm.write_calls())

    world.apply("d1")
    world.work()

    assert world.crm.write_calls() == calls


def test_what_is_in_flight_is_on_record_before_the_crm_is_called(world: World) -> None:
    world.lose("d1", step(LATER))
    world.advance()
    seen: list[str] = []
    world.crm.before = lambda kind: seen.extend(world.outbox_states())

    world.drain()

    assert set(seen) == {"writing", "done"} or set(seen) == {"writing"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_while_writing_leaves_exactly_one_task(world: World, moment: str) -> None:
    world.lose("d1", step(LATER))
    world.advance()
    setattr(world.crm, moment, on_call(1, "write_tasks", Crash()))
    with pytest.raises(Crash):
        world.drain()

    world.drain()
    in_the_meantime = len(world.crm.open())
    world.pass_time(seconds=31)
    world.drain()
    assert len(world.crm.open()) == in_the_meantime, "looked before the answer could no longer arrive"
    world.pass_time(seconds=70)
    world.drain()

    assert len(world.crm.open()) == 1
    assert world.crm.created == 1
    assert len(world.rows(TaskRefRow)) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_answer_is_looked_for_before_anything_is_written_again(world: World, moment: str) -> None:
    world.lose("d1", step(LATER))
    setattr(world.crm, moment, on_call(1, "write_tasks", Unclear("The connection was cut.")))
    world.work()
    assert "unclear" in world.outbox_states()

    world.pass_time(seconds=69)
    world.drain()
    assert "find_tasks" not in world.crm.calls
    world.pass_time(seconds=2)
    world.drain()

    assert world.crm.created == 1
    assert len(world.crm.open()) == 1


def test_an_answer_that_comes_after_the_look_leaves_one_task(world: World) -> None:
    """A request that took longer than any can: others gave it up, looked, found nothing and wrote again."""
    world.lose("d1", step(LATER))
    world.advance()
    is_first = iter([True])

    def dawdle(kind: str) -> None:
        if kind == "write_tasks" and next(is_first, False):
            world.pass_time(seconds=31)  # the lease is over
            world.drain()
            world.pass_time(seconds=71)  # and no answer can come any more, by all that is known
            world.drain()
            assert world.crm.created == 1, "the other worker wrote it"

    world.crm.before = dawdle
    world.drain()
    world.crm.before = lambda kind: None
    world.drain()

    assert world.crm.created == 2, "the late request was carried out after all"
    assert len(world.crm.open()) == 1
    (ref,) = world.rows(TaskRefRow)
    assert [ref.crm_task_id] == [task.id for task in world.crm.open()]
    assert set(world.outbox_states()) == {"done"}


def test_a_killed_worker_leaves_one_task_each_at_every_call(world: World) -> None:
    for number in range(7):
        world.lose(f"d{number}", step(LATER + timedelta(days=number)))
    for number in range(1, 12):
        for kind in ("write_tasks", "write_fields", "find_tasks", "account_activity", "get_deals"):
            world.crm.before = on_call(number % 3 + 1, kind, Crash())
            world.crm.after = on_call(number % 2 + 1, kind, Crash())
            for _ in range(2):
                try:
                    world.work()
                except Crash:
                    world.pass_time(seconds=200)
    world.crm.before = world.crm.after = lambda kind: None
    world.pass_time(seconds=200)
    world.work()

    assert sorted(task.deal.deal_id for task in world.crm.live()) == [f"d{number}" for number in range(7)]
    assert world.crm.created == 7
    assert all(fields["Category"] == "timing" for fields in world.crm.fields.values())


def test_two_workers_at_once_write_each_task_once(world: World) -> None:
    for number in range(12):
        world.lose(f"d{number}", step(LATER))
    world.advance()
    inside: list[int] = []

    def other_worker(kind: str) -> None:
        if kind == "write_tasks" and not inside:
            inside.append(1)
            drain(world.store, world.crm, world.connection_id, clock=world.clock, settings=world.settings)

    world.crm.before = other_worker
    world.drain()

    assert world.crm.created == 12
    assert len(world.crm.live()) == 12


def test_two_planners_at_once_intend_each_task_once(world: World) -> None:
    for number in range(4):
        world.lose(f"d{number}", step(LATER))
    inside: list[int] = []

    def other(kind: str) -> None:
        if not inside:
            inside.append(1)
            world.advance()

    world.crm.before = other
    world.work()

    assert world.crm.created == 4


@pytest.mark.parametrize("action", [Action.DONE, Action.CANCEL])
def test_what_a_person_decides_while_the_crm_is_asked_counts(world: World, action: Action) -> None:
    for deal in ("d1", "d2"):
        world.lose(deal, step(TODAY))
    (first, _) = (row.id for row in world.reminders())

    def meanwhile(kind: str) -> None:
        if kind == "account_activity":
            world.crm.before = lambda kind: None
            with world.store.begin() as tx:
                decide(tx, [first], action, who="ann", now=world.now)

    world.crm.before = meanwhile
    world.advance()

    assert {row.reminder_id for row in world.rows(OutboxRow, OutboxRow.kind == "create_task")} == {first + 1}


def test_many_workers_in_threads_write_each_task_once(world: World) -> None:
    for number in range(24):
        world.lose(f"d{number}", step(LATER))

    with ThreadPoolExecutor(4) as workers:
        for future in [workers.submit(world.work) for _ in range(4)]:
            future.result()

    assert sorted(task.deal.deal_id for task in world.crm.live()) == sorted(f"d{number}" for number in range(24))
    assert set(world.outbox_states()) == {"done"}


def test_of_two_tasks_with_one_key_the_older_stays_and_the_untouched_younger_goes(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.after = on_call(1, "write_tasks", Unclear("cut"))
    world.work()
    (older,) = world.crm.live()
    world.crm.tasks["T9"] = younger = type(older)(**vars(older))
    younger.id, younger.created_at = "T9", older.created_at + timedelta(minutes=1)

    world.pass_time(seconds=71)
    counts = world.drain()

    assert [task.id for task in world.crm.live()] == [older.id]
    assert counts["doubles"] == 1


def test_a_younger_double_that_a_person_changed_stays(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.after = on_call(1, "write_tasks", Unclear("cut"))
    world.work()
    (older,) = world.crm.live()
    world.crm.tasks["T9"] = younger = type(older)(**vars(older))
    younger.id, younger.created_at = "T9", older.created_at + timedelta(minutes=1)
    younger.subject = "Call Maria instead"

    world.pass_time(seconds=71)
    world.drain()

    assert {task.id for task in world.crm.live()} == {older.id, "T9"}


def test_one_refused_task_of_a_batch_is_a_dead_letter_and_the_others_are_written(world: World) -> None:
    for number in range(3):
        world.lose(f"d{number}", step(LATER))

    def refuse(change: object) -> ConnectorError | None:
        if isinstance(change, CreateTask) and change.key.deal.deal_id == "d1":
            return Rejected("Required field missing: Region__c.", code="REQUIRED_FIELD_MISSING", remedy="Fill it.")
        return None

    world.crm.refuse = refuse
    counts = world.work()

    assert counts["failed"] == 1
    assert world.states("d1") == ["failed"]
    (dead,) = world.rows(OutboxRow, OutboxRow.state == "dead")
    assert dead.error == "Required field missing: Region__c. Fill it."
    assert sorted(task.deal.deal_id for task in world.crm.live()) == ["d0", "d2"]


def test_a_limit_is_waited_out_as_long_as_the_crm_says(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.before = on_call(1, "write_tasks", RateLimited("Daily limit.", retry_after_s=600))
    world.work()

    world.pass_time(seconds=599)
    world.drain()
    assert world.crm.live() == []
    world.pass_time(seconds=2)
    world.drain()

    assert len(world.crm.live()) == 1


def test_a_server_error_is_tried_again_later_and_later(world: World) -> None:
    world.lose("d1", step(LATER))

    def fail(kind: str) -> None:
        if kind == "write_tasks":
            raise ServerError("Try later.")

    world.crm.before = fail
    world.advance()
    waits = []
    for _ in range(4):
        world.drain()
        (row,) = world.rows(OutboxRow, OutboxRow.kind == "create_task")
        waits.append((row.next_try_at - world.now).total_seconds())
        world.now = row.next_try_at

    assert waits == [2, 4, 8, 16]


def test_refused_credentials_stop_the_connection_and_keep_the_writes(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.before = on_call(1, "write_tasks", NeedsReconnect("The token was revoked.", remedy="Connect again."))
    world.work()

    assert world.connection().state == "reconnect"
    assert world.connection().state_before_reconnect == "live"
    assert world.outbox_states().count("ready") >= 1
    world.set(state="live")
    world.drain()
    assert len(world.crm.live()) == 1


def test_a_missing_right_is_told_in_the_crms_words(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.before = on_call(1, "write_tasks", MissingPermission("May not create tasks.", scope="tasks.write"))

    world.work()

    (dead,) = world.rows(OutboxRow, OutboxRow.state == "dead")
    assert "May not create tasks." in dead.error


def test_a_task_for_somebody_who_left_goes_to_the_next_in_line(world: World) -> None:
    world.set(fallback_owner_id="boss")
    world.crm.inactive_owners = {"rep-1"}
    world.lose("d1", step(LATER), account_owner_id="rep-2")

    world.work()

    assert world.crm.the_task().owner_id == "rep-2"


def test_deal_fields_are_written_and_their_former_values_kept(world: World) -> None:
    world.lose("d1", step(LATER), outputs={"Category": "old", "Next": None})

    world.work()

    assert world.crm.fields["d1"] == {"Category": "timing", "Next": LATER.isoformat()}
    former = {row.field: row.former for row in world.rows(FieldWriteRow)}
    assert former == {"Category": "old", "Next": None}


def test_a_lost_answer_to_a_field_write_is_settled_by_reading_the_deal(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.after = on_call(1, "write_fields", Unclear("cut"))
    world.work()

    world.pass_time(seconds=71)
    world.drain()

    assert world.crm.calls.count("write_fields") == 1
    assert all(not row.is_in_flight and row.written for row in world.rows(FieldWriteRow))


def test_a_lost_answer_to_a_field_write_is_settled_on_a_deal_that_was_reopened_since(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.after = on_call(1, "write_fields", Unclear("cut"))
    world.work()
    world.crm.deals["d1"] = OpenDeal(key=world.crm.deals["d1"].key)

    world.pass_time(seconds=71)
    world.drain()

    assert world.crm.calls.count("write_fields") == 1


def test_on_hold_nothing_is_written(world: World) -> None:
    world.lose("d1", step(LATER))
    world.advance()
    world.set(state="hold")

    world.lose("d2", step(LATER))
    world.work()

    assert world.crm.live() == []
    assert world.crm.fields == {}
    assert world.states("d2") == ["held"]


def test_too_many_unplanned_writes_put_the_connection_on_hold_and_say_so(world: World) -> None:
    world.settings = type(world.settings)(brake=5)
    for number in range(6):
        world.lose(f"d{number}", step(LATER))

    world.work()

    assert world.connection().state == "hold"
    assert world.crm.live() == []
    (said,) = world.rows(EventRow, EventRow.entity == "connection")
    assert "unplanned writes within an hour" in said.why


def test_announced_writes_do_not_trip_the_brake(world: World) -> None:
    world.settings = type(world.settings)(brake=20)
    world.set(fields={})
    for number in range(25):
        world.lose(f"d{number}", step(LATER))

    world.advance(is_planned=True)
    world.drain()

    assert len(world.crm.live()) == 25


def test_every_change_of_state_leaves_an_event(world: World) -> None:
    world.lose("d1", step(LATER))
    world.pass_time(days=31)
    world.work()
    world.end("d1", "reopened", "The deal was reopened on 24 December.")

    with world.store.read() as tx:
        moves = tx.execute(
            select(EventRow.from_state, EventRow.to_state).where(EventRow.entity == "reminder").order_by(EventRow.id)
        ).all()
    assert [tuple(move) for move in moves] == [(None, "scheduled"), ("scheduled", "due"), ("due", "cancelled")]


def test_a_reopened_deals_task_is_closed_with_a_note(world: World) -> None:
    world.lose("d1", step(LATER))
    world.work()
    world.end("d1", "reopened", "The deal was reopened.")

    world.work()

    (task,) = world.crm.live()
    assert task.status == TaskStatus.COMPLETED
    assert task.body.startswith("The deal was reopened.")
    assert world.states() == ["cancelled"]


def test_a_task_under_way_when_its_deal_is_reopened_is_closed_once_it_is_known(world: World) -> None:
    world.lose("d1", step(LATER))
    world.crm.after = on_call(1, "write_tasks", Unclear("cut"))
    world.work()
    world.end("d1", "won", "The deal was won.")

    world.drain()
    world.pass_time(seconds=71)
    world.drain()

    (task,) = world.crm.live()
    assert task.status == TaskStatus.COMPLETED


class Poisoned(FakeConnector):
    """A connector with a fault: it cannot put one deal's task into words."""

    def write_tasks(self, changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        if any(change.key.deal.deal_id == "d2" for change in changes):
            raise KeyError("hs_secret_part_of_a_body")
        yield from super().write_tasks(changes)


def test_a_write_the_connector_fails_on_becomes_a_dead_letter_and_holds_up_no_other(world: World) -> None:
    world.crm = Poisoned()
    for deal_id in ("d1", "d2", "d3"):
        world.lose(deal_id, step(LATER))
    world.advance()
    guarded = GuardedConnector(world.crm, name="acme")

    for _ in range(3):
        drain(world.store, guarded, world.connection_id, clock=world.clock, settings=world.settings)
        world.pass_time(minutes=2)

    dead = [row for row in world.rows(OutboxRow) if row.state == "dead"]
    assert [row.error_reason for row in dead] == ["connector_fault"]
    assert "KeyError" in dead[0].error
    assert "secret" not in dead[0].error
    assert {task.deal.deal_id for task in world.crm.live()} == {"d1", "d3"}
    assert world.states("d2") == ["failed"]


def test_a_write_that_kills_its_worker_is_alone_in_the_end_and_the_others_are_written(world: World) -> None:
    for number in range(1, 6):
        world.lose(f"d{number}", step(LATER))
    world.advance()
    write = world.crm.write_tasks

    def kill(changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        if any(one.key.deal.deal_id == "d3" for one in changes):
            raise Crash
        return write(changes)

    world.crm.write_tasks = kill  # type: ignore[method-assign]
    for _ in range(12):
        with suppress(Crash):
            world.drain()
        world.pass_time(seconds=101)

    assert {task.deal.deal_id for task in world.crm.live()} == {"d1", "d2", "d4", "d5"}
    assert world.crm.created == 4


def test_a_write_that_never_gets_a_clear_answer_is_given_up_in_the_end(world: World) -> None:
    world.settings = replace(world.settings, max_attempts=3)
    world.lose("d1", step(LATER))
    world.advance()

    def always(kind: str) -> None:
        if kind == "write_tasks":
            raise ServerError("It failed.") if len(world.crm.calls) % 2 else Unclear("It was cut off.")

    world.crm.before = always
    for _ in range(10):
        world.drain()
        world.pass_time(minutes=20)

    assert world.outbox_states().count("dead") == 1
    assert world.states() == ["failed"]
