"""What a write must satisfy, field by field, before it happens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

from connectors.sandbox.salesforce.errors import Entry, RefusedError, no_such_column
from connectors.sandbox.salesforce.ids import to_18
from connectors.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.soql.days import moment_text
from connectors.sandbox.salesforce.store import Record, Store

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ZONED = re.compile(r"T.*(Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)
_TEXTS = {"string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url"}
_NUMBERS = {"int", "double", "currency", "percent"}


class Checks:
    """The rules of one org. Everything here raises RefusedError or gives the values to store."""

    def __init__(self, store: Store, settings: OrgSettings) -> None:
        self.store = store
        self.settings = settings

    def accepted(self, spec: ObjectSpec, values: Mapping[str, Any], before: Record | None) -> Record:
        """The values under their right names and in their stored form."""
        self._object(spec)
        fields = self._fields(spec, values, before)
        accepted = {field.name: self._value(field, values[given]) for given, field in fields.items()}
        after = {**(before or {}), **accepted}
        self._required(spec, accepted, after, before)
        for name, value in accepted.items():
            if value is not None and spec.fields[name].type == "reference":
                self._reference(spec.fields[name], value, spec)
        return accepted

    def unbroken(self, name: str, record: Record, record_id: str | None) -> None:
        """The record as it would be: unique values, and the admin's own rules."""
        spec = self.store.schema[name]
        for field in spec.fields.values():
            value = record.get(field.name)
            if field.is_unique and value is not None:
                holder = self.store.id_by_key(name, field.name, value)
                if holder is not None and holder != record_id:
                    says = f"duplicate value found: {field.name} duplicates value on record with id: {holder[:15]}"
                    raise RefusedError("DUPLICATE_VALUE", says)
        broken = [rule for rule in self.settings.validation_rules if rule.object == name and rule.is_broken(record)]
        entries = [
            Entry(
                code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
                message=rule.message,
                fields=(rule.field,) if rule.field else (),
            )
            for rule in broken
        ]
        if entries:
            first, *more = entries
            raise RefusedError(first.code, first.message, fields=first.fields, more=more)

    def unlocked(self, *record_ids: str | None) -> None:
        """No row that the write touches is held by somebody else."""
        for record_id in record_ids:
            left = self.settings.locked_rows.get(record_id or "", 0)
            if left:
                self.settings.locked_rows[record_id or ""] = left - 1
                says = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
                raise RefusedError("UNABLE_TO_LOCK_ROW", says)

    def _object(self, spec: ObjectSpec) -> None:
        if spec.name not in self.settings.can_write or not spec.is_writable:
            says = f"insufficient access rights on entity: {spec.name}"
            raise RefusedError("INSUFFICIENT_ACCESS_OR_READONLY", says, status=403)

    def _fields(self, spec: ObjectSpec, values: Mapping[str, Any], before: Record | None) -> dict[str, FieldSpec]:
        fields: dict[str, FieldSpec] = {}
        for given in values:
            field = spec.find(given)
            if field is None:
                raise no_such_column(given, spec.name)
            fields[given] = field
        refused = [
            field.name
            for field in fields.values()
            if not (field.is_createable if before is None else field.is_updateable)
        ]
        if refused:
            says = (
                f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this "
                "field and verify that it is read/write for your profile or permission set."
            )
            raise RefusedError("INVALID_FIELD_FOR_INSERT_UPDATE", says, fields=refused)
        return fields

    def _required(self, spec: ObjectSpec, accepted: Record, after: Record, before: Record | None) -> None:
        candidates = spec.fields.values() if before is None else [spec.fields[name] for name in accepted]
        missing = [
            field.name
            for field in candidates
            if not field.is_nillable
            and field.is_createable
            and not (field.is_defaulted and field.name not in accepted)
            and after.get(field.name) is None
        ]
        if missing:
            says = f"Required fields are missing: [{', '.join(missing)}]"
            raise RefusedError("REQUIRED_FIELD_MISSING", says, fields=missing)

    def _value(self, field: FieldSpec, value: Any) -> Any:
        if value is None or value == "":
            return False if field.type == "boolean" else None
        if field.type in _TEXTS:
            return self._text(field, value)
        if field.type == "boolean":
            return self._typed(field, value, bool)
        if field.type in _NUMBERS:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _not_a("number", value)
            return round(float(value), field.scale) if field.type != "int" else int(value)
        if field.type == "date":
            return self._day(value) or _refuse("date", value)
        if field.type == "datetime":
            return self._moment(value) or _refuse("datetime", value)
        found = to_18(str(value))
        if found is None:
            says = f"{field.label}: id value of incorrect type: {value}"
            raise RefusedError("MALFORMED_ID", says, fields=[field.name])
        return found

    def _text(self, field: FieldSpec, value: Any) -> str:
        text = str(self._typed(field, value, str))
        if field.length and len(text) > field.length:
            says = f"{field.label}: data value too large: {text} (max length={field.length})"
            raise RefusedError("STRING_TOO_LONG", says, fields=[field.name])
        if field.is_restricted:
            allowed = {pick.value for pick in field.values if pick.is_active}
            chosen = text.split(";") if field.type == "multipicklist" else [text]
            bad = next((one for one in chosen if one not in allowed), None)
            if bad is not None:
                says = f"{field.label}: bad value for restricted picklist field: {bad}"
                raise RefusedError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", says, fields=[field.name])
        return text.strip() or text

    @staticmethod
    def _typed(field: FieldSpec, value: Any, kind: type) -> Any:
        if not isinstance(value, kind):
            raise _not_a(field.type, value)
        return value

    @staticmethod
    def _day(value: Any) -> str:
        try:
            found = _DAY.match(value) if isinstance(value, str) else None
            return date.fromisoformat(found.group()).isoformat() if found else ""
        except ValueError:
            raise _not_a("date", value) from None

    @staticmethod
    def _moment(value: Any) -> str:
        try:
            return moment_text(value)[:19] + ".000+0000" if isinstance(value, str) and _ZONED.search(value) else ""
        except ValueError:
            raise _not_a("datetime", value) from None

    def _reference(self, field: FieldSpec, value: str, spec: ObjectSpec) -> None:
        prefixes = {self.store.schema[name].prefix for name in field.refers_to if name in self.store.schema}
        if value[:3] not in prefixes:
            says = f"{field.label}: id value of incorrect type: {value}"
            raise RefusedError("FIELD_INTEGRITY_EXCEPTION", says, fields=[field.name])
        target = next(
            name
            for name in field.refers_to
            if name in self.store.schema and self.store.schema[name].prefix == value[:3]
        )
        found = self.store.get(target, value)
        if found is None:
            raise RefusedError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[field.name])
        if found.get("IsDeleted"):
            raise RefusedError("ENTITY_IS_DELETED", "entity is deleted", fields=[field.name])
        if field.name == "OwnerId" and not found.get("IsActive", True):
            says = f"operation performed with inactive user [{value}] as owner of {spec.name.lower()}"
            raise RefusedError("INACTIVE_OWNER_OR_USER", says)


def _not_a(kind: str, value: Any) -> RefusedError:
    word = "VALUE_STRING" if isinstance(value, str) else "VALUE_NUMBER_INT" if isinstance(value, int) else "value"
    says = f"Cannot deserialize instance of {kind} from {word} value {value} or request may be missing a required field"
    return RefusedError("JSON_PARSER_ERROR", f"{says} at [line:1, column:2]")


def _refuse(kind: str, value: Any) -> NoReturn:
    raise _not_a(kind, value)
