"""Single values of Salesforce records, as REST's JSON or Bulk's CSV spells them. Pure.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/primitive_data_types.htm
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from typing import Any

Record = Mapping[str, Any]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip


def value_of(record: Record, name: str) -> Any:
    """The value of a field, through the relation where the name has a dot; None where anything is missing."""
    if name in record or "." not in name:
        return record.get(name)
    relation, _, rest = name.partition(".")
    related = record.get(relation)
    return value_of(related, rest) if isinstance(related, dict) else None


def as_text(value: object) -> str | None:
    """The value word for word, or None where it is empty."""
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_bool(value: object) -> bool:
    """Whether a checkbox is ticked, or a text says so."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "yes", "1"})


def as_day(value: object) -> date | None:
    """The day of a date, or of the front of a datetime's text. Raises ValueError for what is neither."""
    text = as_text(value)
    if text is None or not _DAY.match(text):
        return None
    return date.fromisoformat(text[:10])


def as_instant(value: object) -> datetime | None:
    """Aware UTC. REST writes the offset without a colon, Bulk writes Z. Raises ValueError for other texts."""
    text = as_text(value)
    if text is None:
        return None
    stamp = datetime.fromisoformat(text)
    if stamp.tzinfo is UTC:
        return stamp
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone(UTC)


def as_decimal(value: object) -> Decimal | None:
    """A number with the digits the CRM gave, or None. Raises ValueError for other texts."""
    text = as_text(value)
    if text is None:
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"not a number: {text[:40]!r}") from error
    return number if number.is_finite() else None


def as_month(value: object) -> int | None:
    """1..12 from a number or a month's English name; None for anything else."""
    text = (as_text(value) or "").strip().lower()
    if not text:
        return None
    if re.fullmatch(r"\d{1,2}(\.0+)?", text):
        number = int(float(text))
        return number if 1 <= number <= 12 else None
    return _MONTHS.get(text[:3]) if text.isalpha() else None


def plain_text(html: str) -> str:
    """The words of a rich text field."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    _BREAKS = frozenset({"p", "br", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "h4"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - their name
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
