"""A plan against the reminders there are: what appears, what changes, what ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from dateutil.relativedelta import relativedelta

from mappings.model import Anchor, FollowUpPlan, Step
from service.store.models import ReminderRow
from service.store.models import ReminderState as S

PLAN_CHANGED = "plan_changed"
"""The rule that ended a reminder whose step is no longer planned; the plan may bring it back."""

STOPPED = "deleted_in_crm"
"""The rule that ended the reminders of a loss whose task a person deleted."""

HORIZON_MONTHS = 24
SETTLED = frozenset({S.DONE, S.CANCELLED, S.SNOOZED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A reminder as it stands, as far as a plan bears on it."""

    id: int
    purpose: str
    ordinal: int
    position: int
    state: str
    rule: str | None
    computed_on: date
    planned_on: date
    due_on: date
    deadline_on: date | None
    anchor: str
    provisional: bool
    why: str
    is_placed: bool = False
    is_pinned: bool = False
    is_backlog: bool = False
    given_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appear:
    """A step without a reminder."""

    step: Step
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A reminder whose step says something else now. `moves`: its own date changed, so it is to be placed anew.
    `revives`: its step had gone from the plan and is back."""

    current: Current
    step: Step
    position: int
    moves: bool
    revives: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanish:
    """A reminder whose step is no longer planned."""

    current: Current
    why: str


def current_of(row: ReminderRow) -> Current:
    """A reminder as reconciling sees it."""
    return Current(
        id=row.id,
        purpose=row.purpose,
        ordinal=row.ordinal,
        position=row.position,
        state=row.state,
        rule=row.rule,
        computed_on=row.computed_on,
        planned_on=row.planned_on,
        due_on=row.due_on,
        deadline_on=row.deadline_on,
        anchor=row.anchor,
        provisional=row.provisional,
        why=row.why,
        is_placed=row.is_placed,
        is_pinned=row.is_pinned,
        is_backlog=row.is_backlog,
        given_to=row.given_to,
    )


Changes = tuple[Appear | Change | Vanish, ...]


def reconcile(current: Iterable[Current], plan: FollowUpPlan, *, today: date) -> Changes:
    """What to do to the reminders of one episode so that they are the plan's. Applied once, it then gives nothing.

    Done, cancelled, snoozed, skipped by a rule, and past due ones stay as they are. Steps of `later` enter as they
    come within the horizon. A loss whose task a person deleted gets no step that it has not: "delete it and we stop".
    """
    present = {(one.purpose, one.ordinal): one for one in current}
    if not present:
        return tuple(Appear(step=step, position=place) for place, step in enumerate(within_horizon(plan, today=today)))
    is_stopped = any(one.rule == STOPPED and one.state == S.CANCELLED for one in present.values())
    steps = [_asked_anew(step, present, today=today) for step in within_horizon(plan, today=today)]
    changes: list[Appear | Change | Vanish] = []
    for position, step in enumerate(steps):
        known = present.pop((str(step.purpose), step.ordinal), None)
        if known is None:
            changes.extend(() if is_stopped else (Appear(step=step, position=position),))
        elif not _stays(known, today):
            changes.extend(_difference(known, step, position))
    ended = [one for one in present.values() if not _stays(one, today) and one.state != S.SKIPPED]
    return (*changes, *(Vanish(current=one, why=_why_gone(plan)) for one in ended))


def within_horizon(plan: FollowUpPlan, *, today: date) -> tuple[Step, ...]:
    """The plan's steps, and those of its later ones that have come near enough."""
    if not plan.later:
        return plan.steps
    horizon = today + relativedelta(months=HORIZON_MONTHS)
    return (*plan.steps, *(step for step in plan.later if step.computed_on <= horizon))


def _asked_anew(step: Step, present: Mapping[tuple[str, int], Current], *, today: date) -> Step:
    """A day that was stated for later than what is done is a follow-up of its own: the next of its purpose."""
    if step.anchor is not Anchor.STATED_DATE:
        return step
    ordinal = step.ordinal
    while (known := present.get((str(step.purpose), ordinal))) and _is_done_before(known, step):
        ordinal += 1
    is_new = (str(step.purpose), ordinal) not in present
    return step if is_new and step.due_on < today else replace(step, ordinal=ordinal)


def _is_done_before(known: Current, step: Step) -> bool:
    return known.state == S.DONE and known.computed_on < step.computed_on


def is_backlog_again(change: Change) -> bool:
    """Whether a step that is back had waited in the backlog for the same day: then it waits there again."""
    one = change.current
    return change.revives and one.is_backlog and not one.is_placed and one.planned_on == change.step.due_on


def _stays(one: Current, today: date) -> bool:
    if one.state == S.SKIPPED:
        return one.rule != PLAN_CHANGED
    is_past_due = one.state != S.HELD and one.due_on < today
    return one.state in SETTLED or one.is_pinned or is_past_due


def _difference(known: Current, step: Step, position: int) -> tuple[Change, ...]:
    moves = (known.computed_on, known.planned_on) != (step.computed_on, step.due_on)
    revives = known.state == S.SKIPPED
    same_words = (
        known.why == step.why
        and known.position == position
        and known.deadline_on == step.deadline_on
        and known.anchor == str(step.anchor)
        and known.provisional == step.provisional
    )
    if same_words and not moves and not revives:
        return ()
    return (Change(current=known, step=step, position=position, moves=moves or revives, revives=revives),)


def _why_gone(plan: FollowUpPlan) -> str:
    if plan.why_none:
        return plan.why_none
    if not plan.steps:
        return "The new plan has no follow-up."
    return f"The plan changed: the next follow-up is on {plan.steps[0].due_on.isoformat()}."
