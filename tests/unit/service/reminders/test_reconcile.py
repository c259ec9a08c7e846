"""A plan against the reminders there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mappings.model import Anchor, FollowUpPlan, Purpose, Step
from service.reminders.keys import step_key
from service.reminders.reconcile import PLAN_CHANGED, Appear, Change, Changes, Current, Vanish, reconcile

TODAY = date(2026, 11, 23)
LATER = TODAY + timedelta(days=100)


def step(day: date = LATER, purpose: Purpose = Purpose.RECONNECT, **values: Any) -> Step:
    shared: dict[str, Any] = {"computed_on": day, "due_on": day, "anchor": Anchor.POLICY, "why": "Because."}
    return Step(purpose=purpose, **{**shared, **values})


def current(from_step: Step, **values: Any) -> Current:
    known = Current(
        id=1,
        purpose=str(from_step.purpose),
        ordinal=from_step.ordinal,
        position=0,
        state="scheduled",
        rule=None,
        computed_on=from_step.computed_on,
        planned_on=from_step.due_on,
        due_on=from_step.due_on,
        deadline_on=from_step.deadline_on,
        anchor=str(from_step.anchor),
        provisional=from_step.provisional,
        why=from_step.why,
    )
    return replace(known, **values)


def changes(*present: Current, plan: tuple[Step, ...] = (), later: tuple[Step, ...] = ()) -> Changes:
    return reconcile(present, FollowUpPlan(steps=plan, later=later, made_on=TODAY), today=TODAY)


def test_a_new_step_appears() -> None:
    assert changes(plan=(step(),)) == (Appear(step=step(), position=0),)


def test_the_same_plan_changes_nothing() -> None:
    assert changes(current(step()), plan=(step(),)) == ()


def test_a_placed_day_is_no_difference() -> None:
    placed = current(step(), due_on=LATER + timedelta(days=3), is_placed=True)

    assert changes(placed, plan=(step(),)) == ()


def test_a_changed_date_moves_and_a_changed_why_does_not() -> None:
    (moved,) = changes(current(step()), plan=(step(LATER + timedelta(days=1)),))
    (reworded,) = changes(current(step()), plan=(step(why="Since then."),))

    assert isinstance(moved, Change)
    assert isinstance(reworded, Change)
    assert (moved.moves, reworded.moves) == (True, False)


def test_a_vanished_step_ends() -> None:
    (gone,) = changes(current(step()))

    assert isinstance(gone, Vanish)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "done"},
        {"state": "cancelled"},
        {"state": "snoozed"},
        {"is_pinned": True, "state": "due"},
        {"state": "due", "due_on": TODAY - timedelta(days=1)},
        {"state": "skipped", "rule": "open_deal"},
    ],
)
def test_what_is_settled_or_past_due_stays_as_it_is(values: dict[str, Any]) -> None:
    settled = current(step(), **values)

    assert changes(settled) == ()
    assert changes(settled, plan=(step(LATER + timedelta(days=1)),)) == ()


def test_a_step_that_had_gone_from_the_plan_comes_back() -> None:
    (back,) = changes(current(step(), state="skipped", rule=PLAN_CHANGED), plan=(step(),))

    assert isinstance(back, Change)
    assert back.revives


def test_a_held_step_follows_the_plan_even_when_its_day_is_past() -> None:
    held = current(step(), state="held", due_on=TODAY - timedelta(days=9))

    assert len(changes(held, plan=(step(LATER + timedelta(days=1)),))) == 1


def test_later_steps_enter_within_24_months() -> None:
    near, far = step(date(2028, 11, 23)), step(date(2028, 11, 24), Purpose.DECIDE)

    assert changes(later=(near, far)) == (Appear(step=near, position=0),)


def test_a_key_is_made_of_what_the_step_is() -> None:
    key = step_key("org", "deal", 1, "reconnect", 1)

    assert key == step_key("org", "deal", 1, "reconnect", 1)
    assert key.isalnum()
    assert len(key) <= 64
    others = {step_key("org", "deal", 2, "reconnect", 1), step_key("org", "dea", 1, "lreconnect", 1)}
    assert key not in others
