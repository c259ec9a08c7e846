"""Labels with a heading, and bare words that only name what a loss was about."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.classify import classify
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.model import DealKey, LostDeal, Note, StatedReason, Verdict
from mappings.reading import read_text

SURE = 0.9


def judged(label: str = "", note: str = "") -> Verdict:
    deal = LostDeal(
        key=DealKey("org", "1"),
        lost_on=date(2026, 6, 15),
        stated_reasons=(StatedReason(field="reason", value=label),) if label else (),
        notes=(Note(field="notes", text=note),) if note else (),
    )
    return classify(deal, shipped_mapping_set()).underlying


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Not interested - price too high", "budget"),
        ("Not interested (went with a competitor)", "competitor"),
        ("Internal (no capacity)", "not_a_rejection"),
        ("Kein Interesse - zu teuer", "budget"),
        ("Pas intéressé - budget insuffisant", "budget"),
        ("Sin interés - eligió a la competencia", "competitor"),
        ("Not interested", "need"),
    ],
)
def test_what_stands_behind_a_heading_decides(label: str, category: str) -> None:
    assert judged(label).category == category


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Covid-19 - Cancellation", "timing"),
        ("Preis - storniert", "budget"),
        ("Cancellation", "unknown"),
        ("Cancelled due to price", "budget"),
        ("Storniert wegen Preis", "budget"),
    ],
)
def test_a_word_that_tells_why_outweighs_an_ending_that_says_little(label: str, category: str) -> None:
    assert judged(label).category == category


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Freight", "budget"),
        ("Fracht", "budget"),
        ("Frete", "budget"),
        ("Demo", "value_perception"),
        ("Purchasing", "authority"),
        ("Abandoned", "unresponsive"),
        ("計画見直し", "timing"),
        ("Sin seguimiento", "unresponsive"),
    ],
)
def test_a_bare_topic_is_a_likely_guess_and_never_a_sure_one(label: str, category: str) -> None:
    verdict = judged(label)
    assert verdict.category == category
    assert verdict.confidence < SURE


def test_a_topic_is_not_heard_beside_a_statement() -> None:
    assert judged("Demo - went with a competitor").category == "competitor"


def test_a_topic_is_not_heard_in_a_note() -> None:
    rules = {evidence.rule for evidence in judged(note="Freight went out on Monday, all of it.").evidence}
    assert not any(rule.startswith("topic_") for rule in rules)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Legal stopped it", "legal"),
        ("Requested removal", "do_not_contact"),
        ("Repaired the old machine", "no_need"),
        ("Rahmenvertrag", "chose_competitor"),
        ("Centrale d'achat", "chose_competitor"),
        ("Llevaba meses desaparecido", "went_dark"),
        ("Ilocalizable", "went_dark"),
        ("Personeelstekort", "no_capacity"),
        ("Interfaccia obsoleta", "quality"),
        ("人手不足", "no_capacity"),
        ("Conta de teste", "disqualified"),
    ],
)
def test_what_lists_of_organisations_say(text: str, concept: str) -> None:
    assert concept in {signal.concept for signal in read_text(text).signals if signal.kind == "reason"}
