"""The values that travel the line: LostDeal -> Classification -> FollowUpPlan.

Each refers only to values on its left and carries the evidence it rests on. All are immutable.
A day is a `date` (in the org's or portal's zone), an instant an aware UTC `datetime`, money a `Decimal`
with its currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal

from mappings.taxonomy import Category, Finality, Word
from mappings.values import value


@value(frozen=True, slots=True, order=True)
class DealKey:
    """What a deal is called everywhere: the CRM's own account (org or portal) id, and the deal's id there."""

    account_id: str
    deal_id: str


@value(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in the currency the CRM gives; `currency` is None where the CRM names none."""

    amount: Decimal
    currency: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class WeekdayTurn:
    """The turn of a fiscal year of 52 or 53 weeks: such a weekday of a month is its last day, or its first.

    `weekday` is 0 for Monday; `nth` counts in the month, -1 is the last one, 0 the one nearest to the month's last day.
    """

    month: int
    weekday: int
    nth: int
    is_first_day: bool = False


@value(frozen=True, slots=True, kw_only=True)
class Account:
    """The prospect's company, as far as it bears on when to come back.

    `country` is ISO 3166-1 alpha-2 in capitals, `region` a US state's two letters, or None where unknown.
    `fiscal_year_start_month` is the account's own field, 1..12; where that field says a weekday instead ("ends on the
    last Saturday of January"), `fiscal_year_turn` is it.
    """

    id: str | None = None
    name: str = ""
    country: str | None = None
    region: str | None = None
    industry: str | None = None
    public_sector: bool | None = None
    fiscal_year_start_month: int | None = None
    fiscal_year_turn: WeekdayTurn | None = None


@value(frozen=True, slots=True, kw_only=True)
class StatedReason:
    """One loss-reason field: the CRM's value word for word, and the label it shows for it where that differs."""

    field: str
    value: str
    label: str | None = None

    @property
    def words(self) -> str:
        """What a person reads in the CRM."""
        return self.label or self.value


@value(frozen=True, slots=True, kw_only=True)
class Note:
    """Free text about the loss. `said_on` is the day it was written, where it differs from `lost_on`."""

    field: str
    text: str
    said_on: date | None = None


class LostOnSource(Word):
    """Where `lost_on` comes from; the why names it."""

    STAGE_HISTORY = "stage_history"
    CLOSE_DATE = "close_date"
    GIVEN = "given"
    TODAY = "today"


@value(frozen=True, slots=True, kw_only=True)
class LostDeal:
    """A closed, not won deal, as the CRM told it.

    `lost_on` is a date in the org's or portal's zone, never later than the day of the read. `close_date` is the
    CRM's own close date, which the ledger counts by. `outputs` are the present values of the CRM fields that we
    write to (CRM field name -> value); they are no part of the fingerprint, so our own writes cause no work.
    `stated_follow_up` is a day that a person entered in Next Follow-up; never a date we wrote. `open_until` is the
    latest instant at which its history of stages shows the deal not lost, where that can be read. `unread` names the
    mapped fields that the CRM did not show. Neither says anything about the loss, so they are no part of the
    fingerprint.
    """

    key: DealKey
    name: str = ""
    lost_on: date
    lost_on_source: LostOnSource = LostOnSource.GIVEN
    close_date: date | None = None
    account: Account = field(default_factory=Account)
    stated_reasons: tuple[StatedReason, ...] = ()
    notes: tuple[Note, ...] = ()
    competitor: str | None = None
    contract_end: date | None = None
    stated_follow_up: date | None = None
    do_not_contact: bool = False
    owner_id: str | None = None
    account_owner_id: str | None = None
    contact_id: str | None = None
    amount: Money | None = None
    stage: str | None = None
    reached_stages: tuple[str, ...] = ()
    record_type: str | None = None
    pipeline: str | None = None
    deal_type: str | None = None
    modified_at: datetime | None = None
    outputs: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    open_until: datetime | None = None
    unread: tuple[str, ...] = ()


class FactKind(Word):
    """A date-bearing statement is one of three kinds."""

    CONTRACT_END = "contract_end"
    BUDGET_CYCLE = "budget_cycle"
    REVISIT = "revisit"


