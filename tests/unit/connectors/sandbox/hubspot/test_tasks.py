"""Tasks and associations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.connectors.sandbox.hubspot.client import (
    ACTIVE_OWNER,
    COMPANY,
    CONTACT,
    DEAL,
    TO_COMPANY,
    TO_CONTACT,
    TO_DEAL,
    Client,
    client,
    task_row,
)

TASKS = "/crm/v3/objects/tasks"


def _new_task(crm: Client, *targets: tuple[int, int], **properties: str) -> str:
    answer = crm.create_tasks(task_row(*targets, **properties))
    assert answer.status == 201, answer.json
    return str(answer.json["results"][0]["id"])


def test_a_task_needs_a_due_time() -> None:
    answer = client().post(TASKS, {"properties": {"hs_task_subject": "Call"}})

    assert (answer.status, answer.json["context"]) == (400, {"properties": ["hs_timestamp"]})


@pytest.mark.parametrize(
    "properties",
    [
        {"hubspot_owner_id": "4000001"},
        {"hs_task_status": "DONE"},
        {"hs_task_completion_date": "2026-01-01T00:00:00Z"},
        {"hs_task_body": "x" * 65_537},
        {"hs_unique_key": "k"},
    ],
)
def test_a_task_with_a_bad_value_is_refused(properties: dict[str, str]) -> None:
    assert client().create_tasks(task_row(**properties)).status == 400


def test_a_body_comes_back_the_same_to_a_reader_but_not_the_same_bytes() -> None:
    crm = client()
    sent = "It&#x27;s due<br/>A &amp; B"
    task = _new_task(crm, hs_task_body=sent)

    stored = crm.get(f"{TASKS}/{task}", properties="hs_task_body").json["properties"]["hs_task_body"]

    assert stored != sent
    assert "It's due<br>A &amp; B" in stored
    assert (
        client(rewrites_html=False)
        .create_tasks(task_row(hs_task_body=sent))
        .json["results"][0]["properties"]["hs_task_body"]
        == sent
    )


def test_completing_a_task_sets_its_date_and_reopening_clears_it() -> None:
    crm = client()
    task = _new_task(crm)

    crm.portal.edit("tasks", task, hs_task_status="COMPLETED", at=crm.now)
    done = crm.portal.record("tasks", task)["properties"]
    crm.portal.edit("tasks", task, hs_task_status="NOT_STARTED", at=crm.now)

    assert done["hs_task_completion_date"] == "2026-11-20T09:00:00Z"
    assert "hs_task_completion_date" not in crm.portal.record("tasks", task)["properties"]


def test_a_task_is_associated_when_it_is_made_and_moves_the_deals_stamp() -> None:
    crm = client()
    task = _new_task(crm, (TO_DEAL, DEAL), (TO_COMPANY, COMPANY), (TO_CONTACT, CONTACT), hubspot_owner_id=ACTIVE_OWNER)

    deal = crm.portal.record("deals", DEAL)
    assert deal["associations"]["tasks"] == [task]
    assert deal["properties"]["hs_lastmodifieddate"] == "2026-11-20T09:00:00Z"
    assert deal["properties"]["notes_last_updated"] == "2026-11-20T09:00:00Z"
    assert crm.portal.record("companies", COMPANY)["properties"]["hs_lastmodifieddate"] == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize(("type_id", "record_id"), [(215, DEAL), (341, COMPANY), (TO_DEAL, 12), (TO_DEAL, COMPANY)])
def test_a_wrong_association_type_or_target_makes_no_task(type_id: int, record_id: int) -> None:
    crm = client()

    answer = crm.create_tasks(task_row((type_id, record_id)))

    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
    assert crm.portal.tasks() == []


@pytest.mark.parametrize(("path", "status"), [("/crm/v4/associations", 207), ("/crm/associations/2026-09", 200)])
def test_the_tasks_of_deals_are_read_in_a_batch_and_none_is_an_error(path: str, status: int) -> None:
    crm = client()
    task = _new_task(crm, (TO_DEAL, DEAL))

    answer = crm.post(f"{path}/deals/tasks/batch/read", {"inputs": [{"id": str(DEAL)}, {"id": str(DEAL + 1)}]})

    assert answer.status == status
    (row,) = answer.json["results"]
    types = [{"category": "HUBSPOT_DEFINED", "typeId": 215, "label": None}]
    assert row == {"from": {"id": str(DEAL)}, "to": [{"toObjectId": task, "associationTypes": types}]}
    (error,) = answer.json["errors"]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["context"]["fromObjectId"] == [str(DEAL + 1)]


def test_many_associations_come_in_pages() -> None:
    crm = client(limits=None)
    for _ in range(6):
        crm.create_tasks(*[task_row((TO_DEAL, DEAL))] * 100)
    inputs: list[dict[str, Any]] = [{"id": str(DEAL)}]

    first = crm.post("/crm/v4/associations/deals/tasks/batch/read", {"inputs": inputs}).json["results"][0]
    inputs[0]["after"] = first["paging"]["next"]["after"]
    rest = crm.post("/crm/v4/associations/deals/tasks/batch/read", {"inputs": inputs}).json["results"][0]

    assert (len(first["to"]), len(rest["to"]), "paging" in rest) == (500, 100, False)
    assert len({row["toObjectId"] for row in first["to"] + rest["to"]}) == 600


def test_an_archived_task_leaves_its_deal() -> None:
    crm = client()
    task = _new_task(crm, (TO_DEAL, DEAL))
    crm.send("DELETE", f"{TASKS}/{task}")

    answer = crm.post("/crm/v4/associations/deals/tasks/batch/read", {"inputs": [{"id": str(DEAL)}]})

    assert answer.json["results"] == []


def test_records_are_associated_and_parted_one_by_one() -> None:
    crm = client()
    task = _new_task(crm)
    path = f"/crm/v4/objects/tasks/{task}/associations"

    default = crm.send("PUT", f"{path}/default/deals/{DEAL}")
    typed = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TO_CONTACT}]
    named = crm.send("PUT", f"{path}/contacts/{CONTACT}", typed)
    wrong = crm.send("PUT", f"{path}/companies/{COMPANY}", typed)
    listed = crm.get(f"{path}/deals").json["results"]
    parted = crm.send("DELETE", f"{path}/deals/{DEAL}")

    assert (default.status, named.status, wrong.status, parted.status) == (200, 201, 400, 204)
    assert [row["toObjectId"] for row in listed] == [str(DEAL)]
    assert crm.portal.record("tasks", task)["associations"] == {"contacts": [str(CONTACT)]}


def test_the_single_list_is_not_part_of_the_newest_version() -> None:
    crm = client()
    path = f"{DEAL}/associations/companies"

    assert crm.get(f"/crm/objects/2026-03/deals/{path}").status == 200
    assert crm.get(f"/crm/objects/2026-09/deals/{path}").status == 404


def test_a_batch_of_associations_makes_what_it_can() -> None:
    crm = client()
    task = _new_task(crm)
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TO_DEAL}]
    rows = [{"from": {"id": task}, "to": {"id": to}, "types": types} for to in (str(DEAL), "12")]

    made = crm.post("/crm/v4/associations/tasks/deals/batch/create", {"inputs": rows})
    crm.post(
        "/crm/v4/associations/tasks/deals/batch/archive",
        {"inputs": [{"from": {"id": task}, "to": [{"id": str(DEAL)}]}]},
    )

    assert (made.status, len(made.json["results"]), len(made.json["errors"])) == (207, 1, 1)
    assert "deals" not in crm.portal.record("tasks", task)["associations"]


def test_a_second_primary_company_takes_the_place_of_the_first() -> None:
    crm = client()
    other = crm.post("/crm/v3/objects/companies", {"properties": {"name": "Northwind"}}).json["id"]
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    crm.send("PUT", f"/crm/v4/objects/deals/{DEAL}/associations/companies/{other}", primary)

    rows = crm.get(f"/crm/v4/objects/deals/{DEAL}/associations/companies").json["results"]

    labels = {row["toObjectId"]: [kind["typeId"] for kind in row["associationTypes"]] for row in rows}
    assert labels == {str(COMPANY): [341], other: [5, 341]}
