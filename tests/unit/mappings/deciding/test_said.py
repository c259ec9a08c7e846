"""A person's word on a loss goes before what is read, and survives every new reading."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.deciding.said import Said, hear, keep_said, said_in
from mappings.model import Classification, Fact, FactKind, Verdict
from mappings.taxonomy import Category, Finality

READ = Classification(
    stated=Verdict(category=Category.BUDGET, sub_reason=None, confidence=0.6),
    underlying=Verdict(category=Category.BUDGET, sub_reason=None, confidence=0.6),
    facts=(Fact(kind=FactKind.REVISIT, on=date(2027, 5, 1), text="in May"),),
    needs_review=True,
    alternatives=(Category.BUDGET, Category.TIMING),
)
WORDS = [
    Said(category=Category.NEED, sub_reason=None, why="They have one."),
    Said(category=Category.TIMING, sub_reason="postponed", is_worth_it=True, revisit_on=date(2027, 3, 10), why="x"),
    Said(is_worth_it=False, why="Closed for good."),
    Said(is_worth_it=True),
    Said(revisit_on=date(2027, 3, 10)),
]


@pytest.mark.parametrize("said", WORDS)
def test_what_was_said_is_found_again_in_what_was_made_of_it(said: Said) -> None:
    assert said_in(hear(READ, said)) == said


@pytest.mark.parametrize("said", WORDS)
def test_a_new_reading_keeps_it(said: Said) -> None:
    stored = hear(READ, said)

    assert keep_said(READ, stored) == stored
    assert keep_said(READ, READ) == READ


def test_a_verdict_needs_no_review_and_leaves_what_was_stated() -> None:
    heard = hear(READ, WORDS[0])

    assert (heard.underlying.category, heard.underlying.confidence) == (Category.NEED, 1.0)
    assert not heard.needs_review
    assert heard.stated == READ.stated


def test_a_no_is_final_and_a_yes_opens_what_was_read_as_final() -> None:
    never = hear(READ, Said(is_worth_it=False))

    assert never.underlying.finality is Finality.NEVER
    assert hear(never, Said(is_worth_it=True)).underlying.finality is Finality.OPEN
