"""How computed days become days a person can act on, and what is said about it."""

from __future__ import annotations

import re

import pytest

from mappings.documents.policy import shipped_policy
from mappings.model import Account, Purpose
from mappings.plan import missed_deadline, working_day_check
from tests.unit.mappings.timing.timing_factories import (
    budget_cycle,
    computed,
    contract_end,
    day,
    due,
    lost_deal,
    meant,
    only,
    planned,
    revisit,
)

TODAY = "2026-11-20"


class TestBusinessDays:
    def test_the_why_tells_the_day_as_computed_and_the_holiday_that_moved_it(self) -> None:
        made = planned(lost_deal("2024-04-20", country="JP"), meant("budget.frozen"), "2024-05-01")
        assert made.steps[0].due_on == day("2024-11-05")
        assert made.steps[0].why == (
            "Contoso's fiscal year starts on 1 April (Japan, assumed); plans are made 150 days before; "
            "Saturday 2 November moved to Tuesday 5 November, Monday being a holiday."
        )

    def test_a_day_that_fits_is_named(self) -> None:
        why = only(planned(lost_deal(), meant("timing", revisit("2027-02-01")), TODAY)).why
        assert why == "Contoso asked to be contacted again on 1 February 2027; that is Monday 1 February 2027."

    @pytest.mark.parametrize(
        ("country", "asked", "comes"),
        [
            (None, "2027-02-06", "2027-02-08"),  # Saturday
            ("DE", "2027-02-06", "2027-02-08"),
            ("SA", "2027-02-05", "2027-02-07"),  # Friday and Saturday are the weekend
            ("EG", "2027-02-06", "2027-02-07"),
            ("US", "2027-07-05", "2027-07-06"),  # 4 July on a Sunday, observed on Monday
            ("TW", "2025-02-08", "2025-02-10"),  # a Saturday declared worked stays closed
            ("ZZ", "2027-07-05", "2027-07-05"),  # a country nobody knows has Saturdays and Sundays
        ],
    )
    def test_weekends_and_holidays_are_those_of_the_account(self, country: str | None, asked: str, comes: str) -> None:
        made = planned(lost_deal("2024-10-02", country=country), meant("timing", revisit(asked)), "2024-11-20")
        assert due(made) + [(s.purpose.value, s.due_on.isoformat()) for s in made.later] == [("reconnect", comes)]

    @pytest.mark.parametrize("asked", ["2026-12-20", "2026-12-24", "2026-12-31", "2027-01-03"])
    def test_nobody_is_called_between_the_years(self, asked: str) -> None:
        step = only(planned(lost_deal(), meant("timing", revisit(asked)), TODAY))
        assert step.due_on == day("2027-01-04")
        assert "as nobody is called between the years" in step.why

    def test_the_day_before_the_blackout_is_free(self) -> None:
        assert due(planned(lost_deal(), meant("timing", revisit("2026-12-18")), TODAY)) == [("reconnect", "2026-12-18")]


