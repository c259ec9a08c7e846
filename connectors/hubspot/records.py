"""HubSpot's records as the line's values. Pure: a record and what is known of its portal go in, a deal comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import Channel, DealConsent, DealState, FieldMap, OpenDeal, Role, Stage, WonDeal
from connectors.consent import opt_out
from connectors.countries import country_code, region_code
from connectors.fields import WRITTEN
from connectors.hubspot.opt_outs import contact_consent, first_open
from connectors.hubspot.values import (
    day_of,
    instant_of,
    is_true,
    money_of,
    month_of,
    plain_day_of,
    text_of,
    text_of_html,
)
from mappings.facts import read_fiscal_turn
from mappings.model import Account, DealKey, LostDeal, LostOnSource, Money, Note, StatedReason

Properties = Mapping[str, Any]
NOTHING: Properties = MappingProxyType({})
COMPANY = "company."
CONTACT = "contact."


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRecord:
    """A deal with its company (the primary one) and contacts, as HubSpot's property mappings."""

    id: str
    properties: Properties
    company_id: str | None = None
    company: Properties | None = None
    contacts: tuple[tuple[str, Properties], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFields:
    """What is needed to understand a portal's records.

    `labels` holds the option labels by property; `entered` the property with the day a stage was entered, by stage
    id; `plain_days` the properties of type `date`; `opt_outs` the contact properties that mean "leave me alone";
    `unread` the mapped properties that the portal does not have.
    """

    account_id: str
    zone: ZoneInfo
    today: date
    roles: FieldMap = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)
    pipelines: Mapping[str, str] = field(default_factory=dict)
    entered: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    plain_days: frozenset[str] = frozenset()
    rich_texts: frozenset[str] = frozenset()
    opt_outs: tuple[str, ...] = ()
    currency: str | None = None
    unread: tuple[str, ...] = ()
    outputs: tuple[str, ...] = field(init=False, repr=False, compare=False)
    entered_stages: tuple[tuple[Stage, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """For every record: the properties that we write, and each stage with that of the day it was entered."""
        outputs = tuple(name for role in WRITTEN for name in self.roles.get(role, ()))
        stages = tuple((stage, self.entered.get(id_, "")) for id_, stage in self.stages.items())
        object.__setattr__(self, "outputs", outputs)
        object.__setattr__(self, "entered_stages", stages)


def to_deal_state(record: DealRecord, fields: DealFields) -> DealState:
    """The deal as lost, won or open: by its stage's flags, else by HubSpot's own calculated ones."""
    if is_lost(record.properties, fields):
        return to_lost_deal(record, fields)
    key = DealKey(fields.account_id, record.id)
    modified_at = instant_of(record.properties.get("hs_lastmodifieddate"))
    outputs = _outputs(record.properties, fields)
    if _is_won(record.properties, fields):
        won_on = _stage_day(record.properties, fields) or _close_day(record.properties, fields)
        return WonDeal(key=key, won_on=won_on, account_id=record.company_id, modified_at=modified_at, outputs=outputs)
    return OpenDeal(key=key, account_id=record.company_id, modified_at=modified_at, outputs=outputs)


def is_lost(properties: Properties, fields: DealFields) -> bool:
    """Closed and not won. The label of a stage says nothing."""
    stage = fields.stages.get(text_of(properties.get("dealstage")))
    return stage.is_lost if stage else is_true(properties.get("hs_is_closed_lost"))


def _is_won(properties: Properties, fields: DealFields) -> bool:
    stage = fields.stages.get(text_of(properties.get("dealstage")))
    return stage.is_won if stage else is_true(properties.get("hs_is_closed_won"))


def to_lost_deal(record: DealRecord, fields: DealFields) -> LostDeal:
    """A closed-lost deal. Empty and missing properties are the same thing."""
    deal = record.properties
    lost_on, source = _lost_on(deal, fields)
    stage_id = text_of(deal.get("dealstage"))
    pipeline_id = text_of(deal.get("pipeline"))
    stage = fields.stages.get(stage_id)
    consent = consent_of(record, fields)
    return LostDeal(
        key=consent.key,
        name=text_of(deal.get("dealname")),
        lost_on=lost_on,
        lost_on_source=source,
        close_date=_close_day(deal, fields),
        account=_account(record, fields),
        stated_reasons=_stated_reasons(record, fields),
        notes=_notes(record, fields),
        competitor=_words(record, fields, Role.COMPETITOR),
        contract_end=_mapped_day(record, fields, Role.CONTRACT_END),
        do_not_contact=consent.is_closed,
        owner_id=text_of(deal.get("hubspot_owner_id")) or None,
        account_owner_id=text_of((record.company or NOTHING).get("hubspot_owner_id")) or None,
        contact_id=first_open(consent),
        amount=_amount(deal, fields),
        stage=stage.label if stage else stage_id or None,
        reached_stages=_reached(deal, fields),
        pipeline=fields.pipelines.get(pipeline_id, pipeline_id) or None,
        deal_type=text_of(deal.get("dealtype")) or None,
        modified_at=instant_of(deal.get("hs_lastmodifieddate")),
        outputs=_outputs(deal, fields),
        open_until=_open_until(deal, fields),
        unread=fields.unread,
    )


def _outputs(properties: Properties, fields: DealFields) -> Mapping[str, str | None]:
    return {name: text_of(properties.get(name)) or None for name in fields.outputs}


def merged_ids(properties: Properties) -> tuple[str, ...]:
    """The ids that this record absorbed."""
    listed = text_of(properties.get("hs_merged_object_ids"))
    return tuple(part.strip() for part in listed.split(";") if part.strip()) if listed else ()


def _lost_on(deal: Properties, fields: DealFields) -> tuple[date, LostOnSource]:
    entered = _stage_day(deal, fields)
    if entered is not None:
        return min(entered, fields.today), LostOnSource.STAGE_HISTORY
    closed = _close_day(deal, fields)
    if closed is not None:
        return min(closed, fields.today), LostOnSource.CLOSE_DATE
    return fields.today, LostOnSource.TODAY


def _stage_day(deal: Properties, fields: DealFields) -> date | None:
    """The day the present stage was entered, in the portal's zone."""
    name = fields.entered.get(text_of(deal.get("dealstage")))
    entered = day_of(deal.get(name), fields.zone) if name else None
    return entered or day_of(deal.get("hs_v2_date_entered_current_stage"), fields.zone)


def _open_until(deal: Properties, fields: DealFields) -> datetime | None:
    """When the deal last entered a stage that is not lost: `hs_v2_date_entered_` holds the latest time of each."""
    times = [instant_of(deal[name]) for stage, name in fields.entered_stages if deal.get(name) and not stage.is_lost]
    return max(filter(None, times), default=None)


def _close_day(deal: Properties, fields: DealFields) -> date | None:
    return _day("closedate", deal.get("closedate"), fields)


def _day(name: str, value: object, fields: DealFields) -> date | None:
    return plain_day_of(value) if name in fields.plain_days else day_of(value, fields.zone)


def _reached(deal: Properties, fields: DealFields) -> tuple[str, ...]:
    present = fields.stages.get(text_of(deal.get("dealstage")))
    reached = [stage.label for stage, name in fields.entered_stages if stage is present or deal.get(name)]
    return tuple(dict.fromkeys(reached))


def _account(record: DealRecord, fields: DealFields) -> Account:
    company = record.company
    if company is None:
        return Account(id=record.company_id)
    country = _country(text_of(company.get("country"))) or _country(text_of(company.get("hs_country_code")))
    region = _region(text_of(company.get("state"))) or _region(text_of(company.get("hs_state_code")))
    industry = text_of(company.get("industry"))
    fiscal_year = text_of(_mapped(record, fields, Role.FISCAL_YEAR_START_MONTH))
    return Account(
        id=record.company_id,
        name=text_of(company.get("name")),
        country=country,
        region=region if country == "US" else None,
        industry=_label(fields, f"{COMPANY}industry", industry) or None,
        public_sector=True if industry.replace("_", " ").lower() in _PUBLIC_INDUSTRIES else None,
        fiscal_year_start_month=month_of(fiscal_year),
        fiscal_year_turn=read_fiscal_turn(fiscal_year) if " " in fiscal_year else None,
    )


# Of HubSpot's own list of industries, and what portals add to it; the others say nothing about budgets.
_PUBLIC_INDUSTRIES = frozenset(
    {
        "government", "government administration", "public administration", "public sector", "public safety",
        "judiciary", "legislative office", "executive office", "law enforcement", "military",
    }
)  # fmt: skip

_country = lru_cache(maxsize=1000)(country_code)
_region = lru_cache(maxsize=1000)(region_code)


def _stated_reasons(record: DealRecord, fields: DealFields) -> tuple[StatedReason, ...]:
    reasons = []
    for name in fields.roles.get(Role.REASON, ()):
        value = text_of(_property(record, name))
        if value.strip():
            label = _label(fields, name, value)
            reasons.append(StatedReason(field=name, value=value, label=label if label != value else None))
    return tuple(reasons)


def _notes(record: DealRecord, fields: DealFields) -> tuple[Note, ...]:
    notes = []
    for name in fields.roles.get(Role.NOTES, ()):
        text = text_of(_property(record, name))
        if text.strip():
            notes.append(Note(field=name, text=text_of_html(text) if name in fields.rich_texts else text))
    return tuple(notes)


def _label(fields: DealFields, name: str, value: str) -> str:
    """The option's label, each of several chosen options for its own; the value where there is none."""
    labels = fields.labels.get(name)
    if not labels:
        return value
    if value in labels:
        return labels[value]
    return "; ".join(labels.get(part, part) for part in value.split(";") if part)


def _words(record: DealRecord, fields: DealFields, role: Role) -> str | None:
    for name in fields.roles.get(role, ()):
        value = text_of(_property(record, name)).strip()
        if value:
            return _label(fields, name, value)
    return None


def _mapped(record: DealRecord, fields: DealFields, role: Role) -> object:
    names = fields.roles.get(role, ())
    return _property(record, names[0]) if names else None


def _mapped_day(record: DealRecord, fields: DealFields, role: Role) -> date | None:
    names = fields.roles.get(role, ())
    return _day(names[0], _property(record, names[0]), fields) if names else None


def _property(record: DealRecord, name: str) -> object:
    """A mapped field's value: of the deal, or of its company or first contact where the name says so."""
    if name.startswith(COMPANY):
        return (record.company or NOTHING).get(name[len(COMPANY) :])
    if name.startswith(CONTACT):
        return record.contacts[0][1].get(name[len(CONTACT) :]) if record.contacts else None
    return record.properties.get(name)


def consent_of(record: DealRecord, fields: DealFields) -> DealConsent:
    """Who may be contacted: the mapped property, and the flags of each of the deal's contacts."""
    mapped = fields.roles.get(Role.DO_NOT_CONTACT, ())[:1]
    return DealConsent(
        key=DealKey(fields.account_id, record.id),
        own=tuple(opt_out(name, Channel.ANY, is_true(_property(record, name))) for name in mapped),
        contacts=tuple(contact_consent(id_, properties, fields.opt_outs) for id_, properties in record.contacts),
    )


def _amount(deal: Properties, fields: DealFields) -> Money | None:
    amount = money_of(deal.get("amount"))
    if amount is None:
        return None
    return Money(amount=amount, currency=text_of(deal.get("deal_currency_code")) or fields.currency)
