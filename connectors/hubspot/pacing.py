"""Keeping to HubSpot's limits before they bite: who waits, how long, and what the answers teach.

https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines: 100 requests in 10 s for Free and
Starter, 190 above them (the headers tell); search 5 a second for the whole account, outside the burst count; a count a
day. All processes of a connection draw on one budget.

A 429 says which limit it is about, and seldom for how long. What is named is kept to. Else all hold back under that
limit: under a rolling one for a quarter of its window, twice as long each time until an answer comes, a window at most;
where the day is used up until it is set back, an hour at most, as it may have been raised or follow another clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from threading import local
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Kit, Settings
from connectors.budget import Place, Told
from connectors.errors import RateLimited, Rejected
from connectors.hubspot.answers import DAILY, Answer, Waits
from connectors.limits import next_midnight, parse_rate, retry_after_s, whole_number

T = TypeVar("T")

BURST_RATE = "100/10"
SEARCH_RATE = "5/1"
BURST = "burst"
SEARCH = "search"
TOO_MANY = 429
MIGRATING = 477
# The day's count is set back at midnight of the portal, whose clock is not ours.
_RESET_LAG_S = 300.0
_DAY_LOOK_S = 3600.0
_FIRST_SHARE = 4


class Pacer:
    """The budgets of one connection."""

    def __init__(self, settings: Settings, kit: Kit, *, where: str) -> None:
        self._where = where
        self._now = kit.now
        self._http = kit.http
        self._budget = kit.budget
        self._limits = {
            BURST: option(settings, "burst_rate", BURST_RATE, parse_rate, where=where),
            SEARCH: option(settings, "search_rate", SEARCH_RATE, parse_rate, where=where),
        }
        self._zone = known_zone(settings.zone) or ZoneInfo("UTC")
        self._waited = local()
        self._refusals = {BURST: 0, SEARCH: 0}  # one after another; a count that two threads change is off by one

    def hold_back(self, *, is_search: bool) -> None:
        """Wait for a place in the budget. Raises RateLimited where none comes for longer than a command waits."""
        name = SEARCH if is_search else BURST
        while True:
            place = self._budget.take(name, self._limits[name], self._seconds())
            if place.closed_why is not None:
                self._refuse_long_wait(place)
            self._wait_until(place.start)
            if place.closed_why is None and self._seconds() <= place.until:
                return

    def learn(self, answer: Answer, *, is_search: bool) -> None:
        """Take over what the rate headers and refusals say. Search answers carry no such headers."""
        headers, at = answer.headers, self._seconds()
        if answer.status != TOO_MANY:
            self._refusals[SEARCH if is_search else BURST] = 0
        if whole_number(headers.get("x-hubspot-ratelimit-daily-remaining")) == 0:
            self._close_for_the_day()
        requests = whole_number(headers.get("x-hubspot-ratelimit-max"))
        if requests and not is_search and self._limits[BURST].requests:
            interval_ms = whole_number(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
            told = Told(
                at=at,
                requests=requests,
                remaining=whole_number(headers.get("x-hubspot-ratelimit-remaining")),
                window_s=interval_ms / 1000 if interval_ms else None,
            )
            self._budget.learn(BURST, told)
        if answer.status == MIGRATING and (named := retry_after_s(headers)) is not None:
            self._budget.close((BURST, SEARCH), at + named, "HubSpot is migrating the portal's data")

    def obey(self, refusal: RateLimited, *, is_search: bool) -> None:
        """Have everybody keep away for as long as a refusal asks; an unnamed time is no longer than a command waits."""
        if refusal.policy == DAILY:
            self._close_for_the_day()
            return
        wait = refusal.retry_after_s or 0.0
        if not refusal.is_named_by_crm:
            wait = min(wait, self._http.settings.max_wait_s)
        name = SEARCH if is_search else BURST
        self._refusals[name] += 1
        self._budget.close((name,), self._seconds() + wait, refusal.policy)

    def waits(self, *, is_search: bool) -> Waits:
        """How long to hold back after the next refusal that names no time."""
        refusals = self._refusals[SEARCH if is_search else BURST]
        burst = self._budget.limit(BURST, self._limits[BURST])
        return Waits(
            burst_s=self._backoff(refusals + 1, burst.window_s),
            search_s=self._backoff(refusals + 1, self._limits[SEARCH].window_s),
            day_s=self._until_reset_s(),
        )

    def _backoff(self, attempt: int, window_s: float) -> float:
        return self._http.backoff(attempt, first_s=window_s / _FIRST_SHARE, most_s=window_s)

    def _close_for_the_day(self) -> None:
        self._budget.close((BURST, SEARCH), self._seconds() + self._until_reset_s(), DAILY)

    def _until_reset_s(self) -> float:
        now = self._now()
        reset_s = (next_midnight(now, self._zone) - now.astimezone(UTC)).total_seconds() + _RESET_LAG_S
        return min(reset_s, self._http.backoff(1, first_s=_DAY_LOOK_S, most_s=_DAY_LOOK_S))

    def _refuse_long_wait(self, place: Place) -> None:
        wait = place.start - self._seconds()
        if wait <= self._http.settings.max_wait_s:
            return
        if place.closed_why == DAILY:
            raise RateLimited(
                f"{self._where}: the portal's daily limit of HubSpot calls is used up.",
                remedy="It is set back at midnight in the portal's time zone; other apps of the portal share it.",
                retry_after_s=wait,
                policy=DAILY,
            )
        raise RateLimited(
            f"{self._where}: HubSpot asked to be left alone for a while ({place.closed_why}).",
            retry_after_s=wait,
            policy=place.closed_why or "",
        )

    def _wait_until(self, start: float) -> None:
        wait = start - self._seconds()
        if wait > 0:
            self._http.sleep(wait)
            self._waited.until = start

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
