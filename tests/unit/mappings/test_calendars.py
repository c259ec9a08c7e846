"""Months, business days and fiscal years."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest

from mappings.calendars import CALENDAR_YEAR, FiscalStart, add_months, assumed_fiscal_start, business_days
from mappings.documents.policy import shipped_policy
from mappings.documents.policy_values import Blackout

BLACKOUT = shipped_policy().blackout


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2027-03-31", -1, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2027-12-15", 1, "2028-01-15"),
    ],
)
def test_months_are_calendar_months(start: str, months: int, end: str) -> None:
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


class TestBusinessDays:
    @pytest.mark.parametrize("country", [None, "US", "DE", "JP", "SA", "IN", "HK", "NP", "XK"])
    def test_over_twenty_years_forward_and_backward_find_the_nearest_fit_day(self, country: str | None) -> None:
        days = business_days(country, BLACKOUT)
        day = date(2016, 1, 1)
        for _ in range(20 * 365 // 3):
            day += timedelta(3)
            ahead, back = days.forward(day), days.backward(day)
            assert ahead is not None
            assert back is not None
            assert back <= day <= ahead
            assert days.is_fit(ahead)
            assert days.is_fit(back)
            between = (ahead - timedelta(n) for n in range(1, (ahead - day).days + 1))
            assert not any(days.is_fit(passed) for passed in between)

    def test_business_days_are_counted_through_the_blackout(self) -> None:
        assert business_days("DE", BLACKOUT).after(date(2026, 12, 23), 2) == date(2026, 12, 28)
        assert business_days(None, BLACKOUT).after(date(2026, 11, 20), 0) == date(2026, 11, 20)

    def test_years_that_are_not_announced_yet_raise_no_warning(self) -> None:
        assert business_days("IN", BLACKOUT).forward(date(2044, 8, 15)) == date(2044, 8, 16)

    def test_a_blackout_within_one_year_and_several_of_them_hold(self) -> None:
        spans = (Blackout(first=(7, 1), last=(8, 15)), Blackout(first=(8, 16), last=(8, 31)))
        assert business_days(None, spans).forward(date(2027, 7, 10)) == date(2027, 9, 1)

    def test_a_blackout_of_all_days_leaves_none(self) -> None:
        assert business_days(None, (Blackout(first=(1, 1), last=(12, 31)),)).forward(date(2027, 7, 10)) is None


class TestFiscalYears:
    @pytest.mark.parametrize(
        ("country", "region", "starts"),
        [
            ("GB", None, (4, 1)),
            ("NZ", None, (7, 1)),
            ("KW", None, (4, 1)),
            ("QA", None, (4, 1)),
            ("NP", None, (7, 16)),
            ("IR", None, (3, 21)),
            ("ET", None, (7, 8)),
            ("WS", None, (6, 1)),
            ("CA", None, (4, 1)),
            ("EG", None, (7, 1)),
            ("TH", None, (10, 1)),
            ("US", None, (10, 1)),
            ("US", "NY", (4, 1)),
            ("US", "TX", (9, 1)),
            ("US", "AL", (10, 1)),
            ("US", "MI", (10, 1)),
            ("US", "CA", (7, 1)),
            ("US", "ca", (7, 1)),
            ("US", "??", (10, 1)),
            ("CA", "ON", (4, 1)),
            ("DE", None, (1, 1)),
            (None, None, (1, 1)),
        ],
    )
    def test_governments_have_the_years_of_the_table(
        self, country: str | None, region: str | None, starts: tuple[int, int]
    ) -> None:
        found = assumed_fiscal_start(country, region, True)
        assert (found.month, found.day) == starts
        assert found.is_assumed

    def test_companies_have_the_calendar_year_but_in_three_countries(self) -> None:
        table = {country: assumed_fiscal_start(country, None, False) for country in ("JP", "IN", "AU")}
        assert {country: (row.month, row.day) for country, row in table.items()} == {
            "JP": (4, 1),
            "IN": (4, 1),
            "AU": (7, 1),
        }
        for country in ("GB", "US", "CA", "NZ", "DE", None):
            assert assumed_fiscal_start(country, None, False) is CALENDAR_YEAR

    @pytest.mark.parametrize("month", range(1, 13))
    def test_every_start_falls_once_a_year_on_leap_days_too(self, month: int) -> None:
        last = calendar.monthrange(2024, month)[1]
        start = FiscalStart(month=month, day=last, known_from="", is_assumed=False)
        found = list(start.around(date(2026, 6, 1), years_back=10, years_on=10))
        assert [day.year for day in found] == list(range(2016, 2037))
        assert all(day.month == month and day.day in {last, last - 1} for day in found)
