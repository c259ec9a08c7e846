"""A rep's morning by the clock on their wall: never early, whatever zones and clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.clock import zone_named
from service.reminders.mornings import Mornings, begun_day

ZONES = ("UTC", "America/Los_Angeles", "Asia/Tokyo", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour", "now", "day"),
    [
        ("UTC", 8, "2026-11-23T07:59:59", "2026-11-22"),
        ("UTC", 8, "2026-11-23T08:00:00", "2026-11-23"),
        ("Asia/Tokyo", 8, "2026-11-22T22:59:59", "2026-11-22"),
        ("Asia/Tokyo", 8, "2026-11-22T23:00:00", "2026-11-23"),
        ("America/Los_Angeles", 8, "2026-11-23T15:59:59", "2026-11-22"),
        ("America/Los_Angeles", 8, "2026-11-23T16:00:00", "2026-11-23"),
        # Summer time ends at 9:00 UTC: from then on eight o'clock is an hour later.
        ("America/Los_Angeles", 8, "2026-10-31T15:00:00", "2026-10-31"),
        ("America/Los_Angeles", 8, "2026-11-01T15:59:59", "2026-10-31"),
        ("America/Los_Angeles", 8, "2026-11-01T16:00:00", "2026-11-01"),
        # 2:00 to 3:00 is left out on that day: an hour that never strikes begins with the next one.
        ("America/Los_Angeles", 2, "2026-03-08T09:59:59", "2026-03-07"),
        ("America/Los_Angeles", 2, "2026-03-08T10:00:00", "2026-03-08"),
        # 1:00 comes twice: the first one counts.
        ("America/Los_Angeles", 1, "2026-11-01T07:59:59", "2026-10-31"),
        ("America/Los_Angeles", 1, "2026-11-01T08:00:00", "2026-11-01"),
        ("UTC", 0, "2028-02-29T00:00:00", "2028-02-29"),
        ("UTC", 8, "2027-03-01T07:00:00", "2027-02-28"),
        ("No/Such_Zone", 8, "2026-11-23T08:00:00", "2026-11-23"),
    ],
)
def test_a_day_begins_with_its_hour(zone: str, hour: int, now: str, day: str) -> None:
    assert begun_day(zone, hour=hour, now=at(now)) == date.fromisoformat(day)


@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)),  # noqa: DTZ001 -- made aware below
)
def test_no_day_begins_before_its_own_hour_nor_a_day_late(zone: str, hour: int, now: datetime) -> None:
    instant = now.replace(tzinfo=UTC)
    day = begun_day(zone, hour=hour, now=instant)
    there = instant.astimezone(zone_named(zone))

    assert (day, hour) <= (there.date(), there.hour)
    assert there.date() - day <= timedelta(days=1)


def test_each_rep_has_the_morning_of_where_they_live() -> None:
    mornings = Mornings(here=date(2026, 11, 23), elsewhere={"kim": date(2026, 11, 22)})

    assert [mornings.of(one) for one in ("ann", "kim", None)] == [
        date(2026, 11, 23),
        date(2026, 11, 22),
        date(2026, 11, 23),
    ]
