"""Pages of one language add to what all languages share."""

from __future__ import annotations

import pytest

from mappings.classify import stated_verdict
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.lexicon import compile_lexicon, shipped_lexicon
from mappings.reading import read_text
from mappings.taxonomy import Category

SHARED = {
    "families": {name: name for name in ("no", "filler", "neutral", "portuguese", "spanish", "budget")},
    "concepts": {"no_budget": {"patterns": "<budget>"}},
}


def concepts(text: str) -> set[str]:
    return {signal.concept for signal in read_text(text).signals if signal.kind == "reason"}


def test_a_page_may_not_speak_of_a_concept_that_nobody_defined() -> None:
    page = {"language": "xx", "more": {"no_bugdet": "geld"}}
    with pytest.raises(ValueError, match="unknown concept no_bugdet in the patterns of xx"):
        compile_lexicon([SHARED, page])


def test_the_rule_of_a_page_names_its_language() -> None:
    page = {"language": "xx", "more": {"no_budget": "geld"}}
    found = compile_lexicon([SHARED, page]).by_anchor
    assert "no_budget.xx.1" in {pattern.rule for patterns in found.values() for pattern in patterns}


@pytest.mark.parametrize(
    "text",
    [
        "Fecharam com outra empresa",
        "Cerraron el trato con la empresa vecina",
        "Hanno chiuso con un'altra azienda",
        "Macht zu wenig her",
        "Klant is gestopt met het traject",
    ],
)
def test_a_deal_that_is_closed_elsewhere_is_no_closed_company(text: str) -> None:
    assert "company_closed" not in concepts(text)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Perdemos no preço pra Omie", "cheaper_competitor"),
        ("Il CdA ha bocciato la proposta", "needs_approval"),
        ("n'est pas d'accord sur le prix, trop cher", "price_high"),
        ("Kein Grund", "no_reason_given"),
        ("Refusé par nous", "disqualified"),
    ],
)
def test_names_short_forms_and_elisions_are_read_as_they_are_written(text: str, concept: str) -> None:
    assert concept in concepts(text)


def test_a_spanish_mas_without_its_accent_turns_nothing() -> None:
    assert "contrast" not in {signal.kind for signal in read_text("Es caro, el cliente no respondio mas").signals}
    assert "contrast" in {signal.kind for signal in read_text("Gostou muito, mas achou caro").signals}


def test_every_language_has_its_page() -> None:
    rules = {pattern.rule for patterns in shipped_lexicon().by_anchor.values() for pattern in patterns}
    assert {"en", "de", "fr", "es", "pt", "nl", "it", "ja", "idiom", "side", "household", "condition", "story"} <= {
        rule.split(".")[1] for rule in rules
    }


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Budget cancelled", Category.BUDGET),
        ("Meeting cancelled", Category.UNRESPONSIVE),
        ("Approval cancelled", Category.AUTHORITY),
        ("Project cancelled", Category.NEED),
        ("Declined by us", Category.NOT_A_REJECTION),
        ("Quote declined", Category.UNKNOWN),
        ("Client Gap - No response", Category.UNRESPONSIVE),
        ("Solution Gap - Price", Category.BUDGET),
        ("$$$", Category.BUDGET),
        ("Lost - Acquistion", Category.NEED),
    ],
)
def test_a_label_is_about_its_topic_whatever_became_of_it_unless_the_seller_acted(
    label: str, category: Category
) -> None:
    verdict = stated_verdict((("reason", label),), shipped_mapping_set())
    assert verdict.category == category
