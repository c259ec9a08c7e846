"""The page for the buyer's security team says what the code does: hosts, scopes, rights, what is read and written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from connectors.fields import WRITTEN
from connectors.hubspot.opt_outs import EMAIL_OPT_OUT
from connectors.hubspot.queries import COMPANY_PROPERTIES, DEAL_PROPERTIES
from connectors.hubspot.spec import HUBSPOT
from connectors.salesforce.spec import SALESFORCE
from service.config import Settings
from service.people.sessions import IDLE
from service.store.sealed import sealed_columns
from tests.docs.pages import DOCS, ROOT
from tests.unit.crm_packages.salesforce_project import field_grants, object_grants

PAGE = (DOCS / "security-for-buyers.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`]+)`", PAGE))
NAMES_OF_FORMATS = {"www.w3.org", "schemas.xmlsoap.org", "soap.sforce.com"}
"""XML namespaces: names that are never asked for."""
EXAMPLES = {"crm.example"}
HUBSPOTS_OWN = {"hs_lastmodifieddate", "hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost", "hs_merged_object_ids"}
"""Flags and stamps of the record itself."""


def section(name: str) -> str:
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def texts(path: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings; of any other file, all of it."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield source
        return
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def hosts_in_the_code() -> set[str]:
    files = [
        path
        for package in ("mappings", "connectors", "service")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".html", ".js", ".css", ".json", ".txt"} and "sandbox" not in path.parts
    ]
    return {
        host for path in files for text in texts(path) for host in re.findall(r"https?://([\w.-]+\.[a-z]{2,})", text)
    }


def test_every_host_in_the_code_is_on_the_page_and_no_other() -> None:
    told = set(re.findall(r"`https://([^`/]+)`", section("Every host it speaks to")))

    assert hosts_in_the_code() - NAMES_OF_FORMATS - EXAMPLES == told


def test_hubspots_scopes_are_those_of_the_code_and_of_the_app() -> None:
    told = set(re.findall(r"`(oauth|crm\.[\w.]+)`", section("Exact scopes and rights")))
    app = orjson.loads((ROOT / "deploy/hubspot/src/app/app-hsmeta.json").read_bytes())

    assert HUBSPOT.sign_in is not None
    assert told == set(HUBSPOT.sign_in.scopes) == set(app["config"]["auth"]["requiredScopes"])


def test_salesforces_scopes_and_rights_are_those_of_the_code_and_of_the_permission_set() -> None:
    grants = field_grants("Rekindle_Integration")
    objects = object_grants("Rekindle_Integration")
    told = section("Exact scopes and rights")
    editable = next(line for line in told.splitlines() if line.startswith("| fields it may edit"))

    assert SALESFORCE.sign_in is not None
    assert all(f"`{scope}`" in told for scope in SALESFORCE.sign_in.scopes)
    assert set(re.findall(r"`(\w+\.\w+)`", editable)) == {name for name, one in grants.items() if one.may_edit}
    assert {name for name, one in objects.items() if one.may_edit} == {"Opportunity"}
    assert set(objects) == {"Account", "Contact", "Opportunity"} <= NAMED
    xml = (
        ROOT / "deploy/salesforce/force-app/main/default/permissionsets/Rekindle_Integration.permissionset-meta.xml"
    ).read_text()
    assert set(re.findall(r"<name>(\w+)</name>", xml)) <= NAMED
    assert "<allowDelete>true" not in xml
    assert "<modifyAllRecords>true" not in xml


@pytest.mark.parametrize("name", ["deals", "companies"])
def test_every_property_that_hubspot_is_asked_for_is_on_the_page(name: str) -> None:
    asked = {"deals": DEAL_PROPERTIES, "companies": COMPANY_PROPERTIES}[name]

    assert set(asked) - HUBSPOTS_OWN <= NAMED
    assert EMAIL_OPT_OUT in NAMED


def test_every_field_that_salesforce_lets_us_see_is_on_the_page() -> None:
    seen = {name.partition(".")[::2] for name, one in field_grants("Rekindle_Integration").items() if not one.may_edit}
    mapped = {"Competitor__c", "Competitor_Contract_End__c"}  # among "the fields you map"

    assert {name for kind, name in seen if kind != "Event"} - mapped <= NAMED


def test_no_more_fields_of_deals_are_written_than_it_says() -> None:
    fields = re.findall(r"`(Opportunity\.\w+)`", section("What it writes"))

    assert len(fields) == len(WRITTEN)


def test_the_numbers_on_the_page_are_the_defaults() -> None:
    assert f"{Settings().inbox_keep_days} days (`REKINDLE_INBOX_KEEP_DAYS`)" in PAGE
    assert f"{Settings().runs_keep_days} days (`REKINDLE_RUNS_KEEP_DAYS`)" in PAGE
    assert f"{IDLE.total_seconds() / 3600:.0f} idle hours" in PAGE


def test_what_is_encrypted_is_what_it_says() -> None:
    columns = {(table.name, column.name) for table, column in sealed_columns()}

    assert {table for table, _ in columns} == {"connections", "crm_sign_ins", "users"}


def test_it_is_one_page() -> None:
    assert len(PAGE.split()) < 1400
