"""An account set up with the packages of deploy/ alone: the line finds its fields, and is let do its work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from connectors.sandbox.hubspot.settings import ALL_SCOPES, DEMO_TOKEN
from connectors.sandbox.wire import Request
from mappings.taxonomy import Category
from service.connections.check import check_connection
from service.store.connections import connection_named
from tests.integration.people_world import MONDAY, InHubSpot, Office, make_book_of, office
from tests.unit.crm_packages.salesforce_project import custom_fields, field_grants, object_grants
from tests.unit.crm_packages.test_hubspot import ROOT, read

BOOK = {1: "Budget", 6: "Lost to competitor", 11: "No decision / went dark"}
ROLES = {
    "competitor",
    "contract_end",
    "fiscal_year_start_month",
    "category_out",
    "sub_reason_out",
    "next_follow_up_out",
}


def mapped(found: Office) -> dict[str, list[str]]:
    with found.app.store.read() as tx:
        return dict(connection_named(tx, "acme").fields)


def faults(found: Office) -> list[str]:
    return [f"{one.check}: {one.says}" for one in check_connection(found.app, "acme").checks if not one.ok]


def test_an_org_with_our_fields_and_the_integration_users_rights(tmp_path: Path) -> None:
    own = tuple(custom_fields())
    grants = field_grants("Rekindle_Integration")
    settings: dict[str, Any] = {
        "has_task_key": False,
        "has_output_fields": False,
        "has_competitor_fields": False,
        "has_fiscal_year_field": False,
        "custom_fields": own,
        "hidden_fields": frozenset(
            f"{one.object}.{one.name}" for one in own if f"{one.object}.{one.name}" not in grants
        ),
        "read_only_fields": frozenset(name for name, grant in grants.items() if not grant.may_edit),
        "can_write": frozenset(
            {"Task", *(n for n, grant in object_grants("Rekindle_Integration").items() if grant.may_edit)}
        ),
    }
    with office("salesforce", tmp_path, make_book_of(BOOK), **settings) as found:
        fields = mapped(found)
        assert faults(found) == []
        assert fields.keys() >= ROLES
        for number in BOOK:
            deal = found.hands.app.record("Opportunity", found.hands.deal_id(number))
            assert deal["Rejection_Category__c"] in set(Category)
            assert deal["Next_Follow_Up__c"] == found.task(number).due_on.isoformat()
        assert all(row["Rekindle_Key__c"] for row in found.hands.app.tasks())


def make_properties(hands: InHubSpot) -> None:
    """What the guide has an admin do: send both files with a key that may do this and nothing else."""
    for kind in ("deals", "companies"):
        request = Request(
            method="POST",
            path=f"/crm/v3/properties/{kind}/batch/create",
            query="",
            headers={"authorization": "Bearer pat-na1-setup", "content-type": "application/json"},
            body=(ROOT / "properties" / f"{kind}.json").read_bytes(),
        )
        answer = hands.app(request, MONDAY)
        assert answer.status == 201, orjson.loads(answer.body)


def test_a_portal_with_our_properties_and_the_apps_scopes(tmp_path: Path) -> None:
    scopes = frozenset(read("src/app/app-hsmeta.json")["config"]["auth"]["requiredScopes"])
    setup = frozenset({"crm.schemas.deals.write", "crm.schemas.companies.write"})
    assert scopes <= ALL_SCOPES
    settings: dict[str, Any] = {
        "has_rekindle_properties": False,
        "tokens": {DEMO_TOKEN: scopes, "pat-na1-setup": setup},
    }
    with office("hubspot", tmp_path, make_book_of(BOOK), before=make_properties, **settings) as found:
        assert faults(found) == []
        assert mapped(found).keys() >= ROLES
        for number in BOOK:
            deal = found.hands.app.record("deals", found.hands.deal_id(number))["properties"]
            assert deal["rejection_category"] in set(Category)
            assert deal["next_follow_up"] == found.task(number).due_on.isoformat()
