"""What words lean to where no pattern decides."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.classify import classify
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.leaning import leading_word, leaning_of, shipped_leanings
from mappings.lexicon import shipped_lexicon
from mappings.model import DealKey, LostDeal, Note, Verdict
from mappings.taxonomy import Category


def judged(note: str) -> Verdict:
    deal = LostDeal(key=DealKey("org", "1"), lost_on=date(2026, 6, 15), notes=(Note(field="notes", text=note),))
    return classify(deal, shipped_mapping_set()).underlying


def test_the_table_speaks_of_families_and_concepts_that_exist() -> None:
    signs = {sign for sign in shipped_leanings().by_sign if not sign.startswith("=")}
    assert {sign for sign in signs if not sign.startswith("!")} <= set(shipped_lexicon().families.values())
    assert {sign[1:] for sign in signs if sign.startswith("!")} <= set(shipped_lexicon().concepts)


@pytest.mark.parametrize(
    "note", ["price and budget talks, nothing else", "価格の話", "El presupuesto y los precios de siempre"]
)
def test_shares_add_up_and_point_at_a_word_of_the_text(note: str) -> None:
    leaning = leaning_of((("notes", note),))
    assert leaning is not None
    assert sum(leaning.values()) == pytest.approx(1)
    place = leading_word((("notes", note),), max(leaning, key=lambda category: leaning[category]))
    assert note[place.start : place.end] == place.text != ""


def test_words_that_no_family_has_lean_to_nothing() -> None:
    assert leaning_of((("notes", "zyx wvut"),)) is None
    assert judged("zyx wvut").category == Category.UNKNOWN


def test_what_rests_on_a_leaning_alone_is_never_sure() -> None:
    for note in ("Money, money.", "their champion and the boss", "our demo on Tuesday"):
        found = judged(note)
        if found.evidence and found.evidence[0].rule == "leaning":
            assert found.confidence <= 0.65
            assert note[found.evidence[0].start : found.evidence[0].end] == found.evidence[0].text
