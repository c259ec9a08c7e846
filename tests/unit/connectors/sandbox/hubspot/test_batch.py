"""Batches: partial failure, limits, upserts."""

from __future__ import annotations

import pytest

from tests.unit.connectors.sandbox.hubspot.client import DEAL, NOW, TO_DEAL, client, task_row

BAD = {"hs_task_status": "LATER"}


def test_without_trace_ids_one_bad_row_fails_the_whole_batch() -> None:
    crm = client()

    answer = crm.create_tasks(task_row(), task_row(**BAD))

    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
    assert crm.portal.tasks() == []


def test_with_a_trace_id_on_every_row_the_good_ones_are_made() -> None:
    crm = client()

    answer = crm.create_tasks(task_row(trace="a"), task_row(trace="b", **BAD), task_row(trace="c"))

    assert answer.status == 207
    assert sorted(row["objectWriteTraceId"] for row in answer.json["results"]) == ["a", "c"]
    assert answer.json["numErrors"] == 1
    (error,) = answer.json["errors"]
    assert (error["status"], error["category"]) == ("error", "VALIDATION_ERROR")
    assert error["context"]["objectWriteTraceId"] == ["b"]
    assert "INVALID_OPTION" in error["message"]


def test_trace_ids_that_are_not_unique_do_not_count() -> None:
    assert client().create_tasks(task_row(trace="a"), task_row(trace="a", **BAD)).status == 400


def test_the_dated_version_keeps_its_status_and_puts_the_errors_inside() -> None:
    answer = client().create_tasks(task_row(trace="a"), task_row(trace="b", **BAD), version="objects/2026-09")

    assert (answer.status, answer.json["numErrors"], len(answer.json["results"])) == (201, 1, 1)


def test_reading_ids_that_are_not_there_is_a_207_that_lists_them() -> None:
    crm = client()

    answer = crm.post("/crm/v3/objects/deals/batch/read", {"inputs": [{"id": str(DEAL)}, {"id": "4"}, {"id": "5"}]})

    assert answer.status == 207
    assert [row["id"] for row in answer.json["results"]] == [str(DEAL)]
    (error,) = answer.json["errors"]
    assert error["category"] == "OBJECT_NOT_FOUND"
    assert error["context"]["ids"] == ["4", "5"]


@pytest.mark.parametrize("action", ["read", "update"])
def test_results_do_not_come_in_the_order_of_the_rows(action: str) -> None:
    rows = [{"id": str(DEAL + n), "properties": {}} for n in range(3)]

    found = [
        crm.post(f"/crm/v3/objects/deals/batch/{action}", {"inputs": rows}).json["results"]
        for crm in (client(), client(keeps_batch_order=True))
    ]

    ids = [[row["id"] for row in results] for results in found]
    assert ids[1] == [row["id"] for row in rows]
    assert ids[0] != ids[1]
    assert sorted(ids[0]) == sorted(ids[1])


def test_a_batch_takes_a_hundred_rows_and_not_none() -> None:
    crm = client()

    assert crm.create_tasks(*[task_row()] * 100).status == 201
    assert crm.create_tasks(*[task_row()] * 101).status == 400
    assert crm.create_tasks().status == 400


def test_an_update_changes_what_it_finds_and_reports_the_rest() -> None:
    crm = client()
    rows = [{"id": str(DEAL), "properties": {"amount": "5"}}, {"id": "4", "properties": {"amount": "5"}}]

    answer = crm.post("/crm/v3/objects/deals/batch/update", {"inputs": rows})

    assert answer.status == 207
    assert answer.json["errors"][0]["context"]["ids"] == ["4"]
    assert crm.portal.record("deals", DEAL)["properties"]["amount"] == "5"


@pytest.mark.parametrize(("action", "name"), [("update", "hs_object_id"), ("upsert", "dealname"), ("upsert", None)])
def test_only_a_unique_property_can_name_a_row(action: str, name: str | None) -> None:
    row = {"id": str(DEAL), "idProperty": name, "properties": {"amount": "5"}}

    answer = client().post(f"/crm/v3/objects/deals/batch/{action}", {"inputs": [row]})

    assert answer.status == 400
    assert answer.json["message"].startswith("Unable to perform update/upsert by non-unique 0-3 property ")


def test_an_upsert_by_a_unique_property_says_what_is_new() -> None:
    crm = client()
    definition = {
        "name": "our_key",
        "label": "Our key",
        "type": "string",
        "fieldType": "text",
        "groupName": "dealinformation",
        "hasUniqueValue": True,
    }
    crm.post("/crm/v3/properties/deals", definition)
    row = {"id": "k1", "idProperty": "our_key", "properties": {"dealname": "N", "dealstage": "closedlost"}}

    answers = [crm.post("/crm/v3/objects/deals/batch/upsert", {"inputs": [row]}) for _ in range(2)]
    doubled = crm.post("/crm/v3/objects/deals/batch/upsert", {"inputs": [row, row]})

    assert [answer.json["results"][0]["new"] for answer in answers] == [True, False]
    assert len({answer.json["results"][0]["id"] for answer in answers}) == 1
    assert doubled.status == 400


def test_archiving_passes_over_what_is_not_there() -> None:
    crm = client()
    task = crm.create_tasks(task_row((TO_DEAL, DEAL))).json["results"][0]["id"]

    answer = crm.post("/crm/v3/objects/tasks/batch/archive", {"inputs": [{"id": task}, {"id": "4"}]})

    assert answer.status == 204
    assert crm.portal.tasks() == []


def test_every_row_of_an_envelope_carries_the_time_of_the_call() -> None:
    answer = client().create_tasks(task_row())

    assert answer.json["status"] == "COMPLETE"
    assert answer.json["startedAt"] == answer.json["completedAt"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
