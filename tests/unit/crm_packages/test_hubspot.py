"""The HubSpot project: scopes, subscriptions, properties and card agree with what our code reads and answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.base import FieldInfo, Role
from connectors.fields import propose_fields
from connectors.hubspot.health import DEALS_SCOPE, OWNERS_SCOPE, READS, TASKS_SCOPE
from connectors.hubspot.spec import HUBSPOT
from connectors.hubspot.webhooks import parse_webhook
from connectors.webhooks import WebhookSecrets
from mappings.taxonomy import Category
from service.audit.names import CATEGORY_NAMES
from tests.unit.connectors.hubspot.test_webhooks import NOW, SECRET, URL, event, signed

ROOT = Path(__file__).parents[3] / "deploy" / "hubspot"
APP = ROOT / "src" / "app"


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((ROOT / name).read_bytes())
    return found


def inputs(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(f"properties/{kind}.json")["inputs"]
    return found


def test_the_app_asks_for_the_scopes_of_our_sign_in_and_no_others() -> None:
    auth = read("src/app/app-hsmeta.json")["config"]["auth"]
    assert HUBSPOT.sign_in is not None

    assert auth["type"] == "static"
    assert auth["requiredScopes"] == list(HUBSPOT.sign_in.scopes)
    assert not auth["optionalScopes"]
    assert {*(scope for scope, _, _ in READS), TASKS_SCOPE, DEALS_SCOPE, OWNERS_SCOPE} <= set(auth["requiredScopes"])


@pytest.mark.parametrize(
    "subscription",
    read("src/app/webhooks/webhooks-hsmeta.json")["config"]["subscriptions"]["crmObjects"],
    ids=lambda one: f"{one['subscriptionType']} {one.get('propertyName', '')}",
)
def test_each_subscribed_event_names_a_deal_to_look_at(subscription: dict[str, Any]) -> None:
    sent = event(subscriptionType=subscription["subscriptionType"], propertyName=subscription.get("propertyName"))
    if subscription["subscriptionType"] == "object.merge":
        sent |= {"primaryObjectId": 123, "mergedObjectIds": [124], "newObjectId": 123}
    body = orjson.dumps([sent])

    webhook = parse_webhook(signed(body), body, WebhookSecrets(app=(SECRET,)), NOW, url=URL)

    assert subscription["objectType"] == "deal"
    assert "123" in {one.key.deal_id for one in webhook.events}


def test_the_reason_and_what_we_read_are_subscribed_to() -> None:
    subscribed = {
        one.get("propertyName")
        for one in read("src/app/webhooks/webhooks-hsmeta.json")["config"]["subscriptions"]["crmObjects"]
    }

    assert {"dealstage", "closed_lost_reason", "competitor", "competitor_contract_end"} <= subscribed


def test_connect_finds_each_property_for_its_role() -> None:
    found = [
        FieldInfo(name=prefix + one["name"], label=one["label"], type=one["type"], writable=True)
        for kind, prefix in (("deals", ""), ("companies", "company."))
        for one in inputs(kind)
    ]

    assert propose_fields(found, HUBSPOT.likely_fields) == {
        Role.COMPETITOR: ("competitor",),
        Role.CONTRACT_END: ("competitor_contract_end",),
        Role.FISCAL_YEAR_START_MONTH: ("company.fiscal_year_start_month",),
        Role.CATEGORY_OUT: ("rejection_category",),
        Role.SUB_REASON_OUT: ("rejection_sub_reason",),
        Role.NEXT_FOLLOW_UP_OUT: ("next_follow_up",),
    }


def test_the_category_has_each_of_ours_by_the_names_our_pages_use() -> None:
    (category,) = [one for one in inputs("deals") if one["name"] == "rejection_category"]

    assert {one["value"]: one["label"] for one in category["options"]} == {
        str(one): CATEGORY_NAMES[one] for one in Category
    }


def test_the_card_knows_what_the_backend_answers() -> None:
    """The members of the answer in service/web/card_routes.py, and those of the card's types."""
    python = (ROOT.parents[1] / "service" / "web" / "card_routes.py").read_text(encoding="utf-8")
    script = (APP / "cards" / "backend.ts").read_text(encoding="utf-8")
    interfaces = dict(re.findall(r"export interface (\w+) \{(.*?)\n\}", script, re.DOTALL))

    def typed(name: str) -> list[str]:
        return re.findall(r"^  (\w+):", interfaces[name], re.MULTILINE)

    def answered(function: str) -> list[str]:
        body = python[python.index(f"def {function}(") :]
        return re.findall(r'^        "(\w+)":', body[: body.index("\n\n\n")], re.MULTILINE)

    assert typed("Card") == answered("_answer")
    assert typed("FollowUp") == answered("_next")


def test_the_card_calls_the_addresses_that_there_are() -> None:
    script = (APP / "cards" / "backend.ts").read_text(encoding="utf-8")

    assert "/cards/hubspot/deals/${dealId}" in script
    assert set(re.findall(r"\)\}/(\w+)`", script)) == {"done", "snooze"}


def test_no_address_of_an_installation_is_in_the_project() -> None:
    for path in (ROOT / "src").rglob("*"):
        if path.is_file() and path.name != "hsprofile.production.json":
            assert not re.search(r"https?://(?!developers\.hubspot\.com)", path.read_text(encoding="utf-8")), path


def test_the_checks_run_with_exact_versions() -> None:
    manifest, lock = read("package.json"), read("package-lock.json")

    for name, version in manifest["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    assert not any("resolved" in one for one in lock["packages"].values())


def test_the_guide_names_the_profile_and_both_files_of_properties() -> None:
    guide = (ROOT / "README.md").read_text(encoding="utf-8")

    for name in ("hsprofile.production.json", "properties/deals.json", "properties/companies.json"):
        assert name in guide
    assert set(re.findall(r"crm\.\w+\.\w+\.\w+", guide)) <= {
        *(HUBSPOT.sign_in.scopes if HUBSPOT.sign_in else ()),
        "crm.schemas.deals.write",
        "crm.schemas.companies.write",
    }
