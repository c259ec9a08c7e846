"""The word families against labels and sentences written for this project, in eight languages."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from mappings.classify import classify
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.model import DealKey, LostDeal, Note, StatedReason, Verdict
from mappings.taxonomy import Category, Finality

WRITTEN = Path(__file__).parents[1] / "written"
FLOOR = 0.95
SURE, SURE_FLOOR = 0.9, 0.97
KEY, LOST_ON = DealKey("org", "1"), date(2026, 6, 15)
LANGUAGES = {"en", "de", "fr", "es", "pt", "nl", "it", "ja"}


@cache
def judged(kind: str) -> list[tuple[str, str, bool, Verdict]]:
    """Language, text, whether the category is one of the honest ones, and the verdict."""
    lines = (WRITTEN / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
    rows = []
    for line in lines:
        if not line.startswith("#"):
            lang, gold, text = line.split("|", 2)
            deal = LostDeal(
                key=KEY,
                lost_on=LOST_ON,
                stated_reasons=(StatedReason(field="reason", value=text),) if kind == "labels" else (),
                notes=(Note(field="notes", text=text),) if kind == "notes" else (),
            )
            verdict = classify(deal, shipped_mapping_set()).underlying
            rows.append((lang, text, verdict.category in map(Category, gold.split()), verdict))
    return rows


@pytest.mark.parametrize("kind", ["labels", "notes"])
def test_texts_of_every_language_are_read_right(kind: str) -> None:
    rows = judged(kind)
    wrong = [text for _, text, is_right, _ in rows if not is_right]
    by_language: dict[str, list[bool]] = defaultdict(list)
    for lang, _, is_right, _ in rows:
        by_language[lang].append(is_right)
    assert set(by_language) == LANGUAGES
    assert len(wrong) <= (1 - FLOOR) * len(rows), wrong
    # One or two slips are allowed where a language has few texts.
    assert all(found.count(False) <= max(2, (1 - FLOOR) * len(found)) for found in by_language.values()), wrong


@pytest.mark.parametrize("kind", ["labels", "notes"])
def test_what_is_called_sure_is_right(kind: str) -> None:
    sure = [(text, is_right) for _, text, is_right, verdict in judged(kind) if verdict.confidence >= SURE]
    assert sum(is_right for _, is_right in sure) >= SURE_FLOOR * len(sure), [
        text for text, is_right in sure if not is_right
    ]


@pytest.mark.parametrize("kind", ["labels", "notes"])
def test_evidence_stands_word_for_word_in_the_text(kind: str) -> None:
    for _, text, _, verdict in judged(kind):
        for evidence in verdict.evidence:
            assert evidence.text == text[evidence.start : evidence.end] or evidence.rule.startswith("fact:"), text


FINAL = [
    line.split("|", 1)
    for line in (WRITTEN / "finality.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("finality", "text"), FINAL, ids=[text for _, text in FINAL])
def test_a_no_is_as_final_as_it_is_said_in_every_language(finality: str, text: str) -> None:
    as_note = LostDeal(key=KEY, lost_on=LOST_ON, notes=(Note(field="notes", text=text),))
    as_label = LostDeal(key=KEY, lost_on=LOST_ON, stated_reasons=(StatedReason(field="reason", value=text),))
    for deal in (as_note, as_label):
        assert classify(deal, shipped_mapping_set()).underlying.finality == finality


@pytest.mark.parametrize(
    "text",
    [
        "Pidió una oferta y nunca más apareció, la competencia le hizo mejor precio.",
        "Got the quote, never heard from again, turned out they signed with Globex.",
        "A hard no for this year.",
        "Ein klares Nein für dieses Jahr.",
        "Un non catégorique pour cette année.",
        "No definitivo per quest'anno.",
        "Flat no until the merger closes.",
        "They would never pay that much.",
        "So viel würden sie nie zahlen.",
        "Legal will never sign these terms.",
        "Die Rechtsabteilung wird das nie unterschreiben.",
        "They will never use half of the modules.",
        "They never use it, so there is no need.",
        "Le besoin a disparu avec la fermeture du site de Lyon.",
        "Der Standort Kassel wird geschlossen, damit entfällt der Bedarf.",
    ],
)
def test_a_never_that_ends_or_tells_of_something_else_refuses_nothing_for_good(text: str) -> None:
    deal = LostDeal(key=KEY, lost_on=LOST_ON, notes=(Note(field="notes", text=text),))
    assert classify(deal, shipped_mapping_set()).underlying.finality != Finality.NEVER
