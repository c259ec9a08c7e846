"""A step before its day is settled."""

from __future__ import annotations

from dataclasses import field
from datetime import date

from mappings.model import Anchor, Fact, Purpose
from mappings.values import value_type


@value_type(slots=True, kw_only=True)
class Draft:
    """A step before its day is settled. `because` is its why but for what moves the day. `bound_by` is the earliest
    day it may be moved back to, for steps with a deadline."""

    purpose: Purpose
    on: date
    anchor: Anchor
    because: str
    provisional: bool = False
    deadline: date | None = None
    about: date | None = None
    facts: tuple[Fact, ...] = ()
    merged: list[Purpose] = field(default_factory=list)
