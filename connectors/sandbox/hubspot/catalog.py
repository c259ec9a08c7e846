"""The object types a portal has, and the properties, pipelines and type ids that come with it.

Names and types: crm object and property references on developers.hubspot.com.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.sandbox.hubspot.definitions import Option, Pipeline, Property, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """An object type: its names, the scopes it asks for, and what is shown when no property is named."""

    name: str
    id: str
    singular: str
    scope: str
    defaults: tuple[str, ...]
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    required: tuple[str, ...] = ()
    title: str = "name"

    @property
    def read_scope(self) -> str:
        """The scope every read needs."""
        return f"crm.objects.{self.scope}.read"

    @property
    def write_scope(self) -> str:
        """The scope every write needs."""
        return f"crm.objects.{self.scope}.write"

    @property
    def always(self) -> tuple[str, ...]:
        """Properties that come with every record, asked for or not."""
        return (self.created, self.modified, "hs_object_id")


OBJECT_TYPES = (
    ObjectType(
        name="contacts",
        id="0-1",
        singular="contact",
        scope="contacts",
        defaults=("firstname", "lastname", "email"),
        modified="lastmodifieddate",
        title="email",
    ),
    ObjectType(name="companies", id="0-2", singular="company", scope="companies", defaults=("name", "domain")),
    ObjectType(
        name="deals",
        id="0-3",
        singular="deal",
        scope="deals",
        defaults=("dealname", "amount", "closedate", "pipeline", "dealstage"),
        required=("dealname", "dealstage"),
        title="dealname",
    ),
    ObjectType(
        name="tasks",
        id="0-27",
        singular="task",
        scope="contacts",  # the tasks API asks for the contact scopes; there is no scope for tasks
        defaults=(),
        created="hs_createdate",
        required=("hs_timestamp",),
        title="hs_task_subject",
    ),
)


def find_type(word: str) -> ObjectType | None:
    """The object type of a plural name, singular name or type id."""
    return _TYPES.get(word.lower())


_TYPES = {word: kind for kind in OBJECT_TYPES for word in (kind.name, kind.singular, kind.id)}

PIPELINES = (
    Pipeline(
        id="default",
        label="Sales Pipeline",
        stages=(
            Stage(id="appointmentscheduled", label="Appointment Scheduled", probability="0.2"),
            Stage(id="qualifiedtobuy", label="Qualified To Buy", probability="0.4"),
            Stage(id="presentationscheduled", label="Presentation Scheduled", probability="0.6"),
            Stage(id="decisionmakerboughtin", label="Decision Maker Bought-In", probability="0.8"),
            Stage(id="contractsent", label="Contract Sent", probability="0.9"),
            Stage(id="closedwon", label="Closed Won", probability="1.0", is_closed=True),
            Stage(id="closedlost", label="Closed Lost", probability="0.0", is_closed=True),
        ),
    ),
    # Stage ids of a pipeline made by a customer are numbers. "Parked" is open in spite of its probability.
    Pipeline(
        id="118273645",
        label="Expansion",
        display_order=1,
        stages=(
            Stage(id="226141901", label="Discovery", probability="0.3"),
            Stage(id="226141902", label="Parked", probability="0.0"),
            Stage(id="226141903", label="Proposal", probability="0.7"),
            Stage(id="226141904", label="Signed", probability="1.0", is_closed=True),
            Stage(id="226141905", label="Lost", probability="0.0", is_closed=True),
            Stage(id="226141906", label="Abandoned", probability="0.0", is_closed=True),
        ),
    ),
)

# name, label, type, field type; a type with "!" has values that only HubSpot sets.
_Row = tuple[str, str, str, str]
_SHARED: tuple[_Row, ...] = (
    ("hs_object_id", "Record ID", "number!", "number"),
    ("hs_merged_object_ids", "Merged record IDs", "enumeration!", "checkbox"),
    ("hubspot_owner_id", "Owner", "enumeration", "select"),
)
_ROLL_UPS: tuple[_Row, ...] = (
    ("createdate", "Create Date", "datetime!", "date"),
    ("notes_last_updated", "Last Activity Date", "datetime!", "date"),
    ("notes_last_contacted", "Last Contacted", "datetime!", "date"),
)
_ROWS: dict[str, tuple[_Row, ...]] = {
    "contacts": (
        ("firstname", "First Name", "string", "text"),
        ("lastname", "Last Name", "string", "text"),
        ("email", "Email", "string", "text"),
        ("phone", "Phone Number", "string", "phonenumber"),
        ("jobtitle", "Job Title", "string", "text"),
        ("associatedcompanyid", "Primary Associated Company ID", "number", "number"),
        ("hs_email_optout", "Unsubscribed from all email", "bool!", "booleancheckbox"),
        ("lastmodifieddate", "Last Modified Date", "datetime!", "date"),
        *_ROLL_UPS,
    ),
    "companies": (
        ("name", "Company name", "string", "text"),
        ("domain", "Company Domain Name", "string", "text"),
        ("country", "Country/Region", "string", "text"),
        ("state", "State/Region", "string", "text"),
        ("city", "City", "string", "text"),
        ("industry", "Industry", "enumeration", "select"),
        ("numberofemployees", "Number of Employees", "number", "number"),
        ("description", "Description", "string", "textarea"),
        ("hs_lastmodifieddate", "Last Modified Date", "datetime!", "date"),
        *_ROLL_UPS,
    ),
    "deals": (
        ("dealname", "Deal Name", "string", "text"),
        ("amount", "Amount", "number", "number"),
        ("deal_currency_code", "Currency", "enumeration", "select"),
        ("pipeline", "Pipeline", "enumeration", "select"),
        ("dealstage", "Deal Stage", "enumeration", "radio"),
        ("closedate", "Close Date", "datetime", "date"),
        ("dealtype", "Deal Type", "enumeration", "radio"),
        ("description", "Deal Description", "string", "textarea"),
        ("closed_lost_reason", "Closed Lost Reason", "string", "textarea"),
        ("closed_won_reason", "Closed Won Reason", "string", "textarea"),
        ("hs_is_closed", "Is Deal Closed?", "bool!", "calculation_equation"),
        ("hs_is_closed_won", "Is Closed Won", "bool!", "calculation_equation"),
        ("hs_is_closed_lost", "Is closed lost", "bool!", "calculation_equation"),
        ("hs_deal_stage_probability", "Deal probability", "number!", "number"),
        ("hs_closed_amount", "Closed Deal Amount", "number!", "calculation_equation"),
        ("hs_v2_date_entered_current_stage", "Date entered current stage", "datetime!", "calculation_equation"),
        ("days_to_close", "Days to close", "number!", "calculation_equation"),
        ("hs_lastmodifieddate", "Last Modified Date", "datetime!", "date"),
        *_ROLL_UPS,
    ),
    "tasks": (
        ("hs_timestamp", "Due date", "datetime", "date"),
        ("hs_task_subject", "Task Title", "string", "text"),
        ("hs_task_body", "Task Notes", "string", "html"),
        ("hs_task_status", "Task Status", "enumeration", "select"),
        ("hs_task_priority", "Priority", "enumeration", "select"),
        ("hs_task_type", "Task Type", "enumeration", "select"),
        ("hs_task_reminders", "Reminders", "string", "text"),
        ("hs_queue_membership_ids", "Queue", "string", "text"),
        ("hs_task_completion_date", "Completed at", "datetime!", "date"),
        ("hs_createdate", "Create date", "datetime!", "date"),
        ("hs_lastmodifieddate", "Last modified date", "datetime!", "date"),
    ),
}
_OPTIONS: dict[str, tuple[str, ...]] = {
    "dealtype": ("newbusiness", "existingbusiness"),
    "deal_currency_code": ("AUD", "CHF", "EUR", "GBP", "INR", "JPY", "SEK", "USD"),
    "hs_task_status": ("NOT_STARTED", "COMPLETED", "IN_PROGRESS", "WAITING", "DEFERRED"),
    "hs_task_priority": ("NONE", "LOW", "MEDIUM", "HIGH"),
    "hs_task_type": ("TODO", "CALL", "EMAIL"),
}
_OWN: dict[str, tuple[_Row, ...]] = {
    "deals": (
        ("rejection_category", "Rejection category", "string", "text"),
        ("rejection_sub_reason", "Rejection sub-reason", "string", "text"),
        ("next_follow_up", "Next follow-up", "date", "date"),
        ("competitor", "Competitor", "string", "text"),
        ("competitor_contract_end", "Competitor contract end", "date", "date"),
    ),
    "companies": (("fiscal_year_start_month", "Fiscal year start month", "number", "number"),),
}
GROUPS = {
    "contacts": "contactinformation",
    "companies": "companyinformation",
    "deals": "dealinformation",
    "tasks": "task",
}


def standard_properties(object_type: str) -> tuple[Property, ...]:
    """What every portal has for this type; the options of stages, owners and industries are the portal's own."""
    rows = (*_SHARED, *_ROWS[object_type])
    found = tuple(_property(row, object_type) for row in rows)
    return (*found, *_stage_dates()) if object_type == "deals" else found


