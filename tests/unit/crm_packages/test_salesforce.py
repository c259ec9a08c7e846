"""The SFDX project: its names are those that the code uses, and the integration user may do what it does, no more."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import orjson
import pytest

from connectors.base import FieldInfo, Role
from connectors.fields import WRITTEN, propose_fields
from connectors.salesforce.layout import ACCOUNT_FIELDS, DEAL_FIELDS, NEEDED, TASK_FIELDS, TASK_NEEDED
from connectors.salesforce.org import DEFAULT_KEY_FIELD
from connectors.salesforce.spec import SALESFORCE
from mappings.taxonomy import Category
from service.reminders.keys import step_key
from tests.unit.crm_packages.salesforce_project import (
    NAMESPACE,
    ROOT,
    custom_fields,
    every,
    field_grants,
    files,
    object_grants,
    root_of,
    texts,
    user_rights,
    words,
)

INTEGRATION, PEOPLE = "Rekindle_Integration", "Rekindle_Fields"
OURS = {
    "Opportunity.Rejection_Category__c",
    "Opportunity.Rejection_Sub_Reason__c",
    "Opportunity.Next_Follow_Up__c",
    "Opportunity.Competitor__c",
    "Opportunity.Competitor_Contract_End__c",
    "Account.Fiscal_Year_Start_Month__c",
    "Task.Rekindle_Key__c",
}
# Whoever sees a record sees these of it: they are required, or the system's own, and no permission set may name them.
ALWAYS_SEEN = {
    "Opportunity": {
        "Name", "StageName", "CloseDate", "OwnerId", "CurrencyIsoCode", "ContactId", "RecordTypeId",
        "LastStageChangeDate", *NEEDED,
    },
    "Account": {"Name", "OwnerId"},
    "Task": {"Subject", "OwnerId", "Status", *TASK_NEEDED},
}  # fmt: skip
ADDRESS = {"BillingCountry", "BillingCountryCode", "BillingState", "BillingStateCode"}
STANDARD = {"Name", "Account", "Owner", "Amount", "CloseDate", "StageName", "Type", "IsClosed", "IsWon"}
"""Fields of opportunities as report types call them."""


def own_fields() -> set[str]:
    return {f"{one.object}.{one.name}" for one in custom_fields()}


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_file_is_metadata(path: Path) -> None:
    assert root_of(path).tag.startswith(NAMESPACE)
    assert path.parts[-2] != "default", "each kind has a folder of its own"


def test_the_fields_are_those_that_are_agreed() -> None:
    assert own_fields() == OURS


def test_connect_finds_each_field_for_its_role() -> None:
    found = [
        FieldInfo(
            name=f"Account.{one.name}" if one.object == "Account" else one.name,
            label=one.label,
            type=one.type,
            writable=True,
        )
        for one in custom_fields()
        if one.object != "Task"
    ]

    assert propose_fields(found, SALESFORCE.likely_fields) == {
        Role.COMPETITOR: ("Competitor__c",),
        Role.CONTRACT_END: ("Competitor_Contract_End__c",),
        Role.FISCAL_YEAR_START_MONTH: ("Account.Fiscal_Year_Start_Month__c",),
        Role.CATEGORY_OUT: ("Rejection_Category__c",),
        Role.SUB_REASON_OUT: ("Rejection_Sub_Reason__c",),
        Role.NEXT_FOLLOW_UP_OUT: ("Next_Follow_Up__c",),
    }


def test_the_key_is_unique_and_long_enough() -> None:
    (key,) = [one for one in custom_fields() if one.object == "Task"]

    assert key.name == DEFAULT_KEY_FIELD
    assert key.is_unique
    assert key.is_external_id
    assert key.length >= len(step_key("00Dxx0000001gPLEAY", "006xx000003GYkJAAW", 10, "ask_contract_end", 10))


def test_the_category_has_each_of_ours_and_stays_open_for_more() -> None:
    (category,) = [one for one in custom_fields() if one.name == "Rejection_Category__c"]

    assert {value for value, _ in category.values} == set(Category)
    assert not category.is_restricted


def test_the_integration_user_reads_each_field_and_edits_what_we_write() -> None:
    grants = field_grants(INTEGRATION)
    written = {name for role, names in propose_written().items() for name in names if role in WRITTEN}

    assert grants.keys() >= OURS
    for name in OURS:
        is_written = name in {f"Opportunity.{one}" for one in written} | {"Task.Rekindle_Key__c"}
        assert (grants[name].may_read, grants[name].may_edit) == (True, is_written), name


def propose_written() -> dict[Role, tuple[str, ...]]:
    fields = [
        FieldInfo(name=one.name, label=one.label, type=one.type, writable=True)
        for one in custom_fields()
        if one.object == "Opportunity"
    ]
    return dict(propose_fields(fields, SALESFORCE.likely_fields))


@pytest.mark.parametrize(
    ("name", "asked"), [("Opportunity", DEAL_FIELDS), ("Account", ACCOUNT_FIELDS), ("Task", TASK_FIELDS)]
)
def test_the_integration_user_sees_each_standard_field_that_we_ask_for(name: str, asked: tuple[str, ...]) -> None:
    granted = {one.partition(".")[2] for one in field_grants(INTEGRATION) if one.startswith(f"{name}.")}
    seen = granted | ALWAYS_SEEN[name] | (ADDRESS if "BillingAddress" in granted else set())

    assert set(asked) <= seen


def test_no_permission_set_names_what_everybody_sees() -> None:
    """Salesforce refuses a permission set that names a required field."""
    for permission_set in (INTEGRATION, PEOPLE):
        named = {tuple(one.split(".")) for one in field_grants(permission_set)}
        assert not {(owner, name) for owner, names in ALWAYS_SEEN.items() for name in names} & named


def test_the_integration_user_deletes_nothing_and_writes_opportunities_alone() -> None:
    path = ROOT / "force-app/main/default/permissionsets" / f"{INTEGRATION}.permissionset-meta.xml"
    grants = object_grants(INTEGRATION)

    assert {name: grant.may_edit for name, grant in grants.items()} == {
        "Account": False,
        "Contact": False,
        "Opportunity": True,
    }
    for never in ("allowCreate", "allowDelete", "modifyAllRecords"):
        assert set(texts(root_of(path), "objectPermissions", never)) == {"false"}
    assert user_rights(INTEGRATION) == {"ApiEnabled", "EditTask", "ActivitiesAccess"}
    edited = {name for name, grant in field_grants(INTEGRATION).items() if grant.may_edit}
    assert {one for one in edited if not one.startswith("Task.")} == {
        "Opportunity.Rejection_Category__c",
        "Opportunity.Rejection_Sub_Reason__c",
        "Opportunity.Next_Follow_Up__c",
    }


def test_people_tell_what_they_know_and_see_what_we_wrote() -> None:
    grants = field_grants(PEOPLE)

    assert grants.keys() == OURS - {"Task.Rekindle_Key__c"}
    assert {name for name, grant in grants.items() if not grant.may_edit} == {
        "Opportunity.Rejection_Category__c",
        "Opportunity.Rejection_Sub_Reason__c",
    }
    assert object_grants(PEOPLE) == {}
    assert user_rights(PEOPLE) == set()


def test_the_flow_fires_for_closed_and_not_won_and_names_the_message_that_is_there() -> None:
    (flow_path,), (workflow_path,) = files("flow"), files("workflow")
    flow, workflow = root_of(flow_path), root_of(workflow_path)
    (message,) = every(workflow, "outboundMessages")
    filters = {words(one, "field"): words(one, "value", "booleanValue") for one in every(flow, "start", "filters")}

    assert filters == {"IsClosed": "true", "IsWon": "false"}
    assert filters.keys() <= STANDARD
    assert words(flow, "start", "object") == workflow_path.name.partition(".")[0] == "Opportunity"
    assert words(flow, "start", "doesRequireRecordChangedToMeetCriteria") == "true"
    assert words(flow, "actionCalls", "actionName") == f"Opportunity.{words(message, 'fullName')}"
    assert words(flow, "start", "connector", "targetReference") == words(flow, "actionCalls", "name")
    assert texts(message, "fields") == ["Id"]
    assert words(message, "includeSessionId") == "false"


def test_reports_and_list_views_name_fields_that_exist() -> None:
    known = STANDARD | {one.partition(".")[2] for one in own_fields() if one.startswith("Opportunity.")}
    (type_path,) = files("reportType")
    columns = set(texts(root_of(type_path), "sections", "columns", "field"))
    assert columns <= known

    for path in files("report"):
        report = root_of(path)
        named = {one.text or "" for one in report.iter() if one.tag in (f"{NAMESPACE}field", f"{NAMESPACE}column")}
        named.add(words(report, "timeFrameFilter", "dateColumn"))
        assert named <= {f"Opportunity${one}" for one in columns}
        assert words(report, "reportType") == f"{type_path.name.partition('.')[0]}__c"
    for path in files("listView"):
        view = root_of(path)
        mentioned = [*texts(view, "columns"), *texts(view, "filters", "field")]
        assert {one for one in mentioned if one.endswith("__c")} <= known
        assert words(view, "fullName") == path.name.partition(".")[0]


def test_lists_and_reports_compare_with_values_that_we_write() -> None:
    values = [
        words(one, "value")
        for kind, what in (("report", "filter/criteriaItems"), ("listView", "filters"))
        for path in files(kind)
        for one in every(root_of(path), *what.split("/"))
        if "Rejection_Category__c" in (words(one, "column") + words(one, "field"))
    ]

    assert values
    assert set(values) <= set(Category)


def test_the_client_app_asks_for_the_scopes_of_our_sign_in_and_for_pkce() -> None:
    assert SALESFORCE.sign_in is not None
    (app,), (general,), (settings,) = files("eca"), files("ecaGlblOauth"), files("ecaOauth")
    spoken = {"api": "Api", "refresh_token": "RefreshToken"}
    scopes = words(root_of(settings), "commaSeparatedOauthScopes").split(", ")
    parts = [root_of(path) for kind in ("ecaGlblOauth", "ecaOauth", "ecaOauthPlcy", "ecaPlcy") for path in files(kind)]

    assert scopes == [spoken[one] for one in SALESFORCE.sign_in.scopes]
    assert words(root_of(general), "isPkceRequired") == "true"
    assert words(root_of(general), "callbackUrl").endswith("/oauth/salesforce/callback")
    assert {words(one, "externalClientApplication") for one in parts} == {app.name.partition(".")[0]}
    assert not {"consumerKey", "consumerSecret", "certificate"} & {
        one.tag.removeprefix(NAMESPACE) for one in root_of(general)
    }


@pytest.mark.parametrize(
    ("kind", "element", "longest"),
    [
        ("field", "label", 40),
        ("field", "description", 1000),
        ("field", "inlineHelpText", 510),
        ("listView", "label", 40),
        ("report", "name", 40),
        ("report", "description", 255),
        ("reportType", "label", 50),
        ("permissionset", "label", 80),
        ("permissionset", "description", 255),
        ("flow", "label", 80),
        ("eca", "description", 255),
    ],
)
def test_labels_and_descriptions_are_as_short_as_salesforce_wants_them(kind: str, element: str, longest: int) -> None:
    assert files(kind)
    for path in files(kind):
        assert len(words(root_of(path), element)) <= longest, path.name


def test_names_are_as_short_as_salesforce_wants_them() -> None:
    assert all(len(path.name.partition(".")[0].removesuffix("__c")) <= 40 for path in files())


def test_everything_is_of_one_api_version() -> None:
    project = orjson.loads((ROOT / "sfdx-project.json").read_bytes())
    versions = {one.text for path in files() for one in root_of(path).iter(f"{NAMESPACE}apiVersion")}

    assert versions == {project["sourceApiVersion"]}


def test_each_placeholder_is_replaced_and_no_other_value_of_an_org_is_in_the_files() -> None:
    project = orjson.loads((ROOT / "sfdx-project.json").read_bytes())
    replaced = {(one["filename"], one["stringToReplace"]) for one in project["replacements"]}
    for path in files():
        name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        for file, placeholder in replaced:
            if file == name:
                assert placeholder in text
                text = text.replace(placeholder, "")
        assert ".invalid" not in text, name
        assert not re.search(r"\b(00D|005|006)[A-Za-z0-9]{12,15}\b", text), name


def test_the_guide_names_every_value_that_an_admin_sets() -> None:
    project = orjson.loads((ROOT / "sfdx-project.json").read_bytes())
    guide = (ROOT / "README.md").read_text(encoding="utf-8")

    assert {one["replaceWithEnv"] for one in project["replacements"]} <= set(re.findall(r"[A-Z_]{10,}", guide))
    assert {words(root_of(path), "label") for path in files("permissionset")} <= set(
        re.findall(r"\*\*(.+?)\*\*", guide)
    )


def test_the_checks_run_with_exact_versions() -> None:
    manifest = orjson.loads((ROOT / "package.json").read_bytes())
    lock = orjson.loads((ROOT / "package-lock.json").read_bytes())

    for name, version in manifest["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert lock["packages"][f"node_modules/{name}"]["version"] == version


def test_the_project_goes_by_the_products_version() -> None:
    product = tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    for folder in ("salesforce", "hubspot", "hubspot/src/app/cards"):
        manifest = orjson.loads((ROOT.parent / folder / "package.json").read_bytes())
        assert manifest["version"] == product
