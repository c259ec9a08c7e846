"""What an account is like: its fields by role, its stages and people, what it can do, and how it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a CRM field is for. `--field ROLE=CRM_FIELD` names these."""

    REASON = "reason"
    NOTES = "notes"
    COMPETITOR = "competitor"
    CONTRACT_END = "contract_end"
    FISCAL_YEAR_START_MONTH = "fiscal_year_start_month"
    DO_NOT_CONTACT = "do_not_contact"
    CATEGORY_OUT = "category_out"
    SUB_REASON_OUT = "sub_reason_out"
    NEXT_FOLLOW_UP_OUT = "next_follow_up_out"


FieldMap = Mapping[Role, tuple[str, ...]]
"""CRM fields by role, in order. Only `reason` and `notes` may have several."""


class Capability(StrEnum):
    """What an account can do; asked for instead of the CRM's name."""

    TASK_KEY_FIELD = "task_key_field"  # a unique field on tasks holds our key: the first write can be an upsert
    BULK_READ = "bulk_read"
    WRITE_TASKS = "write_tasks"
    WRITE_DEAL_FIELDS = "write_deal_fields"
    DELETED_LOG = "deleted_log"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """A field of deals, accounts or companies. `name` is as `--field` takes it (Account.Name__c, company.name)."""

    name: str
    label: str
    type: str  # the CRM's own word
    values: tuple[tuple[str, str], ...] = ()  # (value, label) of a picklist, inactive ones included
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A deal stage. Lost and won come from its flags, never from its label."""

    id: str
    label: str
    pipeline: str = ""
    is_lost: bool = False
    is_won: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A user who can own deals and tasks. `zone` is an IANA name, where the CRM tells it."""

    id: str
    email: str = ""
    name: str = ""
    is_active: bool = True
    manager_id: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What `describe` found: the CRM account, its fields, stages and people, and what it can do.

    `other_ids` are names the account may have been known by before it told its id. `found_options` are options of the
    connector that were found by asking; kept, they save asking again.
    """

    account_id: str
    other_ids: tuple[str, ...] = ()
    found_options: Mapping[str, str] = field(default_factory=dict)
    account_name: str = ""
    zone: str = "UTC"
    currency: str | None = None
    fields: tuple[FieldInfo, ...] = ()
    stages: tuple[Stage, ...] = ()
    owners: tuple[Owner, ...] = ()
    capabilities: frozenset[Capability] = frozenset()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One line of `doctor`: what was checked, whether it holds, and what to do if not."""

    check: str
    ok: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The checks of one connection. `account_id` is set when the credentials work."""

    checks: tuple[HealthCheck, ...]
    account_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)
