"""What words lean to where no pattern decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mappings.classify import classify
from mappings.deciding.leaning import leading_word, leaning_of, shipped_leanings
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.model import DealKey, LostDeal, Note, StatedReason, Verdict
from mappings.reading.lexicon import shipped_lexicon
from mappings.taxonomy import Category, Finality


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


STORY = (
    "The evaluation at the mill took nine weeks and everybody in the workshop liked the machine. Then the finance team "
    "removed it from the capital plan because the second half had been weak, and there is no money for anything new. "
    "The plant manager hopes to ask again."
)


def test_a_story_is_read_by_its_words_and_never_sure() -> None:
    found = judged(STORY)
    assert found.category == Category.BUDGET
    assert found.confidence < 0.9


def test_what_refuses_for_good_is_not_outweighed_by_the_words_around_it() -> None:
    found = judged("No budget, no money, prices, budget. Never contact us again.")
    assert found.finality == Finality.NEVER


def test_an_edited_meaning_is_not_outweighed_by_the_words() -> None:
    shipped = shipped_mapping_set()
    moved = replace(shipped.concepts["went_dark"], category=Category.TIMING, sub_reason=None, secondary=None)
    edited = replace(shipped, concepts={**shipped.concepts, "went_dark": moved})
    note = "They stopped answering."
    deal = LostDeal(key=DealKey("org", "1"), lost_on=date(2026, 6, 15), notes=(Note(field="notes", text=note),))
    assert classify(deal, shipped).underlying.category == Category.UNRESPONSIVE
    assert classify(deal, edited).underlying.category == Category.TIMING


def test_a_label_that_no_pattern_knows_follows_its_words_and_is_for_review() -> None:
    reason = StatedReason(field="reason", value="Shelfboard nurses champion")
    deal = LostDeal(key=DealKey("org", "1"), lost_on=date(2026, 6, 15), stated_reasons=(reason,))
    assert classify(deal, shipped_mapping_set()).needs_review
