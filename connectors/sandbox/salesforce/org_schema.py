"""One org's schema: the standard objects, the admin's fields, and what this user may see of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.sandbox.book import Book
from connectors.sandbox.salesforce import catalogue
from connectors.sandbox.salesforce.schema import FieldSpec, ObjectSpec, PickValue, make_object, read_only
from connectors.sandbox.salesforce.settings import CustomField, OrgSettings

# Values an admin has retired: still on old records, no longer offered.
RETIRED_SHARE = 4
EXTRA_REASONS = ("Timing 13+ months", "Client Gap - Insufficient Budget")


def build_schema(settings: OrgSettings, book: Book) -> dict[str, ObjectSpec]:
    """Every object by its name."""
    objects = [
        catalogue.organization(),
        catalogue.user(settings),
        catalogue.account(settings),
        catalogue.contact(settings),
        catalogue.opportunity(settings),
        catalogue.task(settings),
        *catalogue.small_objects(),
    ]
    added = [*_own_fields(settings, book), *settings.custom_fields]
    return {spec.name: _finished(spec, added, settings, book) for spec in objects}


def _own_fields(settings: OrgSettings, book: Book) -> Iterator[CustomField]:
    reasons = tuple(dict.fromkeys(deal.reason for deal in book.deals if deal.reason))
    retired = set(reasons[:: RETIRED_SHARE + 1][1:])
    values = (*((reason, reason not in retired) for reason in reasons), *((text, False) for text in EXTRA_REASONS))
    is_choice = settings.reason_type in {"picklist", "multipicklist"}
    yield CustomField(
        object="Opportunity",
        name=settings.reason_field,
        type=settings.reason_type,
        label="Loss Reason",
        length=32_768 if settings.reason_type == "textarea" else 0,
        values=values if is_choice else (),
        is_restricted=settings.is_reason_restricted and is_choice,
    )
    yield CustomField(
        object="Opportunity", name=settings.notes_field, type="textarea", label="Loss Notes", length=32_768
    )
    if settings.has_competitor_fields:
        yield CustomField(object="Opportunity", name="Competitor__c", type="string", label="Competitor")
        yield CustomField(
            object="Opportunity", name="Competitor_Contract_End__c", type="date", label="Competitor Contract End"
        )
    if settings.has_output_fields:
        yield CustomField(object="Opportunity", name="Rejection_Category__c", type="string", label="Rejection Category")
        yield CustomField(
            object="Opportunity", name="Rejection_Sub_Reason__c", type="string", label="Rejection Sub-Reason"
        )
        yield CustomField(object="Opportunity", name="Next_Follow_Up__c", type="date", label="Next Follow-up")
    if settings.has_fiscal_year_field:
        yield CustomField(
            object="Account", name="Fiscal_Year_Start_Month__c", type="double", label="Fiscal Year Start Month"
        )
    if settings.has_task_key:
        yield CustomField(
            object="Task",
            name=catalogue.TASK_KEY,
            type="string",
            label="Rekindle Key",
            length=64,
            is_unique=True,
            is_external_id=True,
        )


def _finished(spec: ObjectSpec, added: Sequence[CustomField], settings: OrgSettings, book: Book) -> ObjectSpec:
    fields = [*spec.fields.values(), *(_custom(one) for one in added if one.object == spec.name)]
    fields = [_as_seen(field, spec.name, settings, book) for field in fields if _is_seen(field, spec.name, settings)]
    return make_object(spec.name, spec.label, spec.prefix, fields, children=spec.children, is_writable=spec.is_writable)


def _is_seen(field: FieldSpec, owner: str, settings: OrgSettings) -> bool:
    return f"{owner}.{field.name}" not in settings.hidden_fields


def _as_seen(field: FieldSpec, owner: str, settings: OrgSettings, book: Book) -> FieldSpec:
    if owner == "Account" and field.name == "Industry":
        industries = sorted({account.industry for account in book.accounts if account.industry})
        field = replace(field, values=tuple(PickValue(value=industry) for industry in industries))
    return read_only(field) if f"{owner}.{field.name}" in settings.read_only_fields else field


def _custom(spec: CustomField) -> FieldSpec:
    """A field an admin added."""
    return FieldSpec(
        name=spec.name,
        type=spec.type,
        label=spec.label,
        length=spec.length or (255 if spec.type in {"string", "picklist"} else 4_099 if spec.values else 0),
        precision=18 if spec.type in {"double", "currency", "percent"} else 0,
        scale=spec.scale,
        is_restricted=spec.is_restricted,
        is_unique=spec.is_unique,
        is_external_id=spec.is_external_id,
        values=tuple(PickValue(value=value, is_active=is_active) for value, is_active in spec.values),
    )
