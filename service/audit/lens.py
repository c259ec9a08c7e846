"""What the audit looks at: a period, and whatever else narrows it down. Every audit query starts here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, or_, select

from service.errors import UsageFault
from service.store.losses import BAND, COMPETITOR
from service.store.models import ClassificationRow, DealRow, EpisodeRow

WEEKS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    def as_json(self) -> dict[str, str]:
        """The two days."""
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}

    @property
    def before(self) -> Period:
        """The period of the same length just before."""
        length = self.end - self.start + timedelta(days=1)
        return Period(start=self.start - length, end=self.end - length)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Which losses count: those in scope with `lost_on` in the period, narrowed down by whatever else is given.

    `owners` are (connection id, CRM owner id) pairs a person may see; None is everybody. `owner_id` is one CRM owner.
    """

    period: Period
    connection_id: int | None = None
    owner_id: str | None = None
    category: str | None = None
    sub_reason: str | None = None
    stated_category: str | None = None
    competitor: str | None = None
    country: str | None = None
    industry: str | None = None
    band: str | None = None
    owners: Sequence[tuple[int, str]] | None = None

    @property
    def before(self) -> Lens:
        """The same, over the period of the same length just before."""
        return replace(self, period=self.period.before)

    def in_period(self) -> ColumnElement[bool]:
        """That a loss is of the period, for queries that have other places to begin at.

        As text: SQLite would else begin at the days, and look up everything else row by row, all over the tables.
        """
        return cast(EpisodeRow.lost_on, String).between(self.period.start.isoformat(), self.period.end.isoformat())

    def losses(self, *columns: Any) -> Select[Any]:
        """Those columns of the losses."""
        # The sums keep SQLite at the episodes, which are narrow rows with the day in them: it would else walk all
        # classifications in the order of the grouping, and look up the episode of each.
        return (
            select(*columns)
            .select_from(EpisodeRow)
            .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id + 0)
            .join(DealRow, DealRow.id == EpisodeRow.deal_id + 0)
            .where(EpisodeRow.lost_on.between(self.period.start, self.period.end), *self.conditions())
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """Everything but the period, for queries over deals and their classification."""
        given: list[ColumnElement[bool]] = [DealRow.excluded_by.is_(None)]
        if self.owners is not None:
            theirs = [and_(DealRow.connection_id == one, DealRow.owner_id == owner) for one, owner in self.owners]
            given.append(or_(*theirs) if theirs else false())
        for column, value in (
            (DealRow.connection_id + 0, self.connection_id),  # no index: most deals are of the one connection
            (DealRow.owner_id, self.owner_id),
            (ClassificationRow.category, self.category),
            (ClassificationRow.sub_reason, self.sub_reason),
            (ClassificationRow.stated_category, self.stated_category),
            (COMPETITOR, self.competitor),
            (DealRow.country, self.country),
            (DealRow.industry, self.industry),
            (BAND, self.band),
        ):
            if value is not None:
                given.append(column == value)
        return given
