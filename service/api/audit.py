"""The calls about the audit: why deals are lost, what moved, how the follow-ups stand; and who is asking."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from service.api import audit_schemas, schemas
from service.api.routes import SEE, Routes
from service.api.who import person, product, seen_owners
from service.audit import trend
from service.audit.details import audit_details
from service.audit.export import audit_csv
from service.audit.lens import Lens, Period, last_weeks
from service.audit.report import audit as audit_losses
from service.errors import UsageFault
from service.store.connections import all_connections, connection_named

calls = Routes("audit", "Why deals are lost, what moved, and how the follow-ups stand.")
LONGEST_DAYS = 20 * 366
DETAILS = ("owners", "competitors", "industries", "countries", "amounts", "deadlines", "health")


@calls.call("GET", "/me", (), gives=audit_schemas.MePart)
def me() -> Any:
    """Whose token this is, and what it may do."""
    asks = person()
    with product().store.read() as tx:
        names = {row.id: row.name for row in all_connections(tx)}
    owners = [{"connection": names[id_], "owner_id": owner} for id_, owner in asks.owner_ids.items() if id_ in names]
    return {
        "email": asks.email,
        "name": asks.name,
        "role": asks.role,
        "rights": sorted(asks.rights),
        "owners": owners,
    }


@calls.call("GET", "/audit", SEE, query=schemas.LensQuery, gives=audit_schemas.AuditPart, also=(404,))
def audit(query: dict[str, Any]) -> Any:
    """The rejection audit of a period; the last 13 weeks where none is given."""
    app = product()
    with app.store.read() as tx:
        return audit_losses(tx, lens_of(tx, query, app.now().date()))


@calls.call("GET", "/audit/details", SEE, query=schemas.LensQuery, gives=audit_schemas.DetailsPart, also=(404,))
def details(query: dict[str, Any]) -> Any:
    """What stands beside the counts: weeks, owners, segments, deadlines, what becomes of tasks."""
    app = product()
    today = app.now().date()
    with app.store.read() as tx:
        lens = lens_of(tx, query, today)
        found = audit_details(tx, lens, today)
        weeks = trend.weeks(tx, lens)
    return {
        "today": today,
        "refusals": found["refusals"],
        "refusals_before": found["before"],
        "weeks": [{"monday": one.monday, "counts": dict(one.counts)} for one in weeks],
        "pareto": [
            {"category": one.category, "sub_reason": one.sub_reason, "deals": one.deals, "reached": one.reached}
            for one in found["pareto"]
        ],
        "standing": asdict(found["standing"]),
        "unknown_without_plan": found["unknown"],
        **{name: [asdict(one) for one in found[name]] for name in DETAILS},
    }


@calls.call("GET", "/audit.csv", SEE, query=schemas.LensQuery, media="text/csv", also=(404,))
def as_csv(query: dict[str, Any]) -> Response:
    """The categories of a period for a spreadsheet; no cell can be a formula."""
    app = product()
    with app.store.read() as tx:
        found = audit_losses(tx, lens_of(tx, query, app.now().date()))
    headers = {"Content-Disposition": "attachment; filename=audit.csv"}
    return Response(audit_csv(found), mimetype="text/csv", headers=headers)


def lens_of(tx: Session, query: dict[str, Any], today: date) -> Lens:
    """The lens that a query describes, over what the person may see. Raises UsageFault, NothingSuch."""
    recent = last_weeks(today)
    period = Period(start=query.get("start") or recent.start, end=query.get("end") or recent.end)
    if period.start > period.end:
        raise UsageFault("`from` is after `to`.", remedy="Swap them.")
    if (period.end - period.start).days > LONGEST_DAYS or period.start.year < 1990:
        raise UsageFault("The period is too long.", remedy="Take at most twenty years, from 1990 on.")
    name = query.get("connection")
    narrowed = {key: value for key, value in query.items() if key not in ("start", "end", "connection")}
    return Lens(
        period=period,
        connection_id=connection_named(tx, name).id if name else None,
        owners=seen_owners(),
        **narrowed,
    )
