"""What is passed over because it cannot tell of time changes no date: the same texts, read without any short cut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mappings.facts import read_dates
from mappings.facts.context import in_vain, other_days, sequels
from mappings.facts.lexing import cutting, lexer
from mappings.text import folded, has_any

WRITTEN = Path(__file__).parents[1] / "written"
EVERY = 19  # one row in so many
TEXTS = [
    line.rsplit("|", 1)[-1]
    for name in ("timing.txt", "notes.txt")
    for line in (WRITTEN / name).read_text(encoding="utf-8").splitlines()[::EVERY]
    if line and not line.startswith("#")
]
MORE = (
    "They said no to 12 colleagues, asked again after the 2nd demo in week 12. They call then.",
    "Until Nov. 3, 2027 with Acme, 24 hours of support, 1. Quartal offen, ruf am 12. Mai an.",
    "two wks later call, three mths on ring, dos meses despues llamar, drei Tage danach anrufen, tre giorni dopo",
)


def test_texts_are_read_the_same_without_short_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*TEXTS, *MORE]
    read = [read_dates(text) for text in texts]
    monkeypatch.setattr(lexer, "can_tell", lambda *_: True)
    monkeypatch.setattr(cutting, "_REACHES_FARTHER", re.compile(""))  # sentences with figures stay whole
    for module in (sequels, in_vain, other_days):
        monkeypatch.setattr(module, "has_any", lambda *_: True)

    closely = [read_dates.__wrapped__(text) for text in texts]

    assert [text for text, one, other in zip(texts, read, closely, strict=True) if one != other] == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("no budget, call again", ["no", "budget,", "call", "again"]),
        ("signed with acme until march 2027, call then", ["signed", "with", "acme", "until march 2027, call", "then"]),
        ("bought 3 of 40 seats last week", ["bought 3 of 40 seats", "last", "week"]),
        ("offer - 12 seats", ["offer - 12 seats"]),
    ],
)  # fmt: skip
def test_figures_are_read_with_the_words_beside_them_and_other_words_alone(text: str, parts: list[str]) -> None:
    assert cutting.parts_of(text) == parts


def test_a_quick_look_finds_what_a_search_would() -> None:
    assert has_any(folded("Call back in two weeks"), ("day", "week"))
    assert not has_any(folded("Too expensive"), ("day", "week"))
