"""Which follow-up may stand in the CRM, and when it waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import insert, update

from connectors.base import AccountActivity
from mappings.model import Account, Purpose
from service.store.models import DealContactRow, EventRow, OwnerRow
from tests.integration.world import TODAY, World, step

SOON = TODAY + timedelta(days=30)
THEN = TODAY + timedelta(days=60)
SAME = Account(id="A1", name="Contoso")


def test_an_account_has_one_open_task_the_earliest_and_the_others_are_named(world: World) -> None:
    world.lose("late", step(THEN), account=SAME)
    world.lose("early", step(SOON), account=SAME)

    world.work()

    task = world.crm.the_task()
    assert task.deal.deal_id == "early"
    assert "Also waiting: Deal late" in task.body


def test_the_next_of_an_account_follows_when_its_task_ends(world: World) -> None:
    world.lose("late", step(THEN), account=SAME)
    world.lose("early", step(SOON), account=SAME)
    world.work()

    world.end("early", "reopened", "Reopened.")
    world.work()

    assert world.crm.the_task().deal.deal_id == "late"


def test_an_earlier_follow_up_takes_the_place_of_a_later_one(world: World) -> None:
    world.lose("late", step(THEN), account=SAME)
    world.work()
    world.lose("early", step(SOON), account=SAME)
    world.work()
    assert world.crm.the_task().deal.deal_id == "early"

    world.end("early", "reopened", "Reopened.")
    world.work()

    assert world.crm.the_task().deal.deal_id == "late"
    assert world.crm.created == 2, "the closed task is opened again, not written twice"


def test_one_task_per_account_can_be_switched_off(world: World) -> None:
    world.set(one_task_per_account=False)
    world.lose("late", step(THEN), account=SAME)
    world.lose("early", step(SOON), account=SAME)

    world.work()

    assert len(world.crm.open()) == 2


def test_tasks_can_be_written_some_days_ahead_only(world: World) -> None:
    world.set(write_ahead_days=7)
    world.lose("d1", step(SOON))
    world.work()
    assert world.crm.open() == []

    world.pass_time(days=22)
    world.work()
    assert world.crm.open() == []
    world.pass_time(days=1)
    world.work()

    assert world.crm.the_task().due_on == SOON


def test_an_account_with_an_open_deal_is_left_alone(world: World) -> None:
    world.crm.activity["A1"] = AccountActivity(account_id="A1", open_deal_ids=("other",))
    world.lose("d1", step(SOON))

    world.work()

    (row,) = world.reminders()
    assert (row.state, row.rule) == ("skipped", "open_deal")
    assert world.crm.live() == []


def test_one_open_deal_does_not_skip_the_steps_of_next_year(world: World) -> None:
    world.crm.activity["A1"] = AccountActivity(account_id="A1", open_deal_ids=("other",))
    world.lose("d1", step(SOON, Purpose.POSITION), step(THEN, Purpose.DECIDE))

    world.work()
    world.work()

    assert world.states() == ["skipped", "scheduled"]
    del world.crm.activity["A1"]
    world.pass_time(days=47)
    world.work()
    assert world.crm.the_task().due_on == THEN


def test_a_win_after_the_loss_ends_the_follow_up_and_an_earlier_one_does_not(world: World) -> None:
    world.crm.activity["A1"] = AccountActivity(account_id="A1", won_on=TODAY - timedelta(days=10))
    world.crm.activity["A2"] = AccountActivity(account_id="A2", won_on=TODAY - timedelta(days=300))
    world.lose("d1", step(SOON))
    world.lose("d2", step(SOON))

    world.work()

    assert (world.states("d1"), world.states("d2")) == (["skipped"], ["scheduled"])


def test_a_follow_up_waits_while_somebody_is_in_touch(world: World) -> None:
    world.crm.activity["A1"] = AccountActivity(account_id="A1", last_activity_on=TODAY - timedelta(days=3))
    world.lose("d1", step(TODAY + timedelta(days=1)))
    world.work()
    world.pass_time(days=10)
    world.work()
    assert world.crm.live() == []

    world.pass_time(days=1)
    world.work()

    task = world.crm.the_task()
    assert task.due_on == world.today, "a task is not overdue on the day it is written"


def test_accounts_are_asked_about_once_a_batch(world: World) -> None:
    for number in range(20):
        world.lose(f"d{number}", step(SOON))

    world.advance()

    assert world.crm.calls.count("account_activity") == 1


def test_sensing_can_be_switched_off(world: World) -> None:
    world.set(account_sense=False)
    world.crm.activity["A1"] = AccountActivity(account_id="A1", open_deal_ids=("other",))
    world.lose("d1", step(SOON))

    world.work()

    assert len(world.crm.open()) == 1
    assert "account_activity" not in world.crm.calls


def test_a_person_who_opted_out_is_not_written_about(world: World) -> None:
    one = world.lose("d1", step(SOON))
    with world.store.begin() as tx:
        row = {"deal_id": one.deal_row_id, "contact_id": "C1", "has_opted_out": True}
        tx.execute(insert(DealContactRow), [row])

    world.work()

    (reminder,) = world.reminders()
    assert (reminder.state, reminder.rule) == ("skipped", "opted_out")


def test_a_task_goes_to_the_manager_of_an_owner_who_left(world: World) -> None:
    with world.store.begin() as tx:
        tx.execute(update(OwnerRow).where(OwnerRow.owner_id == "rep-1").values(is_active=False, manager_id="boss"))
    world.lose("d1", step(SOON), account_owner_id=None)

    world.work()

    assert world.crm.the_task().owner_id == "boss"


def test_a_rep_gets_five_follow_ups_a_day_and_the_why_says_what_moved(world: World) -> None:
    monday = TODAY + timedelta(days=28)
    for number in range(6):
        world.lose(f"d{number}", step(monday))

    days = [row.due_on for row in world.reminders()]
    world.work()

    assert days == [monday] * 5 + [monday + timedelta(days=1)]
    moved = next(task for task in world.crm.open() if task.due_on != monday)
    assert "its week was full" in moved.body


def test_a_placed_follow_up_keeps_its_day_when_room_appears(world: World) -> None:
    monday = TODAY + timedelta(days=28)
    for number in range(6):
        world.lose(f"d{number}", step(monday))
    world.end("d0", "reopened", "Reopened.")

    world.apply("d5")

    assert world.reminders("d5")[0].due_on == monday + timedelta(days=1)


def test_a_deal_given_to_another_rep_takes_its_task_along(world: World) -> None:
    one = world.lose("d1", step(SOON))
    world.work()

    world.planned["d1"] = replace(one, deal=replace(one.deal, owner_id="rep-2"))
    world.apply("d1")
    world.work()

    assert world.crm.the_task().owner_id == "rep-2"
    assert world.crm.created == 1


def test_after_the_last_step_the_log_says_so(world: World) -> None:
    world.crm.activity["A1"] = AccountActivity(account_id="A1", won_on=TODAY)
    world.lose("d1", step(SOON))

    world.work()

    assert [event.why for event in world.rows(EventRow, EventRow.entity == "episode")] == ["No further follow-up."]
