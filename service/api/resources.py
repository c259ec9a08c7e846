"""The calls of /api/v1. Each parses, calls one function of the service, commits, renders."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort
from flask_smorest import Blueprint

from service.api import schemas
from service.api.who import needs, person, product, seen_owners
from service.audit.lens import Lens, Period, last_weeks
from service.audit.report import audit as audit_losses
from service.connections.show import connection_json
from service.errors import UsageFault
from service.golive.hold import hold
from service.people import users
from service.people.roles import Right, Role
from service.reminders.actions import Action, PastDayError, decide
from service.store.connections import all_connections, connection_named
from service.store.models import EpisodeRow, UserRow
from service.store.people import all_users, record_action
from service.store.queue_pages import queue_lines, whose_reminders
from service.store.stories import deal_lines, deal_story

SEE = (Right.SEE_ALL, Right.SEE_OWN)
WORK = (Right.WORK_ALL, Right.WORK_OWN)
v1 = Blueprint("v1", __name__, url_prefix="/api/v1", description="Lost deals, their reasons and their follow-ups.")


@v1.get("/audit")
@v1.arguments(schemas.LensQuery, location="query")
@v1.response(200, schemas.AuditPart)
@needs(*SEE)
def audit(query: dict[str, Any]) -> Any:
    """The rejection audit of a period; the last 13 weeks where none is given."""
    app = product()
    with app.store.read() as tx:
        return audit_losses(tx, _lens(tx, query, app.now().date()))


@v1.get("/deals")
@v1.arguments(schemas.DealQuery, location="query")
@v1.response(200, schemas.DealsPart)
@needs(*SEE)
def deals(query: dict[str, Any]) -> Any:
    """Lost deals, the latest loss first, fifty a page."""
    app = product()
    page, words = query.pop("page"), query.pop("q")
    with app.store.read() as tx:
        lens = _lens(tx, query, app.now().date())
        conditions = lens.conditions()
        if "start" in query or "end" in query:
            conditions.append(EpisodeRow.lost_on.between(lens.period.start, lens.period.end))
        lines, total = deal_lines(tx, conditions, words=words, page=page)
    return {"total": total, "page": page, "deals": lines}


@v1.get("/deals/<int:deal_row_id>")
@v1.response(200, schemas.DealStoryPart)
@v1.alt_response(404, description="There is no such deal, or it is not the person's to see.")
@needs(*SEE)
def deal(deal_row_id: int) -> Any:
    """One deal: the CRM's record, what it was taken to mean, the plan, the reminders and their history."""
    with product().store.read() as tx:
        story = deal_story(tx, deal_row_id) if deal_row_id <= schemas.LARGEST_ID else None
    if story is None or not person().may_see(story.deal.connection_id, story.deal.owner_id):
        abort(404, "There is no such deal.")
    return {
        "id": story.deal.id,
        "connection": story.connection.name,
        "deal_id": story.deal.crm_deal_id,
        "state": story.deal.state,
        "record": story.deal.record,
        "classification": story.classification.record if story.classification else None,
        "plan": story.plan.record if story.plan else None,
        "episodes": [
            {"number": one.number, "lost_on": one.lost_on, "ended_as": one.ended_as, "ended_on": one.ended_on}
            for one in story.episodes
        ],
        "reminders": [
            {"id": one.id, "purpose": one.purpose, "due_on": one.due_on, "state": one.state, "why": one.why}
            for one in story.reminders
        ],
        "events": [{"at": one.at, "who": one.who, "to": one.to_state, "why": one.why} for one in story.events],
    }


@v1.get("/reminders")
@v1.arguments(schemas.ReminderQuery, location="query")
@v1.response(200, schemas.RemindersPart)
@needs(*SEE)
def reminders(query: dict[str, Any]) -> Any:
    """A part of the queue, a hundred a page; `today` is the date in UTC."""
    app = product()
    day = app.now().date()
    with app.store.read() as tx:
        lines, total = queue_lines(
            tx,
            query["bucket"],
            day,
            owners=seen_owners(),
            owner_id=query.get("owner_id"),
            words=query["q"],
            page=query["page"],
        )
    return {"total": total, "page": query["page"], "today": day, "reminders": lines}


@v1.post("/reminders/done")
@v1.arguments(schemas.ActionBody)
@v1.response(200, schemas.ChangedPart)
@needs(*WORK)
def done(body: dict[str, Any]) -> Any:
    """These are done: their tasks are closed in the CRM and the next steps follow. Repeating it changes nothing."""
    return _act(Action.DONE, body)


