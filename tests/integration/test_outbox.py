"""A task is written once, whatever crashes, retries or repeats."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.world import TODAY, World, step

LATER = TODAY + timedelta(days=30)


def test_a_planned_follow_up_becomes_one_task(world: World) -> None:
    world.lose("d1", step(LATER))

    counts = world.work()

    task = world.crm.the_task()
    assert (task.due_on, task.owner_id) == (LATER, "rep-1")
    assert counts["written"] >= 1
    assert world.states() == ["scheduled"]


def test_a_second_run_writes_nothing(world: World) -> None:
    world.lose("d1", step(LATER))
    world.work()
    calls = list(world.crm.write_calls())

    world.apply("d1")
    world.work()

    assert world.crm.write_calls() == calls
