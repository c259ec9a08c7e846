"""Findings speak from a minimum number on, and say their rule."""

from __future__ import annotations

from service.audit.findings import findings_of


def rules(counts: dict[str, int]) -> list[str]:
    return [one.rule for one in findings_of(counts, [])]


def test_eight_of_ten_is_too_few_to_say() -> None:
    assert rules({"budget": 8, "timing": 2}) == ["minimum_number"]


def test_eighty_of_a_hundred_in_two_categories_is_a_finding_and_seventy_nine_is_none() -> None:
    assert "two_hold_80_percent" in rules({"budget": 40, "timing": 40, "need": 20})
    assert "two_hold_80_percent" not in rules({"budget": 40, "timing": 39, "need": 21})


def test_one_category_over_forty_percent_is_a_finding() -> None:
    assert "one_holds_40_percent" in rules({"budget": 41, "timing": 30, "need": 29})
    assert "one_holds_40_percent" not in rules({"budget": 40, "timing": 31, "need": 29})


def test_what_is_no_refusal_does_not_count() -> None:
    assert rules({"unknown": 500, "not_a_rejection": 100, "budget": 5}) == ["minimum_number"]


def test_the_share_comes_with_its_interval() -> None:
    says = findings_of({"budget": 50, "timing": 25, "need": 25}, [])[0].says

    assert "50%, 95 % interval 40% to 60%" in says


def test_the_stated_reason_that_notes_contradict_most_is_named() -> None:
    pairs = [
        {"stated": "budget", "underlying": "budget", "deals": 25},
        {"stated": "budget", "underlying": "timing", "deals": 19},
    ]

    found = findings_of({"budget": 25, "timing": 19}, pairs)

    assert [one.says for one in found if one.rule == "stated_and_underlying_differ"] == [
        "Budget is stated on 44; the notes disagree on 19."
    ]
