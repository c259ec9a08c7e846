"""Which fields to ask for: those wanted that describe shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import FieldMap
from connectors.salesforce.schema import ACCOUNT_PREFIX, SField, SObject
from connectors.salesforce.values import Record, as_text

DEAL_FIELDS = (
    "Id", "Name", "StageName", "IsClosed", "IsWon", "IsDeleted", "CloseDate", "Amount", "CurrencyIsoCode", "AccountId",
    "ContactId", "OwnerId", "RecordTypeId", "Type", "LastStageChangeDate", "SystemModstamp",
)  # fmt: skip
NEEDED = frozenset({"Id", "IsClosed", "IsWon", "IsDeleted", "SystemModstamp"})
"""System fields that every query can name, whatever describe shows."""
ACCOUNT_FIELDS = (
    "Name", "OwnerId", "Industry", "BillingCountry", "BillingCountryCode", "BillingState", "BillingStateCode",
)  # fmt: skip
TASK_FIELDS = (
    "Id", "Subject", "Description", "ActivityDate", "OwnerId", "WhatId", "Status", "IsClosed", "IsDeleted",
    "CreatedDate", "SystemModstamp",
)  # fmt: skip
TASK_NEEDED = frozenset({"Id", "IsClosed", "IsDeleted", "CreatedDate", "SystemModstamp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgInfo:
    """The org's own record: its 18-character id, and how it counts days and money."""

    id: str
    name: str = ""
    zone: str = "UTC"
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The fields a deal is read with, what describe says of the mapped ones, and what had to be left out
    (`unread`: the names of mapped fields)."""

    select: tuple[str, ...]
    mapped: dict[str, SField]
    roles: FieldMap
    warnings: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def deal_layout(roles: FieldMap, deals: SObject, accounts: SObject | None) -> Layout:
    """Standard and mapped fields that are there; each mapped one that is not gives a warning."""
    mapped: dict[str, SField] = {}
    kept: dict[str, tuple[str, ...]] = {}
    warnings: list[str] = []
    for role, names in roles.items():
        found = {name: known for name in names if (known := _find(name, deals, accounts))}
        mapped.update(found)
        kept[role] = tuple(name for name in names if name in found)
        warnings += [missing_words(name, role) for name in names if name not in found]
    standard = [name for name in DEAL_FIELDS if name in NEEDED or name in deals.fields]
    if accounts and "AccountId" in deals.fields:
        standard += [ACCOUNT_PREFIX + name for name in ACCOUNT_FIELDS if name in accounts.fields]
    return Layout(
        select=tuple(dict.fromkeys((*standard, *mapped))),
        mapped=mapped,
        roles={role: kept[role] for role in roles},
        warnings=tuple(warnings),
        unread=tuple(name for role, names in roles.items() for name in names if name not in kept[role]),
    )


def missing_words(name: str, role: str) -> str:
    """The warning for a mapped field that cannot be read."""
    return f"The field {name} ({role}) does not exist in this org, or is hidden from the user; it is left out."


def task_select(tasks: SObject, key_field: str | None) -> tuple[str, ...]:
    """The fields a task is read with."""
    names = [name for name in TASK_FIELDS if name in TASK_NEEDED or name in tasks.fields]
    return (*names, key_field) if key_field else tuple(names)


def org_info(record: Record) -> OrgInfo:
    """The org of an Organization record. An unknown zone is UTC."""
    zone = as_text(record.get("TimeZoneSidKey")) or "UTC"
    return OrgInfo(
        id=as_text(record.get("Id")) or "",
        name=as_text(record.get("Name")) or "",
        zone=zone if _is_zone(zone) else "UTC",
        currency=as_text(record.get("DefaultCurrencyIsoCode")),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _find(name: str, deals: SObject, accounts: SObject | None) -> SField | None:
    if name.startswith(ACCOUNT_PREFIX):
        return accounts.fields.get(name.removeprefix(ACCOUNT_PREFIX)) if accounts else None
    return deals.fields.get(name)
