"""Giving steps their days in the database: loads the reps' load, spreads, saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from mappings.documents.policy_values import Spread
from mappings.model import Anchor, LostDeal, Step
from service.reminders.spread import IsWorkingDay, Load, Placeable, day_again, spread
from service.store.models import ConnectionRow
from service.store.reminders import (
    PlacedDays,
    load_follow_up_counts,
    load_placed_days,
    update_reminders,
    week_start,
)

Given = Mapping[tuple[str, str, int], date]
"""Days found beforehand, by the CRM's id of the deal, the purpose and the ordinal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A scheduled reminder that has no day of its own yet."""

    reminder_id: int
    owner_id: str | None
    deal: LostDeal
    step: Step


def place(
    tx: Session,
    connection: ConnectionRow,
    steps: Sequence[Unplaced],
    *,
    today: date,
    now: datetime,
    is_working_day: IsWorkingDay,
    room: Spread | None = None,
    given: Given | None = None,
) -> dict[int, date]:
    """The day each step got, by reminder id; saved. Steps placed before keep theirs.

    A step of `given` gets that day; one that is planned for a day again for which it had been placed, its former day.
    """
    placed = choose_days(tx, connection, steps, today=today, is_working_day=is_working_day, room=room, given=given)
    save_days(tx, placed, now=now)
    return placed


def choose_days(
    tx: Session,
    connection: ConnectionRow,
    steps: Sequence[Unplaced],
    *,
    today: date,
    is_working_day: IsWorkingDay,
    room: Spread | None = None,
    given: Given | None = None,
) -> dict[int, date]:
    """The day each step is to get, by reminder id; nothing is saved."""
    if not steps:
        return {}
    counts = load_follow_up_counts(tx, connection.id, {one.owner_id for one in steps}, since=week_start(today))
    load, known = Load.of(counts, room), load_placed_days(tx, [one.reminder_id for one in steps])
    placed: dict[int, date] = {}
    for one in steps:
        day = _known_day(one, known, given or {}, today)
        if day is not None:
            placed[one.reminder_id] = day
            load.place(one.owner_id, day)
    wanted = [placeable(one) for one in steps if one.reminder_id not in placed]
    return placed | dict(spread(wanted, load, today=today, is_working_day=is_working_day))


def save_days(tx: Session, placed: Mapping[int, date], *, now: datetime) -> None:
    """Give the reminders their days, and keep for which planned day each was given."""
    known = load_placed_days(tx, list(placed))
    rows = [
        {
            "id": id_,
            "due_on": day,
            "is_placed": True,
            "placed_at": now,
            "placed_days": {**known[id_].given, known[id_].planned_on.isoformat(): day.isoformat()},
            "updated_at": now,
        }
        for id_, day in placed.items()
    ]
    update_reminders(tx, rows)


def _known_day(one: Unplaced, known: Mapping[int, PlacedDays], given: Given, today: date) -> date | None:
    step, placed_days = one.step, known[one.reminder_id].given
    day = given.get((one.deal.key.deal_id, str(step.purpose), step.ordinal))
    return day or day_again(placed_days, step.due_on, deadline_on=step.deadline_on, today=today)


def placeable(one: Unplaced) -> Placeable:
    """What spreading needs to know of a step."""
    deal, step = one.deal, one.step
    return Placeable(
        token=one.reminder_id,
        owner_id=one.owner_id,
        planned_on=step.due_on,
        computed_on=step.computed_on,
        deadline_on=step.deadline_on,
        is_stated_date=step.anchor == Anchor.STATED_DATE,
        amount=deal.amount.amount if deal.amount else None,
        account_name=deal.account.name,
        deal_name=deal.name,
        lost_on=deal.lost_on,
        account=deal.account,
    )
