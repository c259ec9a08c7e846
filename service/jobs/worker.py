"""A worker process: RQ's own, in this process, which does nothing but our jobs."""

from __future__ import annotations

import gc
import logging
import os
import socket
from contextlib import suppress
from types import FrameType
from typing import Any

from redis import RedisError
from rq import SimpleWorker
from rq.exceptions import InvalidJobOperation, StopRequested
from rq.job import Job
from rq.timeouts import TimerDeathPenalty

from service import clock
from service.bootstrap import App
from service.cores import give_memory_back
from service.jobs.queue import ADDRESS, FAST, QUEUES, SLOW, connect, open_waker
from service.jobs.running import hurried, open_desk

log = logging.getLogger(__name__)

ADDRESSES = frozenset(f"{ADDRESS}.{name}" for name in QUEUES)
WORKER_TTL_S = 60
LOST_WAIT_S = 1.0
LOOK_AGAIN_S = 0.05


class OurJob(Job):
    """A job that may be one of ours only: whoever can write to the queue's server shall not run what they like."""

    @property
    def func(self) -> Any:
        """The function behind the address. Raises ValueError for any other, or for more than one id."""
        if self.func_name not in ADDRESSES or self.instance is not None or self.kwargs or not _is_one_id(self.args):
            raise ValueError("That is no job of Rekindle.")
        return super().func

    @property
    def success_callback(self) -> None:
        """None: a job's record may not name further functions to call."""

    failure_callback = stopped_callback = success_callback


class OurWorker(SimpleWorker):
    """Without a process for each job, which would cost more than most jobs do."""

    job_class = OurJob
    death_penalty_class = TimerDeathPenalty
    max_connection_wait_time = LOST_WAIT_S
    is_asked_to_stop = False

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """What RQ says of a failure; a record that went with the queue's server is none: the job was done."""
        if exc_info and isinstance(exc_info[1], InvalidJobOperation):
            log.warning("The queue's server lost what it held of %s; what is left to do is found again.", job.id)
            return
        super().handle_exception(job, *exc_info)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """After the job at hand."""
        self.is_asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Asked before each look for a job; ends an idle worker that was asked to stop.

        RQ tells an idle one by an exception out of the signal's handler. Where that interrupts a callback of Python's
        own (a collection, a finalizer), Python swallows it, and the worker would wait for its next job for ever.
        """
        if self.is_asked_to_stop:
            raise StopRequested
        return bool(super().should_run_maintenance_tasks)


def work(app: App, *, fast_only: bool) -> bool:
    """Do jobs until a signal says stop; False where the worker gave up, and another one is to be started.

    `fast_only`: leave what may take hours to others.
    """
    if not _answers(app):
        return False
    collect_less()
    give_memory_back()
    open_desk(hurried(app), open_waker(app.settings))
    worker = OurWorker(
        [FAST] if fast_only else [FAST, SLOW],
        connection=connect(app.settings, timeout_s=None),
        serializer="json",
        worker_ttl=WORKER_TTL_S,
        log_job_description=False,
        prepare_for_work=False,  # it would ask the server for our address, and trip over a space in a socket's path
    )
    worker.hostname, worker.pid = socket.gethostname(), os.getpid()
    worker.work(logging_level="WARNING")
    return worker.is_asked_to_stop


def collect_less() -> None:
    """Look for garbage less often: a batch makes many values that live until its end (it cost a fifth of the time)."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _answers(app: App) -> bool:
    """Whether the queue's server answers within the time a start may take."""
    redis = connect(app.settings)
    until = clock.monotonic() + app.settings.start_timeout_s
    while clock.monotonic() < until:
        with suppress(RedisError, OSError):
            return bool(redis.ping())
        app.sleep(LOOK_AGAIN_S)
    log.error(
        "The queue's server does not answer at %s.", "its socket" if not app.settings.redis_url else "its address"
    )
    return False


def _is_one_id(args: Any) -> bool:
    return len(args) <= 1 and all(isinstance(one, int) and not isinstance(one, bool) for one in args)
