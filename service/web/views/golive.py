"""Going live and taking back: each shows what it would do, and does it when that is confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.connections.state import refuse_without_credentials
from service.deeds import running
from service.errors import UsageFault
from service.golive.report import GoLiveRequest
from service.golive.undo import is_there_to_undo
from service.people.roles import Right
from service.store.connections import connection_named, owners_of
from service.store.scopes import lost_by_owner
from service.web.views.connections import watched
from service.web.who import asking, person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/connections/<name>/go-live", "connection_go_live", go_live, methods=["GET", "POST"])
    site.add_url_rule("/connections/<name>/undo", "connection_undo", undo, methods=["GET", "POST"])


@requires(Right.RUN_CONNECTIONS)
def go_live(name: str) -> str | BaseResponse:
    """Choose a pilot, see what would be written by month, owner and category, and confirm."""
    app = product()
    with app.store.read() as tx:
        row = connection_named(tx, name)
        people, lost = owners_of(tx, row.id), lost_by_owner(tx, row.id)
    if row.last_sync_at is None:
        return redirect(url_for("site.connection", name=name))
    refuse_without_credentials(row)
    if request.method == "POST":
        wanted = _request()
        return watched(name, running.go_live(app, name, wanted, asking=asking(), who=person().email))
    found = running.announce_go_live(app, name, _request()).as_json() if "count" in request.args else None
    owners = sorted(
        ((people[id_].name or people[id_].email, people[id_].email, lost[id_]) for id_ in lost if id_ in people),
        key=lambda one: str(one[0]).casefold(),
    )
    emails = {one.email: one.name or one.email for one in people.values()}
    return render_template("go_live.html", row=row, owners=owners, found=found, names=emails)


@requires(Right.RUN_CONNECTIONS)
def undo(name: str) -> str | BaseResponse:
    """See what would be taken back and what a person has touched, and confirm."""
    app = product()
    with app.store.read() as tx:
        row = connection_named(tx, name)
        can_undo = is_there_to_undo(tx, row.id)
    since = _since()
    if request.method == "POST":
        return watched(name, running.undo(app, name, since=since, asking=asking(), who=person().email))
    found = running.announce_undo(app, name, since=since).as_json()
    return render_template("undo.html", row=row, found=found, since=request.args.get("since", ""), can_undo=can_undo)


def _request() -> GoLiveRequest:
    given = request.values
    limit = given.get("limit", "").strip()
    if limit and not (limit.isascii() and limit.isdecimal() and int(limit[:9]) > 0 and len(limit) < 9):
        raise UsageFault(f"{limit!r} is no number of tasks.", remedy="Give a whole number, or leave it empty.")
    return GoLiveRequest(
        owner_emails=tuple(email for email in given.getlist("owner") if email),
        limit=int(limit) if limit else None,
        lost_since=_day(given.get("lost_since", "")),
    )


def _since() -> datetime | None:
    day = _day(request.values.get("since", ""))
    return datetime.combine(day, time(), UTC) if day else None


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageFault(f"{text!r} is no day.", remedy="Choose one, or leave it empty.") from error
