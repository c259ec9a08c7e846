"""SOQL, built from names that describe gave and values that are quoted here. Pure.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

LOST = "IsClosed = true AND IsWon = false"
IN_ORDER = "ORDER BY SystemModstamp, Id"
IDS_PER_QUERY = 400
LIST_BYTES = 9_000
"""An address and its headers may take 16,384 bytes; the fields and a margin need the rest."""

T = TypeVar("T")


def select(fields: Iterable[str], source: str, where: str = "", tail: str = "") -> str:
    """SELECT fields FROM source [WHERE where] [tail]."""
    text = f"SELECT {', '.join(fields)} FROM {source}"  # noqa: S608 - names from describe, values quoted here
    text += f" WHERE {where}" if where else ""
    return f"{text} {tail}" if tail else text


def quoted(value: str) -> str:
    """A string literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def is_in(field: str, values: Iterable[str]) -> str:
    """field IN ('a','b')."""
    return f"{field} IN ({','.join(quoted(value) for value in values)})"


def instant(stamp: datetime) -> str:
    """A datetime literal in UTC; fractions of a second only where there are any."""
    utc = stamp.astimezone(UTC)
    millis = f".{utc.microsecond // 1000:03d}" if utc.microsecond else ""
    return utc.strftime("%Y-%m-%dT%H:%M:%S") + millis + "Z"


def after(stamp: datetime, record_id: str) -> str:
    """What comes behind this place in the order of SystemModstamp and Id."""
    at = instant(stamp)
    if not record_id:
        return f"SystemModstamp >= {at}"
    return f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {quoted(record_id)}))"


def both(*conditions: str) -> str:
    """The conditions that are there, joined by AND."""
    return " AND ".join(condition for condition in conditions if condition)


def query_path(soql: str, *, deleted_too: bool = False) -> str:
    """The path of a query below the API version; queryAll sees the recycle bin and the archive."""
    return f"{'queryAll' if deleted_too else 'query'}?q={quote(soql, safe=chr(39) + '(),')}"


def in_lists(values: Sequence[str], *, at_most: int = IDS_PER_QUERY) -> Iterator[list[str]]:
    """The distinct values in lists that one query can take."""
    part: list[str] = []
    size = 0
    for value in dict.fromkeys(values):
        cost = len(quote(quoted(value), safe=chr(39))) + 1
        if part and (len(part) >= at_most or size + cost > LIST_BYTES):
            yield part
            part, size = [], 0
        part.append(value)
        size += cost
    if part:
        yield part


def in_parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Slices of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
