"""Undo, on both CRMs over real HTTP: the book is as it was before, but for what a person changed, which is listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service import operations
from service.golive.report import GoLiveRequest
from tests.integration.people_world import Office, make_book_of, office

NUMBERS = range(1, 13)
STAMPS = frozenset({
    *("SystemModstamp", "LastModifiedDate", "LastModifiedById", "LastActivityDate", "LastViewedDate"),
    *("hs_lastmodifieddate", "lastmodifieddate", "updatedAt", "notes_last_updated", "hs_updated_by_user_id"),
})  # fmt: skip


@pytest.fixture(params=["salesforce", "hubspot"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A connection that is on hold: nothing of ours is in the CRM yet."""
    reasons = {number: ("Timing", "Budget", "Price", "No decision")[number % 4] for number in NUMBERS}
    with office(request.param, tmp_path, make_book_of(reasons), is_live=False) as found:
        found.sync()
        yield found


def live_records(found: Office) -> dict[str, dict[str, Any]]:
    """Every live record, system stamps apart."""
    return {
        f"{kind} {row.get('Id') or row['id']}": _plain(row)
        for kind, rows in found.hands.app.snapshot().items()
        for row in (rows.values() if isinstance(rows, dict) else rows)
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    values = {**row, **row.get("properties", {}), "properties": None}
    return {name: value or None for name, value in values.items() if name not in STAMPS}


def test_after_undo_the_live_records_are_those_from_before_and_a_sync_writes_nothing(held: Office) -> None:
    before = live_records(held)
    operations.go_live(held.app, "acme", GoLiveRequest())
    assert live_records(held) != before
    held.pass_time(days=1)
    held.sync()

    report = operations.undo(held.app, "acme", since=None)

    assert report.touched == []
    assert live_records(held) == before
    held.pass_time(days=1)
    assert held.sync().written == 0
    assert live_records(held) == before


def test_what_a_person_changed_stays_and_is_listed(held: Office) -> None:
    before = live_records(held)
    operations.go_live(held.app, "acme", GoLiveRequest())
    held.pass_time(days=1)
    done, moved, worded, given = (held.task(number) for number in (1, 2, 3, 4))
    held.hands.change_task(done, is_open=False)
    held.hands.change_task(moved, due_on=moved.due_on + timedelta(days=3))
    held.hands.change_task(worded, subject="Mine")
    held.hands.change_task(given, owner_id=held.hands.owner_id(1))
    held.hands.state_follow_up(5, held.clock().date() + timedelta(days=200))
    theirs = {task.id: task for number in (1, 2, 3, 4) for task in held.hands.tasks(number)}
    shown = held.hands.next_follow_up(5)

    report = operations.undo(held.app, "acme", since=None)

    assert {one["task_id"] for one in report.touched if one["task_id"]} == set(theirs)
    assert {one["deal_id"] for one in report.touched if not one["task_id"]} == {held.hands.deal_id(5)}
    after = live_records(held)
    assert {task.id: task for number in NUMBERS for task in held.hands.tasks(number)} == theirs
    assert held.hands.next_follow_up(5) == shown
    # A portal's records name the tasks they go with, those that a person touched and that stay among them.
    changed = {name for name in before if {**after[name], "associations": 0} != {**before[name], "associations": 0}}
    assert changed <= {name for name in before if name.split()[-1] == held.hands.deal_id(5)}
    held.pass_time(days=1)
    assert held.sync().written == 0
    assert live_records(held) == after


@pytest.mark.slow
def test_a_deal_that_was_reopened_or_won_since_gets_its_fields_back_too(held: Office) -> None:
    operations.go_live(held.app, "acme", GoLiveRequest())
    assert held.hands.next_follow_up(1)
    assert held.hands.next_follow_up(2)
    held.pass_time(hours=1)
    held.hands.to_stage(1, "open")
    held.hands.to_stage(2, "won")
    held.pass_time(hours=1)
    held.sync()

    announced = operations.announce_undo(held.app, "acme", since=None)
    report = operations.undo(held.app, "acme", since=None)

    assert (held.hands.next_follow_up(1), held.hands.next_follow_up(2)) == (None, None)
    assert report.touched == announced.touched == []
    assert report.fields_restored == announced.fields_restored
