"""Lists, single records, values on read and write."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.hubspot import RequiredProperty
from tests.unit.connectors.sandbox.hubspot.client import ACTIVE_OWNER, COMPANY, CONTACT, DEAL, FORMER_OWNER, client

DEALS = "/crm/v3/objects/deals"


def test_a_list_gives_ten_and_an_opaque_cursor_to_the_next() -> None:
    crm = client(deals=25)
    ids: list[str] = []
    after: dict[str, str] = {}
    sizes = []
    while True:
        page = crm.get(DEALS, **after).json
        sizes.append(len(page["results"]))
        ids += [row["id"] for row in page["results"]]
        if "paging" not in page:
            break
        after = {"after": page["paging"]["next"]["after"]}

    assert sizes == [10, 10, 5]
    assert ids == [str(DEAL + n) for n in range(25)]
    assert crm.get(DEALS, after="9005").status == 400


@pytest.mark.parametrize(
    "params", [{"limit": 101}, {"limit": 51, "propertiesWithHistory": "dealstage"}, {"limit": "x"}]
)
def test_a_page_over_the_limit_is_refused(params: dict[str, Any]) -> None:
    assert client().get(DEALS, **params).status == 400


def test_values_are_text_or_null_and_unknown_names_are_passed_over() -> None:
    shown = client().get(f"{DEALS}/{DEAL}", properties="amount,hs_is_closed_lost,description,no_such_thing").json

    assert shown["properties"] == {
        "amount": "1000",
        "hs_is_closed_lost": "true",
        "description": None,
        "createdate": "2025-01-01T00:00:00Z",
        "hs_lastmodifieddate": "2026-01-01T00:01:00Z",
        "hs_object_id": str(DEAL),
    }


def test_property_names_may_be_repeated_or_stand_with_commas() -> None:
    crm = client()
    one = crm.get(f"{DEALS}/{DEAL}", properties=["dealname", "amount"])
    other = crm.get(f"/crm/objects/2026-09/0-3/{DEAL}", properties="dealname,amount")

    assert one.json == other.json
    assert one.json["properties"]["amount"] == "1000"


def test_a_company_is_listed_twice_as_primary_and_unlabeled() -> None:
    row = client().get(DEALS, limit=1, associations="companies,contacts,tasks").json["results"][0]

    assert row["associations"] == {
        "companies": {
            "results": [
                {"id": str(COMPANY), "type": "deal_to_company"},
                {"id": str(COMPANY), "type": "deal_to_company_unlabeled"},
            ]
        },
        "contacts": {"results": [{"id": str(CONTACT), "type": "deal_to_contact"}]},
    }


def test_a_record_can_be_named_by_a_unique_property_only() -> None:
    crm = client()

    found = crm.get("/crm/v3/objects/contacts/KIM@contoso.example", idProperty="email")

    assert found.json["id"] == str(CONTACT)
    assert crm.get(f"{DEALS}/Contoso 1", idProperty="dealname").status == 400


def test_an_address_that_is_too_long_is_a_414_without_json() -> None:
    answer = client().get(DEALS, properties=",".join(f"property_{n:06}" for n in range(700)))

    assert (answer.status, answer.json) == (414, None)


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        ({"no_such_thing": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"lost_reason": "No budget"}, "INVALID_OPTION"),  # the label, not the value
        ({"amount": "a lot"}, "INVALID_NUMBER"),
        ({"amount": "12 "}, "LEADING_TRAILING_WHITESPACE"),
        ({"next_follow_up": "soon"}, "INVALID_DATE"),
        ({"next_follow_up": "1767258000000"}, "INVALID_DATE"),  # nine o'clock
        ({"closedate": "2026-01-01T09:00:00"}, "INVALID_LONG"),  # no zone
        ({"hs_is_closed_lost": "true"}, "READ_ONLY_VALUE"),
        ({"hubspot_owner_id": "4000001"}, "INVALID_OWNER_ID"),  # the user id
        ({"hubspot_owner_id": FORMER_OWNER}, "INVALID_OWNER_ID"),
        ({"dealstage": "226141905"}, "INVALID_OPTION"),  # a stage of the other pipeline
        ({"dealname": None}, "INVALID_VALUE"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_nothing_changes(properties: dict[str, str], error: str) -> None:
    crm = client()
    before = crm.portal.snapshot()

    answer = crm.send("PATCH", f"{DEALS}/{DEAL}", {"properties": {"description": "x", **properties}})

    assert answer.status == 400
    assert answer.json["category"] == "VALIDATION_ERROR"
    assert answer.json["message"].startswith('Property values were not valid: [{"isValid":false,')
    assert f'"error":"{error}"' in answer.json["message"]
    assert crm.portal.snapshot() == before


def test_dates_are_taken_as_iso_or_milliseconds_and_an_empty_text_clears() -> None:
    crm = client()
    sent = {"next_follow_up": "1767225600000", "closedate": "2026-01-01T10:00:00+01:00", "hubspot_owner_id": ""}

    shown = crm.send("PATCH", f"/crm/objects/2026-09/deals/{DEAL}", {"properties": sent}).json["properties"]

    assert shown["next_follow_up"] == "2026-01-01"
    assert shown["closedate"] == "2026-01-01T09:00:00Z"
    assert "hubspot_owner_id" not in shown


def test_winning_a_lost_deal_recomputes_what_hubspot_computes() -> None:
    crm = client()
    crm.send("PATCH", f"{DEALS}/{DEAL}", {"properties": {"dealstage": "closedwon"}})

    shown = crm.portal.record("deals", DEAL)["properties"]

    assert (shown["hs_is_closed"], shown["hs_is_closed_lost"], shown["hs_is_closed_won"]) == ("true", "false", "true")
    assert shown["hs_v2_date_entered_closedwon"] == shown["hs_v2_date_entered_current_stage"] == "2026-11-20T09:00:00Z"
    assert shown["hs_v2_date_exited_closedlost"] == "2026-11-20T09:00:00Z"
    assert shown["hs_lastmodifieddate"] == "2026-11-20T09:00:00Z"
    assert shown["hs_closed_amount"] == "1000"


def test_the_history_of_a_stage_is_shown_newest_first() -> None:
    crm = client()
    crm.portal.edit("deals", DEAL, dealstage="qualifiedtobuy", at=crm.now)

    history = crm.get(f"{DEALS}/{DEAL}", propertiesWithHistory="dealstage").json["propertiesWithHistory"]["dealstage"]

    assert [change["value"] for change in history] == ["qualifiedtobuy", "closedlost", "appointmentscheduled"]
    assert history[0]["timestamp"] == "2026-11-20T09:00:00Z"


def test_an_archived_deal_is_a_404_but_listed_where_it_is_asked_for() -> None:
    crm = client()
    gone = crm.send("DELETE", f"{DEALS}/{DEAL}")

    assert gone.status == 204
    assert crm.get(f"{DEALS}/{DEAL}").status == 404
    assert str(DEAL) not in [row["id"] for row in crm.get(DEALS).json["results"]]
    (listed,) = crm.get(DEALS, archived="true").json["results"]
    assert (listed["id"], listed["archived"], listed["archivedAt"]) == (str(DEAL), True, "2026-11-20T09:00:00Z")


def test_a_merged_deal_answers_with_the_one_that_survives() -> None:
    crm = client()
    crm.post(f"{DEALS}/merge", {"primaryObjectId": str(DEAL), "objectIdToMerge": str(DEAL + 1)})

    found = crm.get(f"{DEALS}/{DEAL + 1}", properties="hs_merged_object_ids").json

    assert found["id"] == str(DEAL)
    assert found["properties"]["hs_merged_object_ids"] == str(DEAL + 1)
    assert crm.get(DEALS, archived="true").json["results"] == []
    assert crm.post("/crm/objects/2026-09/deals/merge", {}).status != 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/crm/v3/objects/deals", "/crm/objects/2026-09/deals"),
        (f"/crm/v3/objects/deals/{DEAL}", f"/crm/objects/2026-09/0-3/{DEAL}"),
        ("/crm/v3/pipelines/deals", "/crm/pipelines/2026-09/0-3"),
        ("/crm/v3/properties/deals", "/crm/properties/2026-09/0-3"),
        ("/crm/v3/owners", "/crm/owners/2026-09"),
    ],
)
def test_both_families_of_paths_read_the_same(old: str, new: str) -> None:
    crm = client()

    one, other = crm.get(old).json, crm.get(new).json
    assert (one.get("id"), one.get("results")) == (other.get("id"), other.get("results"))


def test_reading_a_merged_deal_in_a_batch_gives_the_survivor_once() -> None:
    crm = client()
    crm.portal.merge("deals", DEAL, DEAL + 1)
    rows = [{"id": str(DEAL)}, {"id": str(DEAL + 1)}]

    answer = crm.post("/crm/v3/objects/deals/batch/read", {"inputs": rows})

    assert (answer.status, [row["id"] for row in answer.json["results"]]) == (200, [str(DEAL)])


def test_an_admins_rule_holds_for_the_dated_version_only() -> None:
    rule = RequiredProperty(object_type="tasks", property="hs_task_priority")
    crm = client(required_properties=(rule,))
    task = {"properties": {"hs_timestamp": "2026-12-01T09:00:00Z", "hubspot_owner_id": ACTIVE_OWNER}}

    refused = crm.post("/crm/objects/2026-09/tasks", task)

    assert refused.status == 400
    assert "hs_task_priority" in refused.json["message"]
    assert crm.post("/crm/v3/objects/tasks", task).status == 201


def test_a_body_that_is_no_json_or_no_object_is_a_400_and_one_of_another_kind_a_415() -> None:
    crm = client()
    statuses = [crm.send("PATCH", f"{DEALS}/{DEAL}", body).status for body in (b"{", [1], {"properties": [1]})]
    crm.headers = {"content-type": "text/plain"}

    assert statuses == [400, 400, 400]
    assert crm.send("PATCH", f"{DEALS}/{DEAL}", {}).status == 415


def test_what_is_not_there_is_a_404_and_what_is_no_type_a_400() -> None:
    crm = client()

    assert crm.get("/crm/v3/nothing").status == 404
    assert crm.get(f"{DEALS}/12").json["category"] == "OBJECT_NOT_FOUND"
    assert crm.get("/crm/v3/objects/opportunities").status == 400
    assert crm.send("PUT", f"{DEALS}/{DEAL}", {}).status == 405