class TestDeadlines:
    def test_a_step_moves_back_where_forward_would_pass_the_last_useful_day(self) -> None:
        # The last useful day is Sunday 24 January 2027; today is that Friday.
        made = planned(lost_deal("2026-10-02", contract_end="2027-03-25"), meant("competitor"), "2027-01-23")
        assert made.steps == ()
        made = planned(lost_deal("2026-10-02", contract_end="2027-03-25"), meant("competitor"), "2027-01-22")
        assert due(made) == [("decide", "2027-01-22")]

    def test_moving_back_says_so(self) -> None:
        policy = "[timing]\ndecide_days = 0\nbusiness_case_days = 0\nposition_days = 0"
        made = planned(lost_deal(contract_end="2027-03-25"), meant("competitor"), TODAY, policy=policy)
        step = only(made)
        assert (step.computed_on, step.due_on) == (day("2027-01-24"), day("2027-01-22"))
        assert "Sunday 24 January moved back to Friday 22 January, so as not to pass the last useful day" in step.why

    def test_where_neither_way_fits_the_step_is_left_out_and_the_plan_says_so(self) -> None:
        # Last useful day Sunday 24 January 2027, today the Saturday before it.
        made = planned(
            lost_deal("2026-10-02", contract_end="2027-03-25"), meant("timing.contract_locked"), "2027-01-23"
        )
        assert (made.steps, made.later) == ((), ())
        assert made.dropped == (
            "No business day is left for asking for the decision between 23 January 2027 and 24 January 2027.",
        )
        assert made.why_none == made.dropped[0]

    def test_where_only_a_closed_day_is_left_the_plan_names_it(self) -> None:
        # Sunday 24 January 2027 is today and the last useful day.
        made = planned(
            lost_deal("2026-10-02", contract_end="2027-03-25"), meant("timing.contract_locked"), "2027-01-24"
        )
        assert made.dropped == (
            "No day is found for asking for the decision: 24 January 2027, the only day left, is no business day.",
        )

    def test_the_contract_ending_in_the_blackout_is_decided_before_it(self) -> None:
        made = planned(
            lost_deal("2026-10-02", contract_end="2027-02-20"), meant("timing.contract_locked"), "2026-12-18"
        )
        assert due(made) == [("decide", "2026-12-18")]


class TestMerging:
    def test_steps_on_one_day_become_the_first_of_them_which_names_the_others(self) -> None:
        made = planned(lost_deal("2026-11-18"), meant("competitor", revisit(TODAY)), TODAY)
        step = only(made)
        assert (step.purpose, step.merged) == (Purpose.RECONNECT, (Purpose.LAST_OFFER,))
        assert step.why.endswith("; also for leaving the door open.")

    def test_they_merge_by_the_day_they_finally_fall_on(self) -> None:
        made = planned(lost_deal("2026-12-18"), meant("competitor", revisit("2027-01-01")), "2026-12-18")
        step = only(made)
        assert (step.purpose, step.computed_on, step.due_on) == (
            Purpose.RECONNECT,
            day("2027-01-01"),
            day("2027-01-04"),
        )
        assert step.merged == (Purpose.LAST_OFFER,)

    def test_a_merged_step_still_keeps_the_deadline_of_what_it_took_in(self) -> None:
        step = only(planned(lost_deal("2025-03-03"), meant("competitor"), TODAY))
        assert (step.purpose, step.provisional) == (Purpose.ASK_CONTRACT_END, False)
        assert step.deadline_on == day("2027-01-02")


class TestHorizon:
    def test_steps_beyond_two_years_stand_under_later(self) -> None:
        made = planned(lost_deal(), meant("timing", contract_end("2029-03-31")), TODAY)
        assert computed(made) == [("position", "2028-11-01")]
        assert [step.purpose for step in made.later] == [Purpose.BUSINESS_CASE, Purpose.DECIDE]

    def test_the_computed_day_decides_and_the_last_day_is_within(self) -> None:
        inside = planned(lost_deal(), meant("timing", revisit("2028-11-20")), TODAY)
        outside = planned(lost_deal(), meant("timing", revisit("2028-11-21")), TODAY)
        assert (len(inside.steps), len(inside.later)) == (1, 0)
        assert (len(outside.steps), len(outside.later)) == (0, 1)
        assert "more than 24 months ahead" in (outside.why_none or "")

    def test_months_are_calendar_months(self) -> None:
        made = planned(lost_deal("2024-01-31"), meant("timing", revisit("2026-02-28")), "2024-02-29")
        assert len(made.steps) == 1


