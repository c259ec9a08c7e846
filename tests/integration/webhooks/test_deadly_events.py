"""Events that end whoever works on them: found, given up with a reason, and no others with them; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.base import DealState
from mappings.model import DealKey, LostDeal
from service.store.inbox import DEADLY, MOST_DEATHS
from service.store.models import EventRow
from service.store.session import Store
from service.webhooks.letters import list_inbox, retry_inbox
from tests.fakes.connector import Crash
from tests.integration.webhooks.test_inbox import Acme
from tests.integration.webhooks.web_world import FAKES, PORTAL

DEADLY_DEAL = "17"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Acme:
    return Acme(store, tmp_path)


def die_over(world: Acme, die: Callable[[], None]) -> None:
    """Reading that deal ends the process."""
    original = world.crm.get_deals

    def read(keys: Sequence[DealKey], /) -> Iterator[DealState]:
        if any(key.deal_id == DEADLY_DEAL for key in keys):
            die()
        return original(keys)

    world.crm.get_deals = read  # type: ignore[method-assign]


def killed() -> None:
    raise Crash


def no_memory() -> None:
    raise MemoryError


def work_on(world: Acme, rounds: int) -> int:
    """Process after process, each after the lease of the one before; how many were killed."""
    deaths = 0
    for _ in range(rounds):
        try:
            world.work()
        except Crash:
            deaths += 1
        world.pass_time(seconds=31)
    return deaths


def letters_of(world: Acme) -> list[tuple[str, str, str]]:
    with world.store.read() as tx:
        return [(one["deal_id"], one["state"], one["reason"]) for one in list_inbox(tx)]


def test_an_event_that_kills_its_process_is_given_up_and_all_others_are_dealt_with(world: Acme) -> None:
    world.lose(*range(1, 121))
    world.tell(*range(1, 121))
    die_over(world, killed)

    assert work_on(world, MOST_DEATHS + 3) == MOST_DEATHS + 1
    assert letters_of(world) == [(DEADLY_DEAL, "dead", DEADLY)]
    assert len(world.deals()) == 119
    with world.store.read() as tx:
        assert "6 processes ended" in list_inbox(tx)[0]["error"]
        events = tx.execute(select(EventRow.to_state, EventRow.why).where(EventRow.entity == "inbox")).all()
    assert [tuple(one) for one in events] == [("dead", DEADLY)]


def test_what_it_holds_up_is_worked_on_first_and_without_it(world: Acme) -> None:
    world.lose(*range(1, 31))
    world.tell(*range(1, 31))
    die_over(world, killed)
    work_on(world, 1)
    world.lose(99)
    world.tell(99)
    work_on(world, 1)

    assert "99" in world.deals()


def test_memory_that_runs_out_is_no_different_and_holds_up_no_other_connection(world: Acme) -> None:
    world.lose(17)
    world.tell(17)
    world.hubspot(world.client, [world.event(7)])
    deal = world.crm.deals["17"]
    assert isinstance(deal, LostDeal)
    FAKES["portal"].deals["7"] = replace(deal, key=DealKey(str(PORTAL), "7"))
    die_over(world, no_memory)
    failures = [len(world.work().failures)]
    assert world.states() == ["working", "done"]
    for _ in range(MOST_DEATHS + 2):
        world.pass_time(seconds=31)
        failures.append(len(world.work().failures))

    assert failures == [1] * (MOST_DEATHS + 1) + [0, 0]
    assert (DEADLY_DEAL, "dead", DEADLY) in letters_of(world)
    with world.store.read() as tx:
        says = next(one["error"] for one in list_inbox(tx) if one["deal_id"] == DEADLY_DEAL)
    assert says.endswith("The last ended with MemoryError.")


def test_a_dead_letter_that_is_tried_again_has_all_its_tries(world: Acme) -> None:
    world.lose(17)
    world.tell(17)
    die_over(world, killed)
    work_on(world, MOST_DEATHS + 2)
    del world.crm.get_deals
    with world.store.begin() as tx:
        assert retry_inbox(tx, who="admin", now=world.now) == 1

    assert world.work().counts.new == 1
    assert world.states() == ["done"]


def test_an_import_whose_sync_kills_its_process_is_fetched_a_few_at_a_time(world: Acme) -> None:
    world.lose(*range(1, 151))
    world.tell(*range(1, 151), changeSource="IMPORT")
    world.pass_time(seconds=3)
    original = world.crm.changed_deals
    world.crm.changed_deals = lambda since, /: (_ for _ in ()).throw(Crash)  # type: ignore[method-assign]

    assert work_on(world, 3) == 2
    assert len(world.deals()) == 150
    assert set(world.states()) == {"done"}
    assert original is not None


def test_processes_killed_over_innocent_events_cost_them_nothing(world: Acme) -> None:
    """A machine that is started again and again while the same events wait."""
    world.lose(*range(1, 41))
    world.tell(*range(1, 41))
    world.crm.before = lambda kind: (_ for _ in ()).throw(Crash)
    work_on(world, 3)
    world.crm.before = lambda kind: None
    world.pass_time(seconds=31)
    world.work()

    assert set(world.states()) == {"done"}
    assert len(world.deals()) == 40
