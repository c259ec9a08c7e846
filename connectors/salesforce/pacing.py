"""Keeping to an org's limits before they bite: its calls of 24 hours, and its long calls at once.

https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta: an org's calls are counted over
a rolling 24 hours and shared with everybody else's, so a share of them is left alone; 25 calls of 20 seconds and more
may run at once (5 in a trial). All processes of a connection draw on one budget.

Salesforce names no time in a refusal. Too many calls at once, too many logins and a gateway's 429 are waited for by
the call that met them, doubling with jitter. The day's calls used up keep everybody away, but for one call every two
minutes (as long as a command waits) that asks. A gateway that does name a time is obeyed by all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.base import Kit, Settings
from connectors.errors import RateLimited, Rejected

DAILY = "DAILY"
CONCURRENT = "CONCURRENT"
DAILY_SHARE = "90"
CONCURRENT_CALLS = "20"
_TRIES_FOR_ROOM = 6


class Pacer:
    """The budgets of one org."""

    def __init__(self, settings: Settings, kit: Kit) -> None:
        self._where = settings.name
        self._kit = kit
        self._share = _whole(settings, "daily_share", DAILY_SHARE, most=100)
        self._at_once = _whole(settings, "concurrent_calls", CONCURRENT_CALLS, most=1000)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around one request. Raises RateLimited where the limits leave no room for it."""
        http = self._kit.http
        for attempt in range(1, _TRIES_FOR_ROOM + 1):
            self._refuse_if_closed()
            now = self._kit.now().timestamp()
            with self._kit.budget.at_once("calls", self._at_once, now, for_s=http.settings.total_timeout_s) as has_room:
                if has_room:
                    yield
                    return
            http.sleep(http.wait_before(attempt, None))
        raise RateLimited(f"{self._where}: too many calls run at once in this org.", policy=CONCURRENT)

    def learn(self, used: int, allowed: int) -> None:
        """Take over what an answer says of the org's calls of 24 hours."""
        if self._share and allowed and used >= allowed * self._share / 100:
            self._close(self._kit.http.settings.max_wait_s, DAILY)

    def obey(self, refusal: RateLimited) -> None:
        """Have everybody keep away for as long as a refusal asks.

        When calls become free again nobody says: one call is tried after as long as a command waits.
        """
        if refusal.is_named_by_crm and refusal.retry_after_s:
            self._close(refusal.retry_after_s, refusal.policy or "a named wait")
        elif refusal.policy == DAILY:
            self._close(self._kit.http.settings.max_wait_s, DAILY)

    def _close(self, seconds: float, why: str) -> None:
        self._kit.budget.close(("calls",), self._kit.now().timestamp() + seconds, why)

    def _refuse_if_closed(self) -> None:
        now = self._kit.now().timestamp()
        place = self._kit.budget.closed("calls", now)
        if place is None:
            return
        if place.closed_why == DAILY:
            raise RateLimited(
                f"{self._where}: the org's calls of the last 24 hours are used up, but for the share left to others.",
                remedy="It goes on by itself as calls become free; daily_share says how large our share is.",
                retry_after_s=place.start - now,
                policy=DAILY,
            )
        raise RateLimited(
            f"{self._where}: Salesforce asked to be left alone for a while.",
            retry_after_s=place.start - now,
            policy=place.closed_why or "",
        )


def _whole(settings: Settings, name: str, usual: str, *, most: int) -> int:
    text = settings.options.get(name) or usual
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise Rejected(f"{settings.name}: the option {name} is wrong: a number from 0 to {most}.", fields=(name,))
    return int(text)
