"""What a new plan will do to one deal's reminders, before anything is done. Pure; `apply_plans` does the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mappings.documents.policy_values import Spread
from mappings.model import FollowUpPlan, LostDeal, Step
from service.reminders.placing import Unplaced, placeable
from service.reminders.reconcile import Appear, Change, Vanish, current_of, is_backlog_again, reconcile
from service.reminders.spread import IsWorkingDay, Load, day_again, spread
from service.store.models import ReminderRow
from service.store.models import ReminderState as S
from service.store.reminders import STANDING


class What(StrEnum):
    """What happens to a follow-up."""

    APPEARS = "appears"
    RETURNS = "returns"  # it had gone from the plan, and is back under the same key
    MOVES = "moves"
    REWORDED = "reworded"  # its day stays, its why does not
    ENDS = "ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """One follow-up that changes. `row` is its reminder where it has one, `step` what the new plan says of it.

    `frees` is the day of its owner that it leaves; `is_to_place`: `to_on` is found by spreading.
    """

    what: What
    purpose: str
    ordinal: int
    owner_id: str | None
    state: str
    from_on: date | None = None
    to_on: date | None = None
    step: Step | None = None
    position: int = 0
    row: ReminderRow | None = None
    frees: date | None = None
    is_to_place: bool = False


def foresee(
    rows: Iterable[ReminderRow], plan: FollowUpPlan, *, held_by: str | None, owner_id: str | None, today: date
) -> list[StepChange]:
    """What reconciling will do to the reminders of one episode. Days that spreading finds are still the plan's own."""
    known = {row.id: row for row in rows}
    changes = []
    for change in reconcile([current_of(row) for row in known.values()], plan, today=today):
        if isinstance(change, Appear):
            changes.append(_appears(change, held_by, owner_id))
        elif isinstance(change, Vanish):
            changes.append(_ends(known[change.current.id]))
        else:
            changes.append(_changes(change, known[change.current.id], held_by, owner_id, today))
    return changes


def _appears(change: Appear, held_by: str | None, owner_id: str | None) -> StepChange:
    return StepChange(
        what=What.APPEARS,
        purpose=str(change.step.purpose),
        ordinal=change.step.ordinal,
        owner_id=owner_id,
        state=S.HELD if held_by else S.SCHEDULED,
        to_on=change.step.due_on,
        step=change.step,
        position=change.position,
        is_to_place=not held_by,
    )


def _ends(row: ReminderRow) -> StepChange:
    return StepChange(
        what=What.ENDS,
        purpose=row.purpose,
        ordinal=row.ordinal,
        owner_id=row.owner_id,
        state=S.SKIPPED,
        from_on=row.due_on,
        row=row,
        frees=_taken(row),
    )


def _changes(change: Change, row: ReminderRow, held_by: str | None, owner_id: str | None, today: date) -> StepChange:
    step, state = change.step, row.state
    if change.revives:
        state = S.HELD if held_by or is_backlog_again(change) else S.SCHEDULED
    elif change.moves and state in (S.FAILED, S.DUE):
        state = S.SCHEDULED
    is_to_place = change.moves and state in (*STANDING, S.FAILED)
    former = day_again(row.placed_days, step.due_on, deadline_on=step.deadline_on, today=today) if is_to_place else None
    return StepChange(
        what=What.RETURNS if change.revives else What.MOVES if change.moves else What.REWORDED,
        purpose=row.purpose,
        ordinal=row.ordinal,
        owner_id=owner_id,
        state=state,
        from_on=row.due_on,
        to_on=(former or step.due_on) if change.moves else row.due_on,
        step=step,
        position=change.position,
        row=row,
        frees=_taken(row) if change.moves else None,
        is_to_place=is_to_place and former is None,
    )


def _taken(row: ReminderRow) -> date | None:
    """The day of its owner that a reminder takes up."""
    return row.due_on if row.state in STANDING and (row.is_placed or row.is_pinned) else None


def with_days(
    deals: Sequence[tuple[LostDeal, Sequence[StepChange]]],
    load: Load,
    *,
    today: date,
    is_working_day: IsWorkingDay,
) -> list[list[StepChange]]:
    """The same changes with the days that spreading gives them; `load` is added to."""
    wanted = []
    for at, (deal, changes) in enumerate(deals):
        for place, change in enumerate(changes):
            if change.is_to_place and change.step is not None:
                wanted.append(
                    ((at, place), Unplaced(reminder_id=0, owner_id=change.owner_id, deal=deal, step=change.step))
                )
            elif change.what in {What.MOVES, What.RETURNS} and change.state in STANDING and change.to_on:
                load.place(change.owner_id, change.to_on)  # its former day is taken again
    tokens = [replace(placeable(one), token=token) for token, (_, one) in enumerate(wanted)]
    placed = spread(tokens, load, today=today, is_working_day=is_working_day)
    days = {where: placed[token] for token, (where, _) in enumerate(wanted)}
    return [
        [_settled(change, days.get((at, place))) for place, change in enumerate(changes)]
        for at, (_, changes) in enumerate(deals)
    ]


def _settled(change: StepChange, day: date | None) -> StepChange:
    settled = replace(change, to_on=day) if day is not None else change
    if settled.what is What.MOVES and settled.to_on == settled.from_on:
        return replace(settled, what=What.REWORDED)
    return settled


def load_of(
    counts: Mapping[tuple[str | None, date], int],
    taken: Mapping[tuple[str | None, date], int],
    changes: Iterable[StepChange],
    room: Spread,
) -> Load:
    """The reps' load once the changing steps have left their days; `taken` is what earlier batches add to it."""
    days = dict(counts)
    for key, count in taken.items():
        days[key] = days.get(key, 0) + count
    for change in changes:
        if change.frees is not None and change.row is not None:
            key = (change.row.owner_id, change.frees)
            days[key] = days.get(key, 0) - 1
    return Load.of({key: count for key, count in days.items() if count > 0}, room)
