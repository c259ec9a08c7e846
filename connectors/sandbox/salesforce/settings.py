"""What an org has and allows. The first part shapes the org when it is made, the second may change while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

VERSIONS = tuple(f"{number}.0" for number in range(59, 69))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """A field that an admin added. `values` are a picklist's (value, is_active)."""

    object: str
    name: str
    type: str
    label: str
    length: int = 0
    values: tuple[tuple[str, bool], ...] = ()
    is_restricted: bool = False
    is_unique: bool = False
    is_external_id: bool = False
    scale: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule:
    """Refuses a record for which `is_broken` holds, with the admin's own message."""

    object: str
    message: str
    is_broken: Callable[[Mapping[str, Any]], bool]
    field: str = ""


@dataclass(kw_only=True)
class OrgSettings:
    """Sizes are records, times seconds, limits calls."""

    # --- fixed when the org is made
    org_name: str = "Sandbox Sales"
    client_id: str = "3MVG9sandbox.consumer.key"
    client_secret: str = "sandbox-consumer-secret"  # noqa: S105  # opens nothing but the sandbox
    callbacks: tuple[str, ...] = ()  # where the connected app may send people back to
    requires_pkce: bool = True
    username: str = "integration@sandbox.example"
    jwt_public_key_pem: str | None = None
    jwt_audiences: tuple[str, ...] = ("https://login.salesforce.com", "https://test.salesforce.com")
    instance_url: str | None = None  # None: as the client reached us
    versions: tuple[str, ...] = VERSIONS
    is_multicurrency: bool = False
    has_record_types: bool = False
    has_last_stage_change_date: bool = True
    has_country_codes: bool = False
    has_task_key: bool = True
    has_output_fields: bool = True
    has_competitor_fields: bool = True
    has_fiscal_year_field: bool = True
    reason_field: str = "Loss_Reason__c"
    reason_type: str = "picklist"
    is_reason_restricted: bool = True
    notes_field: str = "Loss_Notes__c"
    lost_stages: tuple[str, ...] = ("Closed Lost",)
    won_stage: str = "Closed Won"
    custom_fields: tuple[CustomField, ...] = ()
    hidden_fields: frozenset[str] = frozenset()  # "Opportunity.Amount": not in describe, unknown in SOQL
    read_only_fields: frozenset[str] = frozenset()

    # --- may change while it runs
    token_seconds: int = 7_200
    token_calls: int | None = None
    page_size: int = 2_000
    long_text_page_size: int | None = 200  # with two long texts selected
    child_page_size: int = 500
    locator_seconds: int = 172_800
    late_seconds: int = 0
    daily_limit: int = 100_000
    used_today: int = 0
    has_limits_permission: bool = True
    has_bulk: bool = True
    bulk_polls: int = 2  # how often a job is looked at before it is complete
    bulk_page_size: int = 50_000
    bulk_repeats_header: bool = True
    bulk_fails_with: str | None = None
    can_write: frozenset[str] = frozenset({"Task", "Opportunity", "Account", "Contact"})
    can_read: frozenset[str] | None = None  # None: every object
    validation_rules: list[ValidationRule] = field(default_factory=list)
    locked_rows: dict[str, int] = field(default_factory=dict)  # id -> how many writes still find it locked
