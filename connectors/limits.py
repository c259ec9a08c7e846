"""What limits are called and how answers tell them: rates, resets at midnight, Retry-After. Pure."""

from __future__ import annotations

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
