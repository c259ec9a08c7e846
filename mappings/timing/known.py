"""What is known of a deal that bears on when to come back: the dates chosen among its fields and words.

The facts of a classification stand in the order in which a plan prefers them: a CRM field before words, and the last
said before the first. So of each kind the first that fits counts.
"""

from __future__ import annotations

from datetime import date, timedelta

from mappings.calendars import BusinessDays, FiscalStart, assumed_fiscal_start, business_days
from mappings.deciding.competitors import competitor_of
from mappings.deciding.said import DEBRIEF
from mappings.documents.policy import Policy
from mappings.documents.policy_values import Timing
from mappings.fiscal_weeks import start_about
from mappings.model import Classification, Fact, FactKind, LostDeal, LostOnSource
from mappings.taxonomy import Category
from mappings.timing.words import NAMELESS, on_one_line
from mappings.values import value_type

CONTRACT_END_FIELD = "contract_end"
STATED_FOLLOW_UP_FIELD = "next_follow_up"
BY_THE_FIELD = "by the account's own field"
PLAUSIBLE_YEARS = range(1900, 9000)
"""Days outside are typing errors or a CRM's way of saying none; sums with them leave the calendar."""


@value_type(frozen=True, slots=True, kw_only=True)
class Dated:
    """A day somebody stated, with the facts it rests on."""

    on: date
    facts: tuple[Fact, ...]


@value_type(frozen=True, slots=True, kw_only=True)
class Known:
    """A deal as the rules see it. `earliest` is the first day on which it may be come back to by computation."""

    deal: LostDeal
    who: str
    rival: str
    today: date
    lost_on: date
    earliest: date
    timing: Timing
    policy: Policy
    calendar: BusinessDays
    category: Category
    sub_reason: str | None
    in_review: bool
    facts: tuple[Fact, ...]

    @property
    def loss_day_is_today(self) -> bool:
        """Whether no day of the loss is known."""
        return self.deal.lost_on_source is LostOnSource.TODAY

    def is_kind(self, category: Category, *, but: str) -> bool:
        """Whether the loss may be acted on as one of this category, a sub-reason excepted."""
        return not self.in_review and self.category is category and self.sub_reason != but


def gather(deal: LostDeal, classification: Classification, policy: Policy, today: date) -> Known:
    """Everything the rules need, looked up once."""
    timing = policy.timing_for(deal, competitor=classification.competitor)
    lost_on = min(deal.lost_on, today)
    verdict = classification.underlying
    return Known(
        deal=deal,
        who=on_one_line(deal.account.name) or on_one_line(deal.name) or NAMELESS,
        rival=competitor_of(deal, classification),
        today=today,
        lost_on=lost_on,
        earliest=max(today, lost_on + timedelta(timing.cool_off_days)),
        timing=timing,
        policy=policy,
        calendar=business_days(deal.account.country, policy.blackout),
        category=verdict.category,
        sub_reason=verdict.sub_reason,
        in_review=classification.needs_review,
        facts=classification.facts,
    )


def stated_day(known: Known) -> Dated | None:
    """The day to come back on: the one of a debrief, else the one a person entered in the CRM, else the one said."""
    debrief = tuple([fact for fact in known.facts if fact.field == DEBRIEF])
    if debrief and (debriefed := _first_said(debrief, FactKind.REVISIT)):
        return debriefed
    entered = known.deal.stated_follow_up
    if entered is not None and entered.year in PLAUSIBLE_YEARS:
        return Dated(on=entered, facts=(Fact(kind=FactKind.REVISIT, on=entered, field=STATED_FOLLOW_UP_FIELD),))
    return _first_said(known.facts, FactKind.REVISIT)


def contract_end(known: Known) -> Dated | None:
    """The end of their contract: the CRM's field, else the one said."""
    in_field = tuple([fact for fact in known.facts if fact.field == CONTRACT_END_FIELD])
    if in_field and (entered := _first_said(in_field, FactKind.CONTRACT_END)):
        return entered
    field = known.deal.contract_end
    if field is not None and field.year in PLAUSIBLE_YEARS:
        return Dated(on=field, facts=(Fact(kind=FactKind.CONTRACT_END, on=field, field=CONTRACT_END_FIELD),))
    return _first_said(known.facts, FactKind.CONTRACT_END)


def review_day(known: Known) -> Dated | None:
    """The stated day of their budget review."""
    return _first_said(known.facts, FactKind.BUDGET_CYCLE)


def has_budget_cycle(known: Known) -> bool:
    """Whether anything was said of their budget's cycle, with a date or without."""
    return any(fact.kind is FactKind.BUDGET_CYCLE for fact in known.facts)


def notice_days(known: Known) -> int:
    """Days of notice before their contract's end: those said, else the policy's."""
    for fact in known.facts:
        if fact.notice_days is not None and fact.notice_days >= 0:
            return fact.notice_days
    return known.timing.notice_days


def term_months(known: Known) -> int:
    """Months by which their contract runs on: those said, else the policy's."""
    for fact in known.facts:
        if fact.term_months is not None and fact.term_months > 0:
            return fact.term_months
    return known.timing.term_months


def fiscal_start(known: Known) -> FiscalStart:
    """Where their fiscal year starts: the account's field, else their words, else the tables, else 1 January.

    A field that names the month in which a year of 52 or 53 weeks turns, by their words, agrees with the words.
    """
    account = known.deal.account
    worded = _worded_start(known.facts)
    if turn := account.fiscal_year_turn:
        about = start_about(turn)
        return FiscalStart(month=about[0], day=about[1], known_from=BY_THE_FIELD, is_assumed=False, turn=turn)
    month = account.fiscal_year_start_month
    if month is not None and 1 <= month <= 12 and not _agrees(month, worded):
        return FiscalStart(month=month, day=1, known_from=BY_THE_FIELD, is_assumed=False)
    return worded or assumed_fiscal_start(
        account.country, account.region, account.public_sector is True, known.policy.fiscal_years
    )


def _worded_start(facts: tuple[Fact, ...]) -> FiscalStart | None:
    for fact in facts:
        month = fact.fiscal_year_start_month
        if fact.kind is FactKind.BUDGET_CYCLE and month is not None and 1 <= month <= 12:
            day = max(1, fact.fiscal_year_start_day)
            return FiscalStart(
                month=month, day=day, known_from="in their own words", is_assumed=False, turn=fact.fiscal_year_turn
            )
    return None


def _agrees(month: int, worded: FiscalStart | None) -> bool:
    return worded is not None and worded.turn is not None and month in {worded.month, worded.turn.month}


def _first_said(facts: tuple[Fact, ...], kind: FactKind) -> Dated | None:
    for fact in facts:
        if fact.kind is kind and fact.on is not None and fact.on.year in PLAUSIBLE_YEARS:
            return Dated(on=fact.on, facts=(fact,))
    return None
