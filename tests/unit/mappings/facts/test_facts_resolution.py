"""How a time expression becomes a day, whatever day it was said on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.facts import read_dates, resolve
from mappings.facts.arithmetic import Frame, add_months, first_day
from mappings.facts.mention import Base, Edge, When
from mappings.model import Account

DAYS = st.dates(date(2020, 1, 1), date(2045, 12, 31))
ENGLISH_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def day_of(text: str, *, said_on: date, country: str | None = None, start: int | None = None) -> date | None:
    account = Account(country=country, fiscal_year_start_month=start)
    [fact] = resolve(read_dates(text), field="notes", said_on=said_on, account=account)
    return fact.on


@given(said_on=DAYS, month=st.integers(1, 12))
def test_a_month_is_its_next_first_day_and_the_running_month_its_own(said_on: date, month: int) -> None:
    day = day_of(f"call in {ENGLISH_MONTHS[month - 1]}", said_on=said_on)
    assert day is not None
    assert (day.month, day.day) == (month, 1)
    assert said_on.replace(day=1) <= day < add_months(said_on.replace(day=1), 12)


@given(said_on=DAYS, quarter=st.integers(1, 4))
def test_a_quarter_that_has_begun_is_next_years(said_on: date, quarter: int) -> None:
    day = day_of(f"call in Q{quarter}", said_on=said_on)
    assert day is not None
    assert (day.month, day.day) == (3 * quarter - 2, 1)
    assert timedelta(0) < day - said_on <= timedelta(days=366)


@given(said_on=DAYS, quarter=st.integers(1, 4))
def test_the_end_of_a_quarter_is_its_last_day_and_after_it_the_next_day(said_on: date, quarter: int) -> None:
    end = day_of(f"call at the end of Q{quarter}", said_on=said_on)
    after = day_of(f"call after Q{quarter}", said_on=said_on)
    assert end is not None
    assert after is not None
    assert said_on <= end < add_months(said_on, 12)
    assert (end + timedelta(days=1)).day == 1
    assert after == end + timedelta(days=1)


@given(said_on=DAYS, count=st.integers(1, 60))
def test_months_are_calendar_months_clamped_to_the_last_day(said_on: date, count: int) -> None:
    day = day_of(f"call in {count} months", said_on=said_on)
    assert day is not None
    assert (day.year * 12 + day.month) - (said_on.year * 12 + said_on.month) == count
    assert day.day == said_on.day or (day + timedelta(days=1)).day == 1


@given(
    said_on=DAYS,
    base=st.sampled_from([Base.MONTH, Base.QUARTER, Base.HALF, Base.SEASON]),
    n=st.integers(1, 4),
    edge=st.sampled_from(list(Edge)),
    country=st.sampled_from([None, "DE", "AU", "JP"]),
)
def test_no_expression_without_a_year_lies_before_the_period_that_is_running(
    said_on: date, base: Base, n: int, edge: Edge, country: str | None
) -> None:
    n = min(n, 2) if base is Base.HALF else n
    frame = Frame(said_on=said_on, country=country, fiscal_start=None)
    day = first_day(When(base=base, n=n, edge=edge), frame)
    assert day is not None
    earliest = said_on if base in {Base.QUARTER, Base.HALF} or edge in {Edge.END, Edge.AFTER} else None
    assert day >= (earliest or add_months(said_on.replace(day=1), -2))
    assert day <= add_months(said_on, 19)


@given(said_on=DAYS, start=st.integers(1, 12))
def test_the_next_fiscal_year_starts_within_a_year(said_on: date, start: int) -> None:
    day = day_of("no budget until the next fiscal year", said_on=said_on, start=start)
    assert day is not None
    assert (day.month, day.day) == (start, 1)
    assert timedelta(0) < day - said_on <= timedelta(days=366)


@given(text=st.text(max_size=60), said_on=DAYS)
def test_any_text_is_read_without_an_error(text: str, said_on: date) -> None:
    resolve(read_dates(text), field="notes", said_on=said_on, account=Account())


CASES = [
    ("call in a month", date(2026, 1, 31), "2026-02-28"),
    ("call in a year", date(2028, 2, 29), "2029-02-28"),
    ("call on 29 February", date(2026, 3, 1), "2028-02-29"),
    ("call in summer", date(2026, 7, 10), "2026-06-01"),
    ("call after the summer", date(2026, 7, 10), "2026-09-01"),
    ("call in winter", date(2026, 2, 10), "2025-12-01"),
    ("call mid Q3", date(2026, 2, 10), "2026-08-15"),
    ("call in late Q3", date(2026, 8, 10), "2026-09-01"),
    ("call at the end of the year", date(2026, 8, 10), "2026-12-31"),
    ("call next week", date(2026, 8, 14), "2026-08-17"),
    ("call in Q2 this year", date(2026, 8, 14), "2026-04-01"),
    ("call the year after next", date(2026, 8, 14), "2028-01-01"),
    ("call after Easter", date(2026, 8, 14), "2027-03-30"),
    ("call on 31 June 2027", date(2026, 8, 14), "None"),
    ("call on the 15th", date(2026, 8, 14), "2026-08-15"),
    ("call on the 15th", date(2026, 8, 16), "2026-09-15"),
    ("call on the 31st", date(2026, 9, 1), "2026-10-31"),
    ("call on the 3rd of next month", date(2026, 12, 14), "2027-01-03"),
    ("call two weeks after Easter", date(2026, 8, 14), "2027-04-11"),
    ("call a month before year end", date(2026, 8, 14), "2026-11-30"),
    ("call after Thanksgiving", date(2026, 8, 14), "2026-11-27"),
    ("call in week 33", date(2026, 8, 14), "2026-08-10"),
    ("call in week 53", date(2026, 8, 14), "2026-12-28"),
    ("call in the last week of March", date(2026, 8, 14), "2027-03-25"),
    ("call on the first Monday of September", date(2026, 8, 14), "2026-09-07"),
    ("call on Thursday next week", date(2026, 8, 14), "2026-08-20"),
    ("call mid-year", date(2026, 8, 14), "2027-06-15"),
    ("call at the beginning of the year", date(2026, 8, 14), "2027-01-01"),
    ("call in a month and a half", date(2026, 8, 14), "2026-09-29"),
    ("call after Chinese New Year", date(2026, 8, 14), "2027-02-13"),
    ("call after Chinese New Year", date(2052, 8, 14), "None"),
    ("call after Golden Week", date(2027, 5, 2), "2027-05-06"),
    ("call after Easter", date(2027, 3, 29), "2027-03-30"),
    ("call after Memorial Day", date(2026, 8, 14), "2027-06-01"),
    ("call after Black Friday", date(2026, 8, 14), "2026-11-28"),
    ("call the Monday after Thanksgiving", date(2026, 8, 14), "2026-11-30"),
    ("call after the 20th", date(2026, 8, 14), "2026-08-21"),
    ("call on or after 20 August", date(2026, 8, 14), "2026-08-20"),
    ("call on 29/02", date(2026, 8, 14), "2028-02-29"),
    ("call the day after tomorrow", date(2026, 12, 30), "2027-01-01"),
    ("call in fiscal Q3", date(2026, 8, 14), "None"),
]


@pytest.mark.parametrize(("text", "said_on", "day"), CASES)
def test_edges_of_the_calendar(text: str, said_on: date, day: str) -> None:
    assert str(day_of(text, said_on=said_on)) == day


def test_the_next_fiscal_year_of_52_weeks_starts_on_its_own_day() -> None:
    text = "Our fiscal year ends on the last Saturday of January. Call us next fiscal year."
    days = {"2026-08-15": "2027-01-31", "2027-01-30": "2027-01-31", "2027-02-01": "2028-01-30"}
    for said_on, day in days.items():
        said = date.fromisoformat(said_on)
        facts = resolve(read_dates(text), field="notes", said_on=said, account=Account())
        assert str(facts[-1].on) == day, said_on


def test_a_field_with_the_month_of_the_turn_agrees_with_the_words() -> None:
    text = "Fiscal year ends the last Saturday of January. Call us next fiscal year."
    for month, day in ((1, "2027-01-31"), (2, "2027-01-31"), (7, "2027-07-01")):
        account = Account(fiscal_year_start_month=month)
        facts = resolve(read_dates(text), field="notes", said_on=date(2026, 8, 15), account=account)
        assert str(facts[-1].on) == day, month


def test_a_season_follows_the_hemisphere_of_the_account() -> None:
    said_on = date(2026, 8, 15)
    assert day_of("call in spring", said_on=said_on, country="AU") == date(2026, 9, 1)
    assert day_of("call in spring", said_on=said_on, country="DE") == date(2027, 3, 1)
    assert day_of("call in spring", said_on=said_on) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("text", "country", "day"),
    [
        ("call back on 03/04/2027", "US", "2027-03-04"),
        ("call back on 03/04/2027", "GB", "2027-04-03"),
        ("call back on 13/04/2027", "US", "2027-04-13"),
        ("call back on 2027-04-03", "US", "2027-04-03"),
        ("bitte am 03.04.2027 anrufen", "US", "2027-04-03"),
        ("rappeler le 03/04/2027", None, "2027-04-03"),
        ("renewal 5/28", "GB", "2028-05-01"),
        ("renewal 5/28", "US", "2027-05-28"),
        ("renewal 5/28", None, "2027-05-28"),
    ],
)
def test_a_date_in_figures_is_read_in_the_order_of_its_place(text: str, country: str | None, day: str) -> None:
    assert str(day_of(text, said_on=date(2026, 8, 15), country=country)) == day


def test_a_fiscal_quarter_counts_from_the_accounts_fiscal_year() -> None:
    said_on = date(2026, 8, 15)
    assert day_of("budget comes in FY27 Q2", said_on=said_on, start=10) == date(2027, 1, 1)
    assert day_of("budget comes in FY27", said_on=said_on, start=7) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("text", "start", "day"),
    [
        ("下期に再検討", 4, date(2026, 10, 1)),
        ("下期に再検討", None, date(2026, 7, 1)),
        ("上期に再検討", 4, date(2027, 4, 1)),
        ("来期の下期に再検討", 4, date(2027, 10, 1)),
        ("来年の上期に再検討", 4, date(2027, 4, 1)),
    ],
)
def test_a_japanese_half_is_one_of_the_fiscal_year_where_that_is_known(text: str, start: int | None, day: date) -> None:
    assert day_of(text, said_on=date(2026, 6, 15), start=start) == day


@pytest.mark.parametrize(("said_on", "year"), [(date(2026, 2, 15), 2026), (date(2026, 6, 15), 2027)])
def test_a_quarter_of_the_next_fiscal_year_counts_from_the_running_one(said_on: date, year: int) -> None:
    assert day_of("call in Q2 of the next fiscal year", said_on=said_on, start=4) == date(year, 7, 1)


def test_words_that_name_the_fiscal_year_settle_the_next_one() -> None:
    text = "Our fiscal year starts in April. Call us next fiscal year."
    facts = resolve(read_dates(text), field="notes", said_on=date(2026, 8, 15), account=Account())
    assert [(fact.fiscal_year_start_month, str(fact.on)) for fact in facts] == [(4, "None"), (None, "2027-04-01")]
