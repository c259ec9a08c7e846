"""The measured processes of `dispatch`: what is named on the command line, told as one JSON object."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier as BarrierType
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select, text

from service import clock
from service.config import Settings
from service.jobs.queue import FAST, connect
from service.jobs.worker import collect_less
from service.processes import valkey
from service.reminders.advance import advance
from service.reminders.due import load_due
from service.reminders.mornings import load_mornings
from service.reminders.waking import load_to_look_at
from service.store.models import ConnectionRow, OutboxRow, ReminderRow
from service.store.session import Store, open_store
from tests.benchmarks.queue_book import NOW, TODAY, lose, make_connection, make_due, rules
from tests.fakes.connector import FakeConnector

ROUNDS = 50
INSERT = 20_000
SPAWN = get_context("spawn")
_store: Store
_both_there: BarrierType


def due(url: str, count: int) -> dict[str, Any]:
    """From due to the outbox, texts composed, as a worker does it."""
    store = open_store(url)
    connection_id = make_connection(store)
    lose(store, connection_id, count)
    make_due(store, connection_id, count)
    collect_less()
    began = clock.monotonic()
    cpu = _advanced(store, connection_id)
    seconds = clock.monotonic() - began
    _all_written(store, count)
    return {"count": count, "seconds": seconds, "cpu_rate": count / cpu}


def both(url: str, count: int) -> dict[str, Any]:
    """The same of two connections, half of them each, by two workers at once."""
    store = open_store(url)
    connection_ids = [make_connection(store, name=name, crm=name) for name in ("one", "two")]
    for number, connection_id in enumerate(connection_ids):
        lose(store, connection_id, count // 2, first=number * count)
    make_due(store, connection_ids[0], count)
    store.engine.dispose()
    with ProcessPoolExecutor(2, SPAWN, initializer=_begin, initargs=(url, SPAWN.Barrier(2))) as workers:
        list(workers.map(_ready, range(2)))
        began = clock.monotonic()
        cpu = sum(workers.map(_advance_one, connection_ids))
        seconds = clock.monotonic() - began
    _all_written(store, count)
    return {"count": count, "seconds": seconds, "cpu_rate": count / cpu}


def _begin(url: str, both_there: BarrierType) -> None:
    global _store, _both_there
    _store, _both_there = open_store(url), both_there
    rules()
    collect_less()


def _ready(_number: int) -> None:
    _both_there.wait()


def _advance_one(connection_id: int) -> float:
    _both_there.wait()
    return _advanced(_store, connection_id)


def _advanced(store: Store, connection_id: int) -> float:
    """Seconds of processor that it took."""
    knowledge = rules().knowledge
    cpu = time.process_time()
    advance(store, FakeConnector(), connection_id, knowledge=knowledge, today=TODAY, now=NOW)
    return time.process_time() - cpu


def _all_written(store: Store, count: int) -> None:
    with store.read() as tx:
        written = tx.scalar(select(func.count()).where(OutboxRow.kind == "create_task")) or 0
        marked = tx.scalar(select(func.count()).where(ReminderRow.state == "due")) or 0
    if not written == marked == count:
        raise SystemExit(f"{count} reminders, {marked} due, {written} in the outbox.")


def find(url: str, count: int) -> dict[str, Any]:
    """A hundred due among so many that are scheduled for later."""
    store = open_store(url)
    connection_id = make_connection(store)
    lose(store, connection_id, 100)
    make_due(store, connection_id, 100)
    _schedule(store, count)
    with store.read() as tx:
        connection = tx.get_one(ConnectionRow, connection_id)
        rounds = []
        for _ in range(ROUNDS):
            began = clock.monotonic()
            mornings = load_mornings(tx, connection, now=NOW)
            found = load_due(tx, connection_id, mornings, limit=500)
            looks = load_to_look_at(tx, connection_id, mornings, ahead=0, today=TODAY, limit=500)
            rounds.append(clock.monotonic() - began)
    if (len(found), len(looks.ids)) != (100, 100):
        raise SystemExit(f"{len(found)} due and {len(looks.ids)} to look at, instead of 100.")
    return {"ms": min(rounds) * 1000}  # the best of them: others share the machine


def _schedule(store: Store, count: int) -> None:
    table: Any = ReminderRow.__table__
    names = [column.name for column in table.columns if column.name != "id"]
    with store.begin() as tx:
        row = tx.scalars(select(ReminderRow).limit(1)).one()
        shared = {name: getattr(row, name) for name in names} | {"act_on": None}
        for start in range(0, count, INSERT):
            numbers = range(start, min(start + INSERT, count))
            rows = [
                {**shared, "key": f"k{n}", "ordinal": n + 9, "due_on": TODAY + timedelta(days=1 + n % 700)}
                for n in numbers
            ]
            tx.execute(table.insert(), rows)
    with store.begin() as tx:
        tx.execute(text("ANALYZE"))


def rq(home: str, count: int) -> dict[str, Any]:
    """So many jobs that do nothing, through RQ as it comes, by one worker in one process."""
    from rq import Queue, SimpleWorker

    settings = Settings(home=Path(home))
    settings.home.mkdir(parents=True)
    server = valkey.start(settings, sleep=clock.sleep, monotonic=clock.monotonic)
    redis = connect(settings, timeout_s=None)
    queue = Queue(FAST, connection=redis, serializer="json")
    began, cpu = clock.monotonic(), time.process_time()
    data = [Queue.prepare_data("time.monotonic", result_ttl=0) for _ in range(count)]
    queue.enqueue_many(data)
    worker = SimpleWorker(
        [queue], connection=redis, serializer="json", prepare_for_work=False, log_job_description=False
    )
    worker.hostname, worker.pid = "here", 1
    worker.work(burst=True, logging_level="WARNING")
    seconds, cpu = clock.monotonic() - began, time.process_time() - cpu
    if server is not None:
        valkey.stop(server, timeout_s=5)
    return {"count": count, "seconds": seconds, "cpu_rate": count / cpu}


if __name__ == "__main__":
    measures: dict[str, Any] = {"due": due, "both": both, "find": find, "rq": rq}
    told = measures[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
