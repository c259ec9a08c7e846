"""Texts that differ by a sum or a reference alone mean the same, and are shown as they were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.classify import classify
from mappings.documents.mapping_set import Competitor, LabelRule, MappingSet, Meaning, WordRule, shipped_mapping_set
from mappings.model import Classification, DealKey, LostDeal, Note, StatedReason
from mappings.reading.lexicon import shipped_lexicon
from mappings.taxonomy import Category
from mappings.text import ALIKE

WRITTEN = ("{}".format, "{:,}".format)
FIGURES = st.builds(lambda write, figure: write(figure), st.sampled_from(WRITTEN), st.integers(10_000, 10**9))


@st.composite
def two_as_long(draw: st.DrawFn) -> tuple[str, str]:
    write = draw(st.sampled_from(WRITTEN))
    digits = draw(st.integers(4, 8))
    one, other = (write(draw(st.integers(10**digits, 10 ** (digits + 1) - 1))) for _ in range(2))
    return one, other


TEXTS = (
    "Closed by import run {figure}.",
    "They offered it for {figure} euros, we were too expensive.",
    "Ticket {figure}: call back in June, their contract with Kestrelsoft ends in May 2027.",
    "Lost to vendor {figure} on price",
    "Projekt {figure} gestoppt, Budget erst nächstes Jahr",
)


def judged(note: str, mapping_set: MappingSet | None = None, *, reason: str = "") -> Classification:
    deal = LostDeal(
        key=DealKey("org", "1"),
        lost_on=date(2026, 6, 15),
        stated_reasons=(StatedReason(field="reason", value=reason),) if reason else (),
        notes=(Note(field="notes", text=note),) if note else (),
    )
    return classify(deal, mapping_set or shipped_mapping_set())


def outline(found: Classification) -> tuple[object, ...]:
    """All but the words themselves."""
    verdict = found.underlying
    return (
        verdict.category,
        verdict.sub_reason,
        verdict.confidence,
        verdict.finality,
        [(mark.rule, mark.start) for mark in verdict.evidence],
        [(fact.kind, fact.on, fact.start) for fact in found.facts],
    )


@pytest.mark.parametrize("text", TEXTS)
@given(figures=two_as_long())
def test_another_long_figure_changes_nothing(text: str, figures: tuple[str, str]) -> None:
    one, other = figures
    assert outline(judged(text.format(figure=one))) == outline(judged(text.format(figure=other)))
    assert outline(judged("", reason=text.format(figure=one))) == outline(judged("", reason=text.format(figure=other)))


@pytest.mark.parametrize("text", TEXTS)
@given(figure=FIGURES)
def test_what_is_shown_is_what_was_written(text: str, figure: str) -> None:
    note = text.format(figure=figure)
    found = judged(note)
    shown = [(mark.text, mark.start, mark.end) for mark in found.underlying.evidence]
    shown += [(fact.text, fact.start, fact.end) for fact in found.facts]
    assert [note[start:end] for _, start, end in shown] == [words for words, _, _ in shown]
    assert found.competitor is None or found.competitor in note


def test_an_admins_rule_tells_figures_apart() -> None:
    rule = WordRule(id="old-import", meaning=Meaning(category=Category.NOT_A_REJECTION), any=("run 41023",))
    own = replace(shipped_mapping_set(), rules=(rule,))
    assert judged("Closed by run 41023", own).underlying.category == Category.NOT_A_REJECTION
    assert judged("Closed by run 41024", own).underlying.category != Category.NOT_A_REJECTION
    counted = replace(rule, any=(), regex=(r"run \d{5}\b",))
    own = replace(shipped_mapping_set(), rules=(counted,))
    assert judged("Closed by run 41024", own).underlying.category == Category.NOT_A_REJECTION


def test_labels_and_names_with_long_figures_are_told_apart() -> None:
    shipped = shipped_mapping_set()
    label = LabelRule(value="Code 10001", meaning=Meaning(category=Category.AUTHORITY))
    own = replace(shipped, labels=(*shipped.labels, label))
    assert judged("", own, reason="Code 10001").stated.category == Category.AUTHORITY
    assert judged("", own, reason="Code 30502").stated.category != Category.AUTHORITY
    rival = replace(shipped, competitors=(Competitor(name="Base 10001"),))
    assert judged("They took Base 10001 instead", rival).competitor == "Base 10001"
    assert judged("They took Base 10002 instead", rival).competitor != "Base 10001"


def test_a_figure_of_the_vocabulary_is_left_as_it_stands() -> None:
    """Norms such as ISO 27001 say something."""
    known = [word for word in shipped_lexicon().vocabulary.exact if word.isdigit()]
    assert {ALIKE[f"no {word} yet"] for word in known} == {f"no {word} yet" for word in known}
    assert {ALIKE[f"no #{word} yet"] for word in known} == {f"no #{word} yet" for word in known}
