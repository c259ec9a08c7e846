"""The product as a worker has it, over the small sales world and its CRM in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from redis import Redis

from connectors.base import Connector
from connectors.http import CallCount
from service import clock
from service.bootstrap import App
from service.config import Settings
from service.jobs.queue import FAST, SLOW, Wake, Waker
from service.jobs.running import _open, do, open_desk
from service.jobs.sweep import sweep
from service.jobs.worker import OurWorker
from service.processes import valkey
from service.security.keyring import Keyring
from service.store.models import ConnectionRow
from tests.integration.world import World
from tests.patience import PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldApp(App):
    """The product with the world's CRM behind every connection."""

    world: World

    def connector(self, connection: ConnectionRow) -> tuple[Connector, CallCount]:
        """The CRM in memory."""
        return self.world.crm, CallCount()


def app_of(world: World, home: Path, **settings: Any) -> WorldApp:
    """Its clock is the world's; nobody waits."""
    given = {"home": home, "lease_s": 30.0, "patience_s": 0.0, "read_back_every_s": 0.0, "sync_every_s": 0.0}
    return WorldApp(
        settings=Settings(**{**given, **settings}),
        store=world.store,
        keyring=Keyring([Fernet.generate_key().decode()]),
        now=world.clock,
        sleep=lambda seconds: world.pass_time(seconds=seconds),
        jitter=lambda: 0.5,
        world=world,
    )


def work_off(app: App, *, most: int = 50) -> list[Wake]:
    """Do what the sweep finds, and what follows from it, without a queue. Fails where it never comes to an end."""
    done: list[Wake] = []
    for _ in range(most):
        wakes = sweep(app)
        if not wakes:
            return done
        while wakes:
            wake = wakes.pop(0)
            done.append(wake)
            wakes += [one for one in do(app, wake.name, wake.id) if one not in wakes]
            assert len(done) < 20 * most
    raise AssertionError(f"never at rest: {done[-5:]}")


@contextmanager
def running_valkey(settings: Settings) -> Iterator[Redis]:
    """The embedded server of a home."""
    patient = replace(settings, start_timeout_s=PATIENCE_S)
    process = valkey.start(patient, sleep=clock.sleep, monotonic=clock.monotonic)
    assert process is not None
    try:
        with Redis(unix_socket_path=str(valkey.socket_path(settings)), socket_timeout=PATIENCE_S) as redis:
            yield redis
    finally:
        valkey.stop(process, timeout_s=PATIENCE_S)


@contextmanager
def worker_of(app: App, redis: Redis) -> Iterator[OurWorker]:
    """A worker in this process, that works in bursts."""
    before = list(_open)
    open_desk(app, Waker(redis))
    try:
        yield OurWorker([FAST, SLOW], connection=redis, serializer="json", prepare_for_work=False)
    finally:
        _open[:] = before


def burst(worker: OurWorker) -> None:
    """Work until the queue is empty."""
    worker.hostname, worker.pid = "here", 1
    worker.work(burst=True, logging_level="ERROR")
