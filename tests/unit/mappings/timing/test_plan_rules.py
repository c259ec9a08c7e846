"""Which days each rule of the policy gives, before they become business days."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.documents.policy import shipped_policy
from mappings.model import Anchor, Classification, LostDeal, LostOnSource, Purpose
from mappings.plan import plan
from mappings.taxonomy import Finality
from tests.unit.mappings.timing.timing_factories import (
    budget_cycle,
    computed,
    contract_end,
    day,
    lost_deal,
    meant,
    only,
    planned,
    revisit,
)

TODAY = "2026-11-20"  # a Friday


class TestRuleOne:
    @pytest.mark.parametrize(
        ("deal", "meaning", "says"),
        [
            (lost_deal(), meant("budget", revisit("2027-03-01"), finality=Finality.NEVER), "definitive no"),
            (lost_deal(do_not_contact=True), meant("timing", revisit("2027-03-01")), "not to be contacted"),
            (lost_deal(contract_end="2027-09-30"), meant("not_a_rejection.duplicate"), "not a refusal"),
            (lost_deal(), meant("need.company_closed"), "closed"),
            (lost_deal(competitor="Zendesk"), meant("competitor", finality=Finality.NEVER), "definitive no"),
        ],
    )
    def test_a_definitive_no_gets_no_step_and_the_plan_says_why(
        self, deal: LostDeal, meaning: Classification, says: str
    ) -> None:
        made = planned(deal, meaning, TODAY)
        assert (made.steps, made.later) == ((), ())
        assert says in (made.why_none or "")


class TestStatedDate:
    def test_they_are_called_back_on_the_day_they_asked_for(self) -> None:
        step = only(planned(lost_deal(), meant("timing", revisit("2027-02-01")), TODAY))
        assert (step.purpose, step.computed_on, step.anchor) == (
            Purpose.RECONNECT,
            day("2027-02-01"),
            Anchor.STATED_DATE,
        )

    def test_the_cool_off_does_not_apply_to_a_day_they_asked_for(self) -> None:
        made = planned(lost_deal(TODAY), meant("timing", revisit("2026-11-24")), TODAY)
        assert computed(made) == [("reconnect", "2026-11-24")]

    def test_a_day_that_has_passed_becomes_the_first_day_after_the_cool_off(self) -> None:
        made = planned(lost_deal("2026-11-18"), meant("timing", revisit("2026-11-19")), TODAY)
        assert computed(made) == [("reconnect", "2026-12-02")]

    def test_today_has_not_passed(self) -> None:
        assert computed(planned(lost_deal(TODAY), meant("timing", revisit(TODAY)), TODAY)) == [("reconnect", TODAY)]

    def test_of_several_days_the_preferred_one_counts(self) -> None:
        made = planned(lost_deal(), meant("timing", revisit("2027-02-01"), revisit("2027-06-01")), TODAY)
        assert computed(made) == [("reconnect", "2027-02-01")]

    def test_words_without_a_day_are_no_stated_date(self) -> None:
        made = planned(lost_deal(), meant("timing", revisit(None, "when the dust settles")), TODAY)
        assert computed(made) == [("reconnect", "2027-03-31")]
        assert only(made).anchor is Anchor.POLICY

    def test_next_follow_up_in_the_crm_beats_words(self) -> None:
        deal = lost_deal(stated_follow_up="2027-05-03")
        assert computed(planned(deal, meant("timing", revisit("2027-02-01")), TODAY)) == [("reconnect", "2027-05-03")]

    def test_a_stated_date_comes_before_a_contract_and_says_when_it_is_too_late_for_it(self) -> None:
        deal = lost_deal(competitor="Zendesk", contract_end="2027-03-31")
        step = only(planned(deal, meant("timing", revisit("2027-03-01")), TODAY))
        assert step.computed_on == day("2027-03-01")
        assert "after 30 January 2027, the last useful day before their Zendesk contract ends" in step.why

    def test_a_stated_date_before_the_last_useful_day_does_not_mention_the_contract(self) -> None:
        deal = lost_deal(contract_end="2027-03-31")
        assert "contract" not in only(planned(deal, meant("timing", revisit("2027-01-11")), TODAY)).why


class TestContractExpiry:
    def test_steps_stand_90_45_and_14_days_before_the_last_useful_day(self) -> None:
        made = planned(lost_deal(contract_end="2027-12-31"), meant("timing.contract_locked"), TODAY)
        assert computed(made) == [
            ("position", "2027-08-03"),
            ("business_case", "2027-09-17"),
            ("decide", "2027-10-18"),
        ]
        assert {step.deadline_on for step in made.steps} == {day("2027-11-01")}
        assert not any(step.provisional for step in made.steps)

    def test_any_loss_with_a_known_contract_end_follows_it(self) -> None:
        made = planned(lost_deal(), meant("need", contract_end("2027-12-31")), TODAY)
        assert [purpose for purpose, _ in computed(made)] == ["position", "business_case", "decide"]

    def test_steps_before_the_earliest_day_are_dropped(self) -> None:
        made = planned(lost_deal(contract_end="2027-03-01"), meant("timing.contract_locked"), TODAY)
        assert computed(made) == [("decide", "2026-12-17")]  # the other two were due on 2 October and 16 November

    def test_if_no_step_is_left_before_the_last_useful_day_they_are_asked_to_decide_at_once(self) -> None:
        made = planned(lost_deal(contract_end="2027-01-25"), meant("timing.contract_locked"), TODAY)
        assert computed(made) == [("decide", TODAY)]
        assert only(made).deadline_on == day("2026-11-26")

    def test_the_last_useful_day_itself_is_not_too_late(self) -> None:
        made = planned(lost_deal(contract_end="2027-01-19"), meant("timing.contract_locked"), TODAY)
        assert computed(made) == [("decide", TODAY)]
        assert only(made).deadline_on == day(TODAY)

    def test_a_day_later_the_contract_is_taken_to_run_on_by_its_term(self) -> None:
        made = planned(lost_deal(contract_end="2027-01-18"), meant("timing.contract_locked"), TODAY)
        assert made.steps[0].about_on == day("2028-01-18")
        assert computed(made)[0] == ("position", "2027-08-21")

    def test_term_and_notice_that_were_said_hold(self) -> None:
        said = contract_end("2025-06-30", term_months=36, notice_days=90)
        made = planned(lost_deal(), meant("competitor", said), TODAY)
        assert made.steps[0].about_on == day("2028-06-30")
        assert made.steps[0].deadline_on == day("2028-04-01")

    def test_terms_are_added_to_the_original_date(self) -> None:
        made = planned(lost_deal("2027-01-04"), meant("competitor", contract_end("2024-02-29")), "2027-03-01")
        assert made.steps[0].about_on == day("2028-02-29")

    def test_the_contract_end_in_the_crm_beats_words(self) -> None:
        deal = lost_deal(contract_end="2027-12-31")
        made = planned(deal, meant("competitor", contract_end("2028-06-30")), TODAY)
        assert made.steps[0].about_on == day("2027-12-31")

    def test_a_fact_from_the_crm_field_beats_words_wherever_it_stands(self) -> None:
        facts = (contract_end("2028-06-30"), contract_end("2027-12-31", field="contract_end"))
        assert planned(lost_deal(), meant("competitor", *facts), TODAY).steps[0].about_on == day("2027-12-31")

    @pytest.mark.parametrize("category", ["competitor", "competitor.stayed_with_incumbent", "timing.contract_locked"])
    def test_an_unknown_end_is_asked_for_and_assumed_to_be_a_year_after_the_loss(self, category: str) -> None:
        made = planned(lost_deal("2026-10-30"), meant(category), TODAY)
        assert computed(made) == [("ask_contract_end", "2026-11-29"), ("position", "2027-06-02")]
        ask, position = made.steps
        assert (ask.provisional, ask.deadline_on) == (False, None)
        assert (position.provisional, position.deadline_on) == (True, day("2027-08-31"))
        assert ask.anchor is position.anchor is Anchor.CONTRACT_EXPIRY

    def test_an_old_loss_is_asked_at_once_and_its_assumed_end_moved_on(self) -> None:
        made = planned(lost_deal("2024-06-03"), meant("competitor"), TODAY)
        assert computed(made) == [("ask_contract_end", TODAY), ("position", "2027-01-04")]
        assert made.steps[1].about_on == day("2027-06-03")

    def test_asking_and_a_talk_that_is_due_at_once_are_one_step(self) -> None:
        step = only(planned(lost_deal("2025-03-03"), meant("competitor"), TODAY))
        assert (step.purpose, step.merged) == (Purpose.ASK_CONTRACT_END, (Purpose.POSITION,))
        assert "the first talk before the contract ends" in step.why

    def test_built_in_house_has_no_contract(self) -> None:
        made = planned(lost_deal("2026-11-19", competitor="Zendesk"), meant("competitor.built_in_house"), TODAY)
        assert computed(made) == [("reconnect", "2027-05-18")]

    def test_words_about_a_contract_without_a_date_give_its_notice(self) -> None:
        made = planned(lost_deal("2026-10-30"), meant("competitor", contract_end(None, notice_days=30)), TODAY)
        assert made.steps[1].deadline_on == day("2027-09-30")


class TestBudgetCycle:
    def test_a_review_is_met_thirty_days_before(self) -> None:
        step = only(planned(lost_deal(), meant("timing", budget_cycle("2027-09-01")), TODAY))
        assert (step.purpose, step.computed_on, step.provisional) == (Purpose.GET_INTO_PLAN, day("2027-08-02"), False)

    def test_a_review_that_is_near_is_met_at_once(self) -> None:
        assert computed(planned(lost_deal(), meant("budget", budget_cycle("2026-12-01")), TODAY)) == [
            ("get_into_plan", TODAY)
        ]

    def test_a_review_that_has_passed_is_met_next_year(self) -> None:
        made = planned(lost_deal(), meant("budget", budget_cycle("2026-11-19")), TODAY)
        assert computed(made) == [("get_into_plan", "2027-10-20")]

    def test_a_review_on_a_leap_day_returns_to_it(self) -> None:
        made = planned(lost_deal("2027-03-01"), meant("budget", budget_cycle("2024-02-29")), "2027-03-15")
        assert only(made).about_on == day("2028-02-29")

    def test_without_a_fiscal_year_the_calendar_year_is_assumed(self) -> None:
        made = planned(lost_deal("2026-04-01"), meant("budget.frozen"), "2026-04-10")
        assert computed(made) == [("get_into_plan", "2026-08-04"), ("money_landed", "2027-01-16")]
        assert all(step.provisional for step in made.steps)
        assert "(calendar year, assumed)" in made.steps[0].why

    def test_lost_after_planning_began_the_new_money_comes_first(self) -> None:
        made = planned(lost_deal("2026-10-15"), meant("budget"), "2026-10-20")
        assert computed(made) == [("money_landed", "2027-01-16"), ("get_into_plan", "2027-08-04")]

    def test_the_public_sector_plans_earlier_and_has_its_own_year(self) -> None:
        deal = lost_deal("2026-11-01", country="CA", public_sector=True)
        made = planned(deal, meant("budget"), TODAY)
        assert computed(made) == [("money_landed", "2027-04-16"), ("get_into_plan", "2027-07-06")]
        assert "(the government of Canada, assumed)" in made.steps[0].why

    def test_the_field_of_the_account_is_known_and_beats_words(self) -> None:
        deal = lost_deal("2026-10-15", country="JP", fiscal_year_start_month=7)
        made = planned(deal, meant("budget", budget_cycle(fiscal_year_start_month=10)), TODAY)
        assert computed(made) == [("get_into_plan", "2027-02-01"), ("money_landed", "2027-07-16")]
        assert not any(step.provisional for step in made.steps)
        assert "1 July (by the account's own field)" in made.steps[0].why

    def test_words_beat_the_tables(self) -> None:
        said = budget_cycle(fiscal_year_start_month=4, fiscal_year_start_day=6)
        made = planned(lost_deal("2026-10-15", country="AU"), meant("budget", said), TODAY)
        assert computed(made)[0] == ("money_landed", "2027-04-21")
        assert not made.steps[0].provisional

    def test_the_field_of_the_account_alone_is_no_statement_about_a_budget(self) -> None:
        made = planned(lost_deal(fiscal_year_start_month=4), meant("timing"), TODAY)
        assert only(made).anchor is Anchor.POLICY

    def test_talk_of_a_budget_round_without_a_date_still_follows_the_year(self) -> None:
        made = planned(lost_deal(), meant("need", budget_cycle()), TODAY)
        assert {step.anchor for step in made.steps} == {Anchor.BUDGET_CYCLE}

    @pytest.mark.parametrize(("country", "starts"), [("JP", "1 April"), ("IN", "1 April"), ("AU", "1 July")])
    def test_three_countries_have_a_company_year_of_their_own(self, country: str, starts: str) -> None:
        made = planned(lost_deal(country=country), meant("budget"), TODAY)
        assert f"starts on {starts} (" in made.steps[0].why
        assert made.steps[0].provisional


class TestIntervals:
    @pytest.mark.parametrize(
        ("category", "days"),
        [
            ("timing", 180),
            ("timing.postponed", 180),
            ("need", 270),
            ("need.product_gap", 270),
            ("need.no_need", 365),
            ("value_perception.no_roi", 90),
            ("authority.champion_left", 21),
            ("authority.legal_or_procurement", 120),
            ("authority.security_review", 120),
            ("budget.over_budget", 120),
            ("competitor.built_in_house", 180),
            ("unresponsive.went_dark", 60),
            ("unresponsive.no_decision", 90),
        ],
    )
    def test_each_kind_of_loss_has_its_interval(self, category: str, days: int) -> None:
        step = only(planned(lost_deal("2026-11-20"), meant(category), TODAY))
        assert ((step.computed_on - day("2026-11-20")).days, step.purpose) == (days, Purpose.RECONNECT)

    def test_an_interval_that_has_passed_becomes_the_first_day_left(self) -> None:
        assert computed(planned(lost_deal("2026-01-02"), meant("timing"), TODAY)) == [("reconnect", TODAY)]

    def test_the_loss_is_never_later_than_today(self) -> None:
        made = planned(lost_deal("2027-05-01"), meant("authority"), TODAY)
        assert computed(made) == [("reconnect", "2026-12-11")]

    def test_the_why_names_a_close_date_that_stands_in_for_the_loss(self) -> None:
        deal = lost_deal("2026-10-02", lost_on_source=LostOnSource.CLOSE_DATE)
        assert "lost on 2 October 2026 (the close date)" in only(planned(deal, meant("timing"), TODAY)).why

    def test_the_why_admits_that_no_day_is_known(self) -> None:
        deal = lost_deal(TODAY, lost_on_source=LostOnSource.TODAY)
        assert (
            "the day of the loss is not known, so 20 November 2026, when this was planned, stands for it"
            in only(planned(deal, meant("need"), TODAY)).why
        )


class TestAskingForTheReason:
    def test_it_is_asked_two_business_days_after_the_loss(self) -> None:
        made = planned(lost_deal("2026-11-20", country="US"), meant("unknown"), TODAY)
        assert computed(made) == [("ask_reason", "2026-11-24")]

    def test_it_is_asked_today_where_those_have_passed(self) -> None:
        assert computed(planned(lost_deal("2026-11-06"), meant("unknown.other"), TODAY)) == [("ask_reason", TODAY)]

    def test_day_fourteen_is_included_and_day_fifteen_is_not(self) -> None:
        assert planned(lost_deal("2026-11-06"), meant("unknown"), TODAY).steps
        late = planned(lost_deal("2026-11-05"), meant("unknown"), TODAY)
        assert late.steps == ()
        assert "too late to ask" in (late.why_none or "")

    def test_a_stated_date_comes_first(self) -> None:
        made = planned(lost_deal(TODAY), meant("unknown", revisit("2027-02-01")), TODAY)
        assert computed(made) == [("reconnect", "2027-02-01")]


class TestLastOffer:
    def test_a_competitors_win_is_answered_two_business_days_later_without_cool_off(self) -> None:
        made = planned(lost_deal("2026-11-19", country="DE"), meant("competitor"), TODAY)
        assert computed(made)[0] == ("last_offer", "2026-11-23")
        assert made.steps[0].anchor is Anchor.POLICY

    def test_holidays_do_not_count_and_the_blackout_does(self) -> None:
        thanksgiving = planned(lost_deal("2026-11-25", country="US"), meant("competitor"), "2026-11-25")
        assert computed(thanksgiving)[0] == ("last_offer", "2026-11-30")
        christmas = planned(lost_deal("2026-12-18", country="US"), meant("competitor"), "2026-12-18")
        assert (christmas.steps[0].computed_on, christmas.steps[0].due_on) == (day("2026-12-22"), day("2027-01-04"))

    def test_it_is_left_out_once_its_day_has_passed(self) -> None:
        made = planned(lost_deal("2026-11-17"), meant("competitor"), TODAY)
        assert Purpose.LAST_OFFER not in {step.purpose for step in made.steps}

    def test_its_day_being_today_is_not_past(self) -> None:
        assert computed(planned(lost_deal("2026-11-18"), meant("competitor"), TODAY))[0] == ("last_offer", TODAY)

    def test_it_comes_beside_a_stated_date(self) -> None:
        made = planned(lost_deal(TODAY), meant("competitor", revisit("2027-03-01")), TODAY)
        assert computed(made) == [("last_offer", "2026-11-24"), ("reconnect", "2027-03-01")]

    def test_it_follows_what_the_notes_say_and_not_the_picklist(self) -> None:
        made = planned(lost_deal(TODAY), meant("timing", stated="competitor"), TODAY)
        assert [purpose for purpose, _ in computed(made)] == ["reconnect"]


class TestReview:
    @pytest.mark.parametrize("category", ["timing", "budget", "competitor", "timing.contract_locked", "need"])
    def test_a_doubtful_loss_without_a_date_gets_no_step(self, category: str) -> None:
        made = planned(lost_deal(TODAY), meant(category, needs_review=True), TODAY)
        assert (made.steps, made.later) == ((), ())
        assert "a person has to look at it" in (made.why_none or "")

    def test_its_facts_still_count_and_nothing_else_is_added(self) -> None:
        facts = (contract_end("2027-12-31"),)
        made = planned(lost_deal(TODAY), meant("competitor", *facts, needs_review=True), TODAY)
        assert [purpose for purpose, _ in computed(made)] == ["position", "business_case", "decide"]
        stated = planned(lost_deal(TODAY), meant("competitor", revisit("2027-02-01"), needs_review=True), TODAY)
        assert computed(stated) == [("reconnect", "2027-02-01")]
        cycle = planned(lost_deal(TODAY), meant("timing", budget_cycle(), needs_review=True), TODAY)
        assert len(cycle.steps) == 2

    def test_an_unknown_reason_is_asked_for_all_the_same(self) -> None:
        made = planned(lost_deal(TODAY), meant("unknown", needs_review=True), TODAY)
        assert [purpose for purpose, _ in computed(made)] == ["ask_reason"]


class TestPlans:
    def test_equal_arguments_give_equal_plans_that_carry_their_day_and_policy(self) -> None:
        deal, meaning = lost_deal(contract_end="2027-12-31"), meant("competitor")
        made = planned(deal, meaning, TODAY)
        assert made == plan(deal, meaning, shipped_policy(), date.fromisoformat(TODAY))
        assert (made.made_on, made.policy_version) == (day(TODAY), shipped_policy().version)

    @pytest.mark.parametrize("absurd", ["0001-01-01", "1753-01-01", "9999-12-31"])
    def test_a_day_that_no_calendar_holds_is_taken_as_not_said(self, absurd: str) -> None:
        deal = lost_deal(contract_end=absurd, stated_follow_up=absurd)
        made = planned(deal, meant("timing", budget_cycle(absurd), revisit(absurd)), TODAY)
        assert {step.anchor for step in made.steps} == {Anchor.BUDGET_CYCLE}
