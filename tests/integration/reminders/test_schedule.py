"""The scheduler and the jobs that come round: one leader, nothing forgotten, nothing done twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from redis import Redis
from sqlalchemy import select, text, update

from mappings.model import FollowUpPlan, Note
from service.jobs import retention
from service.jobs.queue import FAST, Wake, Waker
from service.jobs.running import do
from service.jobs.schedule import LEADER, run_scheduler
from service.jobs.sweep import sweep
from service.reminders.due import load_due
from service.reminders.mornings import Mornings
from service.reminders.waking import load_to_look_at
from service.store.among import among
from service.store.codec import to_record
from service.store.models import ConnectionRow, DealRow, PlanRow, ReminderRow, RunRow
from service.store.session import Store
from service.store.turns import take_turn
from tests.integration.queue_world import WorldApp, app_of, running_valkey, work_off
from tests.integration.world import NOW, TODAY, World, step


@pytest.fixture
def app(world: World, tmp_path: Path) -> WorldApp:
    return app_of(world, tmp_path)


class Rounds:
    """So many rounds of a scheduler, and what happens between them."""

    def __init__(self, count: int, between: Any = None) -> None:
        self.left, self.between, self.pauses = count, between, list[float]()

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.left -= 1
        if self.between is not None:
            self.between()
        return self.left <= 0


@pytest.fixture
def redis(app: WorldApp) -> Iterator[Redis]:
    with running_valkey(app.settings) as found:
        yield found


def test_the_scheduler_fills_the_queue_and_looks_again_before_its_lease_ends(app: WorldApp, redis: Redis) -> None:
    app.world.lose("d1", step(TODAY))
    rounds = Rounds(3)
    run_scheduler(app, Waker(redis), wait=rounds.wait)

    assert redis.llen(f"rq:queue:{FAST}") == 2  # dispatch, and the fields to be written: each once
    assert max(rounds.pauses) <= app.settings.lease_s / 3


def test_of_two_schedulers_one_leads_and_the_other_takes_over(app: WorldApp, redis: Redis) -> None:
    app.world.lose("d1", step(TODAY))
    lease = timedelta(seconds=app.settings.lease_s)
    with app.store.begin() as tx:
        assert take_turn(tx, LEADER, by="elsewhere:1:1", lease=lease, now=app.now())
    run_scheduler(app, Waker(redis), wait=Rounds(2).wait)
    standing_by = redis.llen(f"rq:queue:{FAST}")
    app.world.pass_time(seconds=31)
    run_scheduler(app, Waker(redis), wait=Rounds(1).wait)

    assert (standing_by, redis.llen(f"rq:queue:{FAST}")) == (0, 2)


def test_a_scheduler_that_stops_gives_the_lead_back(app: WorldApp, redis: Redis) -> None:
    run_scheduler(app, Waker(redis), wait=Rounds(1).wait)

    with app.store.begin() as tx:
        assert take_turn(tx, LEADER, by="elsewhere:1:1", lease=timedelta(seconds=30), now=app.now())


def test_a_sweep_survives_a_database_that_is_away(app: WorldApp, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_app: object) -> list[Wake]:
        raise OSError("The disk is gone.")

    monkeypatch.setattr("service.jobs.schedule.sweep", away)

    run_scheduler(app, Waker(redis), wait=Rounds(2).wait)


def test_a_sync_comes_round_by_itself(app: WorldApp) -> None:
    world = app.world
    syncing = replace(app, settings=replace(app.settings, sync_every_s=900.0))
    world.lose("d1", step(TODAY + timedelta(days=400)))

    work_off(syncing)
    world.pass_time(minutes=14)
    too_early = [wake for wake in work_off(syncing) if wake.name == "sync_connection"]
    world.pass_time(minutes=1)
    in_time = [wake for wake in work_off(syncing) if wake.name == "sync_connection"]

    assert (too_early, in_time) == ([], [Wake("sync_connection", world.connection_id)])
    assert world.rows(RunRow, RunRow.kind == "sync", RunRow.error.is_not(None)) == []
    assert len(world.rows(RunRow, RunRow.kind == "sync")) == 2


def test_a_connections_own_interval_counts(app: WorldApp) -> None:
    app.world.set(sync_every_minutes=1)

    assert Wake("sync_connection", app.world.connection_id) in sweep(app)


def test_once_a_night_everything_is_read_and_counted(app: WorldApp) -> None:
    world = app.world
    do(replace(app, settings=replace(app.settings, sync_every_s=900.0)), "sync_connection", world.connection_id)
    by_day = [wake.name for wake in work_off(app)]
    world.pass_time(hours=17)  # two in the morning
    by_night = [wake.name for wake in work_off(app)]

    assert "check_ledger" not in by_day
    assert "check_ledger" in by_night
    assert [row.counts["off"] for row in world.rows(RunRow, RunRow.kind == "ledger")] == [{}]


def test_a_step_enters_as_it_comes_within_two_years(app: WorldApp) -> None:
    world = app.world
    far = TODAY + relativedelta(months=24, days=10)
    one = world.lose("d1", step(TODAY + timedelta(days=40)))
    plan = FollowUpPlan(steps=one.plan.steps, later=(step(far, ordinal=2),), made_on=TODAY, policy_version="p1")
    with world.store.begin() as tx:
        tx.execute(update(PlanRow).values(record=to_record(plan)))
        tx.execute(update(ConnectionRow).values(last_sync_at=NOW))
    counts = []
    for days in (9, 2, 1):
        world.pass_time(days=days)
        do(app, "enter_later_steps", world.connection_id)
        counts.append(len(world.reminders()))

    assert counts == [1, 2, 2]
    assert world.reminders()[1].planned_on == far


def test_rules_of_retention_are_called_once_a_day_and_one_that_fails_stops_no_other(
    app: WorldApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[int] = []

    def broken(_app: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr(retention, "RULES", [broken, lambda _app: called.append(1)])
    work_off(app)
    first = len(called)
    app.world.pass_time(days=1)
    work_off(app)
    work_off(app)

    assert (first, len(called)) == (0, 1)


def test_words_about_old_losses_are_forgotten_when_their_time_is_over(app: WorldApp) -> None:
    world = app.world
    world.set(retention_days=90, last_sync_at=NOW)
    world.lose(
        "old", step(TODAY), lost_on=TODAY - timedelta(days=91), notes=(Note(field="Notes", text="Ottilie wore green."),)
    )
    world.lose(
        "new", step(TODAY), lost_on=TODAY - timedelta(days=60), notes=(Note(field="Notes", text="Ottilie wore red."),)
    )
    work_off(app)

    world.pass_time(days=1)
    work_off(app)

    notes = {row.crm_deal_id: [note["text"] for note in row.record["notes"]] for row in world.rows(DealRow)}
    assert notes == {"old": [], "new": ["Ottilie wore red."]}


def test_what_people_did_in_the_crm_is_read_back_in_between(app: WorldApp) -> None:
    world = app.world
    reading = replace(app, settings=replace(app.settings, read_back_every_s=300.0))
    world.set(last_sync_at=NOW)
    world.lose("d1", step(TODAY), step(TODAY + timedelta(days=30), ordinal=2))
    work_off(reading)
    world.crm.tasks[world.crm.the_task().id] = replace(
        world.crm.the_task(), status=world.crm.the_task().status.COMPLETED
    )
    world.pass_time(minutes=6)
    work_off(reading)

    assert world.states() == ["done", "scheduled"]
    assert len(world.crm.open()) == 1  # the next step's


# --- found by an index, however many are scheduled


def plan_of(store: Store, statement: Any) -> str:
    compiled = statement.compile(store.engine, compile_kwargs={"literal_binds": True})
    with store.begin() as tx:
        if store.engine.dialect.name == "sqlite":
            return " ".join(row[3] for row in tx.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
        tx.execute(text("ANALYZE reminders"))
        return " ".join(row[0] for row in tx.execute(text(f"EXPLAIN {compiled}")))


@pytest.fixture
def many(world: World) -> World:
    """Enough reminders that no database would rather read them all; a handful of them is due."""
    one = world.lose("d1", step(TODAY))
    columns = {column.name for column in ReminderRow.__table__.columns} - {"id"}
    with world.store.begin() as tx:
        row = tx.scalars(select(ReminderRow)).one()
        shared = {name: getattr(row, name) for name in columns}
        far = TODAY + timedelta(days=200)
        tx.execute(
            ReminderRow.__table__.insert(),  # type: ignore[attr-defined] # the table behind the class
            [
                {**shared, "key": f"k{n}", "ordinal": n + 2, "due_on": far, "act_on": far if n % 2 else None}
                for n in range(20_000)
            ],
        )
    assert one.episode_id
    return world


class SeenError(Exception):
    """The statement that a query function was about to run."""

    def __init__(self, statement: Any) -> None:
        super().__init__()
        self.statement = statement


class Spy:
    """A session that gives the statement away instead of running it."""

    def scalars(self, statement: Any) -> Any:
        raise SeenError(statement)

    execute = scalars


def test_due_reminders_are_found_by_the_index_made_for_them(many: World) -> None:
    spy: Any = Spy()
    mornings = Mornings(here=TODAY, elsewhere={"rep-2": TODAY - timedelta(days=1)})
    with pytest.raises(SeenError) as due:
        load_due(spy, many.connection_id, mornings, limit=500)
    with pytest.raises(SeenError) as look:
        load_to_look_at(spy, many.connection_id, mornings, ahead=0, today=TODAY, limit=500)

    assert "ix_reminders_due" in plan_of(many.store, due.value.statement)
    assert "ix_reminders_act" in plan_of(many.store, look.value.statement)


def test_rows_of_many_values_are_found_by_the_index(many: World) -> None:
    one = select(ReminderRow.id).where(among(ReminderRow.deal_id, [10**6, 10**6 + 1]))

    assert "ix_reminders_deal_id" in plan_of(many.store, one)
    assert "ix_reminders_deal_id" in plan_of(many.store, one.where(ReminderRow.state == "due", ReminderRow.ordinal > 1))
