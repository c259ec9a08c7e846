"""Findings speak from a minimum number on, and say their rule."""

from __future__ import annotations

from service.audit.findings import Move, findings_of


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


def test_a_category_is_called_what_the_pages_call_it() -> None:
    says = " ".join(one.says for one in findings_of({"unresponsive": 60, "value_perception": 30, "need": 10}, []))

    assert "Two categories, silent or undecided and value, hold 90 of 100" in says
    assert "Silent or undecided alone is 60 of 100" in says


def test_the_stated_reason_that_notes_contradict_most_is_named() -> None:
    pairs = [
        {"stated": "budget", "underlying": "budget", "deals": 25},
        {"stated": "budget", "underlying": "timing", "deals": 19},
    ]

    found = findings_of({"budget": 25, "timing": 19}, pairs)

    assert [one.says for one in found if one.rule == "stated_and_underlying_differ"] == [
        "Budget is stated on 44; the notes disagree on 19."
    ]


def test_one_note_that_disagrees_is_no_finding() -> None:
    pairs = [
        {"stated": "budget", "underlying": "budget", "deals": 40},
        {"stated": "budget", "underlying": "timing", "deals": 4},
    ]

    assert [one.rule for one in findings_of({"budget": 12, "timing": 14, "need": 14}, pairs)] == []


def test_a_finding_leads_to_the_deals_behind_it_and_to_advice() -> None:
    found = findings_of({"budget": 40, "timing": 40, "need": 20}, [])[0]

    assert [(dict(part.filters), part.deals) for part in found.behind] == [
        ({"category": "budget"}, 40),
        ({"category": "timing"}, 40),
    ]
    assert found.topics == ("budget", "timing")
    assert (found.deals, found.of) == (80, 100)
    assert found.low is not None
    assert found.high is not None
    assert 0.70 < found.low < 0.8 < found.high < 0.88


def test_the_largest_change_is_told_with_both_shares_and_who_leads() -> None:
    move = Move(category="competitor", before=18, before_of=100, now=29, now_of=100, leading=("Zendesk", 21))

    found = findings_of({"competitor": 29, "budget": 36, "need": 35}, [], [move])

    assert [one.rule for one in found] == ["largest_change"]
    assert "from 18% to 29% of the refusals" in found[0].says
    assert "Zendesk: 21 of 29." in found[0].says
