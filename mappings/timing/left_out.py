"""What the rules looked at and did not plan, each with why: for who asks how a plan came to be. No part of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from mappings.model import Purpose
from mappings.taxonomy import Category
from mappings.timing import because as because_of
from mappings.timing import known as dates
from mappings.timing.draft import Draft
from mappings.timing.known import Known
from mappings.timing.rules import (
    RULES,
    by_budget_cycle,
    by_contract_expiry,
    by_interval,
    by_stated_date,
    contract_leads,
    fiscal_days,
    usable_end,
)
from mappings.timing.words import PURPOSE_WORDS, days_words, in_full, listed

Rule = Callable[[Known], list[Draft] | None]
RULE_WORDS: dict[Rule, str] = {
    by_stated_date: "the day they asked for",
    by_contract_expiry: "the end of their contract",
    by_budget_cycle: "their budget cycle",
    by_interval: "the usual interval after such a loss",
}


def left_out(known: Known) -> tuple[str, ...]:
    """A sentence for each step that falls before the first possible day, and for each rule that another goes before."""
    applied = next((rule for rule in RULES if rule(known) is not None), None)
    found: list[str] = []
    if applied is by_contract_expiry:
        found += _before_the_contract_ends(known)
    if applied is by_budget_cycle:
        found += _of_the_fiscal_year(known)
    found += _last_offer(known)
    if applied is None:
        return tuple(found)
    for rule in RULES[RULES.index(applied) + 1 :]:
        drafts = rule(known)
        if drafts:
            steps = listed([f"{PURPOSE_WORDS[one.purpose]} on {in_full(one.on)}" for one in drafts])
            found.append(f"By {RULE_WORDS[rule]} it would be {steps}; {RULE_WORDS[applied]} goes before that.")
    return tuple(found)


def _before_the_contract_ends(known: Known) -> Iterator[str]:
    """Steps before a stated end of the contract that come too early to be taken."""
    end = dates.contract_end(known)
    if end is None:
        return
    ends_on, deadline = usable_end(known, end.on, 0)
    for purpose, lead, _ in contract_leads(known):
        if (on := deadline - timedelta(lead)) < known.earliest:
            due = f"{days_words(lead)} before the last useful day of the contract that ends on {in_full(ends_on)}"
            yield _too_early(known, purpose, on, due)


def _of_the_fiscal_year(known: Known) -> Iterator[str]:
    """Days of the budget cycle between the loss and the first possible day."""
    if dates.review_day(known) is not None:
        return
    for on, _, purpose, starts_on in fiscal_days(known, dates.fiscal_start(known)):
        if known.lost_on <= on < known.earliest:
            yield _too_early(known, purpose, on, f"for the fiscal year that starts on {in_full(starts_on)}")


def _last_offer(known: Known) -> Iterator[str]:
    if not known.is_kind(Category.COMPETITOR, but="built_in_house"):
        return
    count = known.timing.last_offer_business_days
    on = known.calendar.after(known.lost_on, count)
    if on < known.today:
        yield (
            f"{_named(Purpose.LAST_OFFER)} would have been on {in_full(on)}, {count} business days after the loss; "
            f"that had passed on {in_full(known.today)}, when this was planned."
        )


def _too_early(known: Known, purpose: Purpose, on: date, due: str) -> str:
    return f"{_named(purpose)} would have been on {in_full(on)}, {due}; {because_of.first_day_left(known)}."


def _named(purpose: Purpose) -> str:
    words = PURPOSE_WORDS[purpose]
    return words[0].upper() + words[1:]
