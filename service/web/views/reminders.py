"""The queue of follow-ups: overdue, today, this week, later, backlog; done, snooze, end, give and release in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.deeds.queue import act_on, give, release
from service.errors import UsageFault
from service.people.roles import Right
from service.reminders.actions import Action
from service.store.deals import has_deals
from service.store.queue_pages import QueueLine, colleagues, counts_by_bucket, queue_lines
from service.web.filters import is_nobody, link, seen_owners, span_of_request, today
from service.web.who import person, product, requires

BUCKETS = ("overdue", "today", "week", "later", "backlog")
NAMES = {"overdue": "Overdue", "today": "Today", "week": "This week", "later": "Later", "backlog": "Backlog"}
SAYS = {
    Action.DONE: "{} done. The next step of each follows.",
    Action.CANCEL: "{} ended.",
    Action.SNOOZE: "{} moved to {}.",
}
MANAGERS = ("release", "reassign")
SNOOZES = {"week": 7, "month": 30, "quarter": 91}


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/reminders", "reminders", reminders)
    site.add_url_rule("/reminders/act", "reminders_act", act, methods=["POST"])


@requires(Right.SEE_ALL, Right.SEE_OWN)
def reminders() -> str | BaseResponse:
    """One bucket of the queue, the most urgent that has something where none is named."""
    owner, words = request.args.get("owner_id"), request.args.get("q", "")
    page = max(1, request.args.get("page", 1, type=int))
    day, span = today(), span_of_request()
    whose: dict[str, Any] = {"owners": seen_owners(), "owner_id": owner}
    whose["connection_id"] = request.args.get("connection_id", type=int)
    with product().store.read() as tx:
        counts = counts_by_bucket(tx, day, **whose)
        named = request.args.get("bucket", "")
        bucket = named if named in BUCKETS else next((name for name in BUCKETS if counts[name]), "week")
        lines, total = queue_lines(tx, span or bucket, day, words=words, page=page, **whose)
        is_read = bool(lines) or has_deals(tx)
        people = colleagues(tx) if person().may(Right.WORK_ALL) else []
    return render_template(
        "reminders.html",
        people=people,
        chosen_owner=owner,
        lines=list(_by_day(lines)) if span or bucket != "backlog" else [(None, lines)],
        counts=counts,
        bucket="" if span else bucket,
        span=span,
        names=NAMES,
        total=total,
        page=page,
        link=link,
        words=words,
        is_read=is_read,
        is_nobody=is_nobody(),
        today=day,
    )


@requires(Right.WORK_ALL, Right.WORK_OWN)
def act() -> BaseResponse:
    """Done, snoozed or ended, for the chosen ones that the person may work on."""
    chosen = [int(text) for text in request.form.getlist("id") if text.isdecimal()]
    if not chosen:
        raise UsageFault("No follow-up was chosen.", remedy="Tick the ones you mean, then use the button.")
    verb = request.form.get("verb")
    if verb in MANAGERS:
        return _handed(chosen, verb)
    if verb not in set(Action):
        raise UsageFault("Nothing was chosen to do.", remedy="Use one of the buttons: done, snooze or end.")
    action, why = Action(request.form["verb"]), request.form.get("why", "").strip()
    until = _until(today()) if action is Action.SNOOZE else None
    acted = act_on(product(), chosen, action, who=person(), until=until, why=why)
    if action is not Action.SNOOZE or not acted.days:
        flash(SAYS[action].format(acted.changed, g.reader.day(until)))
    for day, count in acted.days.items():
        other = f", the next working day: on {g.reader.weekday(until)} nobody works there" if day != until else ""
        flash(f"{count} moved to {g.reader.day(day)}{other}.")
    return _back()


def _handed(chosen: Sequence[int], verb: str) -> BaseResponse:
    """Given to a colleague, or released from the backlog: for those who work on everybody's."""
    app, me = product(), person()
    if not me.may(Right.WORK_ALL):
        abort(403)
    if verb == "release":
        changed = release(app, chosen, who=me)
        flash(f"{changed} released from the backlog." if changed else "On hold: nothing can be released.")
    else:
        connection, _, owner_id = request.form.get("colleague", "").partition(":")
        number = int(connection) if connection.isdecimal() and len(connection) < 10 else 0
        changed, owner = give(app, chosen, connection_id=number, owner_id=owner_id, who=me)
        flash(f"{changed} given to {owner.name or owner.email}.")
    return _back()


def _back() -> BaseResponse:
    return redirect(request.form["back"] if _is_ours() else url_for("site.reminders"), code=303)


def _is_ours() -> bool:
    back = request.form.get("back", "")
    return back.startswith(("/reminders", "/deals/"))


def _until(day: date) -> date:
    given = request.form.get("until", "")
    if given in SNOOZES:
        return day + timedelta(days=SNOOZES[given])
    try:
        until = date.fromisoformat(given)
    except ValueError as error:
        raise UsageFault(f"{given!r} is no day.", remedy="Choose a day to snooze until.") from error
    if until <= day:
        raise UsageFault(f"{until.isoformat()} is not after today.", remedy="Choose a later day.")
    return until


def _by_day(lines: Sequence[QueueLine]) -> Iterator[tuple[date, list[QueueLine]]]:
    days: dict[date, list[QueueLine]] = {}
    for line in lines:
        days.setdefault(line.due_on, []).append(line)
    yield from days.items()
