"""A text -> what it says about time."""

from __future__ import annotations

import re
from functools import lru_cache

from mappings.facts.mention import Base, DateMention, When
from mappings.model import FactKind

EXTRACTOR_VERSION = "1"
_MONTHS = "january february march april may june july august september october november december".split()
_SPAN = re.compile(r"\bin (\d+) (day|week|month|year)s?\b", re.I)
_MONTH = re.compile(r"\bin (" + "|".join(_MONTHS) + r")(?: (20\d\d))?\b", re.I)


@lru_cache(maxsize=65536)
def read_dates(text: str) -> tuple[DateMention, ...]:
    """Every date-bearing statement of a text, in the order of its words."""
    lower = text.lower()
    kind = FactKind.REVISIT
    if "contract" in lower or "renew" in lower:
        kind = FactKind.CONTRACT_END
    elif "budget" in lower:
        kind = FactKind.BUDGET_CYCLE
    found = []
    for m in _SPAN.finditer(text):
        when = When(base=Base.SPAN, n=int(m[1]), unit=m[2][0].lower())
        found.append(DateMention(kind=kind, when=when, text=m[0], start=m.start(), end=m.end()))
    for m in _MONTH.finditer(text):
        when = When(base=Base.MONTH, n=_MONTHS.index(m[1].lower()) + 1, year=int(m[2]) if m[2] else None)
        found.append(DateMention(kind=kind, when=when, text=m[0], start=m.start(), end=m.end()))
    return tuple(sorted(found, key=lambda mention: mention.start))
