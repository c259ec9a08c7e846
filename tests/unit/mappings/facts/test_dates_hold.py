"""Dates do not hang on how a text is written down, and words that name no time give none."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.facts import read_dates, resolve
from mappings.facts.lexing.lexicon import LANGUAGES, japanese_words, tables
from mappings.model import Account

WRITTEN = Path(__file__).parents[1] / "written" / "timing.txt"
EVERY = 11  # one row in so many: each is read twice a test
ROWS = [
    line.split("|", 3) for line in WRITTEN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
][::EVERY]
OTHER = {
    "de": "Sehr nette Leute dort.",
    "fr": "Des gens très sympathiques.",
    "es": "Gente muy amable.",
    "pt": "Gente muito simpática.",
    "nl": "Erg aardige mensen.",
    "it": "Persone molto gentili.",
    "ja": "とても親切な方々。",
}
PEOPLE = "Great people, nice office."
OF_TIME = frozenset("MSWJEdwmqhyjnZ[QHFVGgNkCOxlztYDL")


def dates(said_on: str, text: str) -> list[tuple[str, date | None, int | None]]:
    facts = resolve(read_dates(text), field="notes", said_on=date.fromisoformat(said_on), account=Account())
    return [
        (fact.kind, fact.on, fact.fiscal_year_start_month) for fact in facts if fact.on or fact.fiscal_year_start_month
    ]


def ended(language: str, text: str) -> str:
    if text[-1] in ".!?。":
        return text
    return text + ("。" if language == "ja" else ".")


def followed(language: str, text: str) -> str:
    return ended(language, text) + ("" if language == "ja" else " ") + OTHER.get(language, PEOPLE)


WAYS: dict[str, Callable[[str, str], str]] = {
    "followed by a sentence without a date": followed,
    "in quotation marks": lambda _, text: f'"{text}"',
    "in guillemets": lambda _, text: f"«\u00a0{text}\u00a0»",
    "with doubled blanks": lambda _, text: f"  {text.replace(' ', '  ')}\n",
    "as a point of a list": lambda _, text: f"- {text}",
    "as a paragraph of HTML": lambda _, text: f"<p>{text}</p>",
    "with its accents apart": lambda _, text: unicodedata.normalize("NFD", text),
    "under a heading": lambda _, text: f"Note: {text}",
    "with other ends of lines": lambda _, text: f"{text}\r\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_dates_are_the_same(way: str) -> None:
    changed = [
        (text, dates(said_on, text), dates(said_on, WAYS[way](language, text)))
        for said_on, language, _, text in ROWS
        if dates(said_on, text) != dates(said_on, WAYS[way](language, text))
    ]

    assert changed == []


def test_the_words_of_a_date_are_those_that_were_written() -> None:
    text = "Note: «\u00a0Bitte am 31.  Ma\u0308rz 2027 anrufen\u00a0»"

    (mention,) = read_dates(text)

    assert text[mention.start : mention.end] == mention.text == "am 31.  Ma\u0308rz 2027"


def timeless(language: str) -> list[str]:
    words = japanese_words() if language == "ja" else tables()[language]
    return [word for word, found in words.items() if "*" not in word and not OF_TIME & set(found.shape)]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from([*LANGUAGES, "ja"]).flatmap(
        lambda one: st.lists(st.sampled_from(timeless(one)), min_size=2, max_size=12)
    )
)
def test_words_that_name_no_time_give_no_date(words: list[str]) -> None:
    assert dates("2026-06-15", " ".join(words)) == []


@given(
    reference=st.from_regex(r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
    | st.from_regex(r"\A[0-9]{1,2}[acdfjw][0-9]{1,3}[a-f][0-9a-f]{1,4}\Z")
    | st.from_regex(r"\A00[0-9][0-9][a-z]0000[0-9][A-Za-z]{5}\Z")
)
@settings(max_examples=60, deadline=None)
def test_a_reference_names_no_day(reference: str) -> None:
    """Ids of CRMs and tickets hold "8d" and "2y" by chance."""
    assert dates("2026-03-02", f"Call them back, ref {reference}") == []
    assert dates("2026-03-02", f"{reference} said: call back in June")[0][1] == date(2026, 6, 1)


@pytest.mark.parametrize("written", ["FY27Q2", "2027Q1", "31Dec2027", "q1fy27", "cw12", "26q3"])
def test_a_period_written_without_blanks_is_no_reference(written: str) -> None:
    assert dates("2026-03-02", f"Call back in {written}")
