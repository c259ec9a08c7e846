"""The calls about connections as such: connecting, what is read of an account, settings, removing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import request

from connectors.base import Role
from connectors.registry import connector_specs
from service.api import connection_schemas as schemas
from service.api.routes import RUN, Routes, not_modified, seen_edition, tagged
from service.api.who import asking, person, product
from service.connections.choose import describe_now, look_at
from service.connections.foresee_scope import foresee_scope
from service.connections.limits import limits_used
from service.connections.show import connection_json
from service.deeds import connecting
from service.deeds.connecting import Account, edition_of
from service.store.connections import all_connections, connection_named, owners_of
from service.store.models import ConnectionRow
from service.store.scopes import counts_by, excluded_counts

calls = Routes("connections", "The CRM accounts: connecting them, and what is read of them.")
COLUMNS = {"by_record_type": "record_type", "by_pipeline": "pipeline", "by_type": "deal_type"}


@calls.call("GET", "/crms", RUN, gives=schemas.CrmPart(many=True))
def crms() -> Any:
    """The CRMs that can be connected, and what each way to authenticate needs."""
    return [
        {"key": one.key, "label": one.label, "default_url": one.default_url, "ways": one.auth, "options": one.options}
        for one in connector_specs().values()
    ]


@calls.call("GET", "/connections", RUN, gives=schemas.ConnectionPart(many=True))
def connections() -> Any:
    """All connections."""
    with product().store.read() as tx:
        return [shown(row) for row in all_connections(tx)]


@calls.call(
    "POST", "/connections", RUN, takes=schemas.AccountBody, gives=schemas.ConnectedPart, status=201, also=(404, 502)
)
@calls.alt_response(200, schema=schemas.ConnectedPart, description="New credentials for one that was there.")
def connect(body: dict[str, Any]) -> Any:
    """Connect an account, on hold; 200 where new credentials were entered for one that is there."""
    done, _ = connecting.connect_account(product(), Account(**body), who=person().email)
    more = {
        "found_fields": {str(role): list(names) for role, names in done.found_fields.items()},
        "warnings": list(done.warnings),
    }
    answer = {**shown(done.connection), **more}
    status = 201 if done.is_new else 200
    return tagged(answer, edition_of(done.connection), status)


@calls.call("GET", "/connections/<name>", RUN, gives=schemas.ConnectionPart, also=(404,))
def connection(name: str) -> Any:
    """One connection; its ETag stands for its fields, scope and settings."""
    with product().store.read() as tx:
        row = connection_named(tx, name)
    return not_modified(edition_of(row)) or tagged(shown(row), edition_of(row))


@calls.call(
    "PATCH",
    "/connections/<name>",
    RUN,
    takes=schemas.ConnectionSettingsBody,
    gives=schemas.ConnectionPart,
    also=(404, 412),
)
def change_settings(body: dict[str, Any], name: str) -> Any:
    """Set some of its settings, all or none."""
    row = connecting.change_settings(product(), name, body["settings"], who=person().email, edition=seen_edition())
    return tagged(shown(row), edition_of(row))


@calls.call("DELETE", "/connections/<name>", RUN, query=schemas.RemovalQuery, status=204, also=(404,))
def remove(query: dict[str, Any], name: str) -> Any:
    """Forget it and everything stored of it. While tasks of ours stand in its CRM that is refused: undo first, or have
    them left there as plain tasks."""
    gone = connecting.leave if query["tasks"] == "leave" else connecting.remove
    gone(product(), name, asking=asking(), who=person().email)
    return ""


@calls.call("GET", "/connections/<name>/crm-fields", RUN, gives=schemas.CrmFieldsPart, also=(404, 502))
def crm_fields(name: str) -> Any:
    """The CRM's own description of its fields, the likely ones marked, with sample values; asks the CRM."""
    look = look_at(product(), name)
    likely: dict[str, list[str]] = {}
    for role, names in look.likely.items():
        for one in names:
            likely.setdefault(one, []).append(str(role))
    fields = [
        {
            "name": one.name,
            "label": one.label,
            "type": one.type,
            "likely_for": likely.get(one.name, []),
            "samples": list(look.samples.get(one.name, ())),
        }
        for one in look.description.fields
    ]
    stages = [asdict(stage) for stage in look.description.stages]
    return {"fields": fields, "stages": stages, "warnings": list(look.description.warnings)}


