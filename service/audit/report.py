"""The rejection audit: why deals were lost in a period, where the notes disagree, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from mappings.taxonomy import Category
from service.audit.findings import MINIMUM, Finding, Move, findings_of
from service.audit.lens import Lens
from service.audit.suggestions import suggested, suggestions
from service.audit.trend import what_moved
from service.audit.won_back import won_back
from service.store.models import ClassificationRow, DealRow


def audit(tx: Session, lens: Lens) -> dict[str, Any]:
    """The audit of a period, as interfaces fix it. Counts episodes by the day of the loss, in scope only.

    Uses one grouped query a table; nothing is loaded deal by deal.
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
    query = lens.losses(
        ClassificationRow.category,
        ClassificationRow.sub_reason,
        func.count(),
        func.sum(func.coalesce(DealRow.amount, 0)),
    ).group_by(ClassificationRow.category, ClassificationRow.sub_reason)
    rows = [
        {"category": category, "sub_reason": sub_reason, "deals": count, "amount": Decimal(amount or 0)}
        for category, sub_reason, count, amount in tx.execute(query)
    ]
    order = {category: place for place, category in enumerate(Category)}
    return sorted(rows, key=lambda row: (order[Category(row["category"])], -row["deals"]))


def _stated_vs_underlying(tx: Session, lens: Lens) -> list[dict[str, Any]]:
    query = lens.losses(ClassificationRow.stated_category, ClassificationRow.category, func.count()).group_by(
        ClassificationRow.stated_category, ClassificationRow.category
    )
    rows = [
        {"stated": stated, "underlying": underlying, "deals": count} for stated, underlying, count in tx.execute(query)
    ]
    return sorted(rows, key=lambda row: (-row["deals"], row["stated"], row["underlying"]))


def _amounts(tx: Session, lens: Lens) -> list[dict[str, Any]]:
    """Lost money by currency; amounts of different currencies are never added up."""
    query = lens.losses(DealRow.currency, func.sum(DealRow.amount)).group_by(DealRow.currency)
    return [
        {"currency": currency, "amount": Decimal(amount)}
        for currency, amount in tx.execute(query.order_by(DealRow.currency))
        if amount is not None
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
