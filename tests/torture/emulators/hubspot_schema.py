"""Which properties a portal defines: a bare one, and one with our own properties and the calculated ones."""

from __future__ import annotations

from tests.torture.emulators.wire import Record

BARE: dict[str, dict[str, str]] = {
    "deals": {
        "dealname": "string",
        "amount": "number",
        "closedate": "datetime",
        "createdate": "datetime",
        "dealstage": "enumeration",
        "pipeline": "enumeration",
        "dealtype": "enumeration",
        "description": "string",
        "closed_lost_reason": "string",
        "hubspot_owner_id": "enumeration",
        "hs_lastmodifieddate": "datetime",
        "hs_object_id": "number",
        "notes_last_updated": "datetime",
    },
    "companies": {
        "name": "string",
        "domain": "string",
        "country": "string",
        "industry": "enumeration",
        "hubspot_owner_id": "enumeration",
        "createdate": "datetime",
        "hs_lastmodifieddate": "datetime",
        "hs_object_id": "number",
    },
    "contacts": {
        "email": "string",
        "firstname": "string",
        "lastname": "string",
        "createdate": "datetime",
        "lastmodifieddate": "datetime",
        "hs_object_id": "number",
    },
    "tasks": {
        "hs_timestamp": "datetime",
        "hs_task_subject": "string",
        "hs_task_body": "string",
        "hs_body_preview": "string",
        "hs_task_status": "enumeration",
        "hs_task_priority": "enumeration",
        "hs_task_type": "enumeration",
        "hs_task_completion_date": "datetime",
        "hs_task_reminders": "string",
        "hubspot_owner_id": "enumeration",
        "hs_createdate": "datetime",
        "hs_lastmodifieddate": "datetime",
        "hs_object_id": "number",
        "hs_queue_membership_ids": "enumeration",
    },
}
RICHER: dict[str, dict[str, str]] = {
    "deals": {
        "deal_currency_code": "enumeration",
        "hs_is_closed": "bool",
        "hs_is_closed_won": "bool",
        "hs_is_closed_lost": "bool",
        "hs_v2_date_entered_closedlost": "datetime",
        "hs_v2_date_entered_781204": "datetime",
        "hs_v2_date_entered_closedwon": "datetime",
        "hs_v2_date_entered_current_stage": "datetime",
        "hs_merged_object_ids": "enumeration",
        "rejection_category": "string",
        "rejection_sub_reason": "string",
        "next_follow_up": "date",
        "competitor": "string",
        "competitor_contract_end": "date",
    },
    "companies": {"fiscal_year_start_month": "number", "notes_last_updated": "datetime", "state": "string"},
    "contacts": {"hs_email_optout": "bool"},
}
SIGN = {"deals": "0-3", "companies": "0-2", "contacts": "0-1", "tasks": "0-27"}
SINGULAR = {"deal": "deals", "company": "companies", "contact": "contacts", "task": "tasks"}
TYPE_IDS = {
    ("tasks", "deals"): 216,
    ("deals", "tasks"): 215,
    ("tasks", "companies"): 192,
    ("companies", "tasks"): 191,
    ("tasks", "contacts"): 204,
    ("contacts", "tasks"): 203,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
}
PIPELINES = {
    "default": (
        ("appointmentscheduled", "Appointment Scheduled", "0.2", "false"),
        ("contractsent", "Contract Sent", "0.9", "false"),
        ("closedwon", "Closed Won", "1.0", "true"),
        ("closedlost", "Verloren", "0.0", "true"),
    ),
    "4471": (
        ("781201", "New", "0.1", "false"),
        ("781203", "Signed", "1.0", "true"),
        ("781204", "Churned away", "0.0", "true"),
    ),
}
READ_ONLY = {"hs_object_id", "hs_lastmodifieddate", "createdate", "hs_createdate", "hs_body_preview"}


def schema_of(*, full: bool) -> dict[str, dict[str, str]]:
    """Every object with its properties."""
    found = {kind: dict(fields) for kind, fields in BARE.items()}
    for kind, fields in RICHER.items() if full else ():
        found[kind].update(fields)
    return found


def definition(name: str, sort: str) -> Record:
    """A property's definition."""
    options: list[Record] = []
    if name == "hs_task_status":
        options = [{"label": one, "value": one, "hidden": False} for one in ("NOT_STARTED", "COMPLETED", "DEFERRED")]
    return {
        "name": name,
        "label": name.removeprefix("hs_").replace("_", " ").capitalize(),
        "type": sort,
        "fieldType": {"string": "textarea", "number": "number", "bool": "booleancheckbox"}.get(sort, "text"),
        "groupName": "information",
        "description": "",
        "options": options,
        "hasUniqueValue": False,
        "calculated": name.startswith(("hs_is_closed", "hs_v2_")),
        "hidden": False,
        "hubspotDefined": True,
        "formField": False,
        "archived": False,
        "modificationMetadata": {
            "archivable": True,
            "readOnlyDefinition": True,
            "readOnlyValue": name in READ_ONLY or name.startswith(("hs_is_closed", "hs_v2_")),
        },
    }
