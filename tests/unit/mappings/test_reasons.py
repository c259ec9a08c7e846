"""What people write about lost deals, and what it is taken to mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from mappings.classify import classify
from mappings.documents.mapping_set import (
    Competitor,
    LabelRule,
    MappingSet,
    Meaning,
    WordRule,
    shipped_mapping_set,
)
from mappings.model import Classification, DealKey, LostDeal, Note, StatedReason
from mappings.reading import read_text
from mappings.taxonomy import Category, Finality


def judged(
    *reasons: str,
    notes: Sequence[str] = (),
    mapping_set: MappingSet | None = None,
    connection: str | None = None,
    competitor: str | None = None,
) -> Classification:
    deal = LostDeal(
        key=DealKey("org", "1"),
        lost_on=date(2026, 6, 15),
        stated_reasons=tuple(StatedReason(field=f"reason_{n}", value=value) for n, value in enumerate(reasons)),
        notes=tuple(Note(field="notes", text=text) for text in notes),
        competitor=competitor,
    )
    return classify(deal, mapping_set or shipped_mapping_set(), connection)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Not now, maybe in six months", Category.TIMING),
        ("No allocated funds this cycle", Category.BUDGET),
        ("We chose a different vendor", Category.COMPETITOR),
        ("I need to consult my boss/team", Category.AUTHORITY),
        ("We don't have that problem right now", Category.NEED),
        ("I don't see the ROI", Category.VALUE_PERCEPTION),
    ],
)
def test_the_six_kinds_of_refusal_are_told_apart_in_a_picklist_and_in_a_note(text: str, category: Category) -> None:
    assert judged(text).stated.category == category
    assert judged(notes=[text]).underlying.category == category


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("No Budget", "Ring me in September"),
        ("Feature gap", "asked us to get in touch again in April"),
        ("Competitor", "Bitte im Herbst wieder melden"),
        ("Price", "来期に再提案"),
    ],
)
def test_a_note_that_only_says_when_leaves_the_reason_as_it_is_and_the_door_open(reason: str, note: str) -> None:
    found = judged(reason, notes=[note])
    assert found.underlying.category == found.stated.category == judged(reason).underlying.category
    assert found.underlying.finality == Finality.NOT_NOW
    assert judged("Other", notes=[note]).underlying.category == Category.TIMING


def test_a_note_can_show_that_price_was_a_frozen_budget() -> None:
    found = judged("Price", notes=["CFO froze all spend until the new fiscal year"])
    assert (found.stated.category, found.stated.sub_reason) == (Category.BUDGET, "over_budget")
    assert (found.underlying.category, found.underlying.sub_reason) == (Category.BUDGET, "frozen")
    assert found.underlying.finality == Finality.NOT_NOW


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Price was not the issue, a required integration was missing.", Category.NEED),
        ("Great product, but far too expensive for them.", Category.BUDGET),
        ("They liked the price, however the board rejected it.", Category.AUTHORITY),
        ("Das Produkt gefiel, aber der Vorstand hat abgelehnt.", Category.AUTHORITY),
        ("Le prix n'était pas le problème, ils ont choisi un concurrent.", Category.COMPETITOR),
        ("El precio no fue el problema, falta una funcionalidad.", Category.NEED),
    ],
)
def test_what_is_denied_or_praised_does_not_decide(text: str, category: Category) -> None:
    assert judged(notes=[text]).underlying.category == category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("They did not choose another vendor.", Category.COMPETITOR),
        ("It was not too expensive.", Category.BUDGET),
        ("Sie haben sich nicht für einen Wettbewerber entschieden.", Category.COMPETITOR),
        ("The project was not cancelled.", Category.NEED),
        ("競合に決定していない。", Category.COMPETITOR),
    ],
)
def test_a_statement_behind_a_no_is_not_made(text: str, category: Category) -> None:
    found = judged(notes=[text]).underlying
    assert found.category != category or found.confidence < 0.7


@pytest.mark.parametrize(
    ("text", "finality"),
    [
        ("Please remove us from your list.", Finality.NEVER),
        ("We will never buy from you.", Finality.NEVER),
        ("The company went out of business.", Finality.NEVER),
        ("Not at the moment.", Finality.NOT_NOW),
        ("We don't have the budget for this.", Finality.NOT_NOW),
        ("We never heard back from them.", Finality.OPEN),
        ("They chose another vendor.", Finality.OPEN),
    ],
)
def test_only_a_definitive_no_is_never(text: str, finality: Finality) -> None:
    assert judged(notes=[text]).underlying.finality == finality


def test_no_decision_is_kept_apart_from_going_dark() -> None:
    assert judged("No decision was made").stated.sub_reason == "no_decision"
    assert judged("They went dark").stated.sub_reason == "went_dark"


@pytest.mark.parametrize(
    "text",
    [
        "4. Verloren – zu teuer!",
        "Bought from Globex; too slow to reply",
        "予算が凍結された",
        "Kein Interesse, bitte später",
    ],
)
def test_evidence_is_word_for_word(text: str) -> None:
    found = judged(text)
    assert found.stated.evidence
    for evidence in found.stated.evidence:
        assert text[evidence.start : evidence.end] == evidence.text != ""
        assert evidence.rule


def test_nothing_said_is_unknown_without_being_a_question() -> None:
    found = judged("  ")
    assert (found.stated.category, found.stated.sub_reason) == (Category.UNKNOWN, "none_given")
    assert not found.needs_review


def test_words_nobody_knows_go_to_review_with_two_guesses() -> None:
    found = judged("Xyzzy plugh")
    assert found.needs_review
    assert len(found.alternatives) == 2


def test_a_misspelt_label_is_still_read() -> None:
    assert judged("No buget").stated.category == Category.BUDGET
    assert judged("Lost to competiter").stated.category == Category.COMPETITOR


@pytest.mark.parametrize(
    ("misspelt", "category"),
    [
        ("Comunication", Category.VALUE_PERCEPTION),
        ("Competiton", Category.COMPETITOR),
        ("Konkurenz", Category.COMPETITOR),
    ],
)
def test_a_misspelt_word_that_begins_like_some_other_is_still_mended(misspelt: str, category: Category) -> None:
    assert judged(misspelt).stated.category == category


@pytest.mark.parametrize(
    ("slipped", "category"),
    [
        ("Exissting vendor kept on", Category.COMPETITOR),
        ("Buyer is non-responsve", Category.UNRESPONSIVE),
        ("Lack of engaegment by buyer", Category.UNRESPONSIVE),
        ("Project abandnoed by customer", Category.NEED),
    ],
)
def test_a_slip_of_the_pen_is_mended_where_the_rest_of_a_label_says_something(slipped: str, category: Category) -> None:
    assert judged(slipped).stated.category == category


@pytest.mark.parametrize("name", ["Contrexa", "Budgetarian", "Supplyra", "Pricetonic", "Timelinq", "Competera"])
def test_a_name_that_looks_like_a_word_stays_a_name(name: str) -> None:
    assert judged(f"Lost to {name}").stated.category == Category.COMPETITOR
    assert judged(f"Too expensive, {name} was cheaper").stated.category == Category.COMPETITOR


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Tender handed in late", Category.TIMING),
        ("Onboarding timeline", Category.TIMING),
        ("Projeto engavetado", Category.TIMING),
        ("導入プロジェクト凍結", Category.TIMING),
        ("One-time job", Category.NEED),
        ("Their need has expired", Category.NEED),
        ("Rejected by inside sales", Category.NOT_A_REJECTION),
        ("Vom Vertrieb abgelehnt", Category.NOT_A_REJECTION),
        ("Internal (declined)", Category.NOT_A_REJECTION),
        ("Claim lacks merit", Category.NOT_A_REJECTION),
        ("Dealer replaced by agency", Category.COMPETITOR),
        ("Invoice dispute", Category.VALUE_PERCEPTION),
        ("Could not commit the hours", Category.TIMING),
        ("Lack of meetings", Category.UNRESPONSIVE),
        ("Visit did not take place", Category.UNRESPONSIVE),
        ("Proof of address not attached", Category.NOT_A_REJECTION),
        ("Auto-rejected", Category.NOT_A_REJECTION),
    ],
)
def test_a_list_tells_in_what_standing_a_deal_was_left(label: str, category: Category) -> None:
    assert judged(label).stated.category == category


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Território já ocupado", Category.NOT_A_REJECTION),
        ("Zona ya adjudicada", Category.NOT_A_REJECTION),
        ("Fornecedor ou parceiro", Category.NOT_A_REJECTION),
        ("Nicht mehr ansprechen (DSGVO)", Category.NOT_A_REJECTION),
        ("Migré de l'ancien CRM", Category.NOT_A_REJECTION),
        ("No era MQL", Category.NOT_A_REJECTION),
        ("No cumple con el crédito", Category.BUDGET),
        ("Fechou com a fábrica", Category.COMPETITOR),
        ("Usamos Bling", Category.COMPETITOR),
        ("Vende por su cuenta", Category.COMPETITOR),
        ("社長不在", Category.UNRESPONSIVE),
        ("決裁者不在", Category.AUTHORITY),
        ("Servicio no atendido", Category.NEED),
        ("Não agora, contatar novamente em janeiro", Category.TIMING),
    ],
)
def test_a_list_tells_whose_record_and_whose_area_it_is(label: str, category: Category) -> None:
    assert judged(label).stated.category == category


def test_what_is_out_of_scope_is_not_called_too_dear() -> None:
    assert judged("Fuera de alcance").stated.category != Category.BUDGET
    assert judged("Precio fuera de su alcance").stated.category == Category.BUDGET


def test_several_values_of_one_field_are_all_read() -> None:
    found = judged("Too costly;Went with a rival")
    assert found.stated.category == Category.COMPETITOR
    assert found.stated.secondary == Category.BUDGET


def test_a_detail_field_sharpens_a_field_that_says_nothing() -> None:
    assert judged("Other", "Champion left the company").stated.sub_reason == "champion_left"


def test_the_competitor_field_decides_where_the_reason_says_nothing() -> None:
    assert judged("Other", competitor="Globex").underlying.category == Category.COMPETITOR


OWN = Meaning(category=Category.AUTHORITY, sub_reason="legal_or_procurement")


def test_a_label_that_an_admin_assigned_becomes_an_exact_rule_and_its_neighbours_follow() -> None:
    own = replace(shipped_mapping_set(), labels=(LabelRule(value="Bad karma", meaning=OWN),))
    exact, near = judged("bad  KARMA", mapping_set=own), judged("Bad karmas", mapping_set=own)
    assert exact.stated.category == near.stated.category == Category.AUTHORITY
    assert exact.stated.confidence > near.stated.confidence
    assert judged("Bad karma", mapping_set=own).mapping_version == own.version != shipped_mapping_set().version


@pytest.mark.parametrize(
    "text",
    ["1. Bad karma", "03_LOST: Bad karma", "[DE] Verloren - bad karma", "失注理由：Bad Karma", "2) Kunde: Bad karmas"],
)
def test_what_a_list_puts_before_a_label_does_not_part_it_from_the_one_an_admin_assigned(text: str) -> None:
    own = replace(shipped_mapping_set(), labels=(LabelRule(value="Lost - Bad karma", meaning=OWN),))
    verdict = judged(text, mapping_set=own).stated
    assert (verdict.category, verdict.confidence) == (Category.AUTHORITY, 0.8)


@pytest.mark.parametrize("text", ["12 months", "2.5 moons", "Bad karma 2027", "Price"])
def test_a_number_that_is_no_numbering_parts_labels(text: str) -> None:
    labels = tuple(LabelRule(value=value, meaning=OWN) for value in ("6 months", "1.5 moons", "Bad karma 2026"))
    own = replace(shipped_mapping_set(), labels=labels)
    assert judged(text, mapping_set=own).stated.category != Category.AUTHORITY


def test_an_admins_label_is_heard_beside_parts_of_a_multi_picklist_that_no_label_knows() -> None:
    own = replace(shipped_mapping_set(), labels=(LabelRule(value="Bad karma", meaning=OWN),))
    verdict = judged("Too expensive; Bad karma", mapping_set=own).stated
    assert (verdict.category, verdict.secondary) == (Category.AUTHORITY, Category.BUDGET)
    assert (verdict.evidence[0].text, verdict.confidence) == ("Bad karma", 0.8)


def test_an_admins_label_goes_before_the_shipped_one_for_the_same_value() -> None:
    shipped = shipped_mapping_set()
    own = replace(shipped, labels=(*shipped.labels, LabelRule(value="Price", meaning=OWN)))
    assert judged("Price", mapping_set=own).stated.category == Category.AUTHORITY


def test_a_label_turned_round_by_a_no_is_not_its_neighbour() -> None:
    own = replace(shipped_mapping_set(), labels=(LabelRule(value="In our usual target group", meaning=OWN),))
    assert judged("Not in our usual target group", mapping_set=own).stated.category != Category.AUTHORITY


def test_a_rule_holds_for_the_connection_and_field_that_it_names() -> None:
    rule = WordRule(id="strategic", meaning=OWN, any=("zeta review",), connection="emea", fields=("notes",))
    own = replace(shipped_mapping_set(), rules=(rule,))
    text = "Price; then the Zeta  review stopped it"
    assert judged(notes=[text], mapping_set=own, connection="emea").underlying.evidence[0].rule == "rule:strategic"
    assert judged(notes=[text], mapping_set=own, connection="apac").underlying.category != Category.AUTHORITY
    assert judged(text, mapping_set=own, connection="emea").underlying.evidence[0].rule != "rule:strategic"


def test_a_known_rival_is_recognised_inside_a_label() -> None:
    own = replace(shipped_mapping_set(), competitors=(Competitor(name="Globex", aliases=("GBX",)),))
    assert judged("3) gbx", mapping_set=own).stated.category == Category.COMPETITOR


def test_a_concept_means_what_the_mapping_set_says() -> None:
    shipped = shipped_mapping_set()
    meaning = Meaning(category=Category.VALUE_PERCEPTION, sub_reason="price_value")
    own = replace(shipped, concepts={**shipped.concepts, "price_high": meaning}, labels=())
    assert judged("Far too expensive", mapping_set=own).stated.category == Category.VALUE_PERCEPTION


def test_reading_needs_no_mapping_and_gives_the_same_again() -> None:
    assert read_text("No budget left this year") == read_text("No budget left this year")
    assert read_text("").signals == ()


@pytest.mark.parametrize("text", ["\x00", "🙂🙂", "a" * 5000, "no " * 2000, "((((", "'", "’s", "。。。", "-" * 300])
def test_any_text_is_read_without_failing(text: str) -> None:
    assert 0 <= judged(text, notes=[text]).underlying.confidence <= 1


NOTHING = (
    "- ? ... --None-- n/a N.A. TBD tbc xxx x see_notes siehe_Notiz unknown "
    "Others k.A. Sonstiges Autre Otros Outro Overig Altro その他 未入力"
)


@pytest.mark.parametrize("label", NOTHING.split())
def test_a_label_that_says_nothing_is_unknown_and_nothing_to_review(label: str) -> None:
    found = judged(label.replace("_", " "))
    assert found.underlying.category == Category.UNKNOWN
    assert not found.needs_review


def test_the_first_of_several_fields_does_not_hide_what_a_later_one_says() -> None:
    found = judged("-", "Lost to competitor")
    assert found.stated.category == Category.COMPETITOR


def test_evidence_names_the_field_and_the_place_it_was_found_in() -> None:
    found = judged("Other", "Detail: budget was frozen", notes=["Their CFO left."])
    evidence = found.stated.evidence[0]
    assert evidence.field == "reason_1"
    assert "Detail: budget was frozen"[evidence.start : evidence.end] == evidence.text


def test_a_doubtful_label_carries_its_two_best_guesses() -> None:
    found = judged("Zorbing gloop fit")
    assert not found.needs_review or len(set(found.alternatives)) == 2


@pytest.mark.parametrize(
    ("stated", "note", "underlying"),
    [
        ("Price", "They went live with a rival's tool last month.", Category.COMPETITOR),
        ("Price", "Der Betriebsrat hat das Projekt gestoppt.", Category.AUTHORITY),
        ("No response", "Turns out the company was liquidated in May.", Category.NEED),
        ("Timing", "Es gab schlicht kein Geld mehr dafür.", Category.BUDGET),
        ("Autre", "Le besoin a disparu après la réorganisation.", Category.NEED),
        ("Competitor", "価格ではなく、社長の承認が得られなかった。", Category.AUTHORITY),
    ],
)
def test_what_the_notes_tell_lies_under_what_the_picklist_states(stated: str, note: str, underlying: Category) -> None:
    found = judged(stated, notes=[note])
    assert found.stated.category == judged(stated).stated.category
    assert found.underlying.category == underlying


def test_notes_that_add_nothing_leave_the_stated_reason_standing() -> None:
    found = judged("Too expensive", notes=["Spoke with Anna on Tuesday."])
    assert found.underlying.category == found.stated.category == Category.BUDGET


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("Lost to competitor on price", Category.COMPETITOR, Category.BUDGET),
        ("Not interested", Category.NEED, Category.VALUE_PERCEPTION),
        ("Under contract with another supplier", Category.TIMING, Category.COMPETITOR),
        ("Too small for us", Category.NOT_A_REJECTION, Category.NEED),
        ("Not a priority", Category.TIMING, Category.NEED),
        ("Price;Product fit", Category.NEED, Category.BUDGET),
        ("Price and product fit", Category.NEED, Category.BUDGET),
        ("Preis / Produkt passt nicht", Category.NEED, Category.BUDGET),
    ],
)
def test_where_two_categories_are_honest_the_second_is_named(text: str, first: Category, second: Category) -> None:
    found = judged(text).stated
    assert {found.category, found.secondary} == {first, second}
