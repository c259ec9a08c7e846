"""Letting a connection write, stopping it, and taking back what it wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from connectors.base import AccountActivity, TaskStatus
from connectors.errors import Rejected
from mappings.model import Account, Classification, FollowUpPlan, LostDeal, Money, Purpose
from service.golive.hold import hold
from service.golive.live import go_live, preview_go_live
from service.golive.report import GoLiveReport, GoLiveRequest, UnknownOwnerError
from service.golive.undo import UndoReport, preview_undo, undo
from service.outbox.letters import discard_letters, list_outbox, retry_letters
from service.reminders.actions import cancel_reminders, finish_reminders, snooze_reminders
from service.reminders.backlog import release_due
from service.reminders.listing import list_reminders
from service.store.models import ConnectionRow, DealRow, EventRow, OutboxRow, ReminderRow
from tests.fakes.connector import Crash
from tests.integration.sync.test_readback import sync
from tests.integration.world import KNOWLEDGE, TODAY, World, plan, step

SOON = TODAY + timedelta(days=30)


def replan(deal: LostDeal, _classification: Classification, today: date) -> FollowUpPlan:
    """Two months after the loss, or at once where that is past; and a last question a year later."""
    due = max(deal.lost_on + timedelta(days=60), today)
    while due.weekday() > 4:
        due += timedelta(days=1)
    return plan(step(due), step(due + timedelta(days=364), Purpose.DECIDE))


def asked(world: World, function: Any, **values: Any) -> GoLiveReport:
    request = GoLiveRequest(**values)
    report: GoLiveReport = function(
        world.store,
        world.crm,
        world.connection_id,
        request,
        replan=replan,
        knowledge=KNOWLEDGE,
        today=world.today,
        now=world.now,
    )
    return report


def undone(world: World, **values: Any) -> UndoReport:
    shared = {"since": None, **values}
    return undo(world.store, world.crm, world.connection_id, clock=world.clock, settings=world.settings, **shared)


@pytest.fixture
def held(world: World) -> World:
    """A new connection: it reads, classifies and plans, and writes nothing."""
    world.set(state="hold", live_since=None)
    for number in range(4):
        lost_on = TODAY - timedelta(days=30 + number)
        world.lose(f"d{number}", step(SOON), lost_on=lost_on, owner_id="rep-1" if number < 3 else "rep-2")
    world.work()
    return world


def test_what_go_live_announces_is_what_is_written(held: World) -> None:
    announced = asked(held, preview_go_live)
    assert held.crm.live() == []
    assert held.connection().state == "hold"

    done = asked(held, go_live)
    held.drain()

    assert announced.as_json() == done.as_json()
    assert announced.tasks == len(held.crm.open()) == 4
    assert announced.by_owner == {"rep-1@seller.example": 3, "rep-2@seller.example": 1}
    assert announced.by_category == {"timing": 4}
    assert sum(announced.by_month.values()) == 4
    assert len(held.crm.fields) == 4


def test_a_sync_after_going_live_writes_nothing(held: World) -> None:
    asked(held, go_live)
    held.drain()
    calls = list(held.crm.write_calls())

    sync(held)
    held.work()

    assert held.crm.write_calls() == calls


def test_a_pilot_goes_live_for_one_rep_and_leaves_the_others_held(held: World) -> None:
    report = asked(held, go_live, owner_emails=("REP-2@seller.example",))
    held.drain()

    assert {task.owner_id for task in held.crm.open()} == {"rep-2"}
    assert report.skipped == {"other_owner": 3}
    assert set(held.states("d0")) == {"held"}


def test_a_pilot_is_limited_to_so_many_deals_the_largest_first(held: World) -> None:
    held.lose("big", step(SOON), amount=Money(amount=Decimal(10**6)))

    report = asked(held, go_live, limit=1)
    held.drain()
    held.lose("new", step(SOON))
    held.work()

    assert [task.deal.deal_id for task in held.crm.open()] == ["big"]
    assert report.skipped == {"limit": 4}
    assert held.states("new") == ["held"]


def test_a_pilot_of_one_task_is_not_used_up_by_a_deal_that_gets_none(held: World) -> None:
    riches = Money(amount=Decimal(10**6))
    busy = Account(id="busy", name="Busy")
    held.lose("busy", step(SOON), amount=riches, account=busy)
    held.crm.activity["busy"] = AccountActivity(account_id="busy", open_deal_ids=("another",))

    report = asked(held, go_live, limit=1)
    held.drain()

    assert (report.tasks, len(held.crm.open())) == (1, 1)
    assert held.states("busy") == ["held"]
    assert report.skipped == {"open_deal": 1, "limit": 3}


def test_going_live_wider_later_takes_in_the_rest_and_leaves_the_first_alone(held: World) -> None:
    asked(held, go_live, limit=1)
    held.drain()
    (first,) = held.crm.open()
    held.pass_time(days=1)

    report = asked(held, go_live)
    held.drain()

    assert report.tasks == 3
    assert len(held.crm.open()) == 4
    assert held.crm.tasks[first.id].due_on == first.due_on


def test_deals_lost_long_ago_are_left_out(held: World) -> None:
    held.lose("old", step(SOON), lost_on=TODAY - timedelta(days=600))

    report = asked(held, go_live)

    assert report.skipped == {"lost_before": 1}
    assert asked(held, go_live, lost_since=TODAY - timedelta(days=700)).skipped["lost_before"] == 0


def test_an_unknown_owner_is_named(held: World) -> None:
    with pytest.raises(UnknownOwnerError, match=r"nobody@seller\.example"):
        asked(held, preview_go_live, owner_emails=("nobody@seller.example",))


def test_what_was_due_long_ago_is_released_two_a_week_the_largest_first(held: World) -> None:
    for number in range(5):
        amount = Money(amount=Decimal(100 * (number + 1)))
        held.lose(f"old{number}", step(SOON), lost_on=TODAY - timedelta(days=200), amount=amount)

    report = asked(held, go_live)
    held.drain()
    first = {task.deal.deal_id for task in held.crm.open() if task.deal.deal_id.startswith("old")}
    held.pass_time(days=1)
    held.work()
    same_week = len(held.crm.open())
    held.pass_time(days=6)
    held.work()
    second = {task.deal.deal_id for task in held.crm.open() if task.deal.deal_id.startswith("old")}

    assert (report.tasks, report.backlog) == (6, 3)
    assert first == {"old4", "old3"}
    assert same_week == 6
    assert second == {"old4", "old3", "old2", "old1"}


def test_a_week_of_the_backlog_begins_at_the_connections_midnight(held: World) -> None:
    held.set(zone="Asia/Tokyo")
    for number in range(5):
        held.lose(f"old{number}", step(SOON), lost_on=TODAY - timedelta(days=200))
    asked(held, go_live)
    monday, sunday_in_utc = date(2026, 11, 30), datetime(2026, 11, 29, 21, tzinfo=UTC)

    with held.store.begin() as tx:
        connection = tx.get_one(ConnectionRow, held.connection_id)
        first = release_due(tx, connection, today=monday, now=sunday_in_utc, per_week=2)
        # Their plan left and came back, so that nothing but their day says that they were released.
        planned_anew = update(ReminderRow).where(ReminderRow.id.in_([one.reminder_id for one in first]))
        tx.execute(planned_anew.values(rule=None, placed_at=sunday_in_utc))
        again = release_due(tx, connection, today=monday, now=sunday_in_utc + timedelta(hours=1), per_week=2)

    assert (len(first), again) == (2, [])


def test_accounts_that_are_busy_are_announced_as_skipped_or_waiting(held: World) -> None:
    held.crm.activity["A1"] = AccountActivity(account_id="A1", open_deal_ids=("x",))
    held.crm.activity["A2"] = AccountActivity(account_id="A2", last_activity_on=TODAY)

    report = asked(held, preview_go_live)

    assert report.skipped == {"open_deal": 1}
    assert (report.tasks, report.waiting) == (2, 1)


def test_hold_stops_all_writes_at_once(held: World) -> None:
    asked(held, go_live)
    hold(held.store, held.connection_id, who="admin", why="Too early.", now=held.now)

    held.work()

    assert held.crm.write_calls() == []


def test_undo_takes_everything_back_and_a_sync_after_it_writes_nothing(held: World) -> None:
    asked(held, go_live)
    held.drain()
    announced = preview_undo(held.store, held.crm, held.connection_id, since=None)

    report = undone(held)

    assert (report.tasks_deleted, report.fields_restored, report.touched) == (4, 8, [])
    assert (announced.tasks_deleted, announced.fields_restored) == (4, 8)
    assert held.crm.live() == []
    assert all(value is None for fields in held.crm.fields.values() for value in fields.values())
    assert set(held.states()) == {"held"}
    calls = list(held.crm.write_calls())
    sync(held)
    assert held.crm.write_calls() == calls


def test_after_undo_going_live_again_writes_the_same_keys(held: World) -> None:
    asked(held, go_live)
    held.drain()
    keys = {task.key for task in held.crm.open()}
    undone(held)

    asked(held, go_live)
    held.drain()

    assert {task.key for task in held.crm.open()} == keys
    assert held.crm.fields["d0"]["Category"] == "timing"


def test_what_sensing_had_skipped_is_asked_about_anew_after_undo(held: World) -> None:
    held.crm.activity["A1"] = AccountActivity(account_id="A1", open_deal_ids=("x",))
    first = asked(held, go_live).as_json()
    held.drain()
    undone(held)

    assert asked(held, preview_go_live).as_json() == first


def test_undo_leaves_and_lists_what_a_person_touched(held: World) -> None:
    asked(held, go_live)
    held.drain()
    one, two, three, four = held.crm.open()
    one.due_on += timedelta(days=1)
    two.subject = "Mine now"
    three.status = TaskStatus.COMPLETED
    held.crm.fields[four.deal.deal_id]["Category"] = "person's"

    report = undone(held)

    assert {task.id for task in held.crm.live()} == {one.id, two.id, three.id}
    assert sorted((entry["task_id"] or "", entry["what"] or "") for entry in report.touched) == sorted(
        [("", "field Category"), (one.id, "due day"), (two.id, "subject"), (three.id, "status")]
    )
    assert held.crm.fields[four.deal.deal_id] == {"Category": "person's", "Next": None}


def test_undo_since_a_time_leaves_what_was_written_before(held: World) -> None:
    asked(held, go_live, owner_emails=("rep-2@seller.example",))
    held.drain()
    (first,) = held.crm.open()
    since = first.created_at + timedelta(milliseconds=500)
    asked(held, go_live)
    held.drain()

    undone(held, since=since)

    assert [task.id for task in held.crm.live()] == [first.id]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_undo_killed_anywhere_goes_on_where_it_stopped(held: World, moment: str) -> None:
    asked(held, go_live)
    held.drain()
    for kind in ("changed_tasks", "get_deals", "write_tasks", "write_fields", "write_tasks"):
        faults = iter([True])

        def kill(called: str, wanted: str = kind, faults: Any = faults) -> None:
            if called == wanted and next(faults, False):
                raise Crash

        setattr(held.crm, moment, kill)
        try:
            undone(held)
        except Crash:
            held.pass_time(seconds=200)
    setattr(held.crm, moment, lambda kind: None)

    undone(held)

    assert held.crm.live() == []
    assert all(value is None for fields in held.crm.fields.values() for value in fields.values())
    assert set(held.states()) == {"held"}


def test_a_go_live_killed_before_it_is_committed_leaves_nothing(held: World) -> None:
    def broken(deal: LostDeal, classification: Classification, today: date) -> FollowUpPlan:
        if deal.key.deal_id == "d3":
            raise Crash
        return replan(deal, classification, today)

    with pytest.raises(Crash):
        go_live(
            held.store,
            held.crm,
            held.connection_id,
            GoLiveRequest(),
            replan=broken,
            knowledge=KNOWLEDGE,
            today=held.today,
            now=held.now,
        )

    assert held.connection().state == "hold"
    assert held.rows(OutboxRow) == []


def test_dead_letters_are_listed_tried_again_and_given_up(world: World) -> None:
    world.set(fields={})
    world.crm.refuse = lambda change: Rejected("A validation rule said no.", code="FIELD_CUSTOM_VALIDATION_EXCEPTION")
    world.lose("d1", step(SOON), step(SOON + timedelta(days=30), Purpose.DECIDE))
    world.work()
    with world.store.read() as tx:
        (letter,) = list_outbox(tx)
    assert (letter["deal_id"], letter["state"], letter["error"]) == ("d1", "dead", "A validation rule said no.")

    with world.store.begin() as tx:
        assert retry_letters(tx, ids=[letter["id"]], who="admin", now=world.now) == 1
    world.drain()
    assert world.states() == ["failed", "scheduled"]

    with world.store.begin() as tx:
        discard_letters(tx, who="admin", today=world.today, now=world.now)
    world.crm.refuse = lambda change: None
    world.work()
    assert world.states() == ["cancelled", "scheduled"]
    assert world.crm.the_task().due_on == SOON + timedelta(days=30)


def test_a_person_can_finish_snooze_and_cancel_here_too(world: World) -> None:
    for number in range(3):
        world.lose(f"d{number}", step(SOON))
    world.work()
    done, snoozed, cancelled = (row.id for row in world.reminders())
    until = SOON + timedelta(days=5)

    with world.store.begin() as tx:
        shared: dict[str, Any] = {"who": "ann", "today": world.today, "now": world.now}
        finish_reminders(tx, [done], why="Called today.", **shared)
        cancel_reminders(tx, [cancelled], why="No use.", **shared)
        snooze_reminders(tx, [snoozed], until, **shared)
    world.work()

    assert world.states() == ["done", "snoozed", "cancelled"]
    assert world.crm.the_task().due_on == until
    with world.store.read() as tx:
        listed = list_reminders(tx, states=None)
    assert [row["task_id"] is not None for row in listed].count(True) == 1
    assert {row["owner"] for row in listed} == {"rep-1@seller.example"}
    assert world.rows(EventRow, EventRow.who == "ann")


def test_excluded_deals_do_not_go_live(held: World) -> None:
    with held.store.begin() as tx:
        tx.execute(update(DealRow).where(DealRow.crm_deal_id == "d0").values(excluded_by="exclude type=Renewal"))

    assert asked(held, preview_go_live).tasks == 3
    assert held.rows(ReminderRow, ReminderRow.state != "held") == []
