"""How the losses move: by week, and against the period before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from sqlalchemy.orm import Session

from service.audit.counted import by_week, cells, segments, summed
from service.audit.findings import MINIMUM, NOT_REFUSALS, Z_95, Move
from service.audit.lens import Lens

NO_DECISION = "no_decision"
"""Charted apart from the other silences, always."""
SPLIT = "unresponsive"
"""The category it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A Monday and the losses of its week by charted name."""

    monday: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many deals were lost."""
        return sum(self.counts.values())


def charted(category: str, sub_reason: str | None) -> str:
    """The name a loss is charted under."""
    return NO_DECISION if sub_reason == NO_DECISION else category


def weeks(tx: Session, lens: Lens) -> list[Week]:
    """The losses by week, oldest first; weeks without one are there, with nothing in them."""
    found: dict[date, Counter[str]] = {}
    for monday, category, sub_reason, count in by_week(tx, lens):
        found.setdefault(monday, Counter())[charted(category, sub_reason)] += count
    first, last = _monday(lens.period.start), _monday(lens.period.end)
    mondays = [first + timedelta(weeks=place) for place in range((last - first).days // 7 + 1)]
    return [Week(monday=monday, counts=found.get(monday, Counter())) for monday in mondays]


def what_moved(tx: Session, lens: Lens, *, most: int = 3) -> list[Move]:
    """The categories whose share moved most against the period before; none where too few were lost to say."""
    now, before = refusals(tx, lens), refusals(tx, lens.before)
    now_of, before_of = sum(now.values()), sum(before.values())
    if min(now_of, before_of) < MINIMUM:
        return []
    moves = [
        Move(category=name, before=before[name], before_of=before_of, now=now[name], now_of=now_of)
        for name in sorted(now.keys() | before.keys())
    ]
    real = sorted((move for move in moves if _is_more_than_chance(move)), key=lambda move: -abs(move.points))[:most]
    return [_with_leader(tx, lens, move) for move in real]


def refusals(tx: Session, lens: Lens) -> Counter[str]:
    """The stated refusals by category: what is not a rejection, and what nobody knows, left out."""
    counts = summed((one.category, one.deals) for one in cells(tx, lens))
    return Counter({category: count for category, count in counts.items() if category not in NOT_REFUSALS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Charted:
    """Refusals that are charted under one name, and the share reached with them. Their `sub_reason` is there where it
    tells them from the rest of their category."""

    name: str
    category: str
    sub_reason: str | None
    deals: int
    reached: float


def pareto(tx: Session, lens: Lens) -> list[Charted]:
    """The stated refusals as they are charted, the largest first."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for one in cells(tx, lens):
        if one.category not in NOT_REFUSALS:
            key = charted(one.category, one.sub_reason), one.category
            found.setdefault(key, Counter())[one.sub_reason or ""] += one.deals
    total, reached, rows = sum(one.total() for one in found.values()), 0, []
    for (name, category), subs in sorted(found.items(), key=lambda item: (-item[1].total(), item[0])):
        reached += subs.total()
        is_part = category == SPLIT and len(subs) == 1
        sub_reason = next(iter(subs)) or None if is_part else None
        rows.append(
            Charted(name=name, category=category, sub_reason=sub_reason, deals=subs.total(), reached=reached / total)
        )
    return rows


def _with_leader(tx: Session, lens: Lens, move: Move) -> Move:
    """For competitor losses: the rival named most."""
    if move.category != "competitor":
        return move
    lost = segments(tx, lens, "competitor")
    named = [(name, count) for name, category, count in lost if name and category == "competitor"]
    if not named:
        return move
    leader = min(named, key=lambda one: (-one[1], one[0]))
    return Move(
        category=move.category,
        before=move.before,
        before_of=move.before_of,
        now=move.now,
        now_of=move.now_of,
        leading=leader,
    )


def _is_more_than_chance(move: Move) -> bool:
    """Two shares differ by more than their common standard error allows at 95 %."""
    share = (move.now + move.before) / (move.now_of + move.before_of)
    error = sqrt(share * (1 - share) * (1 / move.now_of + 1 / move.before_of))
    return error > 0 and abs(move.points) > Z_95 * error


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
