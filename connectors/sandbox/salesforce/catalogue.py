"""The standard objects and the fields this sandbox knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.sandbox.salesforce.schema import Child, FieldSpec, ObjectSpec, PickValue, make_object, read_only
from connectors.sandbox.salesforce.settings import OrgSettings

OPEN_STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review")
TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")
TASK_KEY = "Rekindle_Key__c"


def text(name: str, label: str, length: int = 255, **more: Any) -> FieldSpec:
    """A line of text."""
    return FieldSpec(name=name, type=more.pop("type", "string"), label=label, length=length, **more)


def number(name: str, label: str, kind: str = "double", precision: int = 18, scale: int = 0, **more: Any) -> FieldSpec:
    """A number, an amount or a percentage."""
    return FieldSpec(name=name, type=kind, label=label, precision=precision, scale=scale, **more)


def plain(name: str, kind: str, label: str, **more: Any) -> FieldSpec:
    """A date, a moment or a yes or no."""
    return FieldSpec(name=name, type=kind, label=label, **more)


def fixed(name: str, kind: str, label: str, **more: Any) -> FieldSpec:
    """A field the system keeps."""
    return read_only(FieldSpec(name=name, type=kind, label=label, **more))


def refers(name: str, label: str, *targets: str, relationship: str | None = None, **more: Any) -> FieldSpec:
    """A reference; its relationship's name is the field's without `Id`."""
    named = relationship or name.removesuffix("Id")
    return FieldSpec(name=name, type="reference", label=label, length=18, refers_to=targets, relationship=named, **more)


def choice(name: str, label: str, values: tuple[str, ...], default: str | None = None, **more: Any) -> FieldSpec:
    """A picklist."""
    picks = tuple(PickValue(value=value, is_default=value == default) for value in values)
    return FieldSpec(name=name, type="picklist", label=label, length=255, values=picks, **more)


def yes_no(name: str, label: str, **more: Any) -> FieldSpec:
    """A checkbox: never null, false unless said otherwise."""
    return FieldSpec(name=name, type="boolean", label=label, is_nillable=False, is_defaulted=True, **more)


def _system(*, is_deletable: bool = True) -> Iterator[FieldSpec]:
    yield fixed("Id", "id", "Record ID", length=18, is_nillable=False, is_defaulted=True)
    if is_deletable:
        yield fixed("IsDeleted", "boolean", "Deleted", is_nillable=False, is_defaulted=True)
    yield fixed("CreatedDate", "datetime", "Created Date", is_nillable=False, is_defaulted=True)
    yield read_only(refers("CreatedById", "Created By ID", "User", is_nillable=False, is_defaulted=True))
    yield fixed("LastModifiedDate", "datetime", "Last Modified Date", is_nillable=False, is_defaulted=True)
    yield read_only(refers("LastModifiedById", "Last Modified By ID", "User", is_nillable=False, is_defaulted=True))
    yield fixed("SystemModstamp", "datetime", "System Modstamp", is_nillable=False, is_defaulted=True)


def _currency(settings: OrgSettings) -> Iterator[FieldSpec]:
    if settings.is_multicurrency:
        yield choice("CurrencyIsoCode", "Currency", ("EUR", "USD", "GBP", "JPY"), "EUR", is_restricted=True)


def _record_type(settings: OrgSettings) -> Iterator[FieldSpec]:
    if settings.has_record_types:
        yield refers("RecordTypeId", "Record Type ID", "RecordType", is_defaulted=True)


def organization() -> ObjectSpec:
    """The customer's own company."""
    fields = [
        *_system(is_deletable=False),
        text("Name", "Name", 80, is_nillable=False),
        text("TimeZoneSidKey", "Time Zone", 40),
        text("DefaultLocaleSidKey", "Locale", 40),
        text("LanguageLocaleKey", "Language", 40),
        text("OrganizationType", "Edition", 40),
        text("InstanceName", "Instance Name", 5),
        yes_no("IsSandbox", "Is Sandbox"),
        text("NamespacePrefix", "Namespace Prefix", 15),
        number("FiscalYearStartMonth", "Fiscal Year Starts In", "int", 2),
        yes_no("UsesStartDateAsFiscalYearName", "Fiscal Year Name by Start"),
        text("Country", "Country", 80),
    ]
    return make_object("Organization", "Organization", "00D", map(read_only, fields), is_writable=False)


def user(settings: OrgSettings) -> ObjectSpec:
    """People with a login."""
    fields = [
        *_system(is_deletable=False),
        text("Username", "Username", 80, is_nillable=False),
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80, is_nillable=False),
        fixed("Name", "string", "Full Name", length=121, is_nillable=False),
        text("Email", "Email", 128, type="email", is_nillable=False),
        yes_no("IsActive", "Active"),
        refers("ManagerId", "Manager ID", "User"),
        text("TimeZoneSidKey", "Time Zone", 40, is_nillable=False),
        text("UserType", "User Type", 40),
        text("ProfileId", "Profile ID", 18),
        *([text("DefaultCurrencyIsoCode", "Default Currency", 3)] if settings.is_multicurrency else []),
    ]
    return make_object("User", "User", "005", map(read_only, fields), is_writable=False)


