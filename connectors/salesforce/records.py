"""Salesforce records as deals. Pure: no network, no clock.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from functools import lru_cache

from connectors.base import (
    Channel,
    ContactConsent,
    DealConsent,
    DealState,
    FieldMap,
    GoneDeal,
    GoneHow,
    OpenDeal,
    Role,
    WonDeal,
)
from connectors.consent import opt_out
from connectors.countries import country_code, region_code
from connectors.salesforce.ids import long_id
from connectors.salesforce.schema import SField
from connectors.salesforce.values import (
    Record,
    as_bool,
    as_day,
    as_decimal,
    as_instant,
    as_month,
    as_text,
    plain_text,
    value_of,
)
from mappings.facts import read_fiscal_turn
from mappings.model import Account, DealKey, LostDeal, LostOnSource, Money, Note, StatedReason

CONTACT_ROLES = "OpportunityContactRoles"
HISTORY = "stages reached"
OPEN_UNTIL = "open until"
"""What `ChildReader` adds to a record."""
OUTPUTS = (Role.CATEGORY_OUT, Role.SUB_REASON_OUT, Role.NEXT_FOLLOW_UP_OUT)
OPT_OUTS = {"HasOptedOutOfEmail": Channel.EMAIL, "DoNotCall": Channel.PHONE}
_NO_LABELS: Mapping[str, str] = {}
_PUBLIC = {"government": True, "public sector": True, "public administration": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFields:
    """How to read a deal's record: the mapped fields by role, what describe says of them, the zone and the day.

    `schema` holds the mapped fields by the name they are mapped under (Account.X for the account's). `record_types`
    gives names by id. `currency` is the org's own, for orgs with one currency. `unread` are mapped fields that the org
    does not show. `labels` are those of a field's values, and `outputs` the fields that we write.
    """

    account_id: str
    zone: tzinfo
    today: date
    roles: FieldMap = field(default_factory=dict)
    schema: Mapping[str, SField] = field(default_factory=dict)
    record_types: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None
    unread: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(init=False, repr=False, compare=False)
    outputs: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What every record needs in another form than it is told."""
        labels = {name: dict(known.values) for name, known in self.schema.items() if known.values}
        outputs = tuple(name for role in OUTPUTS for name in self.roles.get(role, ()))
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "outputs", outputs)

    def first(self, role: Role) -> str | None:
        """The field mapped to a role, or None."""
        return next(iter(self.roles.get(role, ())), None)


def to_deal_state(record: Record, fields: DealFields) -> DealState:
    """The deal as lost, open, won or gone: by its flags, never by its stage's label. Raises ValueError."""
    key = deal_key(record, fields)
    if as_bool(record.get("IsDeleted")):
        return GoneDeal(key=key, how=GoneHow.DELETED)
    is_closed = as_bool(record.get("IsClosed"))
    if is_closed and not as_bool(record.get("IsWon")):
        return to_lost_deal(record, fields)
    account_id, modified_at = _id_of(record.get("AccountId")), as_instant(record.get("SystemModstamp"))
    outputs = _outputs(record, fields)
    if not is_closed:
        return OpenDeal(key=key, account_id=account_id, modified_at=modified_at, outputs=outputs)
    won_on, _ = _entered_on(record, fields)
    return WonDeal(key=key, won_on=won_on, account_id=account_id, modified_at=modified_at, outputs=outputs)


def to_lost_deal(record: Record, fields: DealFields) -> LostDeal:
    """The lost deal of a closed, not won opportunity's record. Raises ValueError where it cannot be understood."""
    lost_on, source = _entered_on(record, fields)
    contact = main_contact(record)
    consent = _consent(record, fields, contact)
    return LostDeal(
        key=consent.key,
        name=as_text(record.get("Name")) or "",
        lost_on=lost_on,
        lost_on_source=source,
        close_date=as_day(record.get("CloseDate")),
        account=_account(record, fields),
        stated_reasons=tuple(_reasons(record, fields)),
        notes=tuple(_notes(record, fields)),
        competitor=_mapped(record, fields, Role.COMPETITOR),
        contract_end=as_day(_mapped(record, fields, Role.CONTRACT_END)),
        do_not_contact=consent.is_closed,
        owner_id=_id_of(record.get("OwnerId")),
        account_owner_id=_id_of(value_of(record, "Account.OwnerId")),
        contact_id=_id_of(contact.get("ContactId")) or _id_of(record.get("ContactId")),
        amount=_amount(record, fields),
        stage=as_text(record.get("StageName")),
        reached_stages=tuple(dict.fromkeys(record.get(HISTORY) or ())),
        record_type=_record_type(record, fields),
        deal_type=as_text(record.get("Type")),
        modified_at=as_instant(record.get("SystemModstamp")),
        outputs=_outputs(record, fields),
        open_until=as_instant(record.get(OPEN_UNTIL)),
        unread=fields.unread,
    )


def _outputs(record: Record, fields: DealFields) -> Mapping[str, str | None]:
    return {name: as_text(record.get(name)) for name in fields.outputs}


