"""Bulk 2.0 query jobs over HTTP."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.unit.connectors.sandbox.salesforce.client import Client

LOST = "IsClosed = true AND IsWon = false"


def start_job(crm: Client, soql: str, **more: Any) -> Any:
    return crm.call("POST", "/jobs/query", json={"operation": "query", "query": soql, **more})


def test_a_bulk_job_is_looked_at_until_it_is_done_and_read_page_by_page(crm: Client) -> None:
    crm.org.put("Opportunity", crm.org.lost_deals()[0]["Id"], Loss_Notes__c='two\nlines, "quoted"; x')
    job = start_job(crm, f"SELECT Id, Account.Name, Loss_Notes__c, CreatedDate FROM Opportunity WHERE {LOST}").json()
    path = f"/jobs/query/{job['id']}"
    states = [crm.call("GET", path).json()["state"] for _ in range(3)]

    rows: list[dict[str, str]] = []
    locator = ""
    while locator != "null":
        page = crm.call("GET", f"{path}/results", params={"maxRecords": 50, "locator": locator})
        rows += csv.DictReader(io.StringIO(page.content.decode()))
        assert page.headers["Sforce-NumberOfRecords"]
        locator = page.headers["Sforce-Locator"]

    assert states == ["UploadComplete", "InProgress", "JobComplete"]
    assert {row["Id"] for row in rows} == {deal["Id"] for deal in crm.org.lost_deals()}
    assert 'two\nlines, "quoted"; x' in {row["Loss_Notes__c"] for row in rows}
    assert rows[0]["CreatedDate"].endswith(".000Z")
    assert rows[0]["Account.Name"]


def test_a_bulk_job_is_strict(crm: Client) -> None:
    job = start_job(crm, "SELECT Id FROM Opportunity").json()
    path = f"/jobs/query/{job['id']}"

    assert crm.call("GET", f"{path}/results").status_code == 204
    assert crm.call("GET", f"/services/data/v65.0{path}/results").status_code == 409
    assert crm.call("PATCH", path, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert crm.call("DELETE", path).status_code == 204
    assert crm.call("GET", path).status_code == 404
    assert start_job(crm, "SELECT COUNT(Id) FROM Opportunity").status_code == 400
    assert crm.refusal(start_job(crm, "SELECT Nonsense FROM Opportunity")) == (400, "INVALID_FIELD")


def test_a_bulk_job_can_fail_and_bulk_can_be_off(crm: Client) -> None:
    crm.org.settings.bulk_polls, crm.org.settings.bulk_fails_with = 0, "System error"
    job = start_job(crm, "SELECT Id FROM Opportunity").json()

    failed = crm.call("GET", f"/jobs/query/{job['id']}").json()
    crm.org.settings.has_bulk = False

    assert (failed["state"], failed["errorMessage"]) == ("Failed", "System error")
    assert start_job(crm, "SELECT Id FROM Opportunity").status_code == 403
