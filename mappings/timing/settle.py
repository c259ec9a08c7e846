"""From computed days to days a person can act on: business days, merging, and what lies beyond the horizon."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from mappings.calendars import BusinessDays, add_months
from mappings.model import Purpose, Step
from mappings.timing.draft import Draft
from mappings.timing.known import Known
from mappings.timing.words import DAYS_KEPT, MONTHS, PURPOSE_WORDS, WEEKDAYS, as_sentences, in_full, listed
from mappings.values import value_type


@value_type(slots=True)
class Settled:
    """A draft with its due day and the sentence that says how it came to it."""

    draft: Draft
    ordinal: int
    due: date
    why: str


def settle(known: Known, drafts: list[Draft]) -> tuple[list[Step], list[Step], list[str]]:
    """The steps within the horizon, those beyond it, and sentences about what was left out."""
    dropped: list[str] = []
    by_day: dict[date, Settled] = {}
    ordinals: dict[Purpose, int] = {}
    for draft in drafts:
        if not known.policy.is_enabled(draft.purpose):
            dropped.append(f"The policy has {PURPOSE_WORDS[draft.purpose]} switched off.")
            continue
        due = _due_day(known, draft)
        if due is None:
            dropped.append(_no_room(known, draft))
            continue
        ordinal = ordinals[draft.purpose] = ordinals.get(draft.purpose, 0) + 1
        if (first := by_day.get(due)) is not None:
            _merge(first, draft)
        else:
            by_day[due] = Settled(draft, ordinal, due, draft.because + _moved(known.calendar, draft.on, due))
    horizon = add_months(known.today, known.timing.horizon_months)
    steps: list[Step] = []
    later: list[Step] = []
    for due in sorted(by_day):
        settled = by_day[due]
        (steps if settled.draft.on <= horizon else later).append(_step(settled))
    return steps, later, dropped


def _due_day(known: Known, draft: Draft) -> date | None:
    forward = known.calendar.forward(draft.on)
    if draft.deadline is None or (forward is not None and forward <= draft.deadline):
        return forward
    backward = known.calendar.backward(draft.on)
    return backward if backward is not None and backward >= known.earliest else None


def _merge(first: Settled, other: Draft) -> None:
    """The first of the plan's order keeps what it is; it keeps the other's deadline too, so that nothing moves the
    day past it."""
    if other.purpose is not first.draft.purpose and other.purpose not in first.draft.merged:
        first.draft.merged.append(other.purpose)
    if other.deadline is not None:
        first.draft.deadline = min(other.deadline, first.draft.deadline or other.deadline)


def _step(settled: Settled) -> Step:
    draft = settled.draft
    also = f"; also for {listed([PURPOSE_WORDS[each] for each in draft.merged])}" if draft.merged else ""
    return Step(
        purpose=draft.purpose,
        ordinal=settled.ordinal,
        computed_on=draft.on,
        due_on=settled.due,
        anchor=draft.anchor,
        provisional=draft.provisional,
        deadline_on=draft.deadline,
        about_on=draft.about,
        merged=tuple(draft.merged),
        facts=draft.facts,
        why=as_sentences(f"{settled.why}{also}."),
    )


@lru_cache(maxsize=DAYS_KEPT)
def _moved(calendar: BusinessDays, on: date, due: date) -> str:
    """The end of the why: the day as computed, and what moved it."""
    if due == on:
        return f"; that is {WEEKDAYS[on.weekday()]} {in_full(on)}"
    is_same_year = on.year == due.year
    here, there = (_weekday_words(day, with_year=not is_same_year) for day in (on, due))
    if due < on:
        return f"; {here} moved back to {there}, so as not to pass the last useful day"
    return f"; {here} moved to {there}{_what_moved(calendar, on, due)}"


def _weekday_words(day: date, *, with_year: bool) -> str:
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month]}"
    return f"{words} {day.year}" if with_year else words


def _what_moved(calendar: BusinessDays, on: date, due: date) -> str:
    """The blackout or the holidays between; a weekend explains itself."""
    between = [on + timedelta(days) for days in range((due - on).days)]
    if any(calendar.is_blacked_out(day) for day in between):
        return (
            ", as nobody is called between the years" if _spans_new_year(on, due) else ", as those days are kept free"
        )
    holidays = [day for day in between if calendar.is_holiday(day) and not calendar.is_weekend(day)]
    if not holidays:
        return ""
    if len(holidays) > 2:
        return ", the days between being holidays"
    names = [WEEKDAYS[day.weekday()] for day in holidays]
    return f", {listed(names)} being {'a holiday' if len(names) == 1 else 'holidays'}"


def _spans_new_year(on: date, due: date) -> bool:
    return due.month == 1 and on.month in {12, 1}


def _no_room(known: Known, draft: Draft) -> str:
    if draft.deadline is None:
        return f"No business day is left for {PURPOSE_WORDS[draft.purpose]} from {in_full(draft.on)} on."
    if draft.deadline == known.earliest:
        left = f"{in_full(draft.deadline)}, the only day left, is no business day"
        return f"No day is found for {PURPOSE_WORDS[draft.purpose]}: {left}."
    return (
        f"No business day is left for {PURPOSE_WORDS[draft.purpose]} between {in_full(known.earliest)} and "
        f"{in_full(draft.deadline)}."
    )
