"""Steps beyond two years: they enter as they come near, by a sync too, and the end is said only after the last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mappings.model import Anchor, FollowUpPlan, Purpose, Step
from service.store.codec import from_record, to_record
from service.store.models import EventRow, PlanRow, ReminderRow
from tests.integration.people_world import MONDAY, Office, make_book_of, office

CRMS = ("salesforce", "hubspot")
FAR = date(2029, 2, 5)


def plan_a_later_step(at: Office) -> None:
    (row,) = at.rows(PlanRow, 1)
    later = Step(
        purpose=Purpose.RECONNECT, ordinal=2, computed_on=FAR, due_on=FAR, anchor=Anchor.POLICY, why="A year later."
    )
    plan = replace(from_record(row.record, FollowUpPlan), later=(later,))
    with at.app.store.begin() as tx:
        tx.execute(update(PlanRow).where(PlanRow.episode_id == row.episode_id).values(record=to_record(plan)))


def ends_said(at: Office) -> list[str]:
    with at.app.store.read() as tx:
        return list(tx.scalars(select(EventRow.why).where(EventRow.to_state == "followed_up")))


@pytest.mark.parametrize("crm", CRMS)
def test_a_sync_brings_a_later_step_within_two_years_of_its_day(crm: str, tmp_path: Path) -> None:
    with office(crm, tmp_path, make_book_of({1: "Timing"})) as at:
        plan_a_later_step(at)
        first = at.task(1)
        at.hands.change_task(first, is_open=False)
        at.pass_time(days=1)
        at.sync()
        assert [row.state for row in at.reminders(1)] == ["done"]
        assert ends_said(at) == []

        at.clock.at = MONDAY.replace(year=2027, month=2, day=8)
        at.sync()
        entered = at.reminders(1)[1]
        assert (entered.state, entered.due_on, at.task(1).due_on) == ("scheduled", FAR, FAR)

        at.hands.change_task(at.task(1), is_open=False)
        at.pass_time(days=1)
        at.sync()
        assert ends_said(at) == ["No further follow-up."]


@pytest.mark.parametrize("crm", CRMS)
def test_after_a_deleted_task_no_later_step_enters(crm: str, tmp_path: Path) -> None:
    with office(crm, tmp_path, make_book_of({1: "Timing"})) as at:
        plan_a_later_step(at)
        at.hands.delete_task(at.task(1))
        at.pass_time(days=1)
        at.sync()

        at.clock.at = MONDAY + timedelta(days=500)
        at.sync()

        assert [row.state for row in at.rows(ReminderRow, 1)] == ["cancelled"]
        assert [task for task in at.hands.tasks(1) if task.is_open] == []
