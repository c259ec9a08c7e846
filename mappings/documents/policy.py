"""The policy: when to come back after each kind of loss, as an editable document with every number a setting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from typing import Any

from mappings.documents.toml import DocumentError, load_toml, schema_problems
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


@dataclass(frozen=True, kw_only=True)
class Policy:
    """When to come back, and what the tasks say. Equal settings have equal versions, whatever the comments."""

    timing: Timing
    blackout: tuple[Blackout, ...]
    spread: Spread
    writing: Writing
    enabled: Mapping[Purpose, bool]
    tasks: tuple[TaskTemplate, ...]
    competitors: tuple[CompetitorTerms, ...] = ()
    segments: tuple[Segment, ...] = ()
    fiscal_years: tuple[FiscalYearRow, ...] = ()
    contact_laws: tuple[ContactLawRow, ...] = ()

    def __hash__(self) -> int:
        return hash(self.version)

    @cached_property
    def version(self) -> str:
        """A hash of the settings' content."""
        canonical = json.dumps(settings_of(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @cached_property
    def _terms(self) -> dict[str, CompetitorTerms]:
        return {
            name.casefold(): terms
            for terms in self.competitors
            for name in (*terms.aliases, terms.name)
            if name.strip()
        }

    def competitor_terms(self, name: str | None) -> CompetitorTerms | None:
        """What the policy knows of this competitor's contracts, by its name or an alias in any case."""
        return self._terms.get(name.strip().casefold()) if name and self._terms else None

    def timing_for(self, deal: LostDeal, *, competitor: str | None = None) -> Timing:
        """The numbers for this deal: the policy's own, as its segments and its competitor change them.

        `competitor` is the one that the words name; the deal's own field goes before it.
        """
        timing = self.timing
        for segment in self.segments:
            if segment.holds(deal):
                intervals = {**timing.intervals, **segment.timing.get("intervals", {})}
                timing = replace(timing, **{**segment.timing, "intervals": intervals})
        terms = self.competitor_terms(deal.competitor or competitor)
        if terms is None:
            return timing
        return replace(
            timing,
            notice_days=timing.notice_days if terms.notice_days is None else terms.notice_days,
            term_months=timing.term_months if terms.term_months is None else terms.term_months,
        )

    def is_enabled(self, purpose: Purpose) -> bool:
        """Whether steps of this purpose are made at all."""
        return self.enabled.get(purpose, True)


def settings_of(policy: Policy) -> dict[str, Any]:
    """The policy as the plain tables of its document."""
    from mappings.documents.policy_schema import PolicySchema

    dumped: dict[str, Any] = PolicySchema().dump(policy)
    said: dict[str, Any] = _said(dumped)
    return said


def parse_policy(text: str) -> Policy:
    """The policy a document says; what it leaves out is as shipped. Raises DocumentError naming line and remedy."""
    from marshmallow import ValidationError

    from mappings.documents.policy_schema import PolicySchema

    tables = load_toml(text)
    if text is not _shipped_text():
        tables = _over(load_toml(_shipped_text()), tables)
    try:
        policy: Policy = PolicySchema().load(tables)
    except ValidationError as error:
        raise DocumentError(schema_problems(text, error.messages)) from error
    return policy


def render_policy(policy: Policy) -> str:
    """The policy as a document, with the shipped document's comments beside the settings it has too."""
    import tomlkit

    document = tomlkit.parse(_shipped_text())
    settings = settings_of(policy)
    for name in [name for name in document if name not in settings]:
        del document[name]
    _write_over(document, settings)
    return tomlkit.dumps(document)


@cache
def shipped_policy() -> Policy:
    """The default policy."""
    return parse_policy(_shipped_text())


@cache
def _shipped_text() -> str:
    return resources.files("mappings.data").joinpath("policy.toml").read_text("utf-8")


def _over(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        present = merged.get(key)
        merged[key] = _over(present, value) if isinstance(present, dict) and isinstance(value, dict) else value
    return merged


def _write_over(table: Any, settings: Mapping[str, Any]) -> None:
    """Set what differs, so that equal parts keep their comments and layout."""
    for key, value in settings.items():
        present = table.get(key)
        if isinstance(value, dict) and isinstance(present, dict):
            for gone in [name for name in present if name not in value]:
                del present[gone]
            _write_over(present, value)
        elif present is None or getattr(present, "unwrap", lambda kept=present: kept)() != value:
            table[key] = value


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        # An empty list is what leaving it out means, but for the blackout: the shipped one is not empty.
        return {key: _said(inner) for key, inner in value.items() if inner or inner in (0, False) or key == "blackout"}
    if isinstance(value, list):
        return [_said(inner) for inner in value]
    return value