def account(settings: OrgSettings) -> ObjectSpec:
    """Prospects and customers."""
    fields = [
        *_system(),
        refers("MasterRecordId", "Master Record ID", "Account", is_createable=False, is_updateable=False),
        text("Name", "Account Name", is_nillable=False),
        choice("Type", "Account Type", ("Prospect", "Customer - Direct", "Other")),
        refers("ParentId", "Parent Account ID", "Account"),
        choice("Industry", "Industry", ()),
        number("NumberOfEmployees", "Employees", "int", 8),
        number("AnnualRevenue", "Annual Revenue", "currency"),
        text("BillingCity", "Billing City", 40),
        text("BillingState", "Billing State/Province", 80),
        text("BillingCountry", "Billing Country", 80),
        *([text("BillingStateCode", "Billing State Code", 10), text("BillingCountryCode", "Billing Country Code", 10)]
          if settings.has_country_codes else []),
        text("Phone", "Account Phone", 40, type="phone"),
        text("Website", "Website", type="url"),
        text("Description", "Account Description", 32_000, type="textarea"),
        refers("OwnerId", "Owner ID", "User", is_nillable=False, is_defaulted=True),
        fixed("LastActivityDate", "date", "Last Activity"),
        *_record_type(settings),
        *_currency(settings),
    ]  # fmt: skip
    children = (
        Child(relationship="Opportunities", object="Opportunity", field="AccountId"),
        Child(relationship="Contacts", object="Contact", field="AccountId"),
        Child(relationship="Tasks", object="Task", field="AccountId"),
    )
    return make_object("Account", "Account", "001", fields, children=children)


def contact(settings: OrgSettings) -> ObjectSpec:
    """People at prospects."""
    fields = [
        *_system(),
        refers("MasterRecordId", "Master Record ID", "Contact", is_createable=False, is_updateable=False),
        refers("AccountId", "Account ID", "Account"),
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80, is_nillable=False),
        fixed("Name", "string", "Full Name", length=121, is_nillable=False),
        text("Title", "Title", 128),
        text("Email", "Email", 80, type="email"),
        text("Phone", "Business Phone", 40, type="phone"),
        yes_no("HasOptedOutOfEmail", "Email Opt Out"),
        yes_no("DoNotCall", "Do Not Call"),
        refers("OwnerId", "Owner ID", "User", is_nillable=False, is_defaulted=True),
        *_currency(settings),
    ]
    children = (Child(relationship="OpportunityContactRoles", object="OpportunityContactRole", field="ContactId"),)
    return make_object("Contact", "Contact", "003", fields, children=children)


def opportunity(settings: OrgSettings) -> ObjectSpec:
    """Deals."""
    stages = (*OPEN_STAGES, settings.won_stage, *settings.lost_stages)
    fields = [
        *_system(),
        refers("AccountId", "Account ID", "Account"),
        text("Name", "Name", 120, is_nillable=False),
        text("Description", "Description", 32_000, type="textarea"),
        choice("StageName", "Stage", stages, is_nillable=False),
        number("Amount", "Amount", "currency", scale=2),
        number("Probability", "Probability (%)", "percent", 3, is_defaulted=True),
        fixed("ExpectedRevenue", "currency", "Expected Amount", precision=18, scale=2),
        plain("CloseDate", "date", "Close Date", is_nillable=False),
        choice("Type", "Opportunity Type", ("New Business", "Existing Business")),
        text("NextStep", "Next Step"),
        choice("LeadSource", "Lead Source", ("Web", "Partner", "Phone Inquiry", "Other")),
        fixed("IsClosed", "boolean", "Closed", is_nillable=False, is_defaulted=True),
        fixed("IsWon", "boolean", "Won", is_nillable=False, is_defaulted=True),
        fixed("ForecastCategory", "picklist", "Forecast Category", length=40),
        choice("ForecastCategoryName", "Forecast Category", ("Omitted", "Pipeline", "Best Case", "Commit", "Closed"),
               is_defaulted=True),
        refers("ContactId", "Contact ID", "Contact", is_updateable=False),
        refers("OwnerId", "Owner ID", "User", is_nillable=False, is_defaulted=True),
        fixed("HasOpenActivity", "boolean", "Has Open Activity", is_nillable=False, is_defaulted=True),
        fixed("LastActivityDate", "date", "Last Activity"),
        fixed("FiscalYear", "int", "Fiscal Year", precision=9),
        *([fixed("LastStageChangeDate", "datetime", "Last Stage Change Date")]
          if settings.has_last_stage_change_date else []),
        *_record_type(settings),
        *_currency(settings),
    ]  # fmt: skip
    children = (
        Child(relationship="OpportunityContactRoles", object="OpportunityContactRole", field="OpportunityId"),
        Child(relationship="OpportunityHistories", object="OpportunityHistory", field="OpportunityId"),
        Child(relationship="Tasks", object="Task", field="WhatId"),
    )
    return make_object("Opportunity", "Opportunity", "006", fields, children=children)


