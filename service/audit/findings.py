"""Findings in words: each names its rule, and speaks only from a minimum number of losses on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from service.audit.names import name_of_category

MINIMUM = 20
"""Below so many stated refusals a share says nothing; 8 of 10 is too few to speak of."""

LEAST_DIFFERENT = 5
"""So often the notes must contradict a stated category before that is said; ours, without a source."""
PARETO = 0.8
MOST = 0.4
NOT_REFUSALS = ("not_a_rejection", "unknown")
Z_95 = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing worth saying, with the rule that says it, how many deals are behind it, and where they are.

    `behind` are filters of the list of deals, each with its number. `topics` are what there is advice on.
    `of`, `low` and `high` stand where it is a share: of how many, and its 95 % interval.
    """

    rule: str
    says: str
    deals: int
    behind: tuple[Behind, ...] = ()
    topics: tuple[str, ...] = ()
    of: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Some of the deals behind a finding: what to filter by, and how many there are."""

    filters: Mapping[str, str]
    deals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A category whose share of the refusals changed by more than chance explains (95 %)."""

    category: str
    before: int
    before_of: int
    now: int
    now_of: int
    leading: tuple[str, int] | None = None

    @property
    def points(self) -> float:
        """By how much the share moved, in points."""
        return self.now / self.now_of - self.before / self.before_of


def findings_of(
    counts: Mapping[str, int], pairs: Sequence[Mapping[str, Any]], moves: Sequence[Move] = ()
) -> list[Finding]:
    """What stands out among the losses by category, what moved, and where stated and underlying reasons disagree."""
    refusals = {name: count for name, count in counts.items() if name not in NOT_REFUSALS and count}
    total = sum(refusals.values())
    if total < MINIMUM:
        says = f"{total} stated refusals in this period: too few to say more than that (from {MINIMUM} on)."
        return [Finding(rule="minimum_number", says=says, deals=total)] if total else []
    ranked = sorted(refusals.items(), key=lambda item: (-item[1], item[0]))
    return [
        *_concentration(ranked, total),
        *_dominance(ranked, total),
        *_largest_change(moves),
        *_disagreement(pairs),
    ]


def _concentration(ranked: list[tuple[str, int]], total: int) -> list[Finding]:
    two = sum(count for _, count in ranked[:2])
    if len(ranked) < 3 or two / total < PARETO:
        return []
    names = " and ".join(name_of_category(name).lower() for name, _ in ranked[:2])
    says = f"Two categories, {names}, hold {two} of {total} refusals ({_interval(two, total)})."
    return [_share("two_hold_80_percent", says, ranked[:2], total)]


def _dominance(ranked: list[tuple[str, int]], total: int) -> list[Finding]:
    name, count = ranked[0]
    if count / total <= MOST:
        return []
    says = f"{name_of_category(name)} alone is {count} of {total} refusals ({_interval(count, total)})."
    return [_share("one_holds_40_percent", says, ranked[:1], total)]


def _largest_change(moves: Sequence[Move]) -> list[Finding]:
    """The share that moved most against the period before."""
    if not moves:
        return []
    move = moves[0]
    name = name_of_category(move.category)
    shares = f"{move.before / move.before_of:.0%} to {move.now / move.now_of:.0%}"
    counts = f"{move.before} of {move.before_of} before, {move.now} of {move.now_of} now"
    leader = f" {move.leading[0]}: {move.leading[1]} of {move.now}." if move.leading else ""
    says = f"{name} went from {shares} of the refusals ({counts}), more than chance explains.{leader}"
    return [_share("largest_change", says, [(move.category, move.now)], move.now_of)]


def _disagreement(pairs: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """The stated category that the notes contradict most often."""
    stated: dict[str, int] = {}
    differs: dict[str, int] = {}
    for pair in pairs:
        stated[pair["stated"]] = stated.get(pair["stated"], 0) + pair["deals"]
        if _disagrees(pair):
            differs[pair["stated"]] = differs.get(pair["stated"], 0) + pair["deals"]
    name, count = max(sorted(differs.items()), key=lambda item: item[1], default=("", 0))
    if count < LEAST_DIFFERENT:
        return []
    says = f"{name_of_category(name)} is stated on {stated[name]}; the notes disagree on {count}."
    behind = tuple(
        Behind(filters={"stated_category": name, "category": pair["underlying"]}, deals=pair["deals"])
        for pair in pairs
        if pair["stated"] == name and _disagrees(pair)
    )
    rule = "stated_and_underlying_differ"
    return [Finding(rule=rule, says=says, deals=count, behind=behind, topics=(rule,))]


def _disagrees(pair: Mapping[str, Any]) -> bool:
    return pair["stated"] != pair["underlying"] and pair["stated"] not in NOT_REFUSALS


def _share(rule: str, says: str, parts: Sequence[tuple[str, int]], total: int) -> Finding:
    count = sum(deals for _, deals in parts)
    low, high = interval(count, total)
    return Finding(
        rule=rule,
        says=says,
        deals=count,
        behind=tuple(Behind(filters={"category": name}, deals=deals) for name, deals in parts),
        topics=tuple(name for name, _ in parts),
        of=total,
        low=low,
        high=high,
    )


def interval(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, Journal of the American Statistical Association 22, 1927)."""
    share, z2 = count / total, Z_95**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 * sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def _interval(count: int, total: int) -> str:
    low, high = interval(count, total)
    return f"{count / total:.0%}, 95 % interval {low:.0%} to {high:.0%}"
