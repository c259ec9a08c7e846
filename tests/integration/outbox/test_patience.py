"""A command that meets a lost answer ends when it is settled, not before, and not never."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from connectors.errors import Unclear, Unreachable
from service.outbox.waiting import drain_patiently
from tests.integration.outbox.test_outbox import on_call
from tests.integration.world import TODAY, World, step

SOON = TODAY + timedelta(days=30)


def sent(world: World, *, patience_s: float) -> Counter[str]:
    """Drain with a clock that sleeping moves."""
    return drain_patiently(
        world.store,
        world.crm,
        world.connection_id,
        clock=world.clock,
        sleep=lambda seconds: world.pass_time(seconds=seconds),
        settings=replace(world.settings, patience_s=patience_s),
    )


def test_a_lost_answer_is_waited_for_and_looked_up(world: World) -> None:
    world.lose("d1", step(SOON))
    world.advance()
    world.crm.after = on_call(1, "write_tasks", Unclear("The connection was cut."))

    counts = sent(world, patience_s=200)

    assert (counts["looked"], world.crm.created, len(world.crm.open())) == (1, 1, 1)
    assert set(world.outbox_states()) == {"done"}


def test_patience_ends(world: World) -> None:
    world.lose("d1", step(SOON))
    world.advance()
    world.crm.after = on_call(1, "write_tasks", Unclear("The connection was cut."))

    sent(world, patience_s=5)

    assert "find_tasks" not in world.crm.calls
    assert "unclear" in world.outbox_states()


def test_a_crm_that_cannot_be_asked_is_not_hammered_while_we_wait(world: World) -> None:
    world.lose("d1", step(SOON))
    world.advance()
    world.crm.after = on_call(1, "write_tasks", Unclear("The connection was cut."))
    world.work()
    world.pass_time(seconds=100)

    def is_down(kind: str) -> None:
        if kind == "find_tasks":
            raise Unreachable("The CRM is down.")

    world.crm.before = is_down
    sent(world, patience_s=150)

    assert 2 <= world.crm.calls.count("find_tasks") <= 12
