"""Budgets: no window ever holds more than its limit, whatever the answers say."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.limits import DailyBudget, RateLimit, RollingBudget, next_midnight, parse_rate, retry_after_s


def sent_at(budget: RollingBudget, starts: list[float]) -> list[float]:
    """When each request leaves, for a caller that waits as told and asks again no sooner."""
    times, free = [], 0.0
    for start in starts:
        now = max(start, free)
        free = now + budget.reserve(now)
        times.append(free)
    return times


@given(
    st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=80),
    st.integers(min_value=1, max_value=6),
)
def test_no_window_holds_more_than_the_limit(gaps: list[float], requests: int) -> None:
    starts = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    times = sent_at(RollingBudget(RateLimit(requests=requests, window_s=1.0)), starts)
    for first, beyond in zip(times, times[requests:], strict=False):
        assert beyond - first >= 1.0
    assert all(later >= earlier for earlier, later in pairwise(times))


def test_a_budget_with_room_lets_through_at_once() -> None:
    budget = RollingBudget(RateLimit(requests=3, window_s=10))
    assert [budget.reserve(5.0) for _ in range(3)] == [0, 0, 0]
    assert budget.reserve(5.0) >= 10


def test_no_limit_never_waits() -> None:
    budget = RollingBudget(parse_rate("0"))
    assert {budget.reserve(0.0) for _ in range(1000)} == {0.0}


def test_two_threads_waiting_at_one_moment_get_places_one_after_the_other() -> None:
    budget = RollingBudget(RateLimit(requests=1, window_s=10))
    waits = [budget.reserve(0.0) for _ in range(3)]
    assert waits[0] == 0
    assert waits[1] >= 10
    assert waits[2] >= 20


def test_what_others_used_of_a_limit_is_counted() -> None:
    budget = RollingBudget(RateLimit(requests=100, window_s=10))
    budget.reserve(0.0)
    budget.learn(0.0, requests=190, remaining=0, window_s=10.0)
    assert budget.limit.requests == 190
    assert budget.reserve(0.0) >= 10


def test_an_answer_without_headers_teaches_nothing() -> None:
    budget = RollingBudget(RateLimit(requests=2, window_s=10))
    budget.learn(0.0, requests=None, remaining=None, window_s=None)
    assert budget.limit == RateLimit(requests=2, window_s=10)


def test_a_day_used_up_ends_at_midnight_of_the_account() -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # 22:00 of the day before in New York
    budget = DailyBudget(zone)
    budget.learn(now, remaining=0)
    assert budget.wait_s(now) == 2 * 3600
    assert budget.wait_s(next_midnight(now, zone)) == 0


@pytest.mark.parametrize(("text", "seconds"), [("30", 30.0), (" 1.5 ", 1.5), ("", None), ("-1", None), ("soon", None)])
def test_retry_after_is_read_where_it_is_a_number(text: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": text}) == seconds


@pytest.mark.parametrize("text", ["x", "-1/10", "5/0"])
def test_a_rate_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_rate(text)
