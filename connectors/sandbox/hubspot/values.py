"""Property values: always text, and checked by the property's type when written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from connectors.sandbox.hubspot.definitions import Property
from connectors.sandbox.hubspot.problems import ValueFault

_DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_MS = re.compile(r"-?\d{1,14}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_TEXT = 65_536


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=65_536)
def iso(ms: int) -> str:
    """The instant as HubSpot writes it: with milliseconds only where there are any."""
    text = (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").replace(".000Z", "Z")


@lru_cache(maxsize=65_536)
def parse_ms(text: str) -> int | None:
    """Epoch milliseconds of a number of milliseconds, an ISO instant with its offset, or a day (midnight UTC)."""
    if _EPOCH_MS.fullmatch(text):
        return int(text)
    try:
        if _DAY.fullmatch(text):
            return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_ms(moment) if moment.tzinfo else None


@lru_cache(maxsize=65_536)
def parse_number(text: str) -> Decimal | None:
    """The number, or None where the text is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def as_text(value: object) -> str | None:
    """A JSON scalar as text; None for null, lists and objects, which are no property values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else None


def as_id(value: object) -> int:
    """A record id, sent as text or as a number; -1 for what can be no id."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and len(text) < 19 else -1


def checked(definition: Property, value: object) -> str | ValueFault:
    """The value as it is stored ("" clears it), or why it is refused."""
    text = as_text(value)
    if text is None:
        return _fault(definition, "INVALID_VALUE", "a property value must be a string")
    if text == "":
        return text
    if definition.type not in {"string", "phone_number"} and text != text.strip():
        return _fault(definition, "LEADING_TRAILING_WHITESPACE", f'"{text}" has leading or trailing white space')
    return _CHECKS.get(definition.type, _check_string)(definition, text)


def _check_string(definition: Property, text: str) -> str | ValueFault:
    if len(text) > _LONGEST_TEXT:
        return _fault(definition, "INVALID_LENGTH", f"Property value is longer than {_LONGEST_TEXT} characters")
    return text


def _check_number(definition: Property, text: str) -> str | ValueFault:
    return text if parse_number(text) is not None else _fault(definition, "INVALID_NUMBER", f"{text} is not a number")


def _check_bool(definition: Property, text: str) -> str | ValueFault:
    if text.lower() in {"true", "false"}:
        return text.lower()
    return _fault(definition, "INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")


def _check_datetime(definition: Property, text: str) -> str | ValueFault:
    ms = parse_ms(text)
    return iso(ms) if ms is not None else _fault(definition, "INVALID_LONG", f"{text} was not a valid long.")


def _check_date(definition: Property, text: str) -> str | ValueFault:
    ms = parse_ms(text)
    if ms is None:
        return _fault(definition, "INVALID_DATE", f"{text} was not a valid date.")
    if ms % _DAY_MS:
        return _fault(definition, "INVALID_DATE", f"{text} is at {iso(ms)[11:]}, not midnight!")
    return iso(ms)[:10]


def _check_enumeration(definition: Property, text: str) -> str | ValueFault:
    if definition.has_external_options:
        return text
    allowed = definition.option_values
    chosen = [part for part in text.split(";") if part] if definition.field_type == "checkbox" else [text]
    wrong = [part for part in chosen if part not in allowed]
    if wrong:
        message = f"{wrong[0]} was not one of the allowed options: [{', '.join(sorted(allowed))}]"
        return _fault(definition, "INVALID_OPTION", message)
    return text


_CHECKS = {
    "number": _check_number,
    "bool": _check_bool,
    "datetime": _check_datetime,
    "date": _check_date,
    "enumeration": _check_enumeration,
}


def _fault(definition: Property, error: str, message: str) -> ValueFault:
    return ValueFault(name=definition.name, error=error, message=message)
