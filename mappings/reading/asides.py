"""What a text names only to put it aside: the lesser of two reasons, an objection that was met, a silence that ended.

The words for it (`../data/words/asides.toml`) give no reason; they say what one beside them counts for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from mappings.reading.signals import Signal, thousandths

KINDS = frozenset({"lesser", "settled", "reached"})
_LESSER, _SETTLED = 0.4, 0.3  # what is left of the weight
_PARTED = re.compile(r"[,;:.!?\n]")
_SILENCE = frozenset({"went_dark"})


def put_aside(text: str, openings: Iterable[int], signals: list[Signal]) -> list[Signal]:
    """Weakens what is called secondary, or is said to be solved, and drops a silence before they spoke."""
    starts = sorted(openings)
    for aside in [signal for signal in signals if signal.kind in KINDS]:
        place = bisect_right(starts, aside.start)
        begin = starts[place - 1] if place else 0
        end = starts[place] if place < len(starts) else len(text)
        if aside.kind == "reached":
            signals = [one for one in signals if one.concept not in _SILENCE or one.start > aside.start]
        elif aside.kind == "settled":
            signals = [_weakened(one, _SETTLED) if begin <= one.start < aside.start else one for one in signals]
        else:
            signals = _with_a_lesser(text, (begin, end), aside, signals)
    return signals


def _with_a_lesser(text: str, sentence: tuple[int, int], aside: Signal, signals: list[Signal]) -> list[Signal]:
    """What stands before "secondary" is called so ("cost secondary"), else the rest of its sentence is."""
    begin, end = sentence
    before = [
        one
        for one in signals
        if one.kind == "reason" and begin <= one.start < aside.start and not _PARTED.search(text, one.end, aside.start)
    ]
    if before:
        return [_weakened(one, _LESSER) if one in before else one for one in signals]
    return [_weakened(one, _LESSER) if aside.start <= one.start < end else one for one in signals]


def _weakened(signal: Signal, factor: float) -> Signal:
    if signal.kind != "reason":
        return signal
    return signal._replace(weight=thousandths(signal.weight * factor))
