"""The losses of a period by what pages count them by, in columns, and kept until one of them changes.

Grouping a hundred thousand rows takes a database longer than a page may, and a page groups them ten times. So they are
read once, as small numbers that stand for their values, and counted here: for any filter, from the same columns.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Float, String, case, cast, func, select
from sqlalchemy.orm import Session

from service.store.changes import losses_version
from service.store.models import ClassificationRow, DealRow, EpisodeRow
from service.store.session import REMEMBERED

BANDS = (10_000, 50_000, 250_000)
"""Where deals change size, in the CRM's own currency; ours, without a source, and only for grouping."""
BAND_NAMES = {
    "under_10k": "under 10,000",
    "10k_to_50k": "10,000 to 50,000",
    "50k_to_250k": "50,000 to 250,000",
    "250k_and_more": "250,000 and more",
    "no_amount": "no amount",
}
"""The sizes, small to large."""
COMPETITOR: ColumnElement[str | None] = func.coalesce(DealRow.competitor, ClassificationRow.competitor)
"""Whom the prospect chose: the CRM's field, else the words."""


def _band() -> ColumnElement[str]:
    small, middle, large, largest, none = BAND_NAMES
    return case(
        (DealRow.amount.is_(None), none),
        (DealRow.amount < BANDS[0], small),
        (DealRow.amount < BANDS[1], middle),
        (DealRow.amount < BANDS[2], large),
        else_=largest,
    )


BAND = _band()
"""The size of a deal."""

_COLUMNS: dict[str, Any] = {
    "connection_id": DealRow.connection_id,
    "owner_id": DealRow.owner_id,
    "category": ClassificationRow.category,
    "sub_reason": ClassificationRow.sub_reason,
    "stated_category": ClassificationRow.stated_category,
    "currency": DealRow.currency,
    "band": BAND,
    "competitor": COMPETITOR,
    "country": DealRow.country,
    "industry": DealRow.industry,
}
_LOADING = Lock()
_NAME = "losses"


@dataclass(frozen=True, slots=True)
class Column:
    """One value a loss: `codes[n]` is the place of the n-th loss's among `values`."""

    values: Sequence[Any]
    codes: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Losses in scope from `start` to `end`, in no order. `columns` are by the names that a lens filters by.

    `days` are ISO dates, `weeks` their Mondays. An amount that is not there is not a number (NaN).
    """

    start: date
    end: date
    days: Column
    weeks: Column
    columns: dict[str, Column]
    amounts: Sequence[float]

    def covers(self, start: date, end: date) -> bool:
        """Whether everything between the two days is in it."""
        return self.start <= start and end <= self.end

    def days_of(self, start: date, end: date) -> set[str]:
        """Those of its days that lie between the two."""
        first, last = start.isoformat(), end.isoformat()
        return {day for day in self.days.values if first <= day <= last}


def losses_between(tx: Session, start: date, end: date) -> Losses:
    """Those of these days, perhaps with others; kept for the next reader until something has changed."""
    remembered: dict[str, Any] | None = tx.info.get(REMEMBERED)
    if remembered is None:
        return _load(tx, start, end)
    with _LOADING:  # who comes second needs the same
        version = losses_version(tx)
        kept: tuple[int, Losses] | None = remembered.get(_NAME)
        if kept is not None and kept[0] == version:
            if kept[1].covers(start, end):
                return kept[1]
            start, end = min(start, kept[1].start), max(end, kept[1].end)
        found = _load(tx, start, end)
        remembered[_NAME] = version, found
        return found


def _load(tx: Session, start: date, end: date) -> Losses:
    """One pass over the episodes in the order of their rows."""
    # The sums keep SQLite at the episodes: it would else walk all classifications, and look up the episode of each.
    # So does looking at the days as text: in their order it would be led all over the other tables.
    query = (
        select(cast(EpisodeRow.lost_on, String), *_COLUMNS.values(), cast(DealRow.amount, Float))
        .select_from(EpisodeRow)
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id + 0)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id + 0)
        .where(
            cast(EpisodeRow.lost_on, String).between(start.isoformat(), end.isoformat()),
            DealRow.excluded_by.is_(None),
        )
    )
    rows = tx.execute(query).all()
    days, *columns, amounts = zip(*rows, strict=True) if rows else ((),) * (len(_COLUMNS) + 2)
    by_day, nothing = _coded(days), float("nan")
    return Losses(
        start=start,
        end=end,
        days=by_day,
        weeks=_weeks(by_day),
        columns={name: _coded(values) for name, values in zip(_COLUMNS, columns, strict=True)},
        amounts=array("d", [nothing if one is None else one for one in amounts]),
    )


def _coded(values: Sequence[Any]) -> Column:
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return Column(tuple(places), array("I", map(places.__getitem__, values)))


def _weeks(days: Column) -> Column:
    mondays = [day - timedelta(days=day.weekday()) for day in map(date.fromisoformat, days.values)]
    of_days = _coded(mondays)
    return Column(of_days.values, array("I", map(of_days.codes.__getitem__, days.codes)))
