"""Which objects and fields an org has: a bare one with next to nothing, and a full one."""

from __future__ import annotations

Fields = dict[str, str]
PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Task": "00T",
    "Event": "00U",
    "Organization": "00D",
    "OpportunityStage": "01J",
    "OpportunityHistory": "008",
    "OpportunityContactRole": "00K",
    "TaskStatus": "01M",
    "RecordType": "012",
}
STAMPS: Fields = {
    "Id": "id",
    "CreatedDate": "datetime",
    "CreatedById": "reference",
    "LastModifiedDate": "datetime",
    "LastModifiedById": "reference",
    "SystemModstamp": "datetime",
    "IsDeleted": "boolean",
}
BARE: dict[str, Fields] = {
    "Organization": {"Id": "id", "Name": "string", "TimeZoneSidKey": "picklist", "FiscalYearStartMonth": "int"},
    "User": {
        **STAMPS,
        "Name": "string",
        "Email": "email",
        "Username": "string",
        "IsActive": "boolean",
        "ManagerId": "reference",
        "TimeZoneSidKey": "picklist",
        "UserType": "picklist",
    },
    "Account": {**STAMPS, "Name": "string", "OwnerId": "reference", "Industry": "picklist", "BillingCountry": "string"},
    "Contact": {**STAMPS, "Name": "string", "LastName": "string", "Email": "email", "AccountId": "reference"},
    "OpportunityStage": {
        "Id": "id",
        "MasterLabel": "string",
        "ApiName": "string",
        "IsActive": "boolean",
        "IsClosed": "boolean",
        "IsWon": "boolean",
        "SortOrder": "int",
    },
    "Opportunity": {
        **STAMPS,
        "Name": "string",
        "AccountId": "reference",
        "OwnerId": "reference",
        "StageName": "picklist",
        "IsClosed": "boolean",
        "IsWon": "boolean",
        "CloseDate": "date",
        "Amount": "currency",
        "Type": "picklist",
        "Description": "textarea",
        "NextStep": "string",
        "Loss_Reason__c": "picklist",
        "LastActivityDate": "date",
    },
    "Task": {
        **STAMPS,
        "Subject": "combobox",
        "Status": "picklist",
        "Priority": "picklist",
        "ActivityDate": "date",
        "Description": "textarea",
        "OwnerId": "reference",
        "WhatId": "reference",
        "WhoId": "reference",
        "AccountId": "reference",
        "IsClosed": "boolean",
        "TaskSubtype": "picklist",
        "Type": "picklist",
        "CallObject": "string",
        "IsReminderSet": "boolean",
        "ReminderDateTime": "datetime",
        "IsArchived": "boolean",
    },
    "TaskStatus": {
        "Id": "id",
        "MasterLabel": "string",
        "ApiName": "string",
        "IsClosed": "boolean",
        "IsDefault": "boolean",
        "SortOrder": "int",
    },
    "Event": {
        **STAMPS,
        "Subject": "combobox",
        "ActivityDate": "date",
        "ActivityDateTime": "datetime",
        "OwnerId": "reference",
        "WhatId": "reference",
        "WhoId": "reference",
        "AccountId": "reference",
    },
}
RICHER: dict[str, Fields] = {
    "Opportunity": {
        "LastStageChangeDate": "datetime",
        "CurrencyIsoCode": "picklist",
        "Rejection_Category__c": "string",
        "Rejection_Sub_Reason__c": "string",
        "Next_Follow_Up__c": "date",
        "Competitor__c": "string",
        "Competitor_Contract_End__c": "date",
    },
    "Account": {
        "BillingCountryCode": "picklist",
        "BillingStateCode": "picklist",
        "Fiscal_Year_Start_Month__c": "double",
        "LastActivityDate": "date",
    },
    "Task": {"Rekindle_Key__c": "string", "CompletedDateTime": "datetime"},
    "Contact": {"HasOptedOutOfEmail": "boolean", "DoNotCall": "boolean"},
    "OpportunityHistory": {
        "Id": "id",
        "OpportunityId": "reference",
        "StageName": "picklist",
        "CloseDate": "date",
        "Amount": "currency",
        "CreatedDate": "datetime",
        "CreatedById": "reference",
        "SystemModstamp": "datetime",
        "IsDeleted": "boolean",
    },
    "OpportunityContactRole": {
        **STAMPS,
        "OpportunityId": "reference",
        "ContactId": "reference",
        "Role": "picklist",
        "IsPrimary": "boolean",
    },
}
PARENTS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "Opportunity": {"Account": ("AccountId", ("Account",)), "Owner": ("OwnerId", ("User",))},
    "Account": {"Owner": ("OwnerId", ("User",))},
    "Contact": {"Account": ("AccountId", ("Account",))},
    "User": {"Manager": ("ManagerId", ("User",))},
    "Task": {
        "Owner": ("OwnerId", ("User",)),
        "Account": ("AccountId", ("Account",)),
        "What": ("WhatId", ("Opportunity", "Account")),
        "Who": ("WhoId", ("Contact",)),
    },
    "Event": {"Owner": ("OwnerId", ("User",)), "Account": ("AccountId", ("Account",))},
    "OpportunityContactRole": {
        "Contact": ("ContactId", ("Contact",)),
        "Opportunity": ("OpportunityId", ("Opportunity",)),
    },
    "OpportunityHistory": {"Opportunity": ("OpportunityId", ("Opportunity",))},
}
for _kind, _relations in PARENTS.items():
    if _kind != "OpportunityHistory":
        _relations.update({"CreatedBy": ("CreatedById", ("User",)), "LastModifiedBy": ("LastModifiedById", ("User",))})
CHILDREN: dict[str, dict[str, tuple[str, str]]] = {
    "Opportunity": {
        "Tasks": ("Task", "WhatId"),
        "OpportunityContactRoles": ("OpportunityContactRole", "OpportunityId"),
        "OpportunityHistories": ("OpportunityHistory", "OpportunityId"),
    },
    "Account": {"Opportunities": ("Opportunity", "AccountId"), "Contacts": ("Contact", "AccountId")},
}
STAGES = (
    ("Prospecting", False, False),
    ("Negotiation", False, False),
    ("9 - Gewonnen", True, True),
    ("Closed Lost", True, False),
    ("Dead", True, False),
)
READ_ONLY = {"Id", "IsClosed", "IsWon", "SystemModstamp", "CreatedDate", "LastModifiedDate", "IsDeleted", "AccountId"}


def schema_of(*, full: bool) -> dict[str, Fields]:
    """Every object with its fields."""
    found = {kind: dict(fields) for kind, fields in BARE.items()}
    for kind, fields in RICHER.items() if full else ():
        found.setdefault(kind, {}).update(fields)
    return found