@value(frozen=True, slots=True, kw_only=True)
class Fact:
    """A date-bearing statement, with the words it came from.

    `on` is the resolved first day, or None where none may be invented. For `budget_cycle`, `on` is the stated
    review date, and `fiscal_year_start_month` (with `fiscal_year_start_day`) the stated start of the year; where the
    year has 52 or 53 weeks, `fiscal_year_turn` says its first day, and month and day are those it lies about.
    `term_months` and `notice_days` stand where the words say them. `field` names where the words stand, and
    `start:end` is their place in it; a fact from a CRM date field has an empty span.
    """

    kind: FactKind
    on: date | None = None
    text: str = ""
    field: str = "notes"
    start: int = 0
    end: int = 0
    fiscal_year_start_month: int | None = None
    fiscal_year_start_day: int = 1
    fiscal_year_turn: WeekdayTurn | None = None
    term_months: int | None = None
    notice_days: int | None = None


@value(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The rule that decided, and the words it decided on: `text` is `field[start:end]`, word for word."""

    rule: str
    text: str
    field: str
    start: int = 0
    end: int = 0


@value(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One reading of a reason: category, bare sub-reason, how sure (0..1), and why."""

    category: Category
    sub_reason: str | None
    confidence: float
    finality: Finality = Finality.OPEN
    secondary: Category | None = None
    evidence: tuple[Evidence, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class Classification:
    """What a loss is taken to mean.

    `stated` reads the reason fields alone; `underlying` reads everything, and is what plans use. They are equal
    where the notes say no more. `needs_review` says not to act on the category (facts still count), and then
    `alternatives` holds the two best guesses. `mapping_version` is the version of the mapping set that decided.
    `competitor` is whom the words name as chosen or kept instead; the deal's own field is not repeated here.
    """

    stated: Verdict
    underlying: Verdict
    facts: tuple[Fact, ...] = ()
    needs_review: bool = False
    alternatives: tuple[Category, ...] = ()
    mapping_version: str = ""
    competitor: str | None = None


class Anchor(Word):
    """What a follow-up date hangs on."""

    STATED_DATE = "stated_date"
    CONTRACT_EXPIRY = "contract_expiry"
    BUDGET_CYCLE = "budget_cycle"
    POLICY = "policy"


class Purpose(Word):
    """What a step is for. A rep never sees these names."""

    RECONNECT = "reconnect"
    POSITION = "position"
    BUSINESS_CASE = "business_case"
    DECIDE = "decide"
    ASK_CONTRACT_END = "ask_contract_end"
    GET_INTO_PLAN = "get_into_plan"
    MONEY_LANDED = "money_landed"
    LAST_OFFER = "last_offer"
    ASK_REASON = "ask_reason"


@value(frozen=True, slots=True, kw_only=True)
class Step:
    """One follow-up. `computed_on` is the rule's date, `due_on` the business day made of it.

    `deadline_on` is the last useful day D, for steps that must not pass it. `merged` names the purposes that fell
    on the same day and are done with this step. `provisional` means that an assumption stands in for a fact.
    `about_on` is the day the step is aimed at (contract end, start of the fiscal year, review, stated date), if any.
    `ordinal` counts from 1 within the purpose. `why` is one plain sentence computed from the same values.
    """

    purpose: Purpose
    ordinal: int = 1
    computed_on: date
    due_on: date
    anchor: Anchor
    provisional: bool = False
    deadline_on: date | None = None
    about_on: date | None = None
    merged: tuple[Purpose, ...] = ()
    facts: tuple[Fact, ...] = ()
    why: str


@value(frozen=True, slots=True, kw_only=True)
class FollowUpPlan:
    """The ordered follow-ups of one episode, with the `today` and the policy version it was made with.

    `later` are steps beyond the horizon. `why_none` explains a plan without a step; `dropped` names what was
    left out, in plain sentences.
    """

    steps: tuple[Step, ...] = ()
    later: tuple[Step, ...] = ()
    why_none: str | None = None
    dropped: tuple[str, ...] = ()
    made_on: date
    policy_version: str = ""
