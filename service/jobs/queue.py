"""Waking workers: RQ over Redis or Valkey, with JSON. It holds no truth, so losing it loses nothing.

A job carries one id or none. What it does is in the database; a job too many finds nothing to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from redis import Redis, RedisError

from service import clock
from service.config import Settings
from service.processes.valkey import redis_url

if TYPE_CHECKING:
    from rq import Queue

log = logging.getLogger(__name__)

FAST, SLOW = "rekindle-fast", "rekindle-slow"
"""Two queues: what reps wait for is never behind a sync of hours."""

ADDRESS = "service.jobs.tasks"
QUEUES: Mapping[str, str] = {
    "process_inbox": FAST,
    "dispatch_reminders": FAST,
    "drain_outbox": FAST,
    "send_messages": FAST,
    "send_digests": FAST,
    "send_reviews": FAST,
    "read_back_tasks": FAST,
    "sync_connection": SLOW,
    "check_ledger": SLOW,
    "enter_later_steps": SLOW,
    "apply_retention": SLOW,
    "finish_changes": SLOW,
    "make_review": SLOW,
}
"""Every job, and where it waits."""

TIMEOUT_S = 2.0
FUSE_S = 1.0
COALESCE_MS = 1000


@dataclass(frozen=True, slots=True, order=True)
class Wake:
    """A job that has something to do: for one connection, or for all."""

    name: str
    id: int | None = None

    @property
    def label(self) -> str:
        """Its name in the queue, in letters that RQ allows."""
        return self.name if self.id is None else f"{self.name}-{self.id}"


def connect(settings: Settings, *, timeout_s: float | None = TIMEOUT_S) -> Redis:
    """The server's client. Connects when first used; `timeout_s` None is for those who wait for jobs."""
    return Redis.from_url(redis_url(settings), socket_timeout=timeout_s, socket_connect_timeout=TIMEOUT_S)


class Waker:
    """Puts jobs into the queue. Best effort: a dead server never raises, is logged once, and counted in `lost`."""

    def __init__(self, redis: Redis, *, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self.redis, self.monotonic = redis, monotonic
        self.lost = 0
        self._is_down = False
        self._try_again_at = 0.0
        self._queues: dict[str, Queue] = {}

    def wake(self, name: str, id_: int | None = None) -> None:
        """Have a job done soon. Wakes that come close together become one job."""
        self._trying(lambda: self._wake_once(Wake(name, id_)))

    def wake_all(self, wakes: Iterable[Wake]) -> None:
        """Have these done, but for those that wait in the queue already."""
        wanted = sorted(set(wakes))
        if wanted:
            self._trying(lambda: self._refill(wanted))

    def _wake_once(self, wake: Wake) -> None:
        if self.redis.set(marker(wake), "1", nx=True, px=COALESCE_MS):
            self._put(wake)

    def _refill(self, wakes: Iterable[Wake]) -> None:
        waiting = {id_.rpartition("_")[0] for name in (FAST, SLOW) for id_ in self._queue(name).get_job_ids()}
        for wake in wakes:
            if wake.label not in waiting:
                self._put(wake)

    def _put(self, wake: Wake) -> None:
        self._queue(QUEUES[wake.name]).enqueue_call(
            f"{ADDRESS}.{wake.name}",
            args=() if wake.id is None else (wake.id,),
            timeout=-1,  # every step inside has its own time-out
            result_ttl=0,
            failure_ttl=60,
            job_id=f"{wake.label}_{uuid4().hex[:12]}",
        )

    def _queue(self, name: str) -> Queue:
        if name not in self._queues:
            from rq import Queue

            self._queues[name] = Queue(name, connection=self.redis, serializer="json")
        return self._queues[name]

    def _trying(self, act: Callable[[], None]) -> None:
        """A server that did not answer is left alone for a moment: nobody who acknowledges a webhook waits for it."""
        if self.monotonic() < self._try_again_at:
            self.lost += 1
            return
        try:
            act()
        except (RedisError, OSError) as error:
            self.lost += 1
            self._try_again_at = self.monotonic() + FUSE_S
            if not self._is_down:
                log.warning(
                    "The queue's server does not answer (%s). The sweep makes good for it.", type(error).__name__
                )
            self._is_down = True
        else:
            if self._is_down:
                log.warning("The queue's server answers again.")
            self._is_down = False


def marker(wake: Wake) -> str:
    """The key that joins wakes which come close together; the job takes it away before it looks at anything."""
    return f"rekindle:woken:{wake.label}"


def open_waker(settings: Settings) -> Waker:
    """Who wakes workers, with the settings in force."""
    return Waker(connect(settings))
