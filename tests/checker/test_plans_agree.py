"""The planner and the checker give the same plans, and no plan breaks a promise."""

from __future__ import annotations

import ast
import functools
import random
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources

import pytest

from mappings.documents.policy import Policy, parse_policy
from mappings.model import (
    Account,
    Anchor,
    Classification,
    DealKey,
    Fact,
    FactKind,
    FollowUpPlan,
    LostDeal,
    Money,
    Purpose,
    Step,
    Verdict,
    WeekdayTurn,
)
from mappings.plan import plan
from mappings.taxonomy import Category, Finality
from tests.checker.random_losses import loss_by_chance, today_by_chance
from tests.checker.recompute import Checker, Expected, Loss, Said, is_working_day

SHIPPED = resources.files("mappings.data").joinpath("policy.toml").read_text("utf-8")
EDITED = (
    SHIPPED.replace("cool_off_days = 14", "cool_off_days = 3")
    .replace("horizon_months = 24", "horizon_months = 9")
    .replace("notice_days = 60", "notice_days = 5")
    .replace("position_days = 90", "position_days = 30")
    .replace("business_case_days = 45", "business_case_days = 30")
    .replace("budget_steps = 2", "budget_steps = 4")
    .replace("assumed_end_months = 12", "assumed_end_months = 2")
    .replace("money_landed = true", "money_landed = false")
    .replace('from = "12-20"\nto = "01-03"', 'from = "07-01"\nto = "07-31"')
    + """
[[blackout]]
from = "12-24"
to = "02-10"
[[competitor]]
name = "Zendesk"
aliases = ["Zendesk Suite"]
notice_days = 30
term_months = 24
[[segment]]
name = "Retail"
industries = ["retail"]
[segment.timing]
notice_days = 90
cool_off_days = 30
[segment.timing.intervals]
timing = 33
[[segment]]
name = "Large, in Germany and France"
countries = ["DE", "FR"]
amount_from = 50000
amount_below = 800000
[segment.timing]
term_months = 6
plan_lead_days = 200
"""
)


@functools.cache
def both(document: str) -> tuple[Policy, Checker]:
    return parse_policy(document), Checker(document)


def deal_of(loss: Loss) -> LostDeal:
    account = Account(
        name="Contoso",
        country=loss.country,
        region=loss.region,
        industry=loss.industry,
        public_sector=loss.public_sector,
        fiscal_year_start_month=loss.fiscal_field,
        fiscal_year_turn=_turn_of(loss.fiscal_turn_field),
    )
    return LostDeal(
        key=DealKey("org", "deal"),
        lost_on=loss.lost_on,
        account=account,
        competitor=loss.competitor,
        contract_end=loss.contract_end_field,
        stated_follow_up=loss.next_follow_up,
        do_not_contact=loss.do_not_contact,
        amount=None if loss.amount is None else Money(amount=Decimal(loss.amount)),
    )


def fact_of(said: Said) -> Fact:
    return Fact(
        kind=FactKind(said.kind),
        on=said.on,
        field="contract_end" if said.from_field else "notes",
        fiscal_year_start_month=said.fiscal_month,
        fiscal_year_start_day=said.fiscal_day,
        fiscal_year_turn=_turn_of(said.fiscal_turn),
        term_months=said.term_months,
        notice_days=said.notice_days,
    )


def _turn_of(turn: tuple[int, int, int, bool] | None) -> WeekdayTurn | None:
    if turn is None:
        return None
    month, weekday, nth, is_first_day = turn
    return WeekdayTurn(month=month, weekday=weekday, nth=nth, is_first_day=is_first_day)


def classification_of(loss: Loss) -> Classification:
    verdict = Verdict(
        category=Category(loss.category),
        sub_reason=loss.sub_reason,
        confidence=0.5 if loss.needs_review else 0.95,
        finality=Finality(loss.finality),
    )
    facts = tuple(fact_of(said) for said in loss.said)
    return Classification(stated=verdict, underlying=verdict, facts=facts, needs_review=loss.needs_review)


def row_of(step: Step) -> tuple[object, ...]:
    return (step.purpose, step.computed_on, step.due_on, step.anchor, step.provisional, step.merged)


def rows(expected: list[Expected]) -> list[tuple[object, ...]]:
    return [step.as_row() for step in expected]


