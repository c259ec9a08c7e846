"""Keeping to HubSpot's limits before they bite: who waits, how long, and what the answers teach.

https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines: 100 requests in 10 s for Free and
Starter, 190 above them (the headers tell); search 5 a second for the whole account, outside the burst count; a count a
day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from threading import Lock, local
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Kit, Settings
from connectors.errors import RateLimited, Rejected
from connectors.hubspot.answers import DAILY, Answer, Waits
from connectors.limits import DailyBudget, RollingBudget, next_midnight, parse_rate, whole_number

T = TypeVar("T")

BURST_RATE = "100/10"
SEARCH_RATE = "5/1"
# The day's count is set back at midnight of the portal, whose clock is not ours.
_RESET_LAG_S = 300.0


class Pacer:
    """The budgets of one connection."""

    def __init__(self, settings: Settings, kit: Kit, *, where: str) -> None:
        self._where = where
        self._now = kit.now
        self._sleep = kit.http.sleep
        self._burst = RollingBudget(option(settings, "burst_rate", BURST_RATE, parse_rate, where=where))
        self._search = RollingBudget(option(settings, "search_rate", SEARCH_RATE, parse_rate, where=where))
        self._zone = known_zone(settings.zone) or ZoneInfo("UTC")
        self._daily = DailyBudget(self._zone)
        self._lock = Lock()
        self._waited = local()

    def hold_back(self, *, is_search: bool) -> None:
        """Wait for a place in the budgets; raise when the day's is used up."""
        now, at = self._now(), self._seconds()
        with self._lock:
            until_reset = self._daily.wait_s(now)
            wait = 0.0 if until_reset else (self._search if is_search else self._burst).reserve(at)
        if until_reset:
            raise RateLimited(
                f"{self._where}: the portal's daily limit of HubSpot calls is used up.",
                remedy="It is set back at midnight in the portal's time zone; other apps of the portal share it.",
                retry_after_s=until_reset + _RESET_LAG_S,
                policy=DAILY,
            )
        if wait > 0:
            self._sleep(wait)
            self._waited.until = at + wait

    def learn(self, answer: Answer, *, is_search: bool) -> None:
        """Take over what the rate headers say. Search answers carry none."""
        headers, now, at = answer.headers, self._now(), self._seconds()
        interval_ms = whole_number(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
        with self._lock:
            self._daily.learn(now, remaining=whole_number(headers.get("x-hubspot-ratelimit-daily-remaining")))
            if not is_search:
                self._burst.learn(
                    at,
                    requests=whole_number(headers.get("x-hubspot-ratelimit-max")),
                    remaining=whole_number(headers.get("x-hubspot-ratelimit-remaining")),
                    window_s=interval_ms / 1000 if interval_ms else None,
                )

    def waits(self) -> Waits:
        """How long to hold back after a refusal that names no time."""
        now = self._now()
        until_midnight = (next_midnight(now, self._zone) - now.astimezone(UTC)).total_seconds()
        return Waits(
            burst_s=self._burst.limit.window_s,
            search_s=self._search.limit.window_s,
            until_midnight_s=until_midnight + _RESET_LAG_S,
        )

    def _seconds(self) -> float:
        """The time in seconds, not before what this thread has waited for: a clock may stand still."""
        return max(self._now().timestamp(), getattr(self._waited, "until", 0.0))


def option(settings: Settings, name: str, usual: str, parse: Callable[[str], T], *, where: str) -> T:
    """One of the connection's own options, parsed. Raises Rejected, naming it, where it makes no sense."""
    try:
        return parse(settings.options.get(name) or usual)
    except ValueError as error:
        raise Rejected(f"{where}: the option {name} is wrong: {error}.", fields=(name,)) from error


def known_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
