"""Two mapping sets over counted reasons; and which deals an edit can touch."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from mappings.classify import classify
from mappings.diff import CountedReason, diff_reasons, policy_reach_of, reach_of
from mappings.documents.mapping_edits import assign_labels, put_rule, put_sub_reason
from mappings.documents.mapping_set import (
    MappingSet,
    Meaning,
    WordRule,
    parse_mapping_set,
    shipped_mapping_set,
    shipped_mapping_text,
)
from mappings.documents.policy import Policy, parse_policy, render_policy, shipped_policy
from mappings.documents.policy_edits import put_settings
from mappings.model import DealKey, LostDeal, Note, StatedReason
from mappings.plan import plan
from mappings.taxonomy import Category

OLD = shipped_mapping_set()
TEXT = shipped_mapping_text()
VALUES = ("Price", "Prices", "Timing", "price; timing", "Lost to Competitor - Zendesk", "nothing fits", "")
CONCEPT = """[concepts.price]
category = "budget"
sub_reason = "over_budget"
secondary = "value_perception"
finality = "open"
"""
NOTES = ("", "The CFO froze all spending.", "They asked for a lower price.", "Call back in May.")


def edited(name: str) -> MappingSet:
    rule = WordRule(id="froze", any=("froze",), meaning=Meaning(category=Category.NEED))
    reason_rule = replace(rule, id="fits", any=("fits",), fields=("reasons",))
    edits = {
        "a label": assign_labels(TEXT, ["Price"], Category.VALUE_PERCEPTION, "price_value"),
        "a new label": assign_labels(TEXT, ["nothing fits"], Category.NEED, "no_need"),
        "a label of another connection": assign_labels(TEXT, ["Timing"], Category.NEED, connection="other"),
        "a rule": put_rule(TEXT, rule),
        "a rule for reasons": put_rule(TEXT, reason_rule),
        "a sub-reason": put_sub_reason(TEXT, Category.NEED, "mine", "Mine."),
        "a concept": TEXT.replace(CONCEPT, '[concepts.price]\ncategory = "need"\n'),
        "a concept that dates support": TEXT.replace("[concepts.later]", '[concepts.later]\nsecondary = "need"', 1),
        "the concept of a name": TEXT.replace(
            "[concepts.chose_competitor]", '[concepts.chose_competitor]\nsecondary = "need"', 1
        ),
        "the threshold": TEXT.replace("review_threshold = 0.6", "review_threshold = 0.95"),
    }
    return parse_mapping_set(edits[name])


EDITS = (
    "a label", "a new label", "a label of another connection", "a rule", "a rule for reasons", "a sub-reason",
    "a concept", "a concept that dates support", "the concept of a name", "the threshold",
)  # fmt: skip


def deal(value: str, note: str) -> LostDeal:
    return LostDeal(
        key=DealKey("00D", "006"),
        lost_on=date(2026, 11, 2),
        stated_reasons=(StatedReason(field="Reason", value=value),) if value else (),
        notes=(Note(field="Notes", text=note),) if note else (),
    )


@pytest.mark.parametrize("name", EDITS)
def test_a_deal_that_an_edit_does_not_touch_means_what_it_meant(name: str) -> None:
    new = edited(name)
    reach = reach_of(OLD, new)

    for value, note in product(VALUES, NOTES):
        one = deal(value, note)
        if not reach.touches(one, "acme"):
            assert replace(classify(one, new, "acme"), mapping_version="") == replace(
                classify(one, OLD, "acme"), mapping_version=""
            )


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("a label", 12), ("a rule", 7), ("a sub-reason", 0), ("a concept", 16), ("a concept that dates support", 7),
        ("the concept of a name", 28),
    ],
)  # fmt: skip
def test_an_edit_touches_what_it_is_about(name: str, count: int) -> None:
    reach = reach_of(OLD, edited(name))

    assert sum(reach.touches(deal(value, note), "acme") for value, note in product(VALUES, NOTES)) == count


SETTINGS = (
    ("timing", "intervals", "timing"), ("timing", "intervals", "need.no_need"),
    ("timing", "intervals", "budget.over_budget"), ("timing", "cool_off_days"), ("spread", "per_day"),
    ("writing", "active_within_days"),
)  # fmt: skip


def with_setting(path: tuple[str, ...]) -> Policy:
    return parse_policy(put_settings(render_policy(shipped_policy()), {path: 3}))


@pytest.mark.parametrize("path", SETTINGS)
def test_a_plan_that_a_setting_does_not_touch_stays_as_it_was(path: tuple[str, ...]) -> None:
    old, today = shipped_policy(), date(2026, 11, 21)
    new = with_setting(path)
    reach = policy_reach_of(old, new)

    for value, note in product(VALUES, NOTES):
        one = deal(value, note)
        meaning = classify(one, OLD)
        if not reach.touches(meaning.underlying.category):
            assert replace(plan(one, meaning, new, today), policy_version=old.version) == plan(one, meaning, old, today)


@pytest.mark.parametrize(
    ("path", "touched"),
    [
        (("timing", "intervals", "need.no_need"), {Category.NEED}),
        (("timing", "cool_off_days"), set(Category)),
        (("spread", "per_day"), set()),
    ],
)  # fmt: skip
def test_a_setting_touches_the_categories_it_is_about(path: tuple[str, ...], touched: set[Category]) -> None:
    reach = policy_reach_of(shipped_policy(), with_setting(path))

    assert {category for category in Category if reach.touches(category)} == touched


def test_reasons_that_move_are_counted_with_the_most_frequent_first() -> None:
    reasons = [
        CountedReason(texts=(("Reason", value),) if value else (), count=count)
        for value, count in (("Price", 5), ("nothing fits", 9), ("Timing", 2), ("", 3))
    ]
    new = parse_mapping_set(assign_labels(TEXT, ["Price", "nothing fits"], Category.VALUE_PERCEPTION, "no_roi"))

    found = diff_reasons(OLD, new, reasons)

    assert [(one.reason.count, one.after.category) for one in found.moves] == [
        (9, Category.VALUE_PERCEPTION),
        (5, Category.VALUE_PERCEPTION),
    ]
    assert sum(found.before.values()) == sum(found.after.values()) == 19
    assert found.after[Category.VALUE_PERCEPTION] == 14
