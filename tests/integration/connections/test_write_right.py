"""A connection that loses the right to write: its writes wait, it is said once, and they go on once it is back."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import CreateTask, FieldChange
from connectors.errors import ConnectorError, MissingPermission
from service.outbox.stops import ask_again
from service.store.models import EventRow, OutboxRow
from service.store.reminders import lock_connection
from tests.integration.world import TODAY, World, step

SOON = TODAY + timedelta(days=30)


def without_right(_change: object) -> ConnectorError:
    return MissingPermission("May not create tasks.", scope="tasks.write", remedy="Grant it.", is_general=True)


def lose_some(world: World, count: int = 25) -> None:
    for number in range(count):
        world.lose(f"d{number}", step(SOON), outputs={})


def test_no_task_becomes_a_dead_letter_and_the_reason_is_said_once(world: World) -> None:
    lose_some(world)
    world.crm.refuse = without_right

    world.work()
    world.pass_time(hours=5)
    world.work()

    assert set(world.outbox_states()) == {"ready"}
    (line,) = [one for one in world.connection().health if one["check"] == "writing"]
    assert line["ok"] is False
    assert "May not create tasks. Grant it." in line["says"]
    said = [row for row in world.rows(EventRow) if row.to_state == "stopped"]
    assert sorted(row.why.split(":")[0] for row in said) == ["fields", "tasks"]


def test_while_the_right_is_missing_one_write_asks_now_and_then(world: World) -> None:
    lose_some(world)
    asked: list[object] = []

    def refuse(change: object) -> ConnectorError:
        asked.append(change)
        return without_right(change)

    world.crm.refuse = refuse
    world.work()
    first = len(asked)
    world.drain()
    assert len(asked) == first, "not again at once"
    world.pass_time(seconds=world.settings.backoff_cap_s + 1)
    world.drain()
    assert len(asked) == first + 2, "a task and a deal's fields"


def test_writing_goes_on_once_the_right_is_back(world: World) -> None:
    lose_some(world)
    world.crm.refuse = without_right
    world.work()

    world.crm.refuse = lambda _: None
    world.pass_time(seconds=world.settings.backoff_cap_s + 1)
    world.drain()

    assert set(world.outbox_states()) == {"done"}
    assert world.crm.created == 25
    assert [one for one in world.connection().health if one["check"] == "writing"] == []


def test_somebody_who_syncs_need_not_wait_for_the_next_question(world: World) -> None:
    lose_some(world, 3)
    world.crm.refuse = without_right
    world.work()

    world.crm.refuse = lambda _: None
    with world.store.begin() as tx:
        ask_again(tx, lock_connection(tx, world.connection_id), world.now)
    world.drain()

    assert world.crm.created == 3


def test_tasks_are_written_where_only_deal_fields_are_refused(world: World) -> None:
    world.lose("d1", step(SOON))
    world.crm.refuse = lambda change: without_right(change) if isinstance(change, FieldChange) else None

    world.work()

    states = {row.kind: row.state for row in world.rows(OutboxRow)}
    assert (states["create_task"], states["write_fields"]) == ("done", "ready")


def test_a_permission_that_one_record_lacks_stays_that_record_s(world: World) -> None:
    lose_some(world, 4)

    def refuse(change: object) -> ConnectorError | None:
        is_first = isinstance(change, CreateTask) and change.key.deal.deal_id == "d0"
        return MissingPermission("This deal may not be read.", scope="d0") if is_first else None

    world.crm.refuse = refuse
    world.work()

    assert world.states("d0") == ["failed"]
    assert world.crm.created == 3
    assert world.connection().write_stops is None


def test_a_single_bad_record_that_asks_does_not_keep_the_others_waiting(world: World) -> None:
    lose_some(world, 4)
    world.crm.refuse = without_right
    world.work()

    def refuse(change: object) -> ConnectorError | None:
        is_first = isinstance(change, CreateTask) and change.key.deal.deal_id == "d0"
        return MissingPermission("This deal may not be read.", scope="d0") if is_first else None

    world.crm.refuse = refuse
    world.pass_time(seconds=world.settings.backoff_cap_s + 1)
    world.drain()

    assert (world.states("d0"), world.crm.created) == (["failed"], 3)