@calls.call(
    "PUT", "/connections/<name>/fields", RUN, takes=schemas.FieldsBody, gives=schemas.ConnectionPart,
    also=(404, 412, 502),
)  # fmt: skip
def choose_fields(body: dict[str, Any], name: str) -> Any:
    """Read these fields in this scope; a change has the next sync read everything anew. Asks the CRM."""
    found = describe_now(product(), name)
    fields = {Role(role): tuple(dict.fromkeys(names)) for role, names in body["fields_"].items() if names}
    edition = seen_edition()
    connecting.choose(
        product(), name, fields, scope_record(body["scope"]), found=found, who=person().email, edition=edition
    )
    with product().store.read() as tx:
        row = connection_named(tx, name)
    return tagged(shown(row), edition_of(row))


@calls.call("GET", "/connections/<name>/scope", RUN, gives=schemas.ScopePart, also=(404,))
def scope(name: str) -> Any:
    """How many stored deals the scope takes and leaves out, and what it could choose by."""
    with product().store.read() as tx:
        row = connection_named(tx, name)
        inside, left_out = excluded_counts(tx, row.id)
        counted = {what: _counts(counts_by(tx, row.id, column)) for what, column in COLUMNS.items()}
    return {"inside": inside, "left_out": _counts(left_out), **counted}


@calls.call(
    "POST", "/connections/<name>/scope/count", RUN, takes=schemas.ScopeBody, gives=schemas.ForeseenPart, also=(404,),
    is_body_required=False,
)  # fmt: skip
def count_scope(body: dict[str, Any], name: str) -> Any:
    """What another scope would take of the stored deals. Nothing is saved: the mapping set's draft takes a scope."""
    with product().store.read() as tx:
        return foresee_scope(tx, connection_named(tx, name).id, scope_record(body))


@calls.call("GET", "/connections/<name>/owners", RUN, gives=schemas.OwnerPart(many=True), also=(404,))
def owners(name: str) -> Any:
    """The CRM's users, as of the last sync."""
    with product().store.read() as tx:
        return sorted(owners_of(tx, connection_named(tx, name).id).values(), key=lambda one: one.owner_id)


@calls.call("GET", "/connections/<name>/limits", RUN, gives=schemas.LimitPart(many=True), also=(404,))
def limits(name: str) -> Any:
    """The CRM's limits as our processes share them: how much of each window is used, and what is closed."""
    now = product().now()
    with product().store.read() as tx:
        return limits_used(tx, connection_named(tx, name), now=now)


def shown(row: ConnectionRow) -> dict[str, Any]:
    """A connection as the API tells it."""
    app = product()
    base = app.settings.base_url or request.url_root.rstrip("/")
    return connection_json(row, base_url=base, keyring=app.keyring)


def _counts(rows: Any) -> list[dict[str, Any]]:
    return [{"value": value, "deals": count} for value, count in rows]


def scope_record(given: dict[str, Any]) -> dict[str, Any]:
    """The scope as it is stored: nothing where nothing was said."""
    kept: dict[str, Any] = {}
    for kind, key in (("include", "include"), ("exclude", "exclude_")):
        named = {what: list(values) for what, values in (given.get(key) or {}).items() if values}
        if named:
            kept[kind] = named
    if given.get("min_amount") is not None:
        kept["min_amount"] = str(given["min_amount"])
    if given.get("reached_stage"):
        kept["reached_stage"] = given["reached_stage"]
    return kept
