"""HubSpot's property values, which are all strings or null, as dates, instants and numbers.

https://developers.hubspot.com/docs/guides/api/crm/properties: a `datetime` comes as ISO with or without milliseconds or
as epoch milliseconds, a `date` as YYYY-MM-DD (or as midnight UTC in milliseconds).
"""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation

TRUE = frozenset({"true", "1", "yes"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def text_of(value: object) -> str:
    """A property's text, "" for null; numbers and booleans of loose servers as HubSpot would spell them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_true(value: object) -> bool:
    """Whether a boolean property says yes."""
    return text_of(value).strip().lower() in TRUE


def instant_of(value: object) -> datetime | None:
    """An aware UTC instant, or None where the text is no time."""
    text = text_of(value).strip()
    if not text:
        return None
    try:
        if text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    if parsed.tzinfo is UTC:
        return parsed
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def day_of(value: object, zone: tzinfo) -> date | None:
    """The day in `zone` of a datetime property; a plain date stays what it is."""
    text = text_of(value).strip()
    if not text:
        return None
    if len(text) == 10 and text[4] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    instant = instant_of(text)
    return instant.astimezone(zone).date() if instant else None


def plain_day_of(value: object) -> date | None:
    """The day of a `date` property, whose epoch form is midnight UTC whatever the portal's zone."""
    return day_of(value, UTC)


def money_of(value: object) -> Decimal | None:
    """An amount, or None where there is none."""
    text = text_of(value).strip()
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() else None


def month_of(value: object) -> int | None:
    """A month 1..12 from a number or an English name."""
    text = text_of(value).strip().lower()
    if not text:
        return None
    if re.fullmatch(r"\d{1,2}(\.0+)?", text):
        month = int(float(text))
        return month if 1 <= month <= 12 else None
    return MONTHS.index(text[:3]) + 1 if text[:3] in MONTHS else None


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def at_nine(day: date, zone: tzinfo) -> datetime:
    """Nine in the morning of `day` in `zone`: the same day for whoever works near it."""
    return datetime.combine(day, time(9), tzinfo=zone)


_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^>]*>", re.IGNORECASE)
_SCRIPTS = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<(?:/?[a-zA-Z]|!--)[^>]*>")


def text_of_html(markup: str) -> str:
    """The words of some HTML, a line for each block, white space folded.

    What a server does to the mark-up (attributes, wrappers, entities) leaves the result the same.
    """
    flat = " ".join(_SCRIPTS.sub("", markup).split())
    bare = _TAGS.sub("", _BREAKS.sub("\n", flat))
    lines = (" ".join(line.split()) for line in html.unescape(bare).replace("\u200b", "").splitlines())
    return "\n".join(line for line in lines if line)
