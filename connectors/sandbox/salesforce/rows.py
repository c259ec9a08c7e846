"""Single records: read, create, change, delete, upsert, and the logs of what changed or went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from connectors.sandbox.salesforce.errors import RefusedError, not_found
from connectors.sandbox.salesforce.ids import to_18
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.soql.days import moment_text
from connectors.sandbox.salesforce.store import Record, Store, stamp
from connectors.sandbox.salesforce.writing import Writer
from connectors.sandbox.wire import Response, json_response

DELETED_DAYS, UPDATED_DAYS = 15, 30


def body_of(values: Any) -> dict[str, Any]:
    """A record as sent, without its attributes."""
    if not isinstance(values, dict):
        raise RefusedError("JSON_PARSER_ERROR", "The HTTP entity body is not an object")
    return {name: value for name, value in values.items() if name != "attributes"}


def read(spec: ObjectSpec, record: Record, version: str, fields: str | None) -> Response:
    """One record with all its fields, or those asked for."""
    names = list(spec.fields)
    if fields:
        found = [(name, spec.find(name)) for name in fields.split(",")]
        for name, field in found:
            if field is None:
                raise RefusedError("INVALID_FIELD", f"No such column '{name}' on sobject of type {spec.name}")
        names = [field.name for _, field in found if field is not None]
        names = names if "Id" in names else [*names, "Id"]
    url = f"/services/data/v{version}/sobjects/{spec.name}/{record['Id']}"
    values = {name: record.get(name) for name in names}
    return json_response({"attributes": {"type": spec.name, "url": url}, **values})


def create(writer: Writer, spec: ObjectSpec, values: Any, now: datetime) -> Response:
    """`POST .../sobjects/<T>`."""
    body = body_of(values)
    if any(name.lower() == "id" for name in body):
        raise RefusedError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", fields=["Id"])
    record_id = writer.create(spec, body, now)
    return json_response({"id": record_id, "success": True, "errors": []}, status=201)


def update(writer: Writer, spec: ObjectSpec, record_id: str, values: Any, now: datetime) -> Response:
    """`PATCH .../sobjects/<T>/<id>`."""
    writer.update(spec, record_id, body_of(values), now)
    return Response(status=204)


def external_field(spec: ObjectSpec, name: str) -> str:
    """The external id of this name. Raises RefusedError."""
    field = spec.find(name)
    if field is None or not field.is_external_id:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field.name


def upsert_one(
    writer: Writer, spec: ObjectSpec, field: str, value: str, values: Mapping[str, Any], now: datetime
) -> tuple[str, bool]:
    """Create or change the record that carries an external id; its id, and whether it is new."""
    matches = writer.matches(spec, field, value)
    if len(matches) > 1:
        ids = ", ".join(one[:15] for one in matches)
        says = f"{field}: more than one record found for external id field: [{ids}]"
        raise RefusedError("DUPLICATE_EXTERNAL_ID", says, status=300)
    if matches:
        writer.update(spec, matches[0], values, now)
        return matches[0], False
    return writer.create(spec, {**values, field: value}, now), True


def upsert(
    writer: Writer, spec: ObjectSpec, name: str, value: str, values: Any, now: datetime, *, version: str, args: Any
) -> Response:
    """`PATCH .../sobjects/<T>/<field>/<value>`."""
    field, value, body = external_field(spec, name), unquote(value), body_of(values)
    given = [one for one in body if one.lower() in {field.lower(), "id"}]
    if given:
        says = f"The {given[0]} field should not be specified in the sobject data."
        raise RefusedError("INVALID_FIELD", says, fields=given)
    matches = writer.matches(spec, field, value)
    if len(matches) > 1:
        base = f"/services/data/v{version}/sobjects/{spec.name}"
        return json_response([f"{base}/{one}" for one in matches], status=300)
    if not matches and args.get("updateOnly", "").lower() == "true":
        raise not_found()
    record_id, is_new = upsert_one(writer, spec, field, value, body, now)
    answer = {"id": record_id, "success": True, "errors": [], "created": is_new}
    return json_response(answer, status=201 if is_new else 200)


def deleted(store: Store, spec: ObjectSpec, args: Mapping[str, str], now: datetime) -> Response:
    """`GET .../sobjects/<T>/deleted/`: what was deleted between two moments."""
    start, end = _span(args, now, days=DELETED_DAYS)
    found = [
        {"id": entry.id, "deletedDate": stamp(entry.at)}
        for entry in store.deletions
        if entry.object == spec.name and start <= stamp(entry.at) <= end
    ]
    earliest = stamp(now - timedelta(days=DELETED_DAYS))
    return json_response(
        {"deletedRecords": found, "earliestDateAvailable": earliest, "latestDateCovered": _covered(end, now)}
    )


def updated(store: Store, spec: ObjectSpec, args: Mapping[str, str], now: datetime) -> Response:
    """`GET .../sobjects/<T>/updated/`: the ids of what changed between two moments."""
    start, end = _span(args, now, days=UPDATED_DAYS)
    rows = store.rows(spec.name, now)
    ids = [row["Id"] for row in rows if not row.get("IsDeleted") and start <= row["SystemModstamp"] <= end]
    return json_response({"ids": ids, "latestDateCovered": _covered(end, now)})


def _span(args: Mapping[str, str], now: datetime, *, days: int) -> tuple[str, str]:
    try:
        start, end = moment_text(args["start"]), moment_text(args["end"])
    except KeyError as missing:
        raise RefusedError("MISSING_ARGUMENT", f"The {missing} parameter is required") from None
    except ValueError:
        # A plus sign that was not percent-encoded arrives as a blank.
        raise RefusedError("INVALID_REPLICATION_DATE", "the date is not in the ISO 8601 format") from None
    if start[:16] >= end[:16]:
        raise RefusedError("INVALID_REPLICATION_DATE", "endDate must be at least one minute after startDate")
    if start < stamp(now - timedelta(days=days)):
        raise RefusedError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    return start[:16], end[:16] + ":59.999+0000"  # seconds are ignored


def _covered(end: str, now: datetime) -> str:
    return min(end[:16] + ":00.000+0000", stamp(now))


def find(writer: Writer, spec: ObjectSpec, record_id: str) -> Record:
    """A live record for reading. Raises RefusedError."""
    if to_18(record_id) is None:
        raise not_found("The requested resource does not exist")
    return writer.live(spec, record_id)
