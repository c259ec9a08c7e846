"""Objects and their fields, as this org has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

LONG_TEXT_FROM = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PickValue:
    """One value of a picklist. Inactive ones stay on old records."""

    value: str
    is_active: bool = True
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    is_nillable: bool = True
    is_createable: bool = True
    is_updateable: bool = True
    is_defaulted: bool = False
    is_unique: bool = False
    is_external_id: bool = False
    is_calculated: bool = False
    is_restricted: bool = False
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None
    values: tuple[PickValue, ...] = ()

    @property
    def is_long_text(self) -> bool:
        """Whether it can be neither filtered nor sorted by."""
        return self.type == "textarea" and self.length >= LONG_TEXT_FROM

    @property
    def is_custom(self) -> bool:
        """Whether an admin made it."""
        return self.name.endswith("__c")

    @property
    def is_groupable(self) -> bool:
        """Whether GROUP BY takes it as it is."""
        return not self.is_long_text and self.type not in {"currency", "double", "percent", "datetime", "multipicklist"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A relationship down: `Account.Opportunities` is (Opportunities, Opportunity, AccountId)."""

    relationship: str
    object: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSpec:
    """One object. Field names are found whatever their case, and answered as they are spelt here."""

    name: str
    label: str
    prefix: str | None
    fields: dict[str, FieldSpec]
    children: tuple[Child, ...] = ()
    is_writable: bool = True
    lower: dict[str, FieldSpec] = field(default_factory=dict)

    def find(self, name: str) -> FieldSpec | None:
        """The field of this name in any case."""
        return self.lower.get(name.lower())

    def parent(self, relationship: str) -> FieldSpec | None:
        """The reference behind a relationship's name."""
        wanted = relationship.lower()
        for spec in self.fields.values():
            if spec.relationship and spec.relationship.lower() == wanted:
                return spec
        return None


def make_object(
    name: str,
    label: str,
    prefix: str | None,
    fields: Iterable[FieldSpec],
    *,
    children: tuple[Child, ...] = (),
    is_writable: bool = True,
) -> ObjectSpec:
    """An object with its fields indexed."""
    table = {spec.name: spec for spec in fields}
    return ObjectSpec(
        name=name,
        label=label,
        prefix=prefix,
        fields=table,
        children=children,
        is_writable=is_writable,
        lower={spec.name.lower(): spec for spec in table.values()},
    )


def read_only(spec: FieldSpec) -> FieldSpec:
    """The field as a user without the right to edit it sees it."""
    return replace(spec, is_createable=False, is_updateable=False)
