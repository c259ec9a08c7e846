"""The queue: the database says what is due, the server only wakes; whatever is lost of it costs one sweep."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq.exceptions import StopRequested
from sqlalchemy import select, update

from connectors.errors import Unreachable
from service.jobs.queue import ADDRESS, FAST, QUEUES, Wake, Waker, connect
from service.jobs.running import do
from service.jobs.sweep import sweep
from service.jobs.work import JOBS
from service.processes import valkey
from service.processes.life import this_process
from service.store.models import EventRow, OutboxRow, TurnRow
from tests.fakes.connector import Crash
from tests.integration.queue_world import WorldApp, app_of, burst, running_valkey, work_off, worker_of
from tests.integration.world import NOW, TODAY, World, step


@pytest.fixture
def app(world: World, tmp_path: Path) -> WorldApp:
    """Tasks are written on the day they are due."""
    world.set(write_ahead_days=0)
    return app_of(world, tmp_path)


@pytest.fixture
def redis(app: WorldApp) -> Iterator[Redis]:
    with running_valkey(app.settings) as found:
        yield found


def dispatch(app: WorldApp) -> list[Wake]:
    return list(do(app, "dispatch_reminders", app.world.connection_id))


def test_every_job_has_an_address_and_does_something() -> None:
    from service.jobs import tasks

    assert set(QUEUES) == set(JOBS)
    assert all(callable(getattr(tasks, name)) for name in QUEUES)


def test_what_is_due_is_marked_and_its_task_written(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    world.lose("d2", step(TODAY + timedelta(days=3)))

    work_off(app)

    assert world.states() == ["due", "scheduled"]
    assert [task.deal.deal_id for task in world.crm.open()] == ["d1"]


def test_nothing_is_due_before_the_morning_of_its_rep(app: WorldApp) -> None:
    world = app.world
    world.set(zone="America/New_York", morning_hour=8)
    world.lose("d1", step(TODAY))
    world.now = NOW.replace(hour=12, minute=59, second=59)  # a second to eight in New York
    work_off(app)
    early = (world.states(), world.crm.open(), sweep(app))
    world.pass_time(seconds=1)
    work_off(app)

    assert early == (["scheduled"], [], [])
    assert world.states() == ["due"]
    assert len(world.crm.open()) == 1


@contextmanager
def own_signals() -> Iterator[None]:
    """What a worker makes of signals ends with the block."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_an_idle_worker_stops_though_python_swallowed_what_the_signal_raised(app: WorldApp, redis: Redis) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    with worker_of(app, redis) as worker, own_signals():
        worker.pid = 1
        with suppress(StopRequested):  # as Python does inside a finalizer
            worker.request_stop(signal.SIGTERM, None)
        Waker(redis).wake_all(sweep(app))
        burst(worker)

    assert world.crm.open() == [], "no job is begun any more"


def test_a_lost_queue_is_refilled_by_the_sweep(app: WorldApp, redis: Redis) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    waker = Waker(redis)
    waker.wake_all(sweep(app))
    redis.flushall()

    with worker_of(app, redis) as worker:
        burst(worker)
        nothing = list(world.crm.open())
        waker.wake_all(sweep(app))
        burst(worker)

    assert nothing == []
    assert len(world.crm.open()) == 1


