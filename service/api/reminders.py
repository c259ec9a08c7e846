"""The calls about the queue of follow-ups, many at once."""

from __future__ import annotations

from typing import Any

from service.api import schemas
from service.api.routes import SEE, WORK, Routes
from service.api.who import person, product, seen_owners
from service.deeds import queue
from service.errors import UsageFault
from service.people.roles import Right
from service.reminders.actions import Action
from service.store.connections import all_connections, connection_named
from service.store.queue_pages import PAGE, Part, colleagues, counts_by_bucket, queue_lines

calls = Routes("reminders", "The queue of follow-ups: what is due, and what people decide about it.")
ALL = (Right.WORK_ALL,)


@calls.call("GET", "/reminders", SEE, query=schemas.ReminderQuery, gives=schemas.RemindersPart)
def reminders(query: dict[str, Any]) -> Any:
    """A part of the queue, a hundred a page; `today` is the date in UTC."""
    app = product()
    day = app.now().date()
    with app.store.read() as tx:
        lines, total = queue_lines(
            tx,
            _part(query),
            day,
            owners=seen_owners(),
            connection_id=connection_named(tx, name).id if (name := query.get("connection")) else None,
            owner_id=query.get("owner_id"),
            words=query["q"],
            page=query["page"],
            size=query["limit"] or PAGE,
        )
    return {"total": total, "page": query["page"], "today": day, "reminders": lines}


def _part(query: dict[str, Any]) -> Part:
    start, end = query.get("start"), query.get("end")
    if start is None and end is None:
        return str(query["bucket"])
    if start is None or end is None or start > end:
        raise UsageFault("`from` and `to` go together, the earlier day first.", remedy="Give both, or a `bucket`.")
    return start, end


@calls.call("GET", "/reminders/counts", SEE, query=schemas.OwnerQuery, gives=schemas.BucketsPart)
def counts(query: dict[str, Any]) -> Any:
    """How many follow-ups are in each part of the queue."""
    app = product()
    with app.store.read() as tx:
        return counts_by_bucket(tx, app.now().date(), owners=seen_owners(), owner_id=query.get("owner_id"))


@calls.call("GET", "/colleagues", ALL, gives=schemas.ColleaguePart(many=True))
def whom() -> Any:
    """Whom follow-ups can be given to: active users of the CRM who own some, by name."""
    with product().store.read() as tx:
        names = {row.id: row.name for row in all_connections(tx)}
        return [
            {"connection": names[one.connection_id], "owner_id": one.owner_id, "email": one.email, "name": one.name}
            for one in colleagues(tx)
        ]


@calls.call("POST", "/reminders/done", WORK, takes=schemas.ActionBody, gives=schemas.ChangedPart)
def done(body: dict[str, Any]) -> Any:
    """These are done: their tasks are closed in the CRM and the next steps follow. Repeating it changes nothing."""
    return _act(Action.DONE, body)


@calls.call("POST", "/reminders/cancel", WORK, takes=schemas.ActionBody, gives=schemas.ChangedPart)
def cancel(body: dict[str, Any]) -> Any:
    """These end for their loss. Repeating it changes nothing."""
    return _act(Action.CANCEL, body)


@calls.call("POST", "/reminders/snooze", WORK, takes=schemas.SnoozeBody, gives=schemas.SnoozedPart)
def snooze(body: dict[str, Any]) -> Any:
    """Move these to a later day, or the next one on which people work where the account is, and keep them there until
    then. Repeating it changes nothing."""
    return _act(Action.SNOOZE, body)


@calls.call("POST", "/reminders/release", ALL, takes=schemas.IdsBody, gives=schemas.ChangedPart)
def release(body: dict[str, Any]) -> Any:
    """Take these out of the backlog and give them days; those of a connection on hold stay."""
    return {"changed": queue.release(product(), body["ids"], who=person())}


@calls.call("POST", "/reminders/reassign", ALL, takes=schemas.GiveBody, gives=schemas.ChangedPart, also=(404,))
def reassign(body: dict[str, Any]) -> Any:
    """Give these to a colleague, whatever becomes of the deal; their tasks in the CRM follow."""
    app = product()
    with app.store.read() as tx:
        connection_id = connection_named(tx, body["connection"]).id
    changed, _ = queue.give(app, body["ids"], connection_id=connection_id, owner_id=body["owner_id"], who=person())
    return {"changed": changed}


def _act(action: Action, body: dict[str, Any]) -> dict[str, Any]:
    acted = queue.act_on(product(), body["ids"], action, who=person(), until=body.get("until"), why=body["why"])
    days = {day.isoformat(): count for day, count in acted.days.items()}
    return {"changed": acted.changed, **({"days": days} if action is Action.SNOOZE else {})}
