"""Edits of a mapping set's document: what they change, what they leave, and what they refuse."""

from __future__ import annotations

import pytest

from mappings.deciding.rules import Source, label_votes
from mappings.documents.mapping_diff import changed_entries
from mappings.documents.mapping_edits import (
    EditError,
    assign_labels,
    put_rule,
    put_sub_reason,
    remove_labels,
    remove_rule,
    remove_sub_reason,
    rename_sub_reason,
)
from mappings.documents.mapping_set import (
    Meaning,
    WordRule,
    parse_mapping_set,
    shipped_mapping_set,
    shipped_mapping_text,
)
from mappings.taxonomy import Category

DOCUMENT = shipped_mapping_text()
RULE = WordRule(id="grants", any=("grant denied",), meaning=Meaning(category=Category.BUDGET, sub_reason="no_budget"))


def changes(document: str) -> list[str]:
    return [str(one) for one in changed_entries(shipped_mapping_set(), parse_mapping_set(document))]


def test_assigning_values_changes_those_labels_and_nothing_else() -> None:
    edited = assign_labels(DOCUMENT, ["Preis zu hoch", "No champion"], Category.VALUE_PERCEPTION, "price_value")

    assert changes(edited) == [
        'label "Preis zu hoch": added, value_perception.price_value',
        'label "No champion": added, value_perception.price_value',
    ]
    assert edited.startswith(DOCUMENT)


def test_a_shipped_label_that_an_admin_assigns_is_the_admins() -> None:
    edited = assign_labels(DOCUMENT, ["Price"], Category.VALUE_PERCEPTION, "price_value")

    (vote,) = label_votes(parse_mapping_set(edited), "price", Source("reasons", "Reason"))
    assert (vote.meaning.sub_reason, vote.confidence) == ("price_value", 0.99)


def test_a_label_for_one_connection_goes_before_the_one_for_all() -> None:
    edited = assign_labels(DOCUMENT, ["Price"], Category.NEED, "no_need", connection="acme")
    mapping_set = parse_mapping_set(edited)

    here = label_votes(mapping_set, "Price", Source("reasons", "Reason", "acme"))
    there = label_votes(mapping_set, "Price", Source("reasons", "Reason", "other"))
    assert (here[0].meaning.category, there[0].meaning.category) == ("need", "budget")
    assert changes(remove_labels(edited, ["price"], connection="acme")) == []


def test_comments_and_layout_stay() -> None:
    document = DOCUMENT.replace("[concepts.price]", "[concepts.price]  # what we hear most", 1)

    edited = put_rule(assign_labels(document, ["X"], Category.NEED), RULE)

    assert "# what we hear most" in edited
    assert [line for line in document.splitlines() if line not in edited.splitlines()] == []


def test_a_document_without_a_line_end_can_be_added_to() -> None:
    assert changes(assign_labels(DOCUMENT.rstrip(), ["X"], Category.NEED, "no_need")) == [
        'label "X": added, need.no_need'
    ]


def test_a_rule_is_added_changed_and_removed_by_its_id() -> None:
    added = put_rule(DOCUMENT, RULE)
    changed = put_rule(added, WordRule(id="grants", all=("grant",), meaning=Meaning(category=Category.TIMING)))

    assert changes(added) == ["rule grants: added, any of 'grant denied': budget.no_budget, 95% sure"]
    assert changes(changed) == ["rule grants: added, all of 'grant': timing, 95% sure"]
    assert changes(remove_rule(changed, "grants")) == []
    with pytest.raises(EditError, match="grants"):
        remove_rule(DOCUMENT, "grants")


def test_a_sub_reason_in_use_is_not_removed_and_says_by_how_many() -> None:
    with pytest.raises(EditError, match=r"budget\.frozen is used by \d+ label"):
        remove_sub_reason(DOCUMENT, Category.BUDGET, "frozen")


def test_a_sub_reason_is_added_and_removed() -> None:
    added = put_sub_reason(DOCUMENT, Category.BUDGET, "grant_denied", "A grant was denied.")

    assert changes(added) == ['sub-reason budget.grant_denied: added, "A grant was denied."']
    assert changes(remove_sub_reason(added, Category.BUDGET, "grant_denied")) == []


def test_a_renamed_sub_reason_is_renamed_wherever_it_stands() -> None:
    renamed = parse_mapping_set(rename_sub_reason(DOCUMENT, Category.BUDGET, "frozen", "spending_stopped"))

    assert "frozen" not in renamed.sub_reasons[Category.BUDGET]
    assert renamed.concepts["budget_frozen"].sub_reason == "spending_stopped"
    with pytest.raises(EditError, match="already"):
        rename_sub_reason(DOCUMENT, Category.BUDGET, "frozen", "no_budget")


def test_an_empty_value_is_no_label() -> None:
    with pytest.raises(EditError, match="empty"):
        assign_labels(DOCUMENT, [" "], Category.NEED)
