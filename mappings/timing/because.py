"""The parts of a why: each is computed from the same values as the date it explains."""

from __future__ import annotations

from datetime import date

from mappings.calendars import FiscalStart
from mappings.model import LostOnSource, Purpose
from mappings.timing import known as dates
from mappings.timing.known import Known
from mappings.timing.words import days_words, in_full


def first_day_left(known: Known) -> str:
    """What the first possible day is, and why not sooner."""
    if known.earliest == known.today:
        return f"{in_full(known.today)}, when this was planned, is the first day left"
    return (
        f"{in_full(known.earliest)} is the first day left, {days_words(known.timing.cool_off_days)} after the loss "
        f"on {loss_day(known)}"
    )


def last_useful_day(known: Known, deadline: date) -> str:
    """Their last useful day, and how it follows from the contract's end."""
    notice = dates.notice_days(known)
    return f"{in_full(deadline)} is the last useful day{f', with {days_words(notice)} of notice' if notice else ''}"


def lost(known: Known, to: str = "") -> str:
    """When the deal was lost, with the source where it is only the close date."""
    if known.loss_day_is_today:
        return f"the day of the loss{to} is not known, so {in_full(known.today)}, when this was planned, stands for it"
    return f"lost{to} on {loss_day(known)}"


def loss_day(known: Known) -> str:
    """The day of the loss, named as the close date where it is that."""
    named = in_full(known.lost_on)
    return f"{named} (the close date)" if known.deal.lost_on_source is LostOnSource.CLOSE_DATE else named


def possessive(name: str) -> str:
    """Contoso's, Atlas'"""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def contract_name(known: Known) -> str:
    """The contract they are bound by, with whom where that is known."""
    return f"{known.rival} contract" if known.rival else "contract"


def fiscal_year(known: Known, start: FiscalStart, starts_on: date, purpose: Purpose, lead: int) -> str:
    """When their fiscal year starts, how that is known, and what follows from it."""
    begins = in_full(starts_on) if start.turn else in_full(start.in_year(2024))[:-5]
    words = f"{possessive(known.who)} fiscal year starts on {begins} ({start.known_from})"
    if purpose is Purpose.GET_INTO_PLAN:
        return f"{words}; plans are made {days_words(lead)} before"
    return f"{words}; new money is there {days_words(known.timing.landed_days)} after"