def task(settings: OrgSettings) -> ObjectSpec:
    """Things to do."""
    fields = [
        *_system(),
        refers("WhoId", "Name ID", "Contact", "Lead", relationship="Who"),
        refers("WhatId", "Related To ID", "Account", "Opportunity", relationship="What"),
        text("Subject", "Subject", type="combobox"),
        plain("ActivityDate", "date", "Due Date Only"),
        choice("Status", "Status", TASK_STATUSES, "Not Started", is_nillable=False, is_defaulted=True),
        choice("Priority", "Priority", ("High", "Normal", "Low"), "Normal", is_nillable=False, is_defaulted=True),
        fixed("IsHighPriority", "boolean", "High Priority", is_nillable=False, is_defaulted=True),
        refers("OwnerId", "Assigned To ID", "User", "Group", is_nillable=False, is_defaulted=True),
        text("Description", "Description", 32_000, type="textarea"),
        choice("Type", "Type", ("Call", "Email", "Meeting", "Other")),
        read_only(refers("AccountId", "Account ID", "Account")),
        fixed("IsClosed", "boolean", "Closed", is_nillable=False, is_defaulted=True),
        fixed("IsArchived", "boolean", "Archived", is_nillable=False, is_defaulted=True),
        fixed("CompletedDateTime", "datetime", "Completed Date/Time"),
        text("CallObject", "Call Object Identifier"),
        choice("TaskSubtype", "Task Subtype", ("Task", "Call", "Email", "ListEmail", "Cadence", "LinkedIn"), "Task",
               is_updateable=False, is_defaulted=True, is_restricted=True),
        yes_no("IsReminderSet", "Reminder Set"),
        plain("ReminderDateTime", "datetime", "Reminder Date/Time"),
        *_currency(settings),
    ]  # fmt: skip
    return make_object("Task", "Task", "00T", fields)


def small_objects() -> Iterator[ObjectSpec]:
    """What hangs on deals, and the lists behind picklists."""
    role = [
        *_system(),
        refers("OpportunityId", "Opportunity ID", "Opportunity", is_nillable=False),
        refers("ContactId", "Contact ID", "Contact", is_nillable=False),
        choice("Role", "Role", ("Decision Maker", "Evaluator", "Business User", "Other")),
        yes_no("IsPrimary", "Primary"),
    ]
    yield make_object("OpportunityContactRole", "Opportunity Contact Role", "00K", role)
    history = [
        fixed("Id", "id", "Record ID", length=18, is_nillable=False),
        refers("OpportunityId", "Opportunity ID", "Opportunity"),
        text("StageName", "Stage Name", 255),
        number("Amount", "Amount", "currency", scale=2),
        plain("CloseDate", "date", "Close Date"),
        number("Probability", "Probability (%)", "percent", 3),
        plain("CreatedDate", "datetime", "Created Date"),
        refers("CreatedById", "Created By ID", "User"),
        plain("SystemModstamp", "datetime", "System Modstamp"),
        fixed("IsDeleted", "boolean", "Deleted", is_nillable=False),
    ]
    history_fields = map(read_only, history)
    yield make_object("OpportunityHistory", "Opportunity History", "008", history_fields, is_writable=False)
    stage = [
        *_system(is_deletable=False),
        text("MasterLabel", "Master Label"),
        text("ApiName", "API Name"),
        yes_no("IsActive", "Is Active"),
        yes_no("IsClosed", "Closed"),
        yes_no("IsWon", "Won"),
        text("ForecastCategory", "Forecast Category", 40),
        text("ForecastCategoryName", "Forecast Category Name", 40),
        number("DefaultProbability", "Probability (%)", "percent", 3),
        number("SortOrder", "Sort Order", "int", 9),
    ]
    yield make_object("OpportunityStage", "Opportunity Stage", "01J", map(read_only, stage), is_writable=False)
    status = [
        *_system(is_deletable=False),
        text("MasterLabel", "Master Label"),
        text("ApiName", "API Name"),
        yes_no("IsDefault", "Is Default"),
        yes_no("IsClosed", "Closed"),
        number("SortOrder", "Sort Order", "int", 9),
    ]
    yield make_object("TaskStatus", "Task Status Value", "01J", map(read_only, status), is_writable=False)
    kind = [
        *_system(is_deletable=False),
        text("Name", "Record Type Name", 80),
        text("DeveloperName", "Record Type Developer Name", 80),
        text("SobjectType", "SObject Type Name", 40),
        yes_no("IsActive", "Active"),
    ]
    yield make_object("RecordType", "Record Type", "012", map(read_only, kind), is_writable=False)
