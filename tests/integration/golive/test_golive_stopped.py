"""Going live in many short units of work: others write in between, and it may be stopped at any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from service.errors import RekindleError
from service.golive import rehearsal
from service.golive.hold import hold
from service.golive.live import go_live, preview_go_live
from service.golive.report import GoLiveReport
from service.store.models import OutboxRow
from service.store.session import Store, open_store
from tests.fakes.connector import Crash
from tests.integration.golive.test_golive import asked, replan
from tests.integration.world import TODAY, World, step
from tests.tables import with_tables

SOON = TODAY + timedelta(days=30)
Tasks = list[tuple[str, str]]


class WatchedStore(Store):
    """Calls `after_commit` with the number of each commit."""

    commits = 0
    after_commit: Callable[[int], None] = staticmethod(lambda _: None)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as tx:
            yield tx
        self.commits += 1
        self.after_commit(self.commits)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few deals a unit of work, as a few hundred are in a large book."""
    monkeypatch.setattr(rehearsal.in_chunks, "__defaults__", (3,))


def held_book(folder: Path) -> World:
    """A book on hold, with deals to be written, a long overdue one, and two at one account."""
    folder.mkdir()
    store = open_store(f"sqlite:///{folder / 'rekindle.db'}")
    with_tables(store)
    world = World(WatchedStore(store.engine))
    world.set(state="hold", live_since=None)
    for number in range(8):
        days = 30 + 20 * number
        world.lose(f"d{number}", step(SOON), lost_on=TODAY - timedelta(days=days), owner_id=f"rep-{number % 2 + 1}")
    world.work()
    return world


def tasks_of(world: World) -> Tasks:
    return sorted((task.deal.deal_id, task.due_on.isoformat()) for task in world.crm.open())


def written(world: World) -> tuple[GoLiveReport, Tasks]:
    report = asked(world, go_live)
    world.drain()
    return report, tasks_of(world)


@pytest.fixture
def undisturbed(tmp_path: Path) -> tuple[GoLiveReport, Tasks]:
    return written(held_book(tmp_path / "calm"))


STRIDES = [pytest.param(1, marks=pytest.mark.slow, id="every"), pytest.param(7, id="some")]


@pytest.mark.parametrize("limit", [None, 3])
@pytest.mark.parametrize("stride", STRIDES)
def test_one_that_was_stopped_anywhere_writes_nothing_and_the_next_does_it_all_once(
    tmp_path: Path, stride: int, limit: int | None
) -> None:
    calm = held_book(tmp_path / "calm")
    report = asked(calm, go_live, limit=limit)
    calm.drain()
    for number in count(1, stride):
        world = held_book(tmp_path / str(number))
        store = world.store
        assert isinstance(store, WatchedStore)
        start = store.commits
        died: list[int] = []

        def die(commit: int, at: int = start + number, died: list[int] = died) -> None:
            if commit == at:
                died.append(commit)
                raise Crash

        store.after_commit = die
        with suppress(Crash):
            asked(world, go_live, limit=limit)
        store.after_commit = lambda _: None
        if died and world.connection().state == "hold":
            world.drain()
            assert world.crm.created == 0, "on hold nothing is written"
            preview = asked(world, preview_go_live, limit=limit)
            again = asked(world, go_live, limit=limit)
            assert preview.as_json() == again.as_json() == report.as_json(), f"stopped after commit {number}"
        world.drain()
        assert tasks_of(world) == tasks_of(calm), f"stopped after commit {number}"
        assert world.connection().state == "live"
        assert [one for one in world.connection().health if one["check"] == "go_live"] == []
        world.store.dispose()
        if not died:
            break


def test_a_stopped_one_is_said_in_the_health(tmp_path: Path) -> None:
    world = held_book(tmp_path / "book")
    store = world.store
    assert isinstance(store, WatchedStore)

    def die(_commit: int) -> None:
        raise Crash

    store.after_commit = die
    with pytest.raises(Crash):
        asked(world, go_live)
    (line,) = [one for one in world.connection().health if one["check"] == "go_live"]
    assert "run it again" in line["says"]


def test_a_preview_keeps_nobody_from_writing(world: World) -> None:
    world.set(state="hold", live_since=None)
    world.lose("d1", step(SOON))
    world.work()
    wrote: list[str] = []

    def busy(*arguments: object) -> object:
        world.set(account_name=f"Written meanwhile, {len(wrote)}")  # as a webhook would: at once, or it fails
        wrote.append(world.connection().account_name)
        return replan(*arguments)  # type: ignore[arg-type]  # passed on as given

    asked_with(world, busy)

    assert wrote
    assert world.connection().account_name == wrote[-1]
    assert world.rows(OutboxRow) == []


def asked_with(world: World, planning: Callable[..., object]) -> GoLiveReport:
    from service.golive.report import GoLiveRequest
    from tests.integration.world import KNOWLEDGE

    return preview_go_live(
        world.store,
        world.crm,
        world.connection_id,
        GoLiveRequest(),
        replan=planning,  # type: ignore[arg-type]  # as replan
        knowledge=KNOWLEDGE,
        today=world.today,
        now=world.now,
    )


def test_a_hold_put_on_while_it_goes_live_stands(tmp_path: Path, undisturbed: tuple[GoLiveReport, Tasks]) -> None:
    world = held_book(tmp_path / "book")
    store = world.store
    assert isinstance(store, WatchedStore)
    at = store.commits + 4

    def stop(commit: int) -> None:
        if commit == at:
            hold(world.store, world.connection_id, who="admin", why="Stop.", now=world.now)

    store.after_commit = stop
    with pytest.raises(RekindleError, match="put on hold while it was going live"):
        asked(world, go_live)
    store.after_commit = lambda _: None
    world.drain()
    assert (world.connection().state, world.crm.created) == ("hold", 0)
    assert written(world)[1] == undisturbed[1]


def test_a_deal_that_is_lost_meanwhile_goes_live_too(tmp_path: Path) -> None:
    world = held_book(tmp_path / "book")
    store = world.store
    assert isinstance(store, WatchedStore)
    at = store.commits + 4

    def lose(commit: int) -> None:
        if commit == at:
            store.after_commit = lambda _: None
            world.lose("late", step(SOON), lost_on=TODAY - timedelta(days=30))

    store.after_commit = lose
    asked(world, go_live)
    assert world.states("late") == ["scheduled", "scheduled"]
    world.work()
    assert "late" in {task.deal.deal_id for task in world.crm.open()}