class TestPolicyChoices:
    def test_a_follow_up_that_is_switched_off_is_never_made(self) -> None:
        policy = "[enabled]\nlast_offer = false"
        made = planned(lost_deal(TODAY), meant("competitor"), TODAY, policy=policy)
        assert Purpose.LAST_OFFER not in {step.purpose for step in made.steps}
        assert made.dropped == ("The policy has leaving the door open switched off.",)

    def test_a_competitor_has_its_own_notice_and_term(self) -> None:
        policy = '[[competitor]]\nname = "Zendesk"\naliases = ["ZD"]\nnotice_days = 30\nterm_months = 24'
        deal = lost_deal(competitor="zd", contract_end="2025-03-31")
        step = planned(deal, meant("competitor"), TODAY, policy=policy).steps[0]
        assert (step.about_on, step.deadline_on) == (day("2027-03-31"), day("2027-03-01"))

    def test_what_was_said_beats_what_is_known_of_a_competitor(self) -> None:
        policy = '[[competitor]]\nname = "Zendesk"\nnotice_days = 30'
        deal = lost_deal(competitor="Zendesk")
        made = planned(deal, meant("competitor", contract_end("2027-12-31", notice_days=90)), TODAY, policy=policy)
        assert made.steps[0].deadline_on == day("2027-10-02")

    def test_a_segment_has_its_own_numbers(self) -> None:
        policy = (
            '[[segment]]\nname = "Large"\ncountries = ["DE"]\nindustries = ["Banking"]\namount_from = 100000\n'
            "[segment.timing.intervals]\ntiming = 30"
        )
        large = lost_deal(country="DE", industry="banking", amount=100_000)
        small = lost_deal(country="DE", industry="banking", amount=99_999)
        assert computed(planned(large, meant("timing"), "2026-10-05", policy=policy)) == [("reconnect", "2026-11-01")]
        assert computed(planned(small, meant("timing"), "2026-10-05", policy=policy)) == [("reconnect", "2027-03-31")]

    def test_a_fiscal_year_of_our_own_beats_the_shipped_one(self) -> None:
        policy = '[[fiscal_year]]\nsector = "company"\ncountry = "GB"\nstarts = "04-01"\nsource = "our own customers"'
        made = planned(lost_deal(country="GB"), meant("budget"), TODAY, policy=policy)
        assert "starts on 1 April (our own customers, assumed)" in made.steps[0].why


def test_no_why_holds_a_word_of_ours() -> None:
    jargon = re.compile(r"_|\b(anchor|episode|provisional|position|decide|reconnect|cool-off|category|confidence)\b")
    for meaning in (
        meant("competitor"),
        meant("competitor", contract_end("2027-12-31")),
        meant("budget", budget_cycle("2027-09-01")),
        meant("budget"),
        meant("unknown"),
        meant("unresponsive.went_dark"),
        meant("authority.security_review"),
    ):
        made = planned(lost_deal(TODAY, competitor="Zendesk", country="US"), meaning, TODAY)
        for step in made.steps:
            assert not jargon.search(step.why), step.why


def test_days_are_checked_by_country() -> None:
    can_act = working_day_check(shipped_policy())
    assert can_act(day("2027-07-05"), Account(country="DE"))
    assert not can_act(day("2027-07-05"), Account(country="US"))
    assert not can_act(day("2026-12-22"), Account())


@pytest.mark.parametrize(
    ("lost_on", "ends_on", "missed"),
    [
        ("2026-01-15", "2026-12-31", "2026-11-01"),
        ("2026-01-15", "2027-01-18", "2026-11-19"),
        ("2026-01-15", "2027-01-19", None),  # the last useful day is today
        ("2026-01-15", "2026-02-28", None),  # it had passed before the loss
        ("2026-01-15", None, None),
    ],
)
def test_a_last_useful_day_that_passed_since_the_loss_was_missed(
    lost_on: str, ends_on: str | None, missed: str | None
) -> None:
    deal = lost_deal(lost_on, contract_end=ends_on)
    found = missed_deadline(deal, meant("competitor"), shipped_policy(), day(TODAY))
    assert found == (day(missed) if missed else None)
