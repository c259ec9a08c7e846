"""Writes over HTTP: what they change, what follows from them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import CustomField, OrgSettings, RefusedError, ValidationRule
from tests.unit.connectors.sandbox.salesforce.client import Client


def codes(outcomes: list[dict[str, Any]]) -> list[str]:
    return ["ok" if one["success"] else one["errors"][0]["statusCode"] for one in outcomes]


def bare(task: dict[str, Any]) -> dict[str, Any]:
    """A task as a single record is sent: without attributes and key."""
    return {name: value for name, value in task.items() if name not in {"attributes", "Rekindle_Key__c"}}


def test_a_key_makes_one_task_however_often_it_is_sent(crm: Client) -> None:
    first = crm.upsert(crm.task("k1"))[0]
    second = crm.upsert(crm.task("k1", Subject="Contoso: another subject"))[0]

    assert (first["created"], second["created"]) == (True, False)
    assert first["id"] == second["id"]
    assert [task["Subject"] for task in crm.org.tasks()] == ["Contoso: another subject"]


def test_a_task_gets_what_the_org_works_out(crm: Client) -> None:
    made = crm.upsert(crm.task("k1"))[0]
    task = crm.org.record("Task", made["id"])

    assert (task["Status"], task["Priority"], task["IsClosed"]) == ("Not Started", "Normal", False)
    assert task["AccountId"] == crm.deal()["AccountId"]
    assert task["SystemModstamp"] == task["CreatedDate"] == "2026-11-22T09:00:00.000+0000"
    assert crm.org.record("Opportunity", task["WhatId"])["HasOpenActivity"] is True


def test_one_bad_record_does_not_stop_the_others_and_the_status_is_200(crm: Client) -> None:
    deal = crm.deal()
    inactive = next(user["Id"] for user in crm.org.records("User") if not user["IsActive"])
    outcomes = crm.upsert(
        crm.task("k1"),
        crm.task("k2", WhoId=deal["AccountId"]),
        crm.task("k3", OwnerId=inactive),
        crm.task("k4", Subject="x" * 256),
        crm.task("k5", Nonsense__c="x"),
        crm.task("k6", IsClosed=True),
        crm.task("k7", ActivityDate="2027-13-01"),
        crm.task("k1"),
        crm.task("k9", WhatId="006Sb00000zzzzzAAA"),
        crm.task("k10", TaskSubtype="Nonsense"),
        crm.task("k11"),
    )

    assert codes(outcomes) == [
        "ok", "FIELD_INTEGRITY_EXCEPTION", "INACTIVE_OWNER_OR_USER", "STRING_TOO_LONG", "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE", "JSON_PARSER_ERROR", "DUPLICATE_VALUE", "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "ok",
    ]  # fmt: skip
    assert all("id" not in one for one in outcomes if not one["success"])
    assert outcomes[1]["errors"][0]["message"].startswith("Name ID: id value of incorrect type: 001")
    assert len(crm.org.tasks()) == 2


def test_with_all_or_none_the_good_ones_are_rolled_back(crm: Client) -> None:
    outcomes = crm.upsert(crm.task("k1"), crm.task("k2", Nonsense__c="x"), allOrNone=True)

    assert codes(outcomes) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert crm.org.tasks() == []
    assert codes(crm.upsert(crm.task("k1"))) == ["ok"]


def test_a_unique_key_that_is_taken_names_the_record_that_has_it(crm: Client) -> None:
    made = crm.upsert(crm.task("k1"))[0]["id"]

    answer = crm.call("POST", "/sobjects/Task", json={**bare(crm.task("")), "Rekindle_Key__c": "K1"})

    assert crm.refusal(answer) == (400, "DUPLICATE_VALUE")
    assert answer.json()[0]["message"].endswith(f"duplicates value on record with id: {made[:15]}")


@pytest.mark.parametrize(
    "payload",
    [
        {"records": [{"Subject": "no attributes"}]},
        {"records": "x"},
        {"records": [{"attributes": {"type": "Task"}}] * 201},
        [],
    ],
)
def test_a_collection_that_is_put_together_wrongly_is_refused_as_a_whole(crm: Client, payload: Any) -> None:
    assert crm.call("POST", "/composite/sobjects", json=payload).status_code == 400


def test_collections_update_and_delete_by_id(crm: Client) -> None:
    ids = [one["id"] for one in crm.upsert(crm.task("k1"), crm.task("k2"))]
    changes = [{"attributes": {"type": "Task"}, "id": one, "Status": "Completed"} for one in [*ids, "00TSb0000009999"]]

    updated = crm.call("PATCH", "/composite/sobjects", json={"records": changes}).json()
    deleted = crm.call("DELETE", "/composite/sobjects", params={"ids": ",".join([*ids, ids[0]])}).json()

    assert codes(updated) == ["ok", "ok", "INVALID_CROSS_REFERENCE_KEY"]
    assert codes(deleted) == ["ok", "ok", "ENTITY_IS_DELETED"]
    assert crm.org.tasks() == []


def test_a_completed_task_is_activity_on_the_deal_and_its_account(crm: Client) -> None:
    made = crm.upsert(crm.task("k1"))[0]["id"]
    deal = crm.deal()
    crm.clock.pass_by(minutes=5)

    crm.call("PATCH", f"/sobjects/Task/{made}", json={"Status": "Completed"})

    task = crm.org.record("Task", made)
    assert (task["IsClosed"], task["CompletedDateTime"]) == (True, "2026-11-22T09:05:00.000+0000")
    after = crm.org.record("Opportunity", deal["Id"])
    assert (after["LastActivityDate"], after["HasOpenActivity"]) == ("2027-01-11", False)
    assert after["SystemModstamp"] > deal["SystemModstamp"]
    assert after["LastModifiedDate"] == deal["LastModifiedDate"]
    assert crm.org.record("Account", deal["AccountId"])["LastActivityDate"] == "2027-01-11"


def test_single_records_are_made_read_changed_and_deleted(crm: Client) -> None:
    made = crm.call("POST", "/sobjects/Task/", json=bare(crm.task("")))
    path = f"/sobjects/Task/{made.json()['id']}"

    assert (made.status_code, made.json()["success"]) == (201, True)
    assert crm.call("PATCH", path, json={"Priority": "High"}).status_code == 204
    assert crm.call("GET", path, params={"fields": "Priority,Subject"}).json()["Priority"] == "High"
    assert crm.call("DELETE", path).status_code == 204
    assert crm.refusal(crm.call("DELETE", path)) == (404, "ENTITY_IS_DELETED")
    assert crm.refusal(crm.call("GET", "/sobjects/Task/00TSb0000009999")) == (404, "NOT_FOUND")


def test_a_single_upsert_says_what_it_did(crm: Client) -> None:
    path, body = "/sobjects/Task/Rekindle_Key__c/a%2Fb", bare(crm.task(""))

    absent = crm.call("PATCH", f"{path}?updateOnly=true", json=body)
    created = crm.call("PATCH", path, json=body)
    matched = crm.call("PATCH", path, json=body)
    with_key = crm.call("PATCH", path, json={**body, "Rekindle_Key__c": "a/b"})
    no_key = crm.call("PATCH", "/sobjects/Task/Subject/x", json=body)

    assert crm.refusal(absent) == (404, "NOT_FOUND")
    assert (created.status_code, created.json()["created"]) == (201, True)
    assert (matched.status_code, matched.json()["created"]) == (200, False)
    assert crm.refusal(with_key) == (400, "INVALID_FIELD")
    assert crm.refusal(no_key) == (404, "NOT_FOUND")
    assert [task["Rekindle_Key__c"] for task in crm.org.tasks()] == ["a/b"]


class TestAKeyThatIsNotUnique:
    @pytest.fixture
    def settings(self) -> OrgSettings:
        key = CustomField(object="Task", name="Ref__c", type="string", label="Ref", is_external_id=True)
        return OrgSettings(custom_fields=(key,))

    def test_two_matches_are_answered_with_their_addresses_and_nothing_is_written(self, crm: Client) -> None:
        for _ in range(2):
            crm.call("POST", "/sobjects/Task", json={**bare(crm.task("")), "Ref__c": "r1"})

        answer = crm.call("PATCH", "/sobjects/Task/Ref__c/r1", json={"Subject": "changed"})

        assert answer.status_code == 300
        assert len(answer.json()) == 2
        assert {task["Subject"] for task in crm.org.tasks()} == {"Contoso: call again"}


def test_the_admins_rules_can_give_several_errors_at_once(crm: Client) -> None:
    crm.org.settings.validation_rules += [
        ValidationRule(object="Task", message="Say why.", is_broken=lambda task: not task.get("Description")),
        ValidationRule(object="Task", message="Ask first.", is_broken=lambda _: True, field="Subject"),
    ]

    answer = crm.call("POST", "/sobjects/Task", json=bare(crm.task("")))

    assert [(error["errorCode"], error["message"]) for error in answer.json()] == [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say why."),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Ask first."),
    ]


def test_a_locked_deal_refuses_its_tasks_until_it_is_free(crm: Client) -> None:
    crm.org.settings.locked_rows[crm.deal()["Id"]] = 1

    assert codes(crm.upsert(crm.task("k1"))) == ["UNABLE_TO_LOCK_ROW"]
    assert codes(crm.upsert(crm.task("k1"))) == ["ok"]


class TestRights:
    @pytest.fixture
    def settings(self) -> OrgSettings:
        return OrgSettings(
            can_write=frozenset({"Opportunity"}), read_only_fields=frozenset({"Opportunity.Next_Follow_Up__c"})
        )

    def test_what_the_user_may_not_write_is_refused(self, crm: Client) -> None:
        deal = f"/sobjects/Opportunity/{crm.deal()['Id']}"

        assert crm.call("PATCH", deal, json={"Rejection_Category__c": "budget"}).status_code == 204
        forbidden = crm.call("PATCH", deal, json={"Next_Follow_Up__c": "2027-01-01"})
        assert crm.refusal(forbidden) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
        assert codes(crm.upsert(crm.task("k1"))) == ["INSUFFICIENT_ACCESS_OR_READONLY"]
        assert crm.call("GET", "/sobjects/Task/describe").json()["createable"] is False


def test_a_deal_moved_by_a_person_follows_its_stage(crm: Client) -> None:
    deal = crm.deal()["Id"]
    crm.clock.pass_by(days=1)

    crm.org.edit("Opportunity", deal, at=crm.clock(), StageName="Closed Won")

    row = crm.org.record("Opportunity", deal)
    assert (row["IsClosed"], row["IsWon"], row["Probability"]) == (True, True, 100.0)
    assert row["LastStageChangeDate"] == row["SystemModstamp"] == "2026-11-23T09:00:00.000+0000"
    crm.log_in()
    history = crm.rows(
        f"SELECT StageName FROM OpportunityHistory WHERE OpportunityId = '{deal}' ORDER BY CreatedDate DESC"
    )
    assert history[0]["StageName"] == "Closed Won"
    with pytest.raises(RefusedError):
        crm.org.edit("Opportunity", deal, CloseDate=None)


def test_a_merge_moves_the_deals_and_deletes_the_absorbed_account(crm: Client) -> None:
    deal = crm.deal()
    survivor = next(row["Id"] for row in crm.org.records("Account") if row["Id"] != deal["AccountId"])

    crm.org.merge("Account", survivor=survivor, absorbed=deal["AccountId"])

    assert crm.org.record("Opportunity", deal["Id"])["AccountId"] == survivor
    rows = crm.rows(f"SELECT MasterRecordId FROM Account WHERE Id = '{deal['AccountId']}'", path="/queryAll")
    assert rows[0]["MasterRecordId"] == survivor


def test_an_account_takes_its_deals_and_their_tasks_along(crm: Client) -> None:
    deal = crm.deal()
    crm.upsert(crm.task("k1"))

    crm.org.delete("Account", deal["AccountId"])
    assert crm.org.tasks() == []
    assert crm.org.record("Opportunity", deal["Id"])["IsDeleted"] is True

    crm.org.undelete("Account", deal["AccountId"])
    assert [task["Rekindle_Key__c"] for task in crm.org.tasks()] == ["k1"]
    assert crm.org.record("Opportunity", deal["Id"])["IsDeleted"] is False


def test_a_write_whose_answer_was_lost_is_there_and_is_found_by_its_key(crm: Client) -> None:
    crm.faults.add(Fault(path="composite/sobjects", close="after"))

    with pytest.raises(OSError, match=r"closed|aborted|Remote"):
        crm.upsert(crm.task("k1"))

    assert [row["Rekindle_Key__c"] for row in crm.rows("SELECT Rekindle_Key__c FROM Task")] == ["k1"]
    assert crm.upsert(crm.task("k1"))[0]["created"] is False


def test_a_snapshot_is_the_same_after_writing_and_undoing(crm: Client) -> None:
    before = crm.org.snapshot()
    made = crm.upsert(crm.task("k1"))[0]["id"]
    assert crm.org.snapshot() != before

    crm.call("DELETE", f"/sobjects/Task/{made}")

    assert crm.org.snapshot() == before


def test_the_org_can_be_steered_from_another_process(crm: Client) -> None:
    deal = crm.deal()["Id"]
    steer = f"{crm.url}/__sandbox__"

    crm.session.post(
        f"{steer}/edit", json={"object": "Opportunity", "id": deal, "fields": {"StageName": "Prospecting"}}
    )
    fields = {"Subject": "Met at the fair", "WhatId": deal, "Status": "Completed", "ActivityDate": "2026-11-20"}
    task = crm.session.post(f"{steer}/add", json={"object": "Task", "fields": fields}).json()
    crm.session.post(f"{steer}/settings", json={"page_size": 10})
    snapshot = crm.session.get(f"{steer}/snapshot").json()

    assert snapshot["Opportunity"][deal]["IsClosed"] is False
    assert snapshot["Task"][task]["Subject"] == "Met at the fair"
    assert crm.org.record("Opportunity", deal)["LastActivityDate"] == "2026-11-20"
    assert len(crm.query("SELECT Id FROM Opportunity").json()["records"]) == 10
    assert crm.session.post(f"{steer}/settings", json={"colour": "red"}).status_code == 400
