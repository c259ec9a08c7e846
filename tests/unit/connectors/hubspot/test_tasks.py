"""Our tasks in HubSpot's words, and which row of an answer is whose."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import CreateTask, TaskKey, TaskStatus
from connectors.hubspot.tasks import (
    bears_a_key,
    create_input,
    is_error,
    keys_in,
    match_created,
    noted_body,
    render_body,
    snapshot_of,
)
from connectors.hubspot.values import text_of_html
from mappings.model import DealKey
from mappings.task_text import TaskText
from tests.unit.connectors.hubspot.samples import sample

TEXT = TaskText(subject="Contoso", lines=("1 < 2 & so", "two"), deal_url="https://x.example/?a=1&b=2")


def task_input(index: int, zone: str = "Europe/Berlin", due_on: date = date(2027, 3, 28)) -> dict[str, Any]:
    """The input for a task of the deal with that number."""
    task = CreateTask(
        key=TaskKey(key=f"rk-{index}", deal=DealKey("1", f"{index}")),
        text=TEXT,
        due_on=due_on,
        owner_id="60001",
        account_id="700",
    )
    return create_input(task, trace=f"row-{index}", zone=ZoneInfo(zone))


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Asia/Kolkata", "Europe/Berlin", "America/Los_Angeles"])
@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 11, 7), date(2027, 1, 1), date(2028, 2, 29)])
def test_a_due_day_reads_back_as_the_same_day_in_the_portals_zone(zone: str, day: date) -> None:
    properties = task_input(0, zone, day)["properties"]
    assert snapshot_of(properties, ZoneInfo(zone)).due_on == day


def test_a_task_hangs_on_its_deal_and_its_company() -> None:
    ends = [(end["to"]["id"], end["types"][0]["associationTypeId"]) for end in task_input(0)["associations"]]
    assert ends == [("0", 216), ("700", 192)]


def test_the_key_is_the_bodys_last_line() -> None:
    body = render_body(TEXT, "rk-1")
    assert text_of_html(body).splitlines() == ["1 < 2 & so", "two", "https://x.example/?a=1&b=2", "rk-1"]
    assert '<a href="https://x.example/?a=1&amp;b=2">' in body


@pytest.mark.parametrize("status", ["NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "", None])
def test_every_status_but_completed_is_open(status: str | None) -> None:
    zone = ZoneInfo("UTC")
    assert snapshot_of({"hs_task_status": status}, zone).status is TaskStatus.OPEN
    assert snapshot_of({"hs_task_status": "COMPLETED"}, zone).status is TaskStatus.COMPLETED


def test_a_key_is_found_where_a_person_has_moved_it_and_never_in_part() -> None:
    assert keys_in("rk-1\nI called them", {"rk-1", "rk-11"}) == ["rk-1"]
    assert keys_in("about rk-11", {"rk-1"}) == []


def test_a_body_of_ours_is_told_from_a_persons() -> None:
    assert bears_a_key("Why today\n" + "k" * 40)
    assert not bears_a_key("call them back\ntomorrow")
    assert not bears_a_key("")


def test_a_note_goes_in_front_and_only_once() -> None:
    once = noted_body("<p>why</p>", "Won <today>")
    assert once == "<p>Won &lt;today&gt;</p><p>why</p>"
    assert noted_body(once, "Won <today>") == once


def test_rows_of_an_answer_are_matched_by_trace_and_not_by_order() -> None:
    rows = match_created([task_input(n) for n in range(3)], sample("batch_create_one_bad_row", "answer"))
    first, second, third = rows
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first["id"], third["id"]) == ("81", "83")
    assert is_error(second)
    assert not is_error(first)


def test_rows_without_a_trace_are_matched_by_their_body() -> None:
    inputs = [task_input(n) for n in range(3)]
    results = [
        {"id": f"8{n}", "properties": {"hs_task_body": f"<div>{inputs[n]['properties']['hs_task_body']}</div>"}}
        for n in (2, 0)
    ]
    told = {"results": results, "errors": [{"category": "VALIDATION_ERROR", "message": "no"}], "numErrors": 1}
    rows = match_created(inputs, told)
    assert [row and row.get("id") for row in rows] == ["80", None, "82"]
    assert rows[1] is not None
    assert is_error(rows[1])


def test_what_an_answer_does_not_tell_stays_untold() -> None:
    inputs = [task_input(n) for n in range(2)]
    assert match_created(inputs, {"results": [{"id": "1", "properties": {}}, {"id": "2", "properties": {}}]}) == [
        None,
        None,
    ]
    assert match_created(inputs, {"status": "PENDING"}) == [None, None]
