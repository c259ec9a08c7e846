"""What sentences written for this project say about time, in eight languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mappings.facts import extract_facts
from mappings.model import DealKey, Fact, LostDeal, Note

WRITTEN = Path(__file__).parent / "written" / "timing.txt"
ROWS = [
    line.split("|", 3) for line in WRITTEN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
]
UNDATED = "revisit undated"


def read(said_on: str, text: str) -> tuple[Fact, ...]:
    deal = LostDeal(
        key=DealKey("org", "1"), lost_on=date.fromisoformat(said_on), notes=(Note(field="notes", text=text),)
    )
    return extract_facts(deal)


def dated(said_on: str, text: str) -> list[str]:
    return [f"{fact.kind} {fact.on}" for fact in read(said_on, text) if fact.on is not None]


@pytest.mark.parametrize(("said_on", "text"), [(row[0], row[3]) for row in ROWS if row[2] == "none"])
def test_a_story_gives_no_date(said_on: str, text: str) -> None:
    assert dated(said_on, text) == []


@pytest.mark.parametrize(
    ("said_on", "expected", "text"), [(row[0], row[2], row[3]) for row in ROWS if row[2] not in {"none", UNDATED}]
)
def test_a_stated_day_is_found_and_no_other(said_on: str, expected: str, text: str) -> None:
    assert dated(said_on, text) == [expected]


@pytest.mark.parametrize(("said_on", "text"), [(row[0], row[3]) for row in ROWS if row[2] == UNDATED])
def test_an_event_without_known_days_is_a_fact_without_a_day(said_on: str, text: str) -> None:
    assert [(str(fact.kind), fact.on) for fact in read(said_on, text)] == [("revisit", None)]


@pytest.mark.parametrize("text", ["Call when they are ready.", "Try them again some day.", "After Chinese New Year."])
def test_a_day_that_cannot_be_told_is_left_open(text: str) -> None:
    assert dated("2026-06-02", text) == []
