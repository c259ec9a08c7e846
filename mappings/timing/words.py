"""How days, reasons and follow-ups are named in a sentence that a sales rep reads."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from mappings.model import Purpose

MONTHS = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

PURPOSE_WORDS = {
    Purpose.RECONNECT: "calling back",
    Purpose.POSITION: "the first talk before the contract ends",
    Purpose.BUSINESS_CASE: "bringing the figures",
    Purpose.DECIDE: "asking for the decision",
    Purpose.ASK_CONTRACT_END: "asking when the contract ends",
    Purpose.GET_INTO_PLAN: "getting into the budget",
    Purpose.MONEY_LANDED: "asking for the new budget",
    Purpose.LAST_OFFER: "leaving the door open",
    Purpose.ASK_REASON: "writing down why it was lost",
}

LOSS_WORDS = {
    "timing": "a deal that was put off",
    "budget": "a deal without a budget",
    "budget.over_budget": "a deal over the budget",
    "competitor": "a deal that went to someone else",
    "competitor.built_in_house": "a deal where they built it themselves",
    "authority": "a deal that someone else stopped",
    "authority.legal_or_procurement": "a deal that legal or procurement stopped",
    "authority.security_review": "a deal that the security review stopped",
    "need": "a deal without a need",
    "need.no_need": "a deal where they do not have the problem",
    "value_perception": "a deal where the return was in doubt",
    "unresponsive": "a deal that went silent",
    "unresponsive.no_decision": "a deal that was left undecided",
}

DAYS_KEPT = 16_384
"""So many days keep the words that were made of them: an export names some hundred days, each of them many times."""

NAMELESS = "this account"
"""Stands for a name that nobody entered; `as_sentences` gives it its capital where it opens a sentence."""

_OPENS_WITH_NAMELESS = re.compile(rf"(^|[.!?] ){NAMELESS}\b")


@lru_cache(maxsize=DAYS_KEPT)
def in_full(day: date) -> str:
    """1 April 2027"""
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def in_short(day: date) -> str:
    """1 Apr 2027"""
    return f"{day.day} {MONTHS[day.month][:3]} {day.year}"


def without_year(day: date, *, beside: date) -> str:
    """1 Apr, or 1 Apr 2027 where the day it is read beside lies in another year."""
    short = in_short(day)
    return short[:-5] if day.year == beside.year else short


@lru_cache(maxsize=1024)
def loss_words(category: str, sub_reason: str | None) -> str:
    """What kind of loss an interval is for."""
    return LOSS_WORDS.get(f"{category}.{sub_reason}") or LOSS_WORDS.get(category, "such a loss")


def days_words(count: int) -> str:
    """1 day, 2 days"""
    return "1 day" if count == 1 else f"{count} days"


def months_words(count: int) -> str:
    """1 month, 2 months"""
    return "1 month" if count == 1 else f"{count} months"


def listed(words: list[str]) -> str:
    """a, b and c"""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def on_one_line(text: str) -> str:
    """The text with every run of white space as one blank."""
    return " ".join(text.split())


def as_sentences(text: str) -> str:
    """The text with a capital where the stand-in for a missing name opens a sentence."""
    if NAMELESS not in text:
        return text
    return _OPENS_WITH_NAMELESS.sub(lambda found: found[1] + NAMELESS.capitalize(), text)
