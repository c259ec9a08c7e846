"""Jobs that come round: when each is due next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from service.clock import zone_named
from service.config import Settings
from service.store.models import ConnectionRow, ConnectionState

DIGEST_OFF = "off"
RETRY_S, LONGEST_RETRY = 60.0, timedelta(hours=1)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """How often a job of a connection comes round. `every` gives None where it is switched off.

    `hour`: once a day, at that hour of the connection's zone, and not before the first such hour.
    """

    every: Callable[[ConnectionRow, Settings], timedelta | None]
    hour: int | None = None

    def next_after(self, now: datetime, connection: ConnectionRow, settings: Settings) -> datetime | None:
        """When the job is due after it was done now."""
        every = self.every(connection, settings)
        if every is None:
            return None
        return now + every if self.hour is None else next_hour(now, connection.zone, self.hour)

    def furthest(self, connection: ConnectionRow, settings: Settings) -> timedelta | None:
        """As far ahead as the job is ever planned."""
        every = self.every(connection, settings)
        return every + timedelta(hours=2) if every is not None and self.hour is not None else every


def next_hour(now: datetime, zone: str, hour: int) -> datetime:
    """The next instant at which that hour strikes in the zone."""
    there = now.astimezone(zone_named(zone))
    struck = datetime.combine(there.date(), time(hour), tzinfo=there.tzinfo)
    if struck <= there:
        struck = datetime.combine(there.date() + A_DAY, time(hour), tzinfo=there.tzinfo)
    return struck.astimezone(now.tzinfo)


def after_failure(now: datetime, planned: datetime | None, failures: int) -> datetime | None:
    """A job that failed is tried again soon, then less and less often, and never later than it would be due."""
    if planned is None:
        return None
    wait = min(timedelta(seconds=RETRY_S * 2.0 ** min(failures, 10)), LONGEST_RETRY)
    return min(planned, now + wait)


def _sync(connection: ConnectionRow, settings: Settings) -> timedelta | None:
    own = connection.sync_every_minutes
    return _interval(settings.sync_every_s if own is None else own * 60.0)


def _read_back(connection: ConnectionRow, settings: Settings) -> timedelta | None:
    # Before the first sync there is no task to look at; on hold there may be some.
    return _interval(settings.read_back_every_s) if connection.last_sync_at else None


def _daily(connection: ConnectionRow, _settings: Settings) -> timedelta | None:
    return A_DAY if connection.last_sync_at else None


def _digests(connection: ConnectionRow, _settings: Settings) -> timedelta | None:
    is_wanted = connection.digest != DIGEST_OFF and connection.state == ConnectionState.LIVE
    return timedelta(minutes=1) if is_wanted else None


def _interval(seconds: float) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None


PERIODS: Mapping[str, Period] = {
    "sync_connection": Period(every=_sync),
    "read_back_tasks": Period(every=_read_back),
    "check_ledger": Period(every=_daily, hour=2),
    "enter_later_steps": Period(every=_daily, hour=3),
    "send_digests": Period(every=_digests),
}
"""By the job's name. The digests' own hour is each rep's, so they are looked at every minute."""
