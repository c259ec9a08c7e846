"""Pipelines, properties and owners."""

from __future__ import annotations

from typing import Any

from tests.unit.connectors.sandbox.hubspot.client import client

NEW = {"name": "renewal", "label": "Renewal", "type": "date", "fieldType": "date", "groupName": "dealinformation"}


def _lost(pipeline: dict[str, Any]) -> list[str]:
    metadata = {stage["id"]: stage["metadata"] for stage in pipeline["stages"]}
    return [key for key, flags in metadata.items() if flags == {"isClosed": "true", "probability": "0.0"}]


def test_pipelines_have_text_flags_and_more_than_one_lost_stage() -> None:
    crm = client()
    first, second = crm.get("/crm/v3/pipelines/deals").json["results"]

    assert _lost(first) == ["closedlost"]
    assert _lost(second) == ["226141905", "226141906"]
    parked = next(stage for stage in second["stages"] if stage["label"] == "Parked")
    assert parked["metadata"] == {"isClosed": "false", "probability": "0.0"}
    assert crm.get("/crm/pipelines/2026-09/deals").json["results"] == [first, second]


def test_the_portals_own_reason_has_labels_values_and_a_hidden_option() -> None:
    crm = client()
    reason = crm.get("/crm/properties/2026-09/deals/lost_reason").json

    assert (reason["type"], reason["fieldType"]) == ("enumeration", "select")
    assert {option["label"]: option["value"] for option in reason["options"]}["No budget"] == "no_budget"
    assert sum(option["hidden"] for option in reason["options"]) <= 1
    assert crm.get("/crm/v3/properties/deals/closed_lost_reason").json["fieldType"] == "textarea"


def test_our_own_properties_are_there_unless_they_are_not() -> None:
    names = {row["name"] for row in client().get("/crm/v3/properties/deals").json["results"]}
    bare = client(has_rekindle_properties=False).get("/crm/v3/properties/deals").json["results"]
    own = {"rejection_category", "rejection_sub_reason", "next_follow_up", "competitor", "competitor_contract_end"}

    assert own <= names
    assert own.isdisjoint(row["name"] for row in bare)


def test_a_property_can_be_made_used_changed_and_archived() -> None:
    crm = client()
    made = crm.post("/crm/v3/properties/deals", NEW)
    again = crm.post("/crm/v3/properties/deals", NEW)
    used = crm.send("PATCH", "/crm/v3/objects/deals/9001", {"properties": {"renewal": "2027-01-31"}})
    changed = crm.send("PATCH", "/crm/v3/properties/deals/renewal", {"label": "Renewal day"})
    gone = crm.send("DELETE", "/crm/v3/properties/deals/renewal")

    assert (made.status, again.status, used.status, gone.status) == (201, 409, 200, 204)
    assert changed.json["label"] == "Renewal day"
    assert crm.get("/crm/v3/properties/deals/renewal").status == 404


def test_properties_and_groups_can_be_made_in_a_batch() -> None:
    crm = client()
    crm.post("/crm/v3/properties/deals/groups", {"name": "rekindle", "label": "Rekindle"})
    rows = [{**NEW, "groupName": "rekindle"}, {**NEW, "name": "other", "groupName": "nowhere"}]

    made = crm.post("/crm/v3/properties/deals/batch/create", {"inputs": rows})
    read = crm.post("/crm/v3/properties/deals/batch/read", {"inputs": [{"name": "renewal"}]})

    assert (made.status, len(made.json["results"]), len(made.json["errors"])) == (207, 1, 1)
    assert [row["groupName"] for row in read.json["results"]] == ["rekindle"]


def test_hubspots_own_properties_cannot_be_changed_and_bad_definitions_are_refused() -> None:
    crm = client()

    assert crm.send("PATCH", "/crm/v3/properties/deals/closed_lost_reason", {"label": "x"}).status == 400
    assert crm.post("/crm/v3/properties/deals", {**NEW, "type": "day"}).status == 400
    assert crm.post("/crm/v3/properties/deals", {**NEW, "groupName": "nowhere"}).status == 400


def test_owners_are_paged_and_former_ones_shown_only_when_asked_for() -> None:
    crm = client()
    active = crm.get("/crm/v3/owners").json["results"]
    former = crm.get("/crm/owners/2026-09", archived="true").json["results"]

    assert [(owner["id"], owner["userId"]) for owner in active] == [("60001", 4_000_001)]
    assert [(owner["id"], owner["archived"]) for owner in former] == [("60002", True)]
    assert crm.get("/crm/v3/owners/60002").status == 404
    assert crm.get("/crm/v3/owners", email="ANN@seller.example").json["results"] == active
    assert crm.get("/crm/v3/owners", email="nobody@seller.example").json["results"] == []
