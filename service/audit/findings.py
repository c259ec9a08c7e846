"""Findings in words: each names its rule, and speaks only from a minimum number of losses on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

MINIMUM = 20
"""Below so many stated refusals a share says nothing; 8 of 10 is too few to speak of."""

PARETO = 0.8
MOST = 0.4
NOT_REFUSALS = ("not_a_rejection", "unknown")
Z_95 = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing worth saying, with the rule that says it and how many deals are behind it."""

    rule: str
    says: str
    deals: int


def findings_of(counts: Mapping[str, int], pairs: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """What stands out among the losses by category, and where stated and underlying reasons disagree."""
    refusals = {name: count for name, count in counts.items() if name not in NOT_REFUSALS and count}
    total = sum(refusals.values())
    if total < MINIMUM:
        says = f"{total} stated refusals in this period: too few to say more than that (from {MINIMUM} on)."
        return [Finding(rule="minimum_number", says=says, deals=total)] if total else []
    ranked = sorted(refusals.items(), key=lambda item: (-item[1], item[0]))
    return [*_concentration(ranked, total), *_dominance(ranked, total), *_disagreement(pairs)]


def _concentration(ranked: list[tuple[str, int]], total: int) -> list[Finding]:
    two = sum(count for _, count in ranked[:2])
    if len(ranked) < 3 or two / total < PARETO:
        return []
    names = " and ".join(name.replace("_", " ") for name, _ in ranked[:2])
    says = f"Two categories, {names}, hold {two} of {total} refusals ({_interval(two, total)})."
    return [Finding(rule="two_hold_80_percent", says=says, deals=two)]


def _dominance(ranked: list[tuple[str, int]], total: int) -> list[Finding]:
    name, count = ranked[0]
    if count / total <= MOST:
        return []
    says = f"{name.replace('_', ' ').capitalize()} alone is {count} of {total} refusals ({_interval(count, total)})."
    return [Finding(rule="one_holds_40_percent", says=says, deals=count)]


def _disagreement(pairs: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """The stated category that the notes contradict most often."""
    stated: dict[str, int] = {}
    differs: dict[str, int] = {}
    for pair in pairs:
        stated[pair["stated"]] = stated.get(pair["stated"], 0) + pair["deals"]
        if pair["stated"] != pair["underlying"] and pair["stated"] not in NOT_REFUSALS:
            differs[pair["stated"]] = differs.get(pair["stated"], 0) + pair["deals"]
    if not differs:
        return []
    name, count = max(sorted(differs.items()), key=lambda item: item[1])
    says = f"{name.replace('_', ' ').capitalize()} is stated on {stated[name]}; the notes disagree on {count}."
    return [Finding(rule="stated_and_underlying_differ", says=says, deals=count)]


def _interval(count: int, total: int) -> str:
    """The share with its 95 % interval (Wilson, Journal of the American Statistical Association 22, 1927)."""
    share, z2 = count / total, Z_95**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 * sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return f"{share:.0%}, 95 % interval {max(0.0, middle - half):.0%} to {min(1.0, middle + half):.0%}"