def deal_key(record: Record, fields: DealFields) -> DealKey:
    """The deal's key. Raises ValueError for a record without an id."""
    record_id = as_text(record.get("Id"))
    if record_id is None:
        raise ValueError("the record has no Id")
    return DealKey(fields.account_id, long_id(record_id))


def main_contact(record: Record) -> Record:
    """The primary contact's role, else the only one's; empty where nobody is meant more than another."""
    roles = _roles(record)
    primary = [role for role in roles if as_bool(role.get("IsPrimary"))]
    if primary:
        return primary[0]
    return roles[0] if len(roles) == 1 else {}


def _roles(record: Record) -> Sequence[Record]:
    held = record.get(CONTACT_ROLES)
    return held.get("records") or [] if isinstance(held, Mapping) else []


def consent_of(record: Record, fields: DealFields) -> DealConsent:
    """Who may be contacted: the mapped field, and the flags of the person the task would be about; of all people where
    nobody is meant more than another."""
    return _consent(record, fields, main_contact(record))


def _consent(record: Record, fields: DealFields, main: Record) -> DealConsent:
    people = [main] if main else _roles(record)
    name = fields.first(Role.DO_NOT_CONTACT)
    return DealConsent(
        key=deal_key(record, fields),
        own=(opt_out(name, Channel.ANY, as_bool(value_of(record, name))),) if name else (),
        contacts=tuple(_flags_of(role) for role in people),
    )


def _flags_of(role: Record) -> ContactConsent:
    held = role.get("Contact")
    contact: Record = held if isinstance(held, Mapping) else role
    prefix = "" if contact is held else "Contact."
    flags = tuple(
        opt_out(f"Contact.{name}", channel, as_bool(contact[prefix + name]))
        for name, channel in OPT_OUTS.items()
        if prefix + name in contact
    )
    return ContactConsent(contact_id=_id_of(role.get("ContactId")) or "", flags=flags)


def _entered_on(record: Record, fields: DealFields) -> tuple[date, LostOnSource]:
    """The day the present stage was entered, in the org's zone, else the close date; never later than today."""
    entered = as_instant(record.get("LastStageChangeDate"))
    if entered is not None:
        return min(entered.astimezone(fields.zone).date(), fields.today), LostOnSource.STAGE_HISTORY
    closed = as_day(record.get("CloseDate"))
    if closed is not None:
        return min(closed, fields.today), LostOnSource.CLOSE_DATE
    return fields.today, LostOnSource.TODAY


def _reasons(record: Record, fields: DealFields) -> Iterator[StatedReason]:
    for name in fields.roles.get(Role.REASON, ()):
        text = _text(record, fields, name)
        if text is None:
            continue
        known = fields.schema.get(name)
        values = text.split(";") if known and known.type == "multipicklist" else [text]
        labels = fields.labels.get(name, _NO_LABELS)
        for value in values:
            if value:
                label = labels.get(value)
                yield StatedReason(field=name, value=value, label=label if label != value else None)


def _notes(record: Record, fields: DealFields) -> Iterator[Note]:
    for name in fields.roles.get(Role.NOTES, ()):
        text = _text(record, fields, name)
        if text is not None:
            yield Note(field=name, text=text)


def _text(record: Record, fields: DealFields, name: str) -> str | None:
    text = as_text(value_of(record, name))
    known = fields.schema.get(name)
    return plain_text(text) or None if text and known and known.is_html else text


def _mapped(record: Record, fields: DealFields, role: Role) -> str | None:
    name = fields.first(role)
    return as_text(value_of(record, name)) if name else None


def _account(record: Record, fields: DealFields) -> Account:
    held = record.get("Account")
    account: Record = held if isinstance(held, dict) else {}
    industry = as_text(account.get("Industry"))
    fiscal_year = _mapped(record, fields, Role.FISCAL_YEAR_START_MONTH)
    code, region = _place(
        as_text(account.get("BillingCountryCode")) or as_text(account.get("BillingCountry")),
        as_text(account.get("BillingStateCode")) or as_text(account.get("BillingState")),
    )
    return Account(
        id=_id_of(record.get("AccountId")),
        name=as_text(account.get("Name")) or "",
        country=code,
        region=region,
        industry=industry,
        public_sector=_PUBLIC.get(industry.lower()) if industry else None,
        fiscal_year_start_month=as_month(fiscal_year),
        fiscal_year_turn=read_fiscal_turn(fiscal_year) if fiscal_year and " " in fiscal_year else None,
    )


@lru_cache(maxsize=4096)
def _place(country: str | None, state: str | None) -> tuple[str | None, str | None]:
    code = country_code(country)
    return code, region_code(state) if code == "US" else None


def _amount(record: Record, fields: DealFields) -> Money | None:
    amount = as_decimal(record.get("Amount"))
    if amount is None:
        return None
    return Money(amount=amount, currency=as_text(record.get("CurrencyIsoCode")) or fields.currency)


def _record_type(record: Record, fields: DealFields) -> str | None:
    type_id = as_text(record.get("RecordTypeId"))
    return fields.record_types.get(type_id, type_id) if type_id else None


def _id_of(value: object) -> str | None:
    text = as_text(value)
    return long_id(text) if text else None
