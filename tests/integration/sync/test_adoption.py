"""A database that does not know all we wrote: empty, on a CRM that has our tasks, or restored from an old backup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from connectors.base import TaskStatus
from connectors.errors import Unreachable
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from mappings.model import Purpose
from service import operations
from service.bootstrap import App
from service.golive.report import GoLiveRequest
from service.keeping.backup import backup
from service.keeping.restore import restore
from service.store.models import ConnectionRow, ReminderRow, TaskRefRow
from service.store.session import Store
from service.sync.runner import sync
from tests.integration.keeping_world import address, opened
from tests.integration.people_world import MONDAY
from tests.integration.sync.test_same_book import manager_id, opened_at
from tests.integration.world import NOW, World, step
from tests.tables import with_tables

LATER = date(2026, 12, 23)
NEXT = date(2027, 3, 3)


@pytest.fixture
def second(world: World, tmp_path: Path) -> Iterator[World]:
    """An installation of today, with an empty database, on the CRM account that `world` has written to."""
    with opened(address("sqlite", tmp_path, name="second")) as store:
        with_tables(store)
        found = World(store, crm=world.crm)
        found.set(created_at=NOW)
        yield found


def test_an_empty_installation_adopts_the_tasks_that_another_one_wrote(world: World, second: World) -> None:
    world.lose("d1", step(LATER))
    world.lose("d2", step(LATER))
    world.work()

    second.lose("d1", step(LATER))
    second.lose("d2", step(LATER))
    counts = second.work()

    assert (counts["adopted"], world.crm.created) == (2, 2)
    assert {row.crm_task_id for row in second.rows(TaskRefRow)} == {task.id for task in world.crm.open()}
    assert second.crm.write_calls().count("write_tasks") == 1


def test_a_task_that_a_rep_moved_before_it_was_adopted_is_not_moved_back(world: World, second: World) -> None:
    world.lose("d1", step(LATER))
    world.work()
    task = world.crm.the_task()
    task.due_on, task.owner_id = LATER + timedelta(days=9), "rep-2"

    second.lose("d1", step(LATER))
    second.work()
    second.read_back()
    second.pass_time(days=1)
    second.work()

    (reminder,) = second.reminders("d1")
    assert (reminder.state, reminder.due_on, reminder.owner_id) == ("snoozed", LATER + timedelta(days=9), "rep-2")
    task = world.crm.the_task()
    assert (task.due_on, task.owner_id) == (LATER + timedelta(days=9), "rep-2")


def test_words_that_a_rep_added_before_it_was_adopted_stay(world: World, second: World) -> None:
    world.lose("d1", step(LATER))
    world.work()
    task = world.crm.the_task()
    task.body += "\nShe moves to Lisbon in May."

    second.lose("d1", step(LATER))
    second.work()
    for days in (7, 14):
        second.replan("d1", step(LATER + timedelta(days=days)))
        second.work()

    assert "She moves to Lisbon in May." in world.crm.the_task().body
    assert world.crm.the_task().due_on == LATER + timedelta(days=14)


def test_a_task_that_was_completed_is_done_and_the_next_step_is_written(world: World, second: World) -> None:
    world.lose("d1", step(LATER), step(NEXT, Purpose.LAST_OFFER))
    world.work()
    world.crm.the_task().status = TaskStatus.COMPLETED

    second.lose("d1", step(LATER), step(NEXT, Purpose.LAST_OFFER))
    second.work()
    second.read_back()
    second.work()

    assert second.states("d1")[0] == "done"
    assert (world.crm.created, world.crm.the_task().due_on) == (2, NEXT)


def test_nothing_is_written_while_the_crm_cannot_be_asked_what_stands_there(world: World, second: World) -> None:
    world.lose("d1", step(LATER))
    world.work()
    second.lose("d1", step(LATER))

    def is_down(kind: str) -> None:
        if kind == "find_tasks":
            raise Unreachable("The CRM is down.")

    world.crm.before = is_down
    second.work()
    world.crm.before = lambda kind: None
    second.pass_time(minutes=20)
    second.work()

    assert world.crm.created == 1
    assert len(second.rows(TaskRefRow)) == 1


def test_a_loss_that_is_newer_than_the_installation_costs_no_look(second: World) -> None:
    second.set(remembers_since=NOW - timedelta(days=90))
    second.lose("d1", step(LATER))
    second.work()

    assert "find_tasks" not in second.crm.calls
    assert second.crm.created == 1


def test_an_old_backup_finds_what_was_written_after_it(world: World, tmp_path: Path) -> None:
    with opened(address("sqlite", tmp_path, name="old")) as store:
        with_tables(store)
        old = World(store, crm=world.crm)
        for name in ("d1", "d2"):
            old.lose(name, step(LATER), step(NEXT, Purpose.LAST_OFFER))
        backup(store, tmp_path / "old.rekindle", now=NOW)
        old.work()
        assert old.crm.created == 2
        restore(store, tmp_path / "old.rekindle", check_keys=lambda _: None, now=NOW, is_replacing=True)
        assert old.rows(TaskRefRow) == []

        assert old.work()["adopted"] == 0  # on hold nothing is written, nor looked for
        old.set(state="live")
        old.work()

        assert (old.crm.created, len(old.rows(TaskRefRow))) == (2, 2)


def test_a_task_that_was_closed_after_the_backup_is_not_opened_again(world: World, tmp_path: Path) -> None:
    with opened(address("sqlite", tmp_path, name="old")) as store:
        with_tables(store)
        old = World(store, crm=world.crm)
        old.lose("d1", step(LATER))
        old.work()
        backup(store, tmp_path / "old.rekindle", now=NOW)
        old.crm.the_task().status = TaskStatus.DELETED
        restore(store, tmp_path / "old.rekindle", check_keys=lambda _: None, now=NOW, is_replacing=True)

        old.set(state="live")
        old.read_back()
        old.work()

        assert (old.crm.created, old.crm.open(), old.states("d1")) == (1, [], ["cancelled"])


def _sandbox(crm: str) -> Any:
    book = make_book(11, deals=120, today=MONDAY.date())
    contacts = tuple(replace(one, has_opted_out=False, do_not_call=False) for one in book.contacts)
    book = replace(book, contacts=contacts)
    return (
        SalesforceOrg(book, OrgSettings()) if crm == "salesforce" else HubSpotPortal(book, PortalSettings(limits=None))
    )


def _live(app: App) -> None:
    sync(app, "acme", monotonic=lambda: 0.0)
    operations.go_live(app, "acme", GoLiveRequest())


def _known(store: Store) -> int:
    with store.read() as tx:
        return tx.scalar(select(func.count()).select_from(TaskRefRow)) or 0


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_second_installation_on_a_real_book_writes_no_task_and_can_undo_them_all(crm: str, tmp_path: Path) -> None:
    sandbox = _sandbox(crm)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with opened_at(crm, sandbox, tmp_path / "first") as first:
        _choose_fallback(first, sandbox)
        _live(first)
        written = sorted(map(str, sandbox.tasks()))
        assert written
        known = _known(first.store)
    with opened_at(crm, sandbox, tmp_path / "second") as app:
        _choose_fallback(app, sandbox)
        _live(app)

        assert len(sandbox.tasks()) == len(written)
        assert _known(app.store) == known

        sync(app, "acme", monotonic=lambda: 0.0)
        with app.store.read() as tx:
            assert tx.scalars(select(ReminderRow).where(ReminderRow.is_pinned)).all() == []
        report = operations.undo(app, "acme", since=None)
        assert (report.tasks_deleted, [one for one in report.touched if one["task_id"]]) == (known, [])


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_an_old_backup_of_a_real_book_writes_no_task_twice(crm: str, tmp_path: Path) -> None:
    sandbox = _sandbox(crm)
    (tmp_path / "one").mkdir()
    with opened_at(crm, sandbox, tmp_path / "one") as app:
        _choose_fallback(app, sandbox)
        sync(app, "acme", monotonic=lambda: 0.0)
        file = tmp_path / "old.rekindle"
        backup(app.store, file, now=MONDAY)
        operations.go_live(app, "acme", GoLiveRequest())
        written = len(sandbox.tasks())

        restore(app.store, file, check_keys=lambda _: None, now=MONDAY, is_replacing=True)
        sync(app, "acme", monotonic=lambda: 0.0)
        assert len(sandbox.tasks()) == written
        operations.go_live(app, "acme", GoLiveRequest())

        assert (len(sandbox.tasks()), _known(app.store)) == (written, written)


def _choose_fallback(app: App, sandbox: Any) -> None:
    book = make_book(11, deals=120, today=MONDAY.date())
    with app.store.begin() as tx:
        tx.execute(update(ConnectionRow).values(fallback_owner_id=manager_id(book, sandbox)))
