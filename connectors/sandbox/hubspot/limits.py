"""Rate limits: a rolling window per token, a day per account, and searches by the second."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.sandbox.hubspot.problems import Problem
from connectors.sandbox.hubspot.settings import RateLimits

_WINDOW_MS = 10_000


class Meter:
    """Counts requests; a refused one does not count."""

    def __init__(self, limits: RateLimits, zone: ZoneInfo, portal_id: int) -> None:
        self._limits = limits
        self._zone = zone
        self._portal_id = portal_id
        self._bursts: dict[str, deque[int]] = {}
        self._searches: deque[int] = deque()
        self._day = ""
        self._today = 0

    def take(self, token: str, now_ms: int, *, is_search: bool) -> None:
        """Count a request; raises the 429 where a limit is reached."""
        self._start_day(now_ms)
        if self._today >= self._limits.daily:
            raise self._reached("You have reached your daily limit.", "DAILY", "daily")
        window = self._searches if is_search else self._bursts.setdefault(token, deque())
        _forget(window, now_ms - (1_000 if is_search else _WINDOW_MS))
        if is_search and len(window) >= self._limits.searches_per_second:
            raise self._reached("You have reached your secondly limit.", "SECONDLY", "search-secondly")
        if not is_search and len(window) >= self._limits.burst:
            message = "You have reached your ten_secondly_rolling limit."
            raise self._reached(message, "TEN_SECONDLY_ROLLING", "private-app-api-calls-ten-secondly")
        window.append(now_ms)
        self._today += 1

    def headers(self, token: str, now_ms: int, *, is_oauth: bool) -> dict[str, str]:
        """The rate headers of an answer. Answers of a search have none."""
        window = self._bursts.get(token, deque())
        _forget(window, now_ms - _WINDOW_MS)
        burst = {
            "X-HubSpot-RateLimit-Max": str(self._limits.burst),
            "X-HubSpot-RateLimit-Remaining": str(max(0, self._limits.burst - len(window))),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(_WINDOW_MS),
        }
        if is_oauth:
            return burst
        return {
            **burst,
            "X-HubSpot-RateLimit-Daily": str(self._limits.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self._limits.daily - self._today)),
        }

    def _start_day(self, now_ms: int) -> None:
        now = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=now_ms)
        day = now.astimezone(self._zone).date().isoformat()
        if day != self._day:
            self._day, self._today = day, 0

    def _reached(self, message: str, policy: str, group: str) -> Problem:
        extra = {
            **({} if self._limits.names_category else {"errorType": "RATE_LIMIT"}),
            "policyName": policy,
            "groupName": f"publicapi:{group}:{self._portal_id}",
        }
        return Problem(429, message, category="RATE_LIMITS" if self._limits.names_category else None, extra=extra)


def _forget(window: deque[int], until_ms: int) -> None:
    while window and window[0] <= until_ms:
        window.popleft()
