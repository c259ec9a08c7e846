"""A book of deals as a portal's records, with the habits of real portals: see the comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.sandbox.book import Book, BookAccount, BookContact, BookDeal
from connectors.sandbox.hubspot.calculated import deal_values
from connectors.sandbox.hubspot.countries import country_name
from connectors.sandbox.hubspot.definitions import Option, Owner, Property, Stage
from connectors.sandbox.hubspot.records import Change, Record
from connectors.sandbox.hubspot.settings import PortalSettings
from connectors.sandbox.hubspot.state import State, empty_state, with_options
from connectors.sandbox.hubspot.values import iso, to_ms

_FIRST_OWNER, _FIRST_USER = 60_000, 4_000_000
_SECOND_PIPELINE_EVERY = 5


def load_book(book: Book, settings: PortalSettings) -> State:
    """A portal that holds the book."""
    state = empty_state(settings, zone=book.zone, currency=book.currency)
    for user in book.users:
        first, _, last = user.name.partition(" ")
        state.owners[_FIRST_OWNER + user.number] = Owner(
            id=_FIRST_OWNER + user.number,
            user_id=_FIRST_USER + user.number,
            email=user.email,
            first_name=first,
            last_name=last,
            is_archived=not user.is_active,
        )
    _define_industries(state, book.accounts)
    reasons = _define_reasons(state, book.deals)
    _load_people(state, book)
    for deal in book.deals:
        _load_deal(state, deal, reasons)
    _share_stamps(state)
    return state


def _define_industries(state: State, accounts: Iterable[BookAccount]) -> None:
    names = sorted({account.industry for account in accounts if account.industry})
    found = tuple(Option(value=_constant(n), label=n, display_order=i) for i, n in enumerate(names))
    known = state.properties["companies"]
    known["industry"] = with_options(known["industry"], found)


def _define_reasons(state: State, deals: Iterable[BookDeal]) -> Mapping[str, str]:
    """The values of the portal's own reason property by the book's words; the rarest is hidden on forms by now."""
    name = state.settings.reason_property
    counted = Counter(deal.reason for deal in deals if deal.reason)
    if name is None:
        return {}
    rarest = min(counted, key=lambda word: (counted[word], word)) if len(counted) > 2 else None
    values = {word: _slug(word) or word for word in counted}
    if len(set(values.values())) < len(values):
        values = {word: word for word in counted}
    options = tuple(
        Option(value=value, label=word, hidden=word == rarest, display_order=order)
        for order, (word, value) in enumerate(values.items())
    )
    state.properties["deals"][name] = Property(
        name=name,
        label="Loss reason",
        type="enumeration",
        field_type="select",
        group="dealinformation",
        options=options,
        is_hubspot_defined=False,
    )
    return values


def _load_people(state: State, book: Book) -> None:
    loaded_ms = to_ms(
        min((deal.created_at for deal in book.deals), default=datetime.fromisoformat("2024-01-01T00:00Z"))
    )
    for account in book.accounts:
        _add(state, "companies", account.number, _company(state, account), loaded_ms, loaded_ms)
    for contact in book.contacts:
        _add(state, "contacts", contact.number, _contact(state, contact), loaded_ms, loaded_ms)
        company_id = _id(state, "companies", contact.account_number)
        state.links.connect(1, _id(state, "contacts", contact.number), company_id)


def _company(state: State, account: BookAccount) -> dict[str, str]:
    month = account.fiscal_year_start_month
    keeps_month = month is not None and "fiscal_year_start_month" in state.properties["companies"]
    return {
        "name": account.name,
        "domain": f"{_slug(account.name).replace('_', '-')}.example",
        "country": country_name(account.country),
        "state": account.region or "",
        "industry": _constant(account.industry) if account.industry else "",
        "hubspot_owner_id": str(_FIRST_OWNER + account.owner_number),
        **({"fiscal_year_start_month": str(month)} if keeps_month else {}),
    }


def _contact(state: State, contact: BookContact) -> dict[str, str]:
    return {
        "firstname": contact.first_name,
        "lastname": contact.last_name,
        "email": contact.email.lower(),
        "associatedcompanyid": str(_id(state, "companies", contact.account_number)),
        "hs_email_optout": "true" if contact.has_opted_out else "",  # never "false" where nobody was asked
    }


def _load_deal(state: State, deal: BookDeal, reasons: Mapping[str, str]) -> None:
    pipeline, stage = _place(state, deal)
    values = {
        "dealname": deal.name,
        "amount": "" if deal.amount is None else str(deal.amount),
        "deal_currency_code": state.currency,
        "pipeline": pipeline,
        "dealstage": stage.id,
        # A day picked by a person in the portal's zone is its local midnight: in UTC often the day before.
        "closedate": iso(_local_ms(state.zone, deal.close_date, 0)),
        "dealtype": "existingbusiness" if pipeline != "default" else "newbusiness",
        "hubspot_owner_id": str(_FIRST_OWNER + deal.owner_number),
        **_reason_values(state, deal, reasons),
        **_own_values(state, deal),
    }
    created_ms, modified_ms = to_ms(deal.created_at), to_ms(deal.modified_at)
    record = _add(state, "deals", deal.number, values, created_ms, modified_ms)
    _enter_stage(state, deal, record, stage)
    record.properties |= {name: value for name, value in deal_values(state, record).items() if value}
    state.links.connect(5, record.id, _id(state, "companies", deal.account_number))
    if deal.contact_number is not None:
        state.links.connect(3, record.id, _id(state, "contacts", deal.contact_number))


def _reason_values(state: State, deal: BookDeal, reasons: Mapping[str, str]) -> dict[str, str]:
    if deal.state != "lost":
        return {}
    if state.settings.reason_property is None:
        return {"closed_lost_reason": ". ".join(words for words in (deal.reason, deal.notes) if words)}
    value = reasons.get(deal.reason, "") if deal.reason else ""
    return {state.settings.reason_property: value, "closed_lost_reason": deal.notes or ""}


def _own_values(state: State, deal: BookDeal) -> dict[str, str]:
    if "competitor" not in state.properties["deals"]:
        return {}
    end = deal.contract_end
    return {"competitor": deal.competitor or "", "competitor_contract_end": end.isoformat() if end else ""}


def _enter_stage(state: State, deal: BookDeal, record: Record, stage: Stage) -> None:
    first = next(p for p in state.pipelines if p.id == record.properties["pipeline"]).stages[0]
    # Deals are closed at any hour, so the UTC day of a loss is not always its day in the portal's zone.
    entered_ms = _local_ms(state.zone, deal.lost_on or deal.close_date, deal.number * 7 % 24) if stage.is_closed else 0
    entered_ms = max(entered_ms, record.created_ms)
    values = {f"hs_v2_date_entered_{stage.id}": entered_ms, "hs_v2_date_entered_current_stage": entered_ms}
    if stage.id != first.id:
        values |= {f"hs_v2_date_entered_{first.id}": record.created_ms, f"hs_v2_date_exited_{first.id}": entered_ms}
        record.history["dealstage"] = [
            Change(value=stage.id, at_ms=entered_ms, source="CRM_UI"),
            Change(value=first.id, at_ms=record.created_ms, source="CRM_UI"),
        ]
    record.properties |= {name: iso(ms) for name, ms in values.items()}
    record.modified_ms = max(record.modified_ms, entered_ms)  # a move is a change
    record.properties["hs_lastmodifieddate"] = iso(record.modified_ms)


def _place(state: State, deal: BookDeal) -> tuple[str, Stage]:
    """Pipeline and stage: every fifth deal is in the customer's own pipeline, whose losses have two stages."""
    pipeline = state.pipelines[1 if deal.number % _SECOND_PIPELINE_EVERY == 0 else 0]
    wanted = {
        "won": [s for s in pipeline.stages if s.is_won],
        "lost": [s for s in pipeline.stages if s.is_lost],
    }.get(deal.state, [s for s in pipeline.stages if not s.is_closed])
    return pipeline.id, wanted[deal.number // _SECOND_PIPELINE_EVERY % len(wanted)]


def _add(
    state: State, object_type: str, number: int, values: dict[str, str], created_ms: int, modified_ms: int
) -> Record:
    kind = state.table(object_type).kind
    record_id = _id(state, object_type, number)
    properties = {name: value for name, value in values.items() if value}
    properties["hs_object_id"] = str(record_id)
    properties[kind.created] = iso(created_ms)
    properties[kind.modified] = iso(modified_ms)
    record = Record(id=record_id, properties=properties, created_ms=created_ms, modified_ms=modified_ms)
    state.table(object_type).add(record)
    return record


def _share_stamps(state: State) -> None:
    shared = state.table("deals").ids[: state.settings.equal_stamps]
    records = [state.table("deals").records[record_id] for record_id in shared]
    latest = max((record.modified_ms for record in records), default=0)
    for record in records:
        record.modified_ms = latest
        record.properties["hs_lastmodifieddate"] = iso(latest)


def _id(state: State, object_type: str, number: int) -> int:
    return state.table(object_type).first_id + number


def _local_ms(zone: ZoneInfo, day: date, hour: int) -> int:
    return to_ms(datetime.combine(day, time(0), tzinfo=zone) + timedelta(hours=hour))


def _slug(words: str) -> str:
    return re.sub(r"\W+", "_", words.lower()).strip("_")


def _constant(words: str) -> str:
    return _slug(words).upper()
