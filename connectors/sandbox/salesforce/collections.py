"""Up to 200 records in one call. The answer is 200 even if every record failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.sandbox.salesforce.errors import Entry, RefusedError
from connectors.sandbox.salesforce.ids import to_18
from connectors.sandbox.salesforce.rows import body_of, external_field, upsert_one
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.store import Store
from connectors.sandbox.salesforce.writing import Writer

MAX_RECORDS = 200
MAX_CHUNKS = 10
Outcome = dict[str, Any]
_ROLLED_BACK = Entry(
    code="ALL_OR_NONE_OPERATION_ROLLED_BACK",
    message="Record rolled back because not all records were valid and the request was using AllOrNone header",
)


class Collections:
    """The collections resource of one org. Methods raise RefusedError for the request as a whole."""

    def __init__(self, store: Store, schema: Mapping[str, ObjectSpec], writer: Writer) -> None:
        self.store = store
        self.schema = schema
        self.writer = writer

    def create(self, payload: Any, now: datetime) -> list[Outcome]:
        """`POST /composite/sobjects`."""

        def one(record: Any) -> tuple[str, None]:
            if "id" in {name.lower() for name in record}:
                raise RefusedError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call")
            return self.writer.create(self._type(record), body_of(record), now), None

        return self._each(payload, one)

    def update(self, payload: Any, now: datetime) -> list[Outcome]:
        """`PATCH /composite/sobjects`."""

        def one(record: Any) -> tuple[str, None]:
            spec, body = self._type(record), body_of(record)
            given = [name for name in body if name.lower() == "id"]
            record_id = to_18(str(body.pop(given[0]))) if given else None
            if record_id is None:
                raise RefusedError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
            self._update(spec, record_id, body, now)
            return record_id, None

        return self._each(payload, one)

    def upsert(self, type_name: str, field_name: str, payload: Any, now: datetime) -> list[Outcome]:
        """`PATCH /composite/sobjects/<T>/<field>`."""
        spec = self.spec(type_name)
        field = external_field(spec, field_name)
        seen: set[str] = set()

        def one(record: Any) -> tuple[str, bool]:
            if self._type(record).name != spec.name:
                raise RefusedError("INVALID_ARGUMENT", "all records must be of the type in the URL")
            body = body_of(record)
            given = [name for name in body if name.lower() == field.lower()]
            value = body.pop(given[0]) if given else None
            if not isinstance(value, str) or not value:
                raise RefusedError("MISSING_ARGUMENT", f"{field} not specified", fields=[field])
            if value.lower() in seen:
                raise RefusedError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", fields=[field])
            seen.add(value.lower())
            return upsert_one(self.writer, spec, field, value, body, now)

        return self._each(payload, one)

    def delete(self, args: Mapping[str, str], now: datetime) -> list[Outcome]:
        """`DELETE /composite/sobjects?ids=`."""
        ids = [part for part in args.get("ids", "").split(",") if part]
        if not ids:
            raise RefusedError("MISSING_ARGUMENT", "The ids parameter is required")

        def one(record_id: Any) -> tuple[str, None]:
            found = to_18(record_id)
            spec = next((spec for spec in self.schema.values() if found and spec.prefix == found[:3]), None)
            if found is None or spec is None:
                raise RefusedError("MALFORMED_ID", f"malformed id {record_id}")
            if self.store.get(spec.name, found) is None:
                raise RefusedError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            self.writer.delete(spec, found, now)
            return found, None

        all_or_none = args.get("allOrNone", "false").lower() == "true"
        return self._outcomes(ids, one, all_or_none=all_or_none)

    def spec(self, name: str) -> ObjectSpec:
        """The object of this name. Raises RefusedError."""
        for spec in self.schema.values():
            if spec.name.lower() == name.lower():
                return spec
        raise RefusedError("INVALID_TYPE", f"sObject type '{name}' is not supported.")

    def _type(self, record: Mapping[str, Any]) -> ObjectSpec:
        return self.spec(str(record["attributes"]["type"]))

    def _update(self, spec: ObjectSpec, record_id: str, body: Mapping[str, Any], now: datetime) -> None:
        if self.store.get(spec.name, record_id) is None:
            raise RefusedError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        self.writer.update(spec, record_id, body, now)

    def _each(self, payload: Any, one: Callable[[Any], tuple[str, bool | None]]) -> list[Outcome]:
        if not isinstance(payload, dict) or not isinstance(payload.get("records"), list):
            raise RefusedError("JSON_PARSER_ERROR", "The request body must be an object with a list of records")
        records = payload["records"]
        for record in records:
            if not isinstance(record, dict) or not isinstance(record.get("attributes"), dict):
                raise RefusedError("INVALID_INPUT", "each record must have attributes with a type")
            if not isinstance(record["attributes"].get("type"), str):
                raise RefusedError("INVALID_INPUT", "each record must have attributes with a type")
        types = [record["attributes"]["type"] for record in records]
        chunks = sum(1 for place, kind in enumerate(types) if place == 0 or types[place - 1] != kind)
        if chunks > MAX_CHUNKS:
            says = f"Cannot have more than {MAX_CHUNKS} chunks in a single operation."
            raise RefusedError("LIMIT_EXCEEDED", says)
        return self._outcomes(records, one, all_or_none=payload.get("allOrNone") is True)

    def _outcomes(
        self, items: Sequence[Any], one: Callable[[Any], tuple[str, bool | None]], *, all_or_none: bool
    ) -> list[Outcome]:
        if len(items) > MAX_RECORDS:
            raise RefusedError("LIMIT_EXCEEDED", f"record limit reached. cannot submit more than {MAX_RECORDS} records")
        saved = self.store.saved() if all_or_none else None
        outcomes = [self._outcome(item, one) for item in items]
        if saved is not None and not all(outcome["success"] for outcome in outcomes):
            self.store.restore(saved)
            rolled = {"success": False, "errors": [_ROLLED_BACK.inside()]}
            outcomes = [rolled if outcome["success"] else outcome for outcome in outcomes]
        return outcomes

    @staticmethod
    def _outcome(item: Any, one: Callable[[Any], tuple[str, bool | None]]) -> Outcome:
        try:
            record_id, created = one(item)
        except RefusedError as error:
            return {"success": False, "errors": [entry.inside() for entry in error.entries]}
        outcome: Outcome = {"id": record_id, "success": True, "errors": []}
        return outcome if created is None else {**outcome, "created": created}
