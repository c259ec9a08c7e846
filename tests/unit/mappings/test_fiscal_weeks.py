"""Fiscal years of 52 or 53 weeks start on the day after a weekday, which is another day each year."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from mappings.fiscal_weeks import start_about, turned
from mappings.model import WeekdayTurn

LAST_SATURDAY_OF_JULY = WeekdayTurn(month=7, weekday=5, nth=-1)
LAST_SATURDAY_OF_SEPTEMBER = WeekdayTurn(month=9, weekday=5, nth=-1)
SATURDAY_NEAREST_THE_END_OF_JANUARY = WeekdayTurn(month=1, weekday=5, nth=0)
SUNDAY_NEAREST_THE_END_OF_DECEMBER = WeekdayTurn(month=12, weekday=6, nth=0)


@pytest.mark.parametrize(
    ("turn", "ends"),
    [
        (LAST_SATURDAY_OF_JULY, ["2022-07-30", "2023-07-29", "2024-07-27", "2025-07-26"]),
        (LAST_SATURDAY_OF_SEPTEMBER, ["2022-09-24", "2023-09-30", "2024-09-28", "2025-09-27"]),
        (SATURDAY_NEAREST_THE_END_OF_JANUARY, ["2022-01-29", "2023-01-28", "2024-02-03", "2025-02-01"]),
        (SUNDAY_NEAREST_THE_END_OF_DECEMBER, ["2022-01-02", "2023-01-01", "2023-12-31", "2024-12-29"]),
    ],
)
def test_the_ends_are_those_that_such_companies_publish(turn: WeekdayTurn, ends: list[str]) -> None:
    month, day = start_about(turn)
    starts = [turned(turn, date(year, month, day)) for year in range(2022, 2026)]
    assert [str(start - timedelta(days=1)) for start in starts] == ends


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("nth", [-1, 0, 1, 2])
def test_every_year_has_52_or_53_weeks(month: int, nth: int) -> None:
    for weekday in range(7):
        turn = WeekdayTurn(month=month, weekday=weekday, nth=nth, is_first_day=nth > 0)
        starts = [turned(turn, date(year, *start_about(turn))) for year in range(2016, 2037)]
        weeks = {(after - start).days / 7 for start, after in pairwise(starts)}
        assert weeks <= {52, 53}
