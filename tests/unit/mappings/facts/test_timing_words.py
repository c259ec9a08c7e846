"""What sentences written for this project say about time, in eight languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mappings.facts import extract_facts
from mappings.model import DealKey, Fact, LostDeal, Note

WRITTEN = Path(__file__).parents[1] / "written" / "timing.txt"
ROWS = [
    line.split("|", 3) for line in WRITTEN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
]
UNDATED = {"revisit undated": "revisit", "contract_end undated": "contract_end", "budget_cycle undated": "budget_cycle"}


def read(said_on: str, text: str) -> tuple[Fact, ...]:
    deal = LostDeal(
        key=DealKey("org", "1"), lost_on=date.fromisoformat(said_on), notes=(Note(field="notes", text=text),)
    )
    return extract_facts(deal)


def dated(said_on: str, text: str) -> list[str]:
    return [f"{fact.kind} {fact.on}" for fact in read(said_on, text) if fact.on is not None]


def rows_of(*, is_wanted: Callable[[str], bool]) -> list[tuple[str, str, str]]:
    """The day each text was written, what is expected, and the text."""
    rows = [(row[0], row[2], row[3]) for row in ROWS if is_wanted(row[2])]
    assert rows, "the page of texts is read"
    return rows


def test_a_story_gives_no_date() -> None:
    rows = rows_of(is_wanted=lambda one: one == "none")
    invented = {(said_on, text): dated(said_on, text) for said_on, _, text in rows}

    assert {key: found for key, found in invented.items() if found} == {}


def test_a_stated_day_is_found_and_no_other() -> None:
    rows = rows_of(is_wanted=lambda one: one != "none" and one not in UNDATED)
    misread = {(said_on, text): (dated(said_on, text), [expected]) for said_on, expected, text in rows}

    assert {key: (found, wanted) for key, (found, wanted) in misread.items() if found != wanted} == {}


def test_what_names_no_day_is_a_fact_without_a_day() -> None:
    rows = rows_of(is_wanted=UNDATED.__contains__)
    misread = {
        (said_on, text): (facts, expected)
        for said_on, expected, text in rows
        if (facts := [(str(fact.kind), fact.on) for fact in read(said_on, text)]) != [(UNDATED[expected], None)]
    }

    assert misread == {}


@pytest.mark.parametrize("text", ["Call when they are ready.", "Try them again some day.", "After Persian New Year."])
def test_a_day_that_cannot_be_told_is_left_open(text: str) -> None:
    assert dated("2026-06-02", text) == []
