"""What describe tells of an object: its fields, picklists and rights. Pure.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.base import FieldInfo

OPPORTUNITY, ACCOUNT, TASK = "Opportunity", "Account", "Task"
ACCOUNT_PREFIX = "Account."
_PICKLISTS = frozenset({"picklist", "multipicklist", "combobox"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SField:
    """One field of an object, as this user may see it. `values` holds inactive picklist values too."""

    name: str
    label: str = ""
    type: str = "string"
    length: int = 0
    values: tuple[tuple[str, str], ...] = ()
    default_value: str | None = None
    createable: bool = False
    updateable: bool = False
    filterable: bool = True
    unique: bool = False
    external_id: bool = False
    is_html: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SObject:
    """An object with the fields this user may see, by name; rights that are not told are taken as given."""

    name: str
    fields: Mapping[str, SField] = field(default_factory=dict)
    record_types: Mapping[str, str] = field(default_factory=dict)
    queryable: bool = True
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    replicateable: bool = True

    def without(self, names: frozenset[str]) -> SObject:
        """The same object as if it did not have these fields."""
        left = {name: one for name, one in self.fields.items() if name not in names}
        return SObject(
            name=self.name,
            fields=left,
            record_types=self.record_types,
            queryable=self.queryable,
            createable=self.createable,
            updateable=self.updateable,
            deletable=self.deletable,
            replicateable=self.replicateable,
        )


def parse_describe(content: Mapping[str, Any], *, name: str) -> SObject:
    """The object of a describe answer."""
    fields = (_field(entry) for entry in content.get("fields") or () if isinstance(entry, dict) and entry.get("name"))
    types = content.get("recordTypeInfos") or ()
    return SObject(
        name=name,
        fields={one.name: one for one in fields},
        record_types={str(one.get("recordTypeId")): str(one.get("name") or "") for one in types},
        queryable=content.get("queryable") is not False,
        createable=content.get("createable") is not False,
        updateable=content.get("updateable") is not False,
        deletable=content.get("deletable") is not False,
        replicateable=content.get("replicateable") is not False,
    )


def field_infos(sobject: SObject, *, prefix: str = "") -> tuple[FieldInfo, ...]:
    """The object's fields as the product lists them."""
    return tuple(
        FieldInfo(
            name=prefix + one.name,
            label=one.label,
            type=one.type,
            values=one.values,
            writable=one.updateable,
        )
        for one in sobject.fields.values()
    )


def _field(entry: Mapping[str, Any]) -> SField:
    name, kind = str(entry["name"]), str(entry.get("type") or "string")
    picklist = [one for one in entry.get("picklistValues") or () if isinstance(one, dict)] if kind in _PICKLISTS else []
    default = next((str(one.get("value")) for one in picklist if one.get("defaultValue") is True), None)
    return SField(
        name=name,
        label=str(entry.get("label") or name),
        type=kind,
        length=int(entry.get("length") or 0),
        values=tuple((str(one.get("value")), str(one.get("label") or one.get("value"))) for one in picklist),
        default_value=default,
        createable=entry.get("createable") is not False,
        updateable=entry.get("updateable") is not False,
        filterable=entry.get("filterable") is not False,
        unique=entry.get("unique") is True,
        external_id=entry.get("externalId") is True,
        is_html=entry.get("htmlFormatted") is True,
    )
