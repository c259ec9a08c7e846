"""Room in the day: no rep gets more follow-ups in a day or a week than a person can do well. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from mappings.documents.policy import shipped_policy
from mappings.documents.policy_values import Spread
from mappings.model import Account

# Nobody's calendar is full for this long; it only bounds the search.
SEARCH_DAYS = 3660

IsWorkingDay = Callable[[date, Account], bool]
"""Whether a person can act on that day in the account's country (weekend, holidays, blackout)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeable:
    """A step to be given its day. `token` is the caller's own name for it and takes no part in the order."""

    token: int
    owner_id: str | None
    planned_on: date
    computed_on: date
    deadline_on: date | None = None
    is_stated_date: bool = False
    amount: Decimal | None = None
    account_name: str = ""
    deal_name: str = ""
    lost_on: date = date.min
    account: Account = field(default_factory=Account)


@dataclass(slots=True)
class Load:
    """How many follow-ups each rep has by day, and how many there may be. `place` adds one."""

    room: Spread = field(default_factory=lambda: shipped_policy().spread)
    days: Counter[tuple[str | None, date]] = field(default_factory=Counter)
    weeks: Counter[tuple[str | None, int, int]] = field(default_factory=Counter)
    _beyond: dict[tuple[str | None, date], date] = field(default_factory=dict)

    @classmethod
    def of(cls, counts: Mapping[tuple[str | None, date], int], room: Spread | None = None) -> Load:
        """From counts by (rep, day); without `room` by the shipped policy's."""
        load = cls(room=room) if room else cls()
        for (owner_id, day), count in counts.items():
            load.place(owner_id, day, count)
        return load

    def place(self, owner_id: str | None, day: date, count: int = 1) -> None:
        """Count follow-ups on a day."""
        self.days[owner_id, day] += count
        year, week, _ = day.isocalendar()
        self.weeks[owner_id, year, week] += count

    def has_room(self, owner_id: str | None, day: date) -> bool:
        """Whether the rep can take one more on that day, and in its week."""
        year, week, _ = day.isocalendar()
        is_free = self.days[owner_id, day] < self.room.per_day
        return is_free and self.weeks[owner_id, year, week] < self.room.per_week

    def first_room(self, owner_id: str | None, day: date) -> date:
        """The first day from `day` on with room for the rep, whatever kind of day it is.

        A full day stays full, so what was once passed over is passed over at once the next time.
        """
        passed: list[date] = []
        while not self.has_room(owner_id, day):
            passed.append(day)
            day = self._beyond.get((owner_id, day), day + timedelta(days=1))
        self._beyond.update({(owner_id, full): day for full in passed})
        return day


def spread(steps: Iterable[Placeable], load: Load, *, today: date, is_working_day: IsWorkingDay) -> dict[int, date]:
    """The day of each step, by its token. `load` is what the reps have already, and is added to.

    A step goes to the first day from its own with room; one with a deadline goes no later than that, but earlier
    (not before today); where there is no room at all it keeps its own day.
    """
    placed: dict[int, date] = {}
    for step in sorted(steps, key=_order):
        day = _first_room(step, load, today, is_working_day)
        load.place(step.owner_id, day)
        placed[step.token] = day
    return placed


def day_again(
    placed_days: Mapping[str, str] | None, planned_on: date, *, deadline_on: date | None, today: date
) -> date | None:
    """The day a step had when it was last planned for this day, if it can still be had."""
    former = (placed_days or {}).get(planned_on.isoformat())
    if former is None:
        return None
    day = date.fromisoformat(former)
    is_late_anyway = deadline_on is not None and deadline_on < today
    return day if day >= today and (deadline_on is None or day <= deadline_on or is_late_anyway) else None


def _order(step: Placeable) -> tuple[object, ...]:
    return (
        step.deadline_on is None,
        step.deadline_on or date.max,
        not step.is_stated_date,
        step.computed_on,
        -(step.amount or Decimal(0)),
        step.account_name,
        step.deal_name,
        step.lost_on,
    )


def _first_room(step: Placeable, load: Load, today: date, is_working_day: IsWorkingDay) -> date:
    def fits(day: date) -> bool:
        # The plan's own day was found on the same calendar, under the policy of that time: it stands.
        return load.has_room(step.owner_id, day) and (day == step.planned_on or is_working_day(day, step.account))

    own = max(step.planned_on, today)  # a day that is past cannot be had any more
    last = step.deadline_on or own + timedelta(days=SEARCH_DAYS)
    day = load.first_room(step.owner_id, own)
    while day <= last:
        if fits(day):
            return day
        day = load.first_room(step.owner_id, day + timedelta(days=1))
    for offset in range(1, (own - today).days + 1):
        if fits(day := own - timedelta(days=offset)):
            return day
    return own
