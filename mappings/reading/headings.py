"""Labels with a heading: "Not interested - price too high", "Internal (no capacity)".

The heading tells how the deal ended or whose side it was; what stands behind it tells why.
"""

from __future__ import annotations

from collections.abc import Sequence

from mappings.reading.denying import STATEMENT
from mappings.reading.signals import Signal

# What such a heading says is outweighed by any statement behind it.
_ENDINGS = frozenset({"not_interested", "unwilling", "withdrew", "says_nothing"})
_SAYS_LITTLE = frozenset({"withdrew", "says_nothing"})  # behind a heading that tells why: "Covid - Cancellation"
# How it ended, of which "due to ..." tells the cause.
_OUTCOMES = _ENDINGS | {"project_cancelled", "no_longer_interested", "lapsed"}
_LIGHTER = 0.4
_LEAST_WHY = 0.95
# Behind "internal" and its kin these speak of the seller: its capacity, its goods, its own act or refusal, its silence.
# Others, such as a reorganisation or a lost champion, are the prospect's all the same.
OWN_SIDE = "own_side"
_OWN_HEAD = "own_head"
_OURS = frozenset(
    {
        "no_capacity",
        "not_priority",
        "product_gap",
        "product",
        "feature",
        "went_dark",
        "withdrew",
        "says_nothing",
        "chosen_over_us",
        "chose_competitor",
        "chose_someone",
        "bad_experience",
        "quality",
        "no_need",
        "budget",
        "terms_topic",
    }
)


def under_heading(text: str, signals: Sequence[Signal], end: int) -> list[Signal]:
    """The signals of a label whose first stretch ends at `end`, with its heading taken as one."""
    heads = [signal for signal in signals if signal.end <= end]
    behind = [signal for signal in signals if signal.end > end]
    if any(head.kind == _OWN_HEAD and not text[: head.start].strip() for head in heads):
        return _on_our_side(heads, behind, text)
    reasons = {head.concept for head in heads if head.kind == "reason"}
    is_told = any(_tells_why(signal) for signal in behind)
    if reasons and reasons <= _ENDINGS and is_told:
        return [*_lighter(heads), *behind]
    ends = {signal.concept for signal in behind if signal.kind == "reason"}
    if ends and ends <= _SAYS_LITTLE and any(_tells_why(head) for head in heads):
        return [*heads, *_lighter(behind)]
    return list(signals)


def because_of(signals: Sequence[Signal]) -> list[Signal]:
    """The signals of a label in which a cause is told of how it ended: "Not interested due to timing"."""
    cause = next((signal for signal in signals if signal.kind == "cause"), None)
    if cause is None:
        return list(signals)
    heads = [signal for signal in signals if signal.kind == "reason" and signal.end <= cause.start]
    if not {head.concept for head in heads} <= _OUTCOMES or not any(
        _tells_why(signal) and signal.concept not in _OUTCOMES for signal in signals if signal.start >= cause.start
    ):
        return list(signals)
    return [*_lighter(heads), *[signal for signal in signals if signal not in heads]]


def _lighter(signals: Sequence[Signal]) -> list[Signal]:
    return [signal._replace(weight=round(signal.weight * _LIGHTER, 3)) for signal in signals]


def _tells_why(signal: Signal) -> bool:
    return signal.kind == "reason" and signal.concept not in _ENDINGS and signal.weight >= _LEAST_WHY


def _on_our_side(heads: Sequence[Signal], behind: Sequence[Signal], text: str) -> list[Signal]:
    """What stands behind "internal": the seller's, unless it is plainly the prospect's."""
    told = [signal for signal in behind if signal.kind == "reason"]
    if not told:
        head = heads[0]
        return [*heads, Signal(OWN_SIDE, head.rule, head.start, len(text), STATEMENT * 0.75)]
    return [*heads, *[signal._replace(concept=OWN_SIDE) if signal.concept in _OURS else signal for signal in behind]]
