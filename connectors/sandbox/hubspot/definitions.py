"""Property definitions, pipelines and owners: what a portal's administrators set up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of an enumeration. Hidden ones stay valid on old records."""

    value: str
    label: str
    hidden: bool = False
    display_order: int = -1

    def as_json(self) -> dict[str, Any]:
        """As the properties API shows it."""
        return {
            "label": self.label,
            "value": self.value,
            "hidden": self.hidden,
            "displayOrder": self.display_order,
            "description": "",
        }


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property of an object type. `is_read_only` speaks of its values."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: tuple[Option, ...] = ()
    is_unique: bool = False
    is_calculated: bool = False
    is_read_only: bool = False
    is_hubspot_defined: bool = True
    has_external_options: bool = False
    is_archived: bool = False
    created_at: str = "2019-08-06T02:41:08.029Z"

    @cached_property
    def option_values(self) -> frozenset[str]:
        """The values that may be stored, hidden ones included."""
        return frozenset(option.value for option in self.options)

    def as_json(self) -> dict[str, Any]:
        """As the properties API shows it."""
        return {
            "updatedAt": self.created_at,
            "createdAt": self.created_at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.as_json() for option in self.options],
            **({"referencedObjectType": "OWNER"} if self.has_external_options else {}),
            "displayOrder": -1,
            "calculated": self.is_calculated,
            "externalOptions": self.has_external_options,
            "archived": self.is_archived,
            "hasUniqueValue": self.is_unique,
            "hidden": False,
            **({"hubspotDefined": True} if self.is_hubspot_defined else {}),
            "modificationMetadata": {
                "archivable": not self.is_hubspot_defined,
                "readOnlyDefinition": self.is_hubspot_defined,
                "readOnlyOptions": self.is_hubspot_defined and self.type != "enumeration",
                "readOnlyValue": self.is_read_only,
            },
            "formField": not self.is_read_only,
            "dataSensitivity": "non_sensitive",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a deal pipeline."""

    id: str
    label: str
    probability: str
    is_closed: bool = False

    @property
    def is_lost(self) -> bool:
        """Closed with no chance left."""
        return self.is_closed and self.probability == "0.0"

    @property
    def is_won(self) -> bool:
        """Closed for certain."""
        return self.is_closed and self.probability == "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A deal pipeline with its stages in order."""

    id: str
    label: str
    stages: tuple[Stage, ...]
    display_order: int = 0

    def as_json(self, created_at: str) -> dict[str, Any]:
        """As the pipelines API shows it: metadata values are text."""
        dates = {"createdAt": created_at, "updatedAt": created_at, "archived": False}
        stages = [
            {
                "label": stage.label,
                "displayOrder": order,
                "metadata": {"isClosed": "true" if stage.is_closed else "false", "probability": stage.probability},
                "id": stage.id,
                **dates,
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            }
            for order, stage in enumerate(self.stages)
        ]
        return {"label": self.label, "displayOrder": self.display_order, "id": self.id, "stages": stages, **dates}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A person who can own records. `id` is the owner id, which is not the user id."""

    id: int
    user_id: int
    email: str
    first_name: str
    last_name: str
    is_archived: bool = False

    def as_json(self, created_at: str) -> dict[str, Any]:
        """As the owners API shows it; a deactivated one has no user id any more."""
        return {
            "id": str(self.id),
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            **({} if self.is_archived else {"userId": self.user_id}),
            "userIdIncludingInactive": self.user_id,
            "createdAt": created_at,
            "updatedAt": created_at,
            "archived": self.is_archived,
        }
