"""How limits are spelt and told: rates, midnight in the account's zone, Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.limits import next_midnight, parse_rate, retry_after_s


def test_a_day_used_up_ends_at_midnight_of_the_account() -> None:
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # 22:00 of the day before in New York
    assert next_midnight(now, ZoneInfo("America/New_York")) - now == timedelta(hours=2)


@pytest.mark.parametrize(("text", "seconds"), [("30", 30.0), (" 1.5 ", 1.5), ("", None), ("-1", None), ("soon", None)])
def test_retry_after_is_read_where_it_is_a_number(text: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": text}) == seconds


@pytest.mark.parametrize("text", ["x", "-1/10", "5/0"])
def test_a_rate_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_rate(text)
