"""Reasons by the value that a person would map, where a text stands beside the list; on both databases."""

from __future__ import annotations

import pytest

from mappings.model import LostDeal, StatedReason
from mappings.taxonomy import Category
from service.mapping_sets.kinds import Kind
from service.mapping_sets.publish import publish
from service.mapping_sets.reasons import DistinctReason, Order, distinct_reasons
from service.store.models import DealRow
from service.store.session import Store
from service.store.stated_values import LISTS, stating_value, value_of
from service.store.stories import deal_lines
from tests.integration.sets_world import SetsWorld

LIST, TEXT = "lost_reason", "closed_lost_reason"
FROZEN = "The CFO froze all spending until the new fiscal year starts."


@pytest.fixture
def sets(store: Store) -> SetsWorld:
    opened = SetsWorld(store)
    opened.set(fields={"reason": [LIST, TEXT]}, described={LISTS: [LIST]})
    return opened


def lost(sets: SetsWorld, deal_id: str, listed: str, text: str = "") -> LostDeal:
    said = ((LIST, listed), (TEXT, text))
    return sets.lost(deal_id, stated_reasons=tuple(StatedReason(field=f, value=w) for f, w in said if w))


def found(sets: SetsWorld) -> dict[tuple[str, ...], DistinctReason]:
    with sets.store.read() as tx:
        page = distinct_reasons(tx, sets.app.rules(tx).mapping_set, order=Order.COUNT)
    return {tuple(words for _, words in one.values): one for one in page.reasons}


def test_deals_are_counted_by_the_value_of_the_list_whatever_the_text_beside_it_says(sets: SetsWorld) -> None:
    sets.read(*(lost(sets, f"t{number}", "Timing", f"Call number {number} led nowhere.") for number in range(4)))
    sets.read(lost(sets, "t9", "Timing"), lost(sets, "n1", "", "Wir melden uns."), lost(sets, "n2", "-", "Mail me."))

    there = found(sets)

    assert there["Timing",].count == 5
    assert there["Timing",].amounts["EUR"] == 5000
    assert set(there) == {("Timing",), ("Wir melden uns.",), ("-", "Mail me.")}, "without a list's word, by the text"


def test_the_deals_whose_text_says_otherwise_are_counted_and_can_be_listed(sets: SetsWorld) -> None:
    sets.read(lost(sets, "a", "Other", FROZEN), lost(sets, "b", "Other"), lost(sets, "c", "Timing"))

    one = found(sets)["Other",]

    assert (one.count, one.category, one.disagree) == (2, Category.UNKNOWN, 1)
    assert found(sets)["Timing",].disagree == 0
    with sets.store.read() as tx:
        both, _ = deal_lines(tx, [stating_value(tx, one.connection_id, one.key)])
        nobodys, _ = deal_lines(tx, [stating_value(tx, one.connection_id, 4711)])
        elsewhere, _ = deal_lines(tx, [stating_value(tx, 4711, one.key), DealRow.id > 0])
    assert {line.name for line in both} == {"Deal a", "Deal b"}
    assert nobodys == elsewhere == []


def test_assigning_a_value_moves_every_deal_that_states_it_and_its_near_neighbours_as_previewed(
    sets: SetsWorld,
) -> None:
    sets.read(*(lost(sets, f"p{number}", "Blorp situation", f"Text {number}") for number in range(3)))
    sets.read(lost(sets, "near", "Blorp  situations", "Another text"), lost(sets, "far", "Timing", "Text 1"))
    sets.assign("Blorp situation", to=Category.BUDGET, sub_reason="frozen")

    preview = sets.preview(Kind.MAPPINGS)
    foreseen = sets.outcomes(preview)
    publish(sets.app, preview.id, author="ann", comment="as we say it")

    assert {one for one, meant in sets.meanings().items() if meant[0] == Category.BUDGET} == {"p0", "p1", "p2", "near"}
    assert set(foreseen) == {"p0", "p1", "p2", "near"}
    assert {one["state"] for one in sets.outcomes(preview).values()} == {"applied"}


def test_what_the_deals_mean_is_counted_anew_once_something_changed(sets: SetsWorld) -> None:
    sets.read(lost(sets, "a", "Other", FROZEN))
    assert found(sets)["Other",].disagree == 1

    sets.read(lost(sets, "b", "Other", FROZEN + " So they said."))
    assert (found(sets)["Other",].count, found(sets)["Other",].disagree) == (2, 2)

    sets.set(described={})
    assert found(sets)["Other", FROZEN].count == 1, "no list is known: by all that is stated"


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (((LIST, "Price"), (TEXT, "too much")), ((LIST, "Price"),)),
        (((LIST, "?"), (TEXT, "too much")), ((LIST, "?"), (TEXT, "too much"))),
        (((TEXT, "too much"),), ((TEXT, "too much"),)),
        ((), ()),
    ],
)
def test_a_value_is_what_the_list_says_else_all_that_is_said(
    texts: tuple[tuple[str, str], ...], value: tuple[tuple[str, str], ...]
) -> None:
    assert value_of(texts, {LIST}) == value