@v1.post("/reminders/cancel")
@v1.arguments(schemas.ActionBody)
@v1.response(200, schemas.ChangedPart)
@needs(*WORK)
def cancel(body: dict[str, Any]) -> Any:
    """These end for their loss. Repeating it changes nothing."""
    return _act(Action.CANCEL, body)


@v1.post("/reminders/snooze")
@v1.arguments(schemas.SnoozeBody)
@v1.response(200, schemas.ChangedPart)
@needs(*WORK)
def snooze(body: dict[str, Any]) -> Any:
    """Move these to a later day and keep them there until then. Repeating it changes nothing."""
    return _act(Action.SNOOZE, body)


@v1.get("/connections")
@v1.response(200, schemas.ConnectionPart(many=True))
@needs(Right.RUN_CONNECTIONS)
def connections() -> Any:
    """All connections."""
    app = product()
    with app.store.read() as tx:
        rows = all_connections(tx)
    return [connection_json(row, base_url=app.settings.base_url, keyring=app.keyring) for row in rows]


@v1.get("/connections/<name>")
@v1.response(200, schemas.ConnectionPart)
@v1.alt_response(404, description="There is no such connection.")
@needs(Right.RUN_CONNECTIONS)
def connection(name: str) -> Any:
    """One connection."""
    app = product()
    with app.store.read() as tx:
        row = connection_named(tx, name)
    return connection_json(row, base_url=app.settings.base_url, keyring=app.keyring)


@v1.post("/connections/<name>/hold")
@v1.response(200, schemas.ConnectionPart)
@v1.alt_response(404, description="There is no such connection.")
@needs(Right.RUN_CONNECTIONS)
def hold_connection(name: str) -> Any:
    """Stop all writes of a connection at once. Repeating it changes nothing."""
    app, me = product(), person()
    with app.store.read() as tx:
        row = connection_named(tx, name)
    hold(app.store, row.id, who=me.email, why=f"Put on hold by {me.name}.", now=app.now())
    with app.store.begin() as tx:
        record_action(tx, who=me.email, what="hold", subject=name, now=app.now())
        row = connection_named(tx, name)
    return connection_json(row, base_url=app.settings.base_url, keyring=app.keyring)


@v1.get("/people")
@v1.response(200, schemas.PersonPart(many=True))
@needs(Right.MANAGE_PEOPLE)
def people() -> Any:
    """Everybody."""
    with product().store.read() as tx:
        return all_users(tx)


@v1.post("/people")
@v1.arguments(schemas.NewPersonBody)
@v1.response(201, schemas.InvitedPart)
@needs(Right.MANAGE_PEOPLE)
def add_person(body: dict[str, Any]) -> Any:
    """Add a person; the code sets their password, once, within three days."""
    app = product()
    with app.store.begin() as tx:
        now, who = app.now(), person().email
        user: UserRow = users.add_user(
            tx, email=body["email"], name=body["name"], role=Role(body["role"]), who=who, now=now
        )
        code = users.invite(tx, user, who=who, now=now)
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "is_active": user.is_active,
        "signed_in_at": user.signed_in_at,
        "code": code,
    }


def _act(action: Action, body: dict[str, Any]) -> dict[str, int]:
    app, me = product(), person()
    with app.store.begin() as tx:
        rows = whose_reminders(tx, body["ids"])
        mine = [id_ for id_, connection_id, owner_id in rows if me.may_work(connection_id, owner_id)]
        try:
            changed = decide(
                tx, mine, action, who=me.email, now=app.now(), until=body.get("until"), why=body["why"].strip()
            )
        except PastDayError as error:
            raise UsageFault(str(error), remedy="Name a later day.") from error
    return {"changed": len(changed)}


def _lens(tx: Any, query: dict[str, Any], today: date) -> Lens:
    recent = last_weeks(today)
    period = Period(start=query.get("start") or recent.start, end=query.get("end") or recent.end)
    if period.start > period.end:
        raise UsageFault("`from` is after `to`.", remedy="Swap them.")
    name = query.get("connection")
    narrowed = {key: value for key, value in query.items() if key not in ("start", "end", "connection")}
    return Lens(
        period=period,
        connection_id=connection_named(tx, name).id if name else None,
        owners=seen_owners(),
        **narrowed,
    )
