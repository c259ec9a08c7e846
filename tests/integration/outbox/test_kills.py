"""kill -9 at any line: the process dies around every commit and every call, and the next one puts all right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from connectors.base import TaskStatus
from mappings.model import Purpose
from service.store.session import Store, open_store
from tests.fakes.connector import Crash
from tests.integration.conftest import _empty
from tests.integration.sync.test_readback import sync
from tests.integration.world import TODAY, World, step
from tests.tables import with_tables

SOON = TODAY + timedelta(days=30)
THEN = TODAY + timedelta(days=90)


class MortalStore(Store):
    """Dies right before or right after its n-th commit. `kill_at` None: lives."""

    kill_at: int | None = None
    dies_after_commit = False
    commits = 0
    was_killed = False

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as tx:
            yield tx
            self.commits += 1
            if not self.dies_after_commit:
                self._die_if_it_is_time()
        self._die_if_it_is_time()

    def _die_if_it_is_time(self) -> None:
        if self.commits == self.kill_at and not self.was_killed:
            self.was_killed = True
            raise Crash


def new_world(url: str) -> World:
    store = open_store(url)
    with_tables(store)
    if store.engine.dialect.name == "postgresql":
        _empty(store)
    world = World(MortalStore(store.engine))
    for number in range(3):
        world.lose(f"d{number}", step(SOON, Purpose.POSITION), step(THEN, Purpose.DECIDE))
    return world


def a_day_of_work(world: World) -> None:
    """First tasks; one completed, one moved by its rep; one plan changed; one deal won."""
    sync(world)
    by_deal = {task.deal.deal_id: task for task in world.crm.live()}
    if (
        by_deal.keys() >= {"d0", "d1", "d2"}
        and len(world.crm.live()) == 3
        and not any(task.status == TaskStatus.COMPLETED for task in by_deal.values())
    ):
        by_deal["d0"].status = TaskStatus.COMPLETED
        by_deal["d1"].due_on = SOON + timedelta(days=9)
    sync(world)
    if world.planned["d2"].plan.steps[0].due_on == SOON:
        world.replan("d2", step(SOON + timedelta(days=2), Purpose.POSITION), step(THEN, Purpose.DECIDE))
    sync(world)


def outcome(world: World) -> list[tuple[str, str, str]]:
    """The CRM's tasks, whatever their ids: deal, state, day."""
    return sorted((task.deal.deal_id, str(task.status), task.due_on.isoformat()) for task in world.crm.live())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str]]:
    world = new_world(f"sqlite:///{tmp_path_factory.mktemp('calm') / 'rekindle.db'}")
    a_day_of_work(world)
    world.store.dispose()
    return outcome(world)


def survive(world: World) -> None:
    for _ in range(4):
        try:
            a_day_of_work(world)
        except Crash:
            world.pass_time(seconds=150)
    world.crm.before = world.crm.after = lambda kind: None
    assert isinstance(world.store, MortalStore)
    world.store.kill_at = None
    world.pass_time(seconds=150)
    a_day_of_work(world)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[int], str]:
    """The database of the n-th world: a file of its own, or the server's, emptied."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return lambda number: url
    return lambda number: f"sqlite:///{tmp_path / f'{number}.db'}"


STRIDES = [pytest.param(1, marks=pytest.mark.slow, id="every"), pytest.param(37, id="some")]


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("dies_after_commit", [False, True])
def test_dying_around_any_commit_changes_nothing_in_the_end(
    address: Callable[[int], str], undisturbed: list[tuple[str, str, str]], dies_after_commit: bool, stride: int
) -> None:
    for number in count(1, stride):
        world = new_world(address(number))
        assert isinstance(world.store, MortalStore)
        start = world.store.commits
        world.store.kill_at, world.store.dies_after_commit = start + number, dies_after_commit
        survive(world)
        world.store.dispose()
        assert outcome(world) == undisturbed, f"killed at commit {number}"
        if not world.store.was_killed:
            break


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_dying_around_any_call_changes_nothing_in_the_end(
    address: Callable[[int], str], undisturbed: list[tuple[str, str, str]], moment: str, stride: int
) -> None:
    for number in count(1, stride):
        world = new_world(address(number))
        calls = iter(range(1, 10**6))
        killed: list[int] = []

        def kill(_kind: str, calls: Iterator[int] = calls, killed: list[int] = killed, number: int = number) -> None:
            if next(calls) == number:
                killed.append(number)
                raise Crash

        setattr(world.crm, moment, kill)
        survive(world)
        world.store.dispose()
        assert outcome(world) == undisturbed, f"killed at call {number}"
        if not killed:
            break
