"""Record ids: fifteen characters that mind their case, or eighteen that do not."""

from __future__ import annotations

import re
import string
from functools import lru_cache

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SUFFIX = string.ascii_uppercase + "012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def suffix(id15: str) -> str:
    """The three characters that say which letters are capitals."""
    return _capitals(id15[:5]) + _capitals(id15[5:10]) + _capitals(id15[10:])


@lru_cache(maxsize=65_536)
def _capitals(chunk: str) -> str:
    return _SUFFIX[sum(1 << bit for bit, char in enumerate(chunk) if char.isupper())]


def make_id(prefix: str, number: int) -> str:
    """The id of the `number`-th record of a kind, eighteen characters."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    id15 = f"{prefix}Sb{digits.rjust(10, '0')}"
    return id15 + suffix(id15)


def to_18(value: str) -> str | None:
    """The id in eighteen characters, or None where the text is no id."""
    if not _SHAPE.fullmatch(value):
        return None
    return value[:15] + suffix(value[:15])
