"""The SFDX project as values: its files by kind, its fields, what a permission set grants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

from connectors.sandbox.salesforce.settings import CustomField

ROOT = Path(__file__).parents[3] / "deploy" / "salesforce"
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_TYPES = {"Text": "string", "Date": "date", "Number": "double", "Picklist": "picklist"}
_OBJECTS = {"Activity": "Task"}
"""Custom fields of tasks are defined on Activity; everybody else calls them the task's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a permission set allows on one field or object."""

    may_read: bool
    may_edit: bool


def files(kind: str = "*") -> list[Path]:
    """The metadata files, of one kind where it is named: `field`, `flow`, ..."""
    return sorted(ROOT.glob(f"*/main/default/**/*.{kind}-meta.xml"))


def root_of(path: Path) -> Element:
    """The document's root."""
    found: Element | None = parse(path).getroot()
    assert found is not None, path
    return found


def words(element: Element, *names: str) -> str:
    """The text of the first element of that path; empty where there is none."""
    found = element.find("/".join(f"{NAMESPACE}{name}" for name in names))
    return (found.text or "") if found is not None else ""


def every(element: Element, *names: str) -> list[Element]:
    """All elements of that path."""
    return element.findall("/".join(f"{NAMESPACE}{name}" for name in names))


def texts(element: Element, *names: str) -> list[str]:
    """The texts of all elements of that path."""
    return [one.text or "" for one in every(element, *names)]


def custom_fields() -> Iterator[CustomField]:
    """The fields as an org then has them."""
    for path in files("field"):
        field, owner = root_of(path), path.parent.parent.name
        values = every(field, "valueSet", "valueSetDefinition", "value")
        yield CustomField(
            object=_OBJECTS.get(owner, owner),
            name=words(field, "fullName"),
            type=_TYPES[words(field, "type")],
            label=words(field, "label"),
            length=int(words(field, "length") or 0),
            values=tuple((words(one, "fullName"), True) for one in values),
            is_restricted=words(field, "valueSet", "restricted") == "true",
            is_unique=words(field, "unique") == "true",
            is_external_id=words(field, "externalId") == "true",
            scale=int(words(field, "scale") or 0),
        )


def field_grants(permission_set: str) -> dict[str, Grant]:
    """What a permission set allows, by field (Opportunity.Amount)."""
    return {
        words(one, "field"): Grant(may_read=words(one, "readable") == "true", may_edit=words(one, "editable") == "true")
        for one in every(_permission_set(permission_set), "fieldPermissions")
    }


def object_grants(permission_set: str) -> dict[str, Grant]:
    """What a permission set allows, by object."""
    return {
        words(one, "object"): Grant(
            may_read=words(one, "allowRead") == "true", may_edit=words(one, "allowEdit") == "true"
        )
        for one in every(_permission_set(permission_set), "objectPermissions")
    }


def user_rights(permission_set: str) -> set[str]:
    """The rights a permission set gives beside fields and objects."""
    return set(texts(_permission_set(permission_set), "userPermissions", "name"))


def _permission_set(name: str) -> Element:
    return root_of(ROOT / "force-app/main/default/permissionsets" / f"{name}.permissionset-meta.xml")
