"""Calendars: business days by country, months added to a day, and the starts of fiscal years."""

from __future__ import annotations

import calendar
import tomllib
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from mappings.documents.policy_values import Blackout, FiscalYearRow
from mappings.fiscal_weeks import turned
from mappings.model import WeekdayTurn
from mappings.values import value_type

ONE_DAY = timedelta(days=1)
LONGEST_SEARCH_DAYS = 400  # a blackout of a whole year leaves no day to find


@lru_cache(maxsize=4096)  # of an export's deals, many were lost on one day
def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on, or the month's last day where it has none such."""
    index = day.year * 12 + day.month - 1 + months
    return _day_in(index // 12, index % 12 + 1, day.day)


def _day_in(year: int, month: int, day: int) -> date:
    return date(year, month, day if day <= 28 else min(day, calendar.monthrange(year, month)[1]))


class BusinessDays:
    """The days on which people work in one country, and those of them outside the blackout.

    A day is closed on the country's weekend and on its national public holidays, observed days included. Weekend
    days that a government declares worked stay closed. Without a country, Saturdays and Sundays are closed.
    Source: the `holidays` library.
    """

    def __init__(self, country: str | None, blackouts: tuple[Blackout, ...]) -> None:
        self._national = _national_days(country)
        self._blackouts = tuple((span.first, span.last) for span in blackouts)
        self._forward: dict[date, date | None] = {}
        self._backward: dict[date, date | None] = {}
        self._counted: dict[tuple[date, int], date] = {}

    def is_weekend(self, day: date) -> bool:
        """Whether the day is part of the country's weekend."""
        return self._national.is_weekend(day) if self._national is not None else day.weekday() >= 5

    def is_holiday(self, day: date) -> bool:
        """Whether the day is a national public holiday, or the day on which one is observed."""
        return self._national is not None and self._national.is_holiday(day)

    def is_open(self, day: date) -> bool:
        """Whether people work on that day; the blackout does not count here."""
        return not self.is_weekend(day) and not self.is_holiday(day)

    def is_blacked_out(self, day: date) -> bool:
        """Whether the day lies in a blackout."""
        here = (day.month, day.day)
        return any(
            first <= here <= last if first <= last else here >= first or here <= last for first, last in self._blackouts
        )

    def is_fit(self, day: date) -> bool:
        """Whether a person can act on that day: a business day outside the blackout."""
        return self.forward(day) == day

    def forward(self, day: date) -> date | None:
        """The first day from this one on which a person can act, or None where there is none within a year."""
        if day not in self._forward:
            self._forward[day] = self._search(day, ONE_DAY)
        return self._forward[day]

    def backward(self, day: date) -> date | None:
        """The last day up to this one on which a person can act, or None where there is none within a year."""
        if day not in self._backward:
            self._backward[day] = self._search(day, -ONE_DAY)
        return self._backward[day]

    def after(self, day: date, count: int) -> date:
        """So many business days after a day. Days of the blackout count as any others."""
        found = self._counted.get((day, count))
        if found is None:
            found = self._counted[day, count] = self._count(day, count)
        return found

    def _search(self, day: date, step: timedelta) -> date | None:
        for _ in range(LONGEST_SEARCH_DAYS):
            if self.is_open(day) and not self.is_blacked_out(day):
                return day
            day += step
        return None

    def _count(self, day: date, count: int) -> date:
        while count > 0:
            day += ONE_DAY
            count -= self.is_open(day)
        return day


class _NationalDays:
    """The library's weekend and holidays of one country, each year worked out when first asked for."""

    def __init__(self, country: str) -> None:
        import holidays

        self._country = country
        self._weekend = holidays.country_holidays(country, expand=False)
        self._by_year: dict[int, frozenset[date]] = {}

    def is_weekend(self, day: date) -> bool:
        return bool(self._weekend.is_weekend(day))

    def is_holiday(self, day: date) -> bool:
        found = self._by_year.get(day.year)
        if found is None:
            found = self._by_year[day.year] = self._of_year(day.year)
        return day in found

    def _of_year(self, year: int) -> frozenset[date]:
        import holidays

        with warnings.catch_warnings():
            # The library warns of years for which some of a country's dates are not announced yet.
            warnings.simplefilter("ignore")
            return frozenset(holidays.country_holidays(self._country, years=year))


@lru_cache(maxsize=512)
def _national_days(country: str | None) -> _NationalDays | None:
    """None where the country is not known, to us or to the library."""
    if not country:
        return None
    try:
        return _NationalDays(country.strip().upper())
    except NotImplementedError:
        return None


@lru_cache(maxsize=1024)
def business_days(country: str | None, blackouts: tuple[Blackout, ...]) -> BusinessDays:
    """The business days of a country; one value serves every deal there, so that its years are worked out once."""
    return BusinessDays(country, blackouts)


@value_type(frozen=True, slots=True, kw_only=True)
class FiscalStart:
    """The day a fiscal year starts on, and how that is known. `known_from` is put in brackets after the date.

    An assumed start comes from a table or is 1 January; others were said, by a field or in words.
    """

    month: int
    day: int
    known_from: str
    is_assumed: bool
    turn: WeekdayTurn | None = None  # the year has 52 or 53 weeks; month and day are those it starts about

    def in_year(self, year: int) -> date:
        """The start that falls in this calendar year, or about the month and day of it."""
        about = _day_in(year, self.month, self.day)
        return turned(self.turn, about) if self.turn else about

    def around(self, day: date, *, years_back: int, years_on: int) -> Iterator[date]:
        """The starts of consecutive fiscal years about a day, in order."""
        first, last = max(1, day.year - years_back), min(9999, day.year + years_on)
        return (self.in_year(year) for year in range(first, last + 1))


CALENDAR_YEAR = FiscalStart(month=1, day=1, known_from="calendar year, assumed", is_assumed=True)


@lru_cache(maxsize=4096)
def assumed_fiscal_start(
    country: str | None, region: str | None, is_public: bool, own_rows: tuple[FiscalYearRow, ...] = ()
) -> FiscalStart:
    """Where a fiscal year starts if nobody said: by the government table for the public sector, else by the company
    table, else on 1 January. `own_rows` are the policy's own, and beat the shipped ones.

    Source: mappings/data/fiscal_years.toml
    """
    country = (country or "").strip().upper()
    region = (region or "").strip().upper()
    for sector in ("government", "company") if is_public else ("company",):
        for key in ((sector, country, region), (sector, country, "")):
            found = _own_row(own_rows, key) or _table().get(key)
            if found is not None:
                return found
    return CALENDAR_YEAR


def _own_row(rows: tuple[FiscalYearRow, ...], key: tuple[str, str, str]) -> FiscalStart | None:
    for row in rows:
        if (row.sector, row.country, (row.region or "").upper()) == key:
            return FiscalStart(
                month=row.starts[0], day=row.starts[1], known_from=f"{row.source}, assumed", is_assumed=True
            )
    return None


@cache
def _table() -> dict[tuple[str, str, str], FiscalStart]:
    text = resources.files("mappings.data").joinpath("fiscal_years.toml").read_text("utf-8")
    return {
        (sector, row["country"], row.get("region", "")): _start(sector, row)
        for sector, rows in tomllib.loads(text).items()
        for row in rows
    }


def _start(sector: str, row: dict[str, Any]) -> FiscalStart:
    month, day = row["starts"].split("-")
    whose = f"the government of {row['name']}" if sector == "government" else row["name"]
    return FiscalStart(month=int(month), day=int(day), known_from=f"{whose}, assumed", is_assumed=True)