@pytest.mark.slow
def test_a_queue_wiped_while_a_job_runs_neither_loses_nor_doubles(
    app: WorldApp, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    world = app.world
    for number in range(30):
        world.lose(f"d{number}", step(TODAY), owner_id=f"rep-{number}")

    def wipe(_kind: str) -> None:
        redis.flushall()

    world.crm.before = wipe

    with worker_of(app, redis) as worker, caplog.at_level("WARNING"):
        for _ in range(6):
            Waker(redis).wake_all(sweep(app))
            burst(worker)

    assert "Traceback" not in caplog.text
    assert sorted(task.deal.deal_id for task in world.crm.live()) == sorted(f"d{number}" for number in range(30))


def test_the_server_and_its_folder_may_vanish(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    with running_valkey(app.settings) as first:
        Waker(first).wake_all(sweep(app))
        shutil.rmtree(valkey.folder(app.settings))
    with running_valkey(app.settings) as second, worker_of(app, second) as worker:
        Waker(second).wake_all(sweep(app))
        burst(worker)

    assert len(world.crm.open()) == 1


def test_what_waits_in_the_queue_survives_the_servers_death(app: WorldApp) -> None:
    with running_valkey(app.settings) as first:
        Waker(first).wake("drain_outbox", 1)
        first.config_set("appendfsync", "always")
        Waker(first).wake("drain_outbox", 2)
    with running_valkey(app.settings) as second:
        assert second.llen(f"rq:queue:{FAST}") == 2


def test_wakes_that_come_together_become_one_job(redis: Redis) -> None:
    waker = Waker(redis)
    for _ in range(50):
        waker.wake("process_inbox")
    waker.wake_all([Wake("process_inbox"), Wake("drain_outbox", 1)])

    assert redis.llen(f"rq:queue:{FAST}") == 2


def test_a_wake_that_comes_while_the_job_looks_is_a_job_of_its_own(app: WorldApp, redis: Redis) -> None:
    app.world.lose("d1", step(TODAY))
    waker = Waker(redis)
    counted: list[int] = []

    def look(_kind: str) -> None:
        waker.wake("dispatch_reminders", app.world.connection_id)
        counted.append(redis.llen(f"rq:queue:{FAST}"))

    app.world.crm.before = look
    waker.wake("dispatch_reminders", app.world.connection_id)
    with worker_of(app, redis) as worker:
        burst(worker)

    assert counted[0] == 1


def test_a_dead_server_raises_nothing_and_is_counted(app: WorldApp, caplog: pytest.LogCaptureFixture) -> None:
    waker = Waker(connect(app.settings))
    for _ in range(3):
        waker.wake("process_inbox")

    assert waker.lost == 3
    assert len(caplog.records) == 1


def test_a_job_that_is_none_of_ours_is_not_run(app: WorldApp, redis: Redis, tmp_path: Path) -> None:
    from rq import Queue

    marker = tmp_path / "hacked"
    queue = Queue(FAST, connection=redis, serializer="json")
    queue.enqueue_call("os.mkdir", args=(str(marker),))
    queue.enqueue_call(f"{ADDRESS}.drain_outbox", args=(1, 2))

    with worker_of(app, redis) as worker:
        burst(worker)

    assert not marker.exists()


def test_two_dispatchers_at_once_write_one_task(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    asked: list[str] = []

    def while_it_looks(kind: str) -> None:
        if kind == "account_activity" and not asked:
            asked.append(kind)
            in_another_process(app)

    world.crm.before = while_it_looks
    dispatch(app)
    work_off(app)

    assert len(world.crm.made) == 1
    assert world.crm.calls.count("account_activity") == 1


def test_who_finds_the_turn_taken_has_the_other_look_once_more(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    asked: list[str] = []

    def while_it_looks(kind: str) -> None:
        if kind == "account_activity" and not asked:
            asked.append(kind)
            world.lose("d2", step(TODAY))
            in_another_process(app)

    world.crm.before = while_it_looks
    dispatch(app)

    assert {row.reminder_id for row in creates(world)} == {1, 2}


def creates(world: World) -> list[OutboxRow]:
    return world.rows(OutboxRow, OutboxRow.kind == "create_task")


def in_another_process(app: WorldApp) -> None:
    """A dispatch by somebody with another name than this thread has."""
    import threading

    other = threading.Thread(target=dispatch, args=(app,))
    other.start()
    other.join()


def test_a_dispatcher_that_died_is_followed_by_the_next_after_its_lease(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))

    def die(kind: str) -> None:
        raise Crash

    world.crm.before = die
    with pytest.raises(Crash):
        dispatch(app)
    with world.store.begin() as tx:  # killed before it could give anything back
        lease = {"leased_by": "elsewhere:1:1", "leased_until": world.now + timedelta(seconds=30)}
        tx.execute(update(TurnRow).values(**lease))
    world.crm.before = lambda kind: None
    dispatch(app)
    too_soon = creates(world)
    world.pass_time(seconds=31)
    work_off(app)

    assert too_soon == []
    assert len(world.crm.open()) == 1


@pytest.mark.parametrize(("is_elsewhere", "tasks"), [(True, 0), (False, 1)])
def test_a_dispatcher_of_the_same_name_is_dead_only_where_it_can_be_seen(
    app: WorldApp, is_elsewhere: bool, tasks: int
) -> None:
    """Containers share names and process numbers: one that is not there here may be alive in another."""
    world = app.world
    world.lose("d1", step(TODAY))
    nobody = replace(this_process(), pid=str(2**22 + 1))
    holder = replace(nobody, boot="another machine's") if is_elsewhere else nobody
    with world.store.begin() as tx:
        lease = {"leased_by": f"{holder}|1", "leased_until": world.now + timedelta(seconds=20)}
        tx.add(TurnRow(name=f"dispatch_reminders/{world.connection_id}", **lease))

    dispatch(app)

    assert len(creates(world)) == tasks


def test_a_lease_from_before_the_clock_was_set_back_is_over(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    with world.store.begin() as tx:
        lease = {"leased_by": "elsewhere:1:1", "leased_until": world.now + timedelta(hours=1)}
        tx.add(TurnRow(name=f"dispatch_reminders/{world.connection_id}", **lease))

    work_off(app)

    assert len(world.crm.open()) == 1


def test_a_clock_that_jumps_back_and_forth_neither_undoes_nor_repeats(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))
    work_off(app)
    for hours in (-30, 31, -3, 24 * 20):
        world.pass_time(hours=hours)
        work_off(app)

    assert world.states() == ["due"]
    assert len(world.crm.made) == 1


def test_a_week_of_downtime_is_worked_off_oldest_first(app: WorldApp) -> None:
    world = app.world
    for number in range(40):
        world.lose(f"d{number}", step(TODAY + timedelta(days=(number * 3) % 7)))
    work_off(app)
    in_time = {row.reminder_id for row in creates(world)}
    placed = {row.id: row.due_on for row in world.reminders()}
    world.pass_time(days=60)

    work_off(app)

    order = [row.reminder_id or 0 for row in creates(world)]
    assert [placed[id_] for id_ in order] == sorted(placed.values())
    # Nobody is given a task that is overdue when it comes.
    assert min(row.due_on for row in world.reminders() if row.id not in in_time) >= world.today
    assert (set(world.states()), world.connection().state) == ({"due"}, "live")


def test_a_flood_that_nobody_announced_stops_at_the_brake(app: WorldApp) -> None:
    world = app.world
    for number in range(205):
        world.lose(f"d{number}", step(TODAY))

    work_off(app)

    assert world.connection().state == "hold"
    assert world.crm.made == []
    held = [row.why for row in world.rows(EventRow, EventRow.entity == "connection")]
    assert "unplanned writes within an hour" in held[0]


def test_on_hold_nothing_is_dispatched(app: WorldApp) -> None:
    app.world.lose("d1", step(TODAY))
    app.world.set(state="hold")

    assert work_off(app) == []
    assert app.world.states() == ["scheduled"]


def test_a_crm_that_cannot_be_reached_costs_nothing_but_time(app: WorldApp) -> None:
    world = app.world
    world.lose("d1", step(TODAY))

    def away(kind: str) -> None:
        raise Unreachable("It is away.")

    world.crm.before = away
    for _ in range(3):
        for wake in sweep(app):
            do(app, wake.name, wake.id)
    world.crm.before = lambda kind: None
    world.pass_time(minutes=20)
    work_off(app)

    assert len(world.crm.open()) == 1


def test_a_removed_connection_leaves_jobs_with_nothing_to_do(app: WorldApp) -> None:
    for name in QUEUES:
        assert list(do(app, name, 999)) == []


def test_a_job_that_fails_stands_with_its_turn_and_is_tried_again_later(app: WorldApp) -> None:
    world = app.world
    failing = replace(app, settings=replace(app.settings, sync_every_s=900.0))

    def away(kind: str) -> None:
        raise Unreachable("It is away.")

    world.crm.before = away
    do(failing, "sync_connection", world.connection_id)
    soon = sweep(failing)
    world.pass_time(minutes=3)
    later = sweep(failing)

    (turn,) = [row for row in world_turns(world) if row.name.startswith("sync")]
    assert (turn.failures, "away" in (turn.error or "")) == (1, True)
    assert Wake("sync_connection", world.connection_id) not in soon
    assert Wake("sync_connection", world.connection_id) in later


def world_turns(world: World) -> list[TurnRow]:
    with world.store.read() as tx:
        return list(tx.scalars(select(TurnRow)))
