"""What is found in a text: concepts with their places and weights."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Signal(NamedTuple):
    """One concept found at `start:end`. `weight` is its strength after negation, contrast and hedges."""

    concept: str
    rule: str
    start: int
    end: int
    weight: float
    kind: str = "reason"


@lru_cache(maxsize=4_096)
def thousandths(weight: float) -> float:
    """A weight to three places: there are few different ones, and rounding is slow."""
    return round(weight, 3)


new = tuple.__new__
"""`new(Signal, fields)` is `Signal(*fields)` without a call in Python: a text has a dozen of them."""
