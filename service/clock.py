"""The one module that asks the time, and the one that waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Clock = Callable[[], datetime]
"""Gives the present instant, aware UTC."""


def now() -> datetime:
    """The present instant, aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that is never set, for measuring how long something took."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def today_in(zone: str, instant: datetime) -> date:
    """The date at `instant` in the named zone; in UTC where the zone is not known here."""
    return instant.astimezone(zone_named(zone)).date()


def zone_named(zone: str) -> ZoneInfo:
    """The IANA zone, or UTC for a name this machine does not know."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