def own_properties(object_type: str) -> tuple[Property, ...]:
    """The custom properties that a plug-in of ours would have made."""
    return tuple(_property(row, object_type, is_ours=True) for row in _OWN.get(object_type, ()))


def options(values: Iterable[str]) -> tuple[Option, ...]:
    """Options whose label is their value."""
    return tuple(Option(value=value, label=value, display_order=order) for order, value in enumerate(values))


def _property(row: _Row, object_type: str, *, is_ours: bool = False) -> Property:
    name, label, kind, field_type = row
    return Property(
        name=name,
        label=label,
        type=kind.rstrip("!"),
        field_type=field_type,
        group=GROUPS[object_type],
        options=options(_OPTIONS.get(name, ())),
        is_read_only=kind.endswith("!"),
        is_calculated=field_type == "calculation_equation",
        is_hubspot_defined=not is_ours,
        has_external_options=name in {"hubspot_owner_id", "hs_merged_object_ids"},
    )


def _stage_dates() -> Iterable[Property]:
    for pipeline in PIPELINES:
        for stage in pipeline.stages:
            for verb in ("entered", "exited"):
                label = f'Date {verb} "{stage.label} ({pipeline.label})"'
                row = (f"hs_v2_date_{verb}_{stage.id}", label, "datetime!", "calculation_equation")
                yield _property(row, "deals")
