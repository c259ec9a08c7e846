"""The rejection audit: why deals were lost in a period, where the notes disagree, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from mappings.taxonomy import Category
from service.audit.counted import cells, summed
from service.audit.findings import MINIMUM, Finding, Move, findings_of
from service.audit.lens import Lens
from service.audit.suggestions import suggested, suggestions
from service.audit.trend import what_moved
from service.audit.won_back import won_back


def audit(tx: Session, lens: Lens) -> dict[str, Any]:
    """The audit of a period, as interfaces fix it. Counts episodes by the day of the loss, in scope only.

    Nothing is loaded deal by deal.
    """
    categories = _by_category(tx, lens)
    pairs = _stated_vs_underlying(tx, lens)
    lost = sum(row["deals"] for row in categories)
    moves, texts = what_moved(tx, lens), suggestions(tx)
    return {
        "period": lens.period.as_json(),
        "lost": lost,
        "amount": _amounts(tx, lens),
        "by_category": categories,
        "stated_vs_underlying": pairs,
        "findings": [_finding(one, texts) for one in findings_of(_counts(categories), pairs, moves)],
        "moves": [_move(one) for one in moves],
        "won_back": won_back(tx, lens),
    }


def _move(one: Move) -> dict[str, Any]:
    return {**asdict(one), "leading": list(one.leading) if one.leading else None}


def _counts(categories: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in categories:
        counts[row["category"]] = counts.get(row["category"], 0) + row["deals"]
    return counts


def _by_category(tx: Session, lens: Lens) -> list[dict[str, Any]]:
    """Category and sub-reason with deals and review share; `no_decision` stands apart from `went_dark` by itself."""
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for one in cells(tx, lens):
        row = found.setdefault(
            (one.category, one.sub_reason),
            {"category": one.category, "sub_reason": one.sub_reason, "deals": 0, "amount": Decimal(0)},
        )
        row["deals"] += one.deals
        row["amount"] += one.amount or 0
    rows = list(found.values())
    order = {category: place for place, category in enumerate(Category)}
    return sorted(rows, key=lambda row: (order[Category(row["category"])], -row["deals"], row["sub_reason"] or ""))


def _stated_vs_underlying(tx: Session, lens: Lens) -> list[dict[str, Any]]:
    pairs = summed(((one.stated, one.category), one.deals) for one in cells(tx, lens))
    rows = [
        {"stated": stated, "underlying": underlying, "deals": count} for (stated, underlying), count in pairs.items()
    ]
    return sorted(rows, key=lambda row: (-row["deals"], row["stated"], row["underlying"]))


def _amounts(tx: Session, lens: Lens) -> list[dict[str, Any]]:
    """Lost money by currency; amounts of different currencies are never added up."""
    found: dict[str | None, Decimal] = {}
    for one in cells(tx, lens):
        if one.amount is not None:
            found[one.currency] = found.get(one.currency, Decimal(0)) + one.amount
    return [
        {"currency": currency, "amount": found[currency]} for currency in sorted(found, key=lambda name: name or "")
    ]


def _finding(one: Finding, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "says": one.says,
        "deals": one.deals,
        "of": one.of,
        "interval": None if one.low is None or one.high is None else [round(one.low, 4), round(one.high, 4)],
        "minimum": MINIMUM,
        "behind": [{"filters": dict(part.filters), "deals": part.deals} for part in one.behind],
        "topics": list(one.topics),
        "suggests": suggested(texts, one.topics),
    }
