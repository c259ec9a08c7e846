"""The parts of a policy as values: its numbers, and one for each row of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mappings.model import LostDeal, Purpose
from mappings.values import value_type


@value_type(frozen=True, slots=True, kw_only=True)
class Timing:
    """The numbers a plan is computed with. `intervals` are days by category, or by `category.sub_reason`."""

    cool_off_days: int
    horizon_months: int
    notice_days: int
    term_months: int
    position_days: int
    business_case_days: int
    decide_days: int
    assumed_end_months: int
    ask_contract_end_days: int
    review_lead_days: int
    plan_lead_days: int
    public_plan_lead_days: int
    landed_days: int
    budget_steps: int
    last_offer_business_days: int
    ask_reason_business_days: int
    ask_reason_within_days: int
    intervals: Mapping[str, int]

    def interval(self, category: str, sub_reason: str | None) -> int | None:
        """Days to wait after a loss of this kind; the sub-reason's own before the category's; None without any."""
        if sub_reason and (found := self.intervals.get(f"{category}.{sub_reason}")) is not None:
            return found
        return self.intervals.get(category)


@value_type(frozen=True, slots=True, kw_only=True)
class Blackout:
    """Days of each year on which nobody is called, both ends included; `first` may come after `last` in the year."""

    first: tuple[int, int]  # month, day
    last: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How many follow-ups a rep gets."""

    per_day: int
    per_week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """When tasks are written: at planning time where `write_ahead_days` is None; and what waits or is held back."""

    write_ahead_days: int | None
    active_within_days: int
    backlog_after_days: int
    backlog_per_week: int
    lost_since_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTemplate:
    """What a task says for one purpose. `when` narrows it to an anchor, a category or `category.sub_reason`.

    `subject` holds candidates: the first whose placeholders are all known is taken.
    """

    purpose: Purpose
    when: str | None = None
    subject: tuple[str, ...]
    do: str
    questions: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetitorTerms:
    """What is known of one competitor's contracts."""

    name: str
    aliases: tuple[str, ...] = ()
    notice_days: int | None = None
    term_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Other numbers for some deals. Empty conditions hold for every deal; where several match, the last one wins."""

    name: str
    countries: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    amount_from: Decimal | None = None
    amount_below: Decimal | None = None
    currency: str | None = None
    timing: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, deal: LostDeal) -> bool:
        """Whether the deal is one of this segment. A deal without the value asked for is not."""
        account = deal.account
        if self.countries and account.country not in self.countries:
            return False
        if self.industries and (account.industry or "").casefold() not in {name.casefold() for name in self.industries}:
            return False
        return self._holds_amount(deal)

    def _holds_amount(self, deal: LostDeal) -> bool:
        if self.amount_from is None and self.amount_below is None and self.currency is None:
            return True
        if deal.amount is None or (self.currency is not None and deal.amount.currency != self.currency):
            return False
        amount = deal.amount.amount
        is_enough = self.amount_from is None or amount >= self.amount_from
        return is_enough and (self.amount_below is None or amount < self.amount_below)


@value_type(frozen=True, slots=True, kw_only=True)
class FiscalYearRow:
    """The start of the fiscal year in one country (or US state) that the installation knows better than we do."""

    sector: str  # "government" or "company"
    country: str
    region: str | None = None
    starts: tuple[int, int]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLawRow:
    """On what footing prospects in one country may be contacted, where the installation's lawyers know better."""

    country: str
    basis: str
    email_months: int | None = None
    source: str