def compare(policy: Policy, checker: Checker, *, count: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        today = today_by_chance(chance)
        agree(policy, checker, loss_by_chance(chance, today), today)


def agree(policy: Policy, checker: Checker, loss: Loss, today: date) -> None:
    made = plan(deal_of(loss), classification_of(loss), policy, today)
    steps, later = checker.plan(loss, today)
    told = f"{loss} on {today}"
    assert [row_of(step) for step in made.steps] == rows(steps), told
    assert [row_of(step) for step in made.later] == rows(later), told
    keeps_its_promises(made, loss, checker, today)


def keeps_its_promises(made: FollowUpPlan, loss: Loss, checker: Checker, today: date) -> None:
    """What must hold of any plan, whatever rule made it."""
    earliest = max(today, min(loss.lost_on, today) + timedelta(checker.numbers(loss)["cool_off_days"]))
    steps = [*made.steps, *made.later]
    assert made.steps or made.why_none
    assert len({step.due_on for step in steps}) == len(steps)
    assert [step.due_on for step in made.steps] == sorted(step.due_on for step in made.steps)
    assert len({(step.purpose, step.ordinal) for step in steps}) == len(steps)
    for step in steps:
        assert today <= step.due_on, step
        assert step.deadline_on is None or step.due_on <= step.deadline_on, step
        assert is_working_day(loss.country, step.due_on), step
        assert f"{step.due_on:%m-%d}" not in checker.black, step
        is_free_of_cool_off = step.purpose in {Purpose.LAST_OFFER, Purpose.ASK_REASON}
        assert is_free_of_cool_off or step.anchor is Anchor.STATED_DATE or step.due_on >= earliest, step
        assert step.why.endswith(".")
        assert "  " not in step.why
        assert not any(purpose.value in step.why for purpose in Purpose if "_" in purpose.value), step.why


@pytest.mark.parametrize("document", [SHIPPED, EDITED], ids=["shipped", "edited"])
def test_random_plans_agree_with_the_checker(document: str) -> None:
    compare(*both(document), count=3000, seed=2026)


@pytest.mark.slow
@pytest.mark.parametrize("document", [SHIPPED, EDITED], ids=["shipped", "edited"])
def test_a_hundred_thousand_random_plans_agree_with_the_checker(document: str) -> None:
    compare(*both(document), count=50_000, seed=1)


@pytest.mark.parametrize("today", [date(2026, 11, 16) + timedelta(n) for n in range(7)], ids=str)
@pytest.mark.parametrize("country", [None, "JP", "SA"])
def test_deadlines_at_every_edge_agree_on_every_weekday(today: date, country: str | None) -> None:
    policy, checker = both(SHIPPED)
    for days in range(40, 220):
        for lost_on in (today, today - timedelta(40)):
            ends_on = today + timedelta(days)
            agree(policy, checker, Loss(lost_on, "need", country=country, contract_end_field=ends_on), today)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("is_public", [False, True])
def test_every_fiscal_start_agrees_over_twenty_years(month: int, is_public: bool) -> None:
    policy, checker = both(SHIPPED)
    for day in range(1, 32):
        said = (Said("budget_cycle", fiscal_month=month, fiscal_day=day),)
        for days in range(day, 20 * 365, 1201):
            today = date(2016, 1, 1) + timedelta(days)
            loss = Loss(today, "budget", country="US", public_sector=is_public, said=said)
            agree(policy, checker, loss, today)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("nth", [-1, 0, 1])
def test_every_weekday_a_fiscal_year_may_turn_on_agrees_over_twenty_years(month: int, nth: int) -> None:
    policy, checker = both(SHIPPED)
    about = month if nth > 0 else month % 12 + 1
    for weekday in range(7):
        said = (Said("budget_cycle", fiscal_month=about, fiscal_turn=(month, weekday, nth, nth > 0)),)
        for days in range(weekday, 20 * 365, 401):
            today = date(2016, 1, 1) + timedelta(days)
            agree(policy, checker, Loss(today, "budget", said=said), today)


@pytest.mark.parametrize("category", ["competitor", "budget", "timing", "unknown", "unresponsive"])
def test_leap_days_agree(category: str) -> None:
    policy, checker = both(SHIPPED)
    leap_days = [date(year, 2, 29) for year in range(2016, 2037, 4)]
    for lost_on in leap_days:
        for days in (0, 1, 3, 14, 15, 300, 365, 366, 1460, 1461):
            for said in ((), (Said("contract_end", lost_on),), (Said("budget_cycle", lost_on),)):
                agree(policy, checker, Loss(lost_on, category, said=said), lost_on + timedelta(days))


@pytest.mark.parametrize("module", ["recompute", "fiscal_tables"])
def test_the_checker_knows_nothing_of_the_planner(module: str) -> None:
    source = resources.files("tests.checker").joinpath(f"{module}.py").read_text("utf-8")
    imported = [
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    ]
    assert [name for name in imported if name.split(".")[0] in {"mappings", "service", "connectors"}] == []
