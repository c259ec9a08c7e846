"""Ten thousand reminders pending, and everything that is not the database taken away again and again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select, update

from service.jobs.queue import Waker
from service.jobs.sweep import sweep
from service.processes import valkey
from service.store.models import OutboxRow, ReminderRow
from tests.benchmarks.queue_book import deal, lose, make_due
from tests.fakes.connector import Crash
from tests.integration.queue_world import WorldApp, app_of, burst, running_valkey, worker_of
from tests.integration.world import NOW, World

COUNT = 10_000
LATEST_S = 60.0

pytestmark = pytest.mark.slow


@pytest.fixture
def app(world: World, tmp_path: Path) -> WorldApp:
    """All fall due at once; they were planned days ago, so that the brake has nothing against them."""
    world.set(write_ahead_days=0, account_sense=False, fields={})
    lose(world.store, world.connection_id, COUNT)
    make_due(world.store, world.connection_id, COUNT)
    with world.store.begin() as tx:
        tx.execute(update(ReminderRow).values(placed_at=NOW.replace(month=10)))
    for number in range(COUNT):
        one = deal(number)
        world.crm.deals[one.key.deal_id] = one
    return app_of(world, tmp_path)


@contextmanager
def a_while(app: WorldApp) -> Iterator[Redis]:
    """Fifteen seconds with a server of its own: its folder is gone at the end."""
    with running_valkey(app.settings) as redis:
        yield redis
        shutil.rmtree(valkey.folder(app.settings))
    app.world.pass_time(seconds=15)


def written(world: World) -> int:
    with world.store.read() as tx:
        return tx.scalar(select(func.count()).where(OutboxRow.kind == "create_task", OutboxRow.state == "done")) or 0


def test_all_have_their_effect_within_a_minute_and_once(app: WorldApp) -> None:
    world, calls = app.world, [0]
    for _ in range(int(LATEST_S / 15)):
        with a_while(app) as redis, worker_of(app, redis) as worker:

            def wipe(_kind: str, redis: Redis = redis) -> None:
                calls[0] += 1
                if calls[0] % 7 == 0:
                    redis.flushall()

            world.crm.before = wipe
            Waker(redis).wake_all(sweep(app))
            burst(worker)

    assert (world.now - NOW).total_seconds() <= LATEST_S
    assert written(world) == COUNT
    keys = [task.key for task in world.crm.open()]
    assert len(keys) == len(set(keys)) == COUNT
    assert set(world.states()) <= {"due", "scheduled"}
    assert world.states().count("due") == COUNT


def test_workers_that_die_in_mid_work_cost_their_lease_and_no_more(app: WorldApp) -> None:
    """Each is killed a few requests after it began, half of them after the CRM did what it was asked."""
    world, calls = app.world, [0]
    hasty = replace(
        app, settings=replace(app.settings, lease_s=5.0, http_read_timeout_s=5.0, http_connect_timeout_s=5.0)
    )

    def die(kind: str, at: int) -> None:
        calls[0] += 1
        if kind == "write_tasks" and calls[0] % 6 == at and calls[0] < 400:
            raise Crash

    world.crm.before, world.crm.after = (lambda kind: die(kind, 0)), (lambda kind: die(kind, 3))
    for _ in range(60):
        with a_while(app) as redis, worker_of(hasty, redis) as worker:
            Waker(redis).wake_all(sweep(hasty))
            burst(worker)
        if written(world) == COUNT:
            break

    keys = [task.key for task in world.crm.open()]
    assert len(keys) == len(set(keys)) == COUNT
