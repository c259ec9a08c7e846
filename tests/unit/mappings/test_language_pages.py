"""Pages of one language add to what all languages share."""

from __future__ import annotations

import pytest

from mappings.lexicon import compile_lexicon, shipped_lexicon
from mappings.reading import read_text

SHARED = {
    "families": {name: name for name in ("no", "filler", "neutral", "portuguese", "budget")},
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
    ],
)
def test_names_short_forms_and_elisions_are_read_as_they_are_written(text: str, concept: str) -> None:
    assert concept in concepts(text)


def test_every_language_has_its_page() -> None:
    rules = {pattern.rule for patterns in shipped_lexicon().by_anchor.values() for pattern in patterns}
    assert {"de", "fr", "es", "pt", "nl", "it", "ja", "idiom"} <= {rule.split(".")[1] for rule in rules}
