"""Pages of one language add to what all languages share."""

from __future__ import annotations

import pytest

from mappings.classify import stated_verdict
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.reading import read_text
from mappings.reading.lexicon import compile_lexicon, shipped_lexicon
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


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Vertrauensverlust", "bad_experience"),
        ("Anschlussgebühren", "price"),
        ("Werksschließung", "project_cancelled"),
        ("Bestuursbesluit", "needs_approval"),
    ],
)
def test_a_compound_that_no_page_holds_means_what_its_parts_mean(text: str, concept: str) -> None:
    found = [signal for signal in read_text(text).signals if signal.concept == concept]
    assert found
    assert text[found[0].start : found[0].end].lower() in text.lower()


def test_a_word_that_merely_ends_like_another_is_left_whole() -> None:
    assert read_text("Partnership").words == ("partnership",)


def test_a_spanish_mas_without_its_accent_turns_nothing() -> None:
    assert "contrast" not in {signal.kind for signal in read_text("Es caro, el cliente no respondio mas").signals}
    assert "contrast" in {signal.kind for signal in read_text("Gostou muito, mas achou caro").signals}


def test_a_spanish_mas_with_its_accent_means_more() -> None:
    assert "do_not_contact" in {signal.concept for signal in read_text("No escriban más").signals}


def test_a_but_within_a_japanese_word_turns_nothing() -> None:
    assert "contrast" not in {signal.kind for signal in read_text("今回は見送らせていただくことになりました").signals}


def test_another_way_that_is_named_takes_back_no_refusal_of_every_way() -> None:
    assert "do_not_contact" not in {signal.concept for signal in read_text("Stop calling. Email is fine.").signals}
    assert "do_not_contact" in {signal.concept for signal in read_text("Unsubscribe me. Email is fine.").signals}
    assert "do_not_contact" in {signal.concept for signal in read_text("Stop calling. No email please.").signals}


def test_every_language_has_its_page() -> None:
    rules = {pattern.rule for patterns in shipped_lexicon().by_anchor.values() for pattern in patterns}
    assert {
        "en",
        "de",
        "fr",
        "es",
        "pt",
        "nl",
        "it",
        "ja",
        "idiom",
        "side",
        "household",
        "condition",
        "story",
        "party",
    } <= {rule.split(".")[1] for rule in rules}


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


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Slim chance of winning", Category.NOT_A_REJECTION),
        ("Geringe Gewinnchancen", Category.NOT_A_REJECTION),
        ("Priorizamos otras oportunidades", Category.NOT_A_REJECTION),
        ("Pas de ressources pour répondre à l'appel d'offres", Category.NOT_A_REJECTION),
        ("Interessenkonflikt", Category.NOT_A_REJECTION),
        ("Conflito de interesses", Category.NOT_A_REJECTION),
        ("利益相反", Category.NOT_A_REJECTION),
        ("Lead declined", Category.UNKNOWN),
        ("Não contatável", Category.UNRESPONSIVE),
        ("Non contattabile", Category.UNRESPONSIVE),
        ("CompanyPolicy", Category.AUTHORITY),
        ("Bedrijfsbeleid", Category.AUTHORITY),
        ("Policy: build in-house", Category.COMPETITOR),
        ("Niet verantwoordelijk", Category.AUTHORITY),
        ("Veto des Betriebsrats", Category.AUTHORITY),
        ("Resistencia de TI", Category.AUTHORITY),
        ("Förderung unsicher", Category.BUDGET),
        ("補助金未定", Category.BUDGET),
        ("Case studies did not convince", Category.VALUE_PERCEPTION),
        ("Andere Projekte haben Vorrang", Category.TIMING),
        ("Low priority for the client", Category.TIMING),
        ("Scheduling conflict", Category.TIMING),
        ("No resources", Category.TIMING),
    ],
)
def test_what_the_seller_judged_is_no_refusal_and_who_stood_in_the_way_is_told_apart(
    label: str, category: Category
) -> None:
    verdict = stated_verdict((("reason", label),), shipped_mapping_set())
    assert verdict.category == category


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("S/ retorno do cliente", Category.UNRESPONSIVE),
        ("Ñ tem mais interesse", Category.NEED),
        ("fechou c/ outro fornecedor", Category.COMPETITOR),
        ("CPF com restrição", Category.NOT_A_REJECTION),
        ("Ingresos menores a los requeridos", Category.NOT_A_REJECTION),
        ("Não existem imóveis na região desejada", Category.NEED),
        ("Cliente vai avaliar com a família", Category.AUTHORITY),
    ],
)
def test_lists_of_latin_america_are_read_as_they_are_written(label: str, category: Category) -> None:
    assert stated_verdict((("reason", label),), shipped_mapping_set()).category == category


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        ("Had never heard of us.", "unconvinced", "went_dark"),
        ("Noch nie von Ihnen gehört.", "unconvinced", "went_dark"),
        ("Never heard from them again.", "went_dark", "unconvinced"),
        ("Nie wieder von ihnen gehört.", "went_dark", "unconvinced"),
        ("You have called me several times.", "says_nothing", "went_dark"),
        ("I called them four times, nothing.", "went_dark", "says_nothing"),
        ("Die Verordnung wurde aufgehoben.", "need_gone", "legal"),
        ("El comité no se puso de acuerdo y no eligieron a ningún proveedor.", "no_decision", "needs_approval"),
        ("Price was never discussed.", "says_nothing", "price"),
    ],
)
def test_who_heard_of_whom_and_what_came_to_nothing(text: str, there: str, not_there: str) -> None:
    found = concepts(text)
    assert there in found
    assert not_there not in found
