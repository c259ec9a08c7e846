"""Rate budgets as arithmetic over (now, answers): how long to wait so that no limit of a CRM is ever passed.

Nothing here sleeps or reads a clock. `now` is seconds on any clock that goes forward; the caller waits as told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `requests` within any `window_s` seconds; `requests` 0 means no limit."""

    requests: int
    window_s: float


def parse_rate(text: str) -> RateLimit:
    """ "100/10" is 100 requests in any 10 seconds, "0" no limit. Raises ValueError."""
    requests, _, seconds = text.strip().partition("/")
    limit = RateLimit(requests=int(requests), window_s=float(seconds or 1))
    if limit.requests < 0 or limit.window_s <= 0:
        raise ValueError(f"{text!r} is no rate: say 100/10 for 100 requests in 10 seconds, or 0 for no limit")
    return limit


# A request sent a window after another can arrive a little less than a window after it: keep this share free.
_SLACK = 0.03


class RollingBudget:
    """A rolling window of requests that were sent or promised a place.

    `reserve` takes the next place and says how long to wait for it; the caller waits that long. Several threads may
    wait for places at once.
    """

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self._sent: deque[float] = deque()

    def reserve(self, now: float) -> float:
        """Seconds to wait before the request may be sent; the place is taken."""
        if not self.limit.requests:
            return 0.0
        self._forget(now)
        over = len(self._sent) - self.limit.requests
        start = now if over < 0 else max(now, self._sent[over] + self._window_s)
        self._sent.append(start)
        return start - now

    def learn(self, now: float, *, requests: int | None, remaining: int | None, window_s: float | None) -> None:
        """Take over the limit that an answer names, and what others have used of it."""
        if not self.limit.requests:
            return
        self.limit = RateLimit(
            requests=requests or self.limit.requests,
            window_s=window_s or self.limit.window_s,
        )
        if remaining is None or requests is None:
            return
        self._forget(now)
        used_by_others = (requests - remaining) - len(self._sent)
        self._sent.extend([now] * max(0, used_by_others))

    @property
    def _window_s(self) -> float:
        return self.limit.window_s * (1 + _SLACK)

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0] <= now - self._window_s:
            self._sent.popleft()


class DailyBudget:
    """A count that the CRM keeps and sets back at midnight in the account's zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._resets_at: datetime | None = None

    def learn(self, now: datetime, *, remaining: int | None) -> None:
        """Remember an answer's remainder: at none, nothing may be sent before the reset."""
        if remaining is not None:
            self._resets_at = next_midnight(now, self._zone) if remaining <= 0 else None

    def wait_s(self, now: datetime) -> float:
        """Seconds until requests are allowed again; 0 when they are."""
        if self._resets_at is None or now >= self._resets_at:
            return 0.0
        return (self._resets_at - now).total_seconds()


def next_midnight(now: datetime, zone: tzinfo) -> datetime:
    """The start of the next day in `zone`, as an aware instant."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After header (lower-case names), where it holds a number."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def whole_number(text: str | None) -> int | None:
    """A header's whole number, or None for anything else."""
    stripped = (text or "").strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() else None
