"""The rejection audit: why deals were lost in a period, where the notes disagree, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mappings.taxonomy import Category
from service.audit.findings import Finding, findings_of
from service.errors import UsageFault
from service.store.models import ClassificationRow, ConnectionRow, DealRow, EpisodeRow

WEEKS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    def as_json(self) -> dict[str, str]:
        """The two days."""
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}


def last_weeks(today: date, weeks: int = WEEKS) -> Period:
    """The weeks up to and including today."""
    return Period(start=today - timedelta(weeks=weeks) + timedelta(days=1), end=today)


def iso_week(text: str) -> Period:
    """The Monday to Sunday of YYYY-Www. Raises UsageFault."""
    try:
        year, _, week = text.partition("-W")
        start = date.fromisocalendar(int(year), int(week), 1)
    except ValueError as error:
        raise UsageFault(f"{text!r} is no week.", remedy="It is YYYY-Www, such as 2026-W47.") from error
    return Period(start=start, end=start + timedelta(days=6))


def audit(tx: Session, period: Period) -> dict[str, Any]:
    """The audit of a period, as interfaces fix it. Counts episodes by the day of the loss, in scope only.

    Uses one grouped query a table; nothing is loaded deal by deal.
    """
    categories = _by_category(tx, period)
    pairs = _stated_vs_underlying(tx, period)
    lost = sum(row["deals"] for row in categories)
    return {
        "period": period.as_json(),
        "lost": lost,
        "amount": _amounts(tx, period),
        "by_category": categories,
        "stated_vs_underlying": pairs,
        "findings": [_finding(one) for one in findings_of(_counts(categories), pairs)],
        "won_back": _won_back(tx, period),
    }


def _counts(categories: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in categories:
        counts[row["category"]] = counts.get(row["category"], 0) + row["deals"]
    return counts


def _by_category(tx: Session, period: Period) -> list[dict[str, Any]]:
    """Category and sub-reason with deals and review share; `no_decision` stands apart from `went_dark` by itself."""
    query = _losses(
        period,
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


def _stated_vs_underlying(tx: Session, period: Period) -> list[dict[str, Any]]:
    query = _losses(period, ClassificationRow.stated_category, ClassificationRow.category, func.count()).group_by(
        ClassificationRow.stated_category, ClassificationRow.category
    )
    rows = [
        {"stated": stated, "underlying": underlying, "deals": count} for stated, underlying, count in tx.execute(query)
    ]
    return sorted(rows, key=lambda row: (-row["deals"], row["stated"], row["underlying"]))


def _amounts(tx: Session, period: Period) -> list[dict[str, Any]]:
    """Lost money by currency; amounts of different currencies are never added up."""
    query = _losses(period, DealRow.currency, func.sum(DealRow.amount)).group_by(DealRow.currency)
    return [
        {"currency": currency, "amount": Decimal(amount)}
        for currency, amount in tx.execute(query.order_by(DealRow.currency))
        if amount is not None
    ]


def _won_back(tx: Session, period: Period) -> list[dict[str, Any]]:
    """Deals that were lost and then won in the period, with what the loss had been taken to mean."""
    query = (
        select(
            ConnectionRow.name,
            DealRow.crm_deal_id,
            DealRow.name,
            DealRow.account_name,
            EpisodeRow.lost_on,
            EpisodeRow.ended_on,
            DealRow.amount,
            DealRow.currency,
            ClassificationRow.category,
        )
        .select_from(ConnectionRow)
        .join(DealRow, DealRow.connection_id == ConnectionRow.id)
        .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
        .outerjoin(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .where(EpisodeRow.ended_as == "won", EpisodeRow.ended_on.between(period.start, period.end))
        .order_by(EpisodeRow.ended_on, DealRow.account_name)
    )
    names = ("connection", "deal_id", "deal", "account", "lost_on", "won_on", "amount", "currency", "category")
    return [dict(zip(names, row, strict=True)) for row in tx.execute(query)]


def _losses(period: Period, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(ClassificationRow)
        .join(EpisodeRow, EpisodeRow.id == ClassificationRow.episode_id)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .where(EpisodeRow.lost_on.between(period.start, period.end), DealRow.excluded_by.is_(None))
    )


def _finding(one: Finding) -> dict[str, Any]:
    return {"rule": one.rule, "says": one.says, "deals": one.deals}
