"""Fields of a query found in the schema, and how to get at their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from connectors.sandbox.salesforce.errors import RefusedError
from connectors.sandbox.salesforce.schema import FieldSpec, ObjectSpec, make_object
from connectors.sandbox.salesforce.soql.parse import located, malformed
from connectors.sandbox.salesforce.soql.tree import Call, Path
from connectors.sandbox.salesforce.store import Record, Store

Getter = Callable[[Record], Any]

# What a reference to several kinds of record leads to: only what they all have.
NAME = make_object(
    "Name",
    "Name",
    None,
    [
        FieldSpec(name="Id", type="id", label="ID", length=18),
        FieldSpec(name="Name", type="string", label="Full Name", length=255),
        FieldSpec(name="FirstName", type="string", label="First Name", length=40),
        FieldSpec(name="LastName", type="string", label="Last Name", length=80),
        FieldSpec(name="Type", type="picklist", label="Type", length=40),
        FieldSpec(name="Email", type="email", label="Email", length=80),
        FieldSpec(name="IsActive", type="boolean", label="Active"),
        FieldSpec(name="Phone", type="phone", label="Phone", length=40),
        FieldSpec(name="Title", type="string", label="Title", length=80),
        FieldSpec(name="Username", type="string", label="Username", length=80),
    ],
    is_writable=False,
)
_YES = "If you are attempting to use a custom"
_DATE_PARTS: dict[str, Callable[[str], Any]] = {
    "CALENDAR_YEAR": lambda text: int(text[:4]),
    "FISCAL_YEAR": lambda text: int(text[:4]),
    "CALENDAR_MONTH": lambda text: int(text[5:7]),
    "FISCAL_MONTH": lambda text: int(text[5:7]),
    "CALENDAR_QUARTER": lambda text: (int(text[5:7]) + 2) // 3,
    "FISCAL_QUARTER": lambda text: (int(text[5:7]) + 2) // 3,
    "DAY_IN_MONTH": lambda text: int(text[8:10]),
    "DAY_ONLY": lambda text: text[:10],
}


@dataclass(frozen=True, slots=True)
class Bound:
    """A field or a function of one: its kind, and its value in a record."""

    name: str
    kind: str
    get: Getter
    spec: FieldSpec | None
    object: ObjectSpec


@dataclass(frozen=True, slots=True)
class Scope:
    """What a query is understood against."""

    text: str
    store: Store
    schema: Mapping[str, ObjectSpec]
    now: datetime
    zone: tzinfo
    is_all: bool
    version: str

    def invalid_field(self, message: str, at: int) -> RefusedError:
        """The query names something that is not there or cannot be used so."""
        return RefusedError("INVALID_FIELD", located(message, self.text, at))

    def malformed(self, message: str, at: int) -> RefusedError:
        """The query is not put together as it must be."""
        return malformed(message, self.text, at)

    def parent_object(self, reference: FieldSpec) -> ObjectSpec:
        """What a reference leads to."""
        return self.schema[reference.refers_to[0]] if len(reference.refers_to) == 1 else NAME

    def parent_of(self, reference: FieldSpec) -> Callable[[Record], Record | None]:
        """Goes from a record to the one it refers to."""
        field, targets = reference.name, [name for name in reference.refers_to if name in self.schema]
        if len(targets) == 1 and len(reference.refers_to) == 1:
            table = self.store.tables[targets[0]]
            return lambda record: table.get(record[field])
        return lambda record: self._named(record.get(field), targets)

    def _named(self, record_id: str | None, targets: list[str]) -> Record | None:
        for target in targets:
            found = self.store.get(target, record_id)
            if found is not None:
                return {**dict.fromkeys(NAME.fields), **found, "Type": target}
        return None

    def steps(self, path: Path, source: ObjectSpec, alias: str | None) -> tuple[str, ...]:
        """The path's names without the object's own name or alias in front."""
        names = path.names
        if len(names) > 1 and names[0].lower() in {source.name.lower(), (alias or source.name).lower()}:
            return names[1:]
        return names

    def bind(self, what: Path | Call, source: ObjectSpec, alias: str | None = None) -> Bound:
        """The field or function as something that can be asked. Raises RefusedError."""
        if isinstance(what, Call):
            return self._bind_call(what, source, alias)
        names = self.steps(what, source, alias)
        reference, parents = self._walk(names[:-1], source, what.at)
        spec = reference.find(names[-1])
        if spec is None:
            raise self.invalid_field(no_such_column(names[-1], reference.name), what.at)
        return Bound(what.text, spec.type, _through(parents, spec.name), spec, reference)

    def _walk(
        self, names: tuple[str, ...], source: ObjectSpec, at: int
    ) -> tuple[ObjectSpec, list[Callable[[Record], Record | None]]]:
        parents = []
        for name in names:
            reference = source.parent(name)
            if reference is None or not reference.refers_to:
                says = f"Didn't understand relationship '{name}' in field path. {_YES} relationship, be sure to append"
                raise self.invalid_field(f"{says} the '__r' after the custom relationship name.", at)
            parents.append(self.parent_of(reference))
            source = self.parent_object(reference)
        return source, parents

    def _bind_call(self, call: Call, source: ObjectSpec, alias: str | None) -> Bound:
        if call.argument is None:
            raise self.malformed(f"unexpected token: '{call.name}'", call.at)
        if call.name in {"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"}:
            return self.bind(call.argument, source, alias)
        part = _DATE_PARTS.get(call.name)
        if part is None:
            raise self.malformed(f"unexpected token: '{call.name}'", call.at)
        inner = self.bind(call.argument, source, alias)
        if inner.kind not in {"date", "datetime"}:
            raise self.invalid_field(f"field {inner.name} does not support date function {call.name}", call.at)
        kind = "date" if call.name == "DAY_ONLY" else "int"
        return Bound(call.name, kind, _of_text(part, inner.get), None, inner.object)


def no_such_column(column: str, entity: str) -> str:
    """How a query is told that a field does not exist."""
    return (
        f"No such column '{column}' on entity '{entity}'. {_YES} field, be sure to append the '__c' after the custom "
        "field name. Please reference your WSDL or the describe call for the appropriate names."
    )


def _of_text(part: Callable[[str], Any], get: Getter) -> Getter:
    def value(record: Record) -> Any:
        text = get(record)
        return None if text is None else part(text)

    return value


def _through(parents: list[Callable[[Record], Record | None]], name: str) -> Getter:
    if not parents:
        return lambda record: record.get(name)

    def value(record: Record) -> Any:
        at: Record | None = record
        for parent in parents:
            at = parent(at) if at is not None else None
        return None if at is None else at.get(name)

    return value
