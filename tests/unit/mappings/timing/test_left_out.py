"""What the simulator says was looked at and not planned: no step vanishes without a word, and no plan changes by it."""

from __future__ import annotations

from mappings.documents.policy import shipped_policy
from mappings.model import Classification, LostDeal
from mappings.plan import left_out
from tests.unit.mappings.timing.timing_factories import (
    budget_cycle,
    contract_end,
    day,
    lost_deal,
    meant,
    planned,
    revisit,
)

TODAY = "2026-11-20"


def told(deal: LostDeal, meaning: Classification) -> str:
    return " ".join(left_out(deal, meaning, shipped_policy(), day(TODAY)))


def test_a_step_before_the_first_usable_day_is_named_with_its_day_and_why() -> None:
    deal, meaning = lost_deal(TODAY), meant("competitor", contract_end("2027-03-31"))

    says = told(deal, meaning)

    assert "The first talk before the contract ends would have been on 1 November 2026" in says
    assert "4 December 2026 is the first day left, 14 days after the loss" in says
    assert "Bringing the figures" not in says, "it is planned"
    assert not planned(deal, meaning, TODAY).dropped, "a plan holds what it held before"


def test_a_rule_that_another_goes_before_is_named_with_what_it_would_have_planned() -> None:
    says = told(lost_deal(TODAY), meant("competitor", revisit("2027-05-03"), contract_end("2027-12-31")))

    assert "By the end of their contract it would be the first talk before the contract ends on 3 August 2027" in says
    assert "the day they asked for goes before that" in says


def test_an_offer_that_is_past_and_a_fiscal_year_that_is_too_near_are_named() -> None:
    assert "Leaving the door open would have been on 6 October 2026" in told(
        lost_deal("2026-10-02"), meant("competitor", contract_end("2027-12-31"))
    )
    soon = lost_deal("2026-11-18", fiscal_year_start_month=4)
    assert "Getting into the budget would have been" not in told(soon, meant("budget"))
    late = lost_deal("2026-11-18", fiscal_year_start_month=11)
    assert "Asking for the new budget" not in told(late, meant("budget", budget_cycle()))
    passed = lost_deal("2026-11-10", fiscal_year_start_month=11)
    assert "Asking for the new budget would have been on 16 November 2026" in told(passed, meant("budget"))


def test_of_a_definitive_no_nothing_was_looked_at() -> None:
    assert told(lost_deal(do_not_contact=True), meant("competitor", contract_end("2027-03-31"))) == ""
