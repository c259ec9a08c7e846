"""One record of an export, as JSON Lines fix it -> LostDeal. Parse at the edge, trust inside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.countries import country_code, region_code
from mappings.facts import read_fiscal_turn
from mappings.model import Account, DealKey, LostDeal, LostOnSource, Money, Note, StatedReason, WeekdayTurn

Record = Mapping[str, Any]


class RecordError(ValueError):
    """A record that cannot be understood; the message names the field and what it must be."""


def parse_record(record: Record, *, today: date) -> LostDeal:
    """The deal that a record describes. A loss in the future counts as today's. Raises RecordError."""
    lost_on = _date(record, "lost_on")
    country = _text(record, "country")
    turn = _turn(record, "fiscal_year_start_month")
    region = _text(record, "region")
    return LostDeal(
        key=DealKey("preview", _text(record, "id")),
        name=_text(record, "name"),
        lost_on=min(lost_on, today) if lost_on else today,
        lost_on_source=LostOnSource.GIVEN if lost_on else LostOnSource.TODAY,
        close_date=lost_on,
        account=Account(
            name=_text(record, "account"),
            country=_country(country),
            region=(region_code(region) or region.upper()) if region else None,
            industry=_text(record, "industry") or None,
            public_sector=_truth(record, "public_sector"),
            fiscal_year_start_month=None if turn else _month(record, "fiscal_year_start_month"),
            fiscal_year_turn=turn,
        ),
        stated_reasons=tuple(
            [StatedReason(field="stated_reason", value=value) for value in _texts(record, "stated_reason")]
        ),
        notes=tuple([Note(field="notes", text=text) for text in _texts(record, "notes")]),
        competitor=_text(record, "competitor") or None,
        contract_end=_date(record, "contract_end"),
        do_not_contact=_truth(record, "do_not_contact") or False,
        owner_id=_text(record, "owner") or None,
        amount=_money(record),
    )


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise RecordError(f"{name} is {_shown(value)}; it must be text")


def _texts(record: Record, name: str) -> list[str]:
    """Text, or a list of texts; empty ones left out, the others word for word."""
    value = record.get(name)
    if isinstance(value, str):
        return [value] if value.strip() else []
    values = value if isinstance(value, list) else [value]
    if not all(one is None or isinstance(one, str) for one in values):
        raise RecordError(f"{name} is {_shown(value)}; it must be text or a list of texts")
    return [one for one in values if one and one.strip()]


def _date(record: Record, name: str) -> date | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        text = str(value).strip()
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
    except ValueError as error:
        raise RecordError(f"{name} is {_shown(value)}; it must be a date such as 2026-11-21") from error


def _turn(record: Record, name: str) -> WeekdayTurn | None:
    """The weekday a fiscal year turns on, where the field says that: "last Saturday of January"."""
    value = record.get(name)
    return read_fiscal_turn(value) if isinstance(value, str) and " " in value.strip() else None


def _month(record: Record, name: str) -> int | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        month = int(value) if not isinstance(value, bool) and float(value) == int(float(value)) else 0
    except (TypeError, ValueError):
        month = 0
    if not 1 <= month <= 12:
        raise RecordError(f"{name} is {_shown(value)}; it must be a month from 1 to 12")
    return month


_TRUTH: Mapping[str, bool] = {
    "true": True, "yes": True, "1": True, "y": True, "false": False, "no": False, "0": False, "n": False,
}  # fmt: skip


def _truth(record: Record, name: str) -> bool | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    known = _TRUTH.get(str(value).strip().lower())
    if known is None:
        raise RecordError(f"{name} is {_shown(value)}; it must be true or false")
    return known


def _country(text: str) -> str | None:
    """ISO 3166-1 alpha-2; a name is looked up, and what nobody knows counts as no country."""
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    return country_code(text) if text else None


def _money(record: Record) -> Money | None:
    value = record.get("amount")
    if value is None or value == "":
        return None
    try:
        amount = Decimal(value if type(value) is int else str(value))  # "True" is none either
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise RecordError(f"amount is {_shown(value)}; it must be a number")
    return Money(amount=amount, currency=_text(record, "currency") or None)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
