"""The connections: how each stands, its health and runs; test, sync now, hold, and the keys of its webhooks."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from connectors.registry import connector_specs
from service.connections.leaving import leaving, what_is_stored
from service.connections.limits import limits_used
from service.connections.show import connection_json
from service.deeds import running
from service.deeds.jobs import GIVEN_UP_AFTER, Job
from service.deeds.letters import Box, dead_letters
from service.golive.undo import is_there_to_undo
from service.people.roles import Right
from service.store.connections import all_connections, connection_named
from service.store.models import ConnectionRow, RunRow
from service.store.runs import calls_since, latest_runs
from service.store.scopes import excluded_counts
from service.web.who import asking, person, product, requires

A_DAY = timedelta(days=1)
SHOWN_RUNS, SHOWN_LETTERS = 20, 50


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/connections", "connections", connections)
    site.add_url_rule("/leaving", "connections_leaving", connections_leaving)
    site.add_url_rule("/connections/<name>", "connection", connection)
    site.add_url_rule("/connections/<name>/live", "connection_live", live)
    site.add_url_rule("/connections/<name>/check", "connection_check", check, methods=["POST"])
    site.add_url_rule("/connections/<name>/sync", "connection_sync", sync_now, methods=["POST"])
    site.add_url_rule("/connections/<name>/hold", "connection_hold", hold_now, methods=["POST"])
    site.add_url_rule("/connections/<name>/webhook", "connection_rotate", rotate, methods=["POST"])


@requires(Right.RUN_CONNECTIONS)
def connections() -> str | BaseResponse:
    """All of them."""
    with product().store.read() as tx:
        rows, left = all_connections(tx), leaving(tx)
        stored = {row.id: what_is_stored(tx, row.id) for row in rows}
    return render_template("connections.html", rows=rows, left=left, stored=stored, specs=connector_specs())


@requires(Right.RUN_CONNECTIONS)
def connections_leaving() -> str | BaseResponse:
    """How far the deleting of removed connections is: asked for by the page again and again."""
    with product().store.read() as tx:
        left = leaving(tx)
    if not left:
        return Response(status=200, headers={"HX-Redirect": url_for("site.connections")})
    return render_template("_leaving.html", left=left)


@requires(Right.RUN_CONNECTIONS)
def connection(name: str) -> str | BaseResponse:
    """One connection."""
    return _page(name)


@requires(Right.RUN_CONNECTIONS)
def live(name: str) -> str | BaseResponse:
    """How the run that goes on stands: asked for by the page again and again, which reloads when it is over."""
    app = product()
    with app.store.read() as tx:
        row = connection_named(tx, name)
        newest = latest_runs(tx, row.id, limit=1)
    if not _is_waiting(row, newest):
        return Response(status=200, headers={"HX-Redirect": url_for("site.connection", name=name)})
    return render_template("_live.html", row=row, run=_running(row, newest))


@requires(Right.RUN_CONNECTIONS)
def check(name: str) -> BaseResponse:
    """Try the credentials, fields and rights now."""
    found = running.check(product(), name)
    wrong = sum(not one.ok for one in found.checks)
    flash("Everything works." if not wrong else f"{wrong} of {len(found.checks)} checks need a look.")
    return redirect(url_for("site.connection", name=name), code=303)


@requires(Right.RUN_CONNECTIONS)
def sync_now(name: str) -> BaseResponse:
    """Read the CRM now."""
    full = request.form.get("full") == "yes"
    return watched(name, running.sync_now(product(), name, full=full, asking=asking(), who=person().email))


@requires(Right.RUN_CONNECTIONS)
def hold_now(name: str) -> BaseResponse:
    """Stop all writes of a connection at once."""
    running.hold(product(), name, who=person())
    flash(f"{name} is on hold: nothing is written to the CRM until it goes live again.")
    return redirect(url_for("site.connection", name=name), code=303)


@requires(Right.RUN_CONNECTIONS)
def rotate(name: str) -> str | BaseResponse:
    """New keys for the senders of webhooks, shown this once; the former count for a while, unless they have leaked."""
    at_once = request.form.get("at_once") == "yes"
    me = person().email
    return _page(name, secrets=running.rotate_keys(product(), name, at_once=at_once, base_url=_base_url(), who=me))


def watched(name: str, job: Job) -> BaseResponse:
    """To the connection's page, which shows the run that begins now."""
    asked = int(job.asked_at.timestamp())
    return redirect(url_for("site.connection", name=name, after=job.after, asked=asked), code=303)


def _page(name: str, *, secrets: dict[str, object] | None = None) -> str | BaseResponse:
    app = product()
    with app.store.read() as tx:
        row = connection_named(tx, name)
        runs = latest_runs(tx, row.id, limit=SHOWN_RUNS)
        inside, left_out = excluded_counts(tx, row.id)
        dead_in, dead_out = _dead_letters(tx, row)
        limits = limits_used(tx, row, now=app.now())
        can_undo = is_there_to_undo(tx, row.id)
        calls = calls_since(tx, row.id, app.now() - A_DAY)
    shown = connection_json(row, base_url=_base_url(), keyring=app.keyring)
    shown["webhook"]["url"] = _without_token(shown["webhook"])
    page = render_template(
        "connection.html",
        row=row,
        spec=connector_specs().get(row.crm),
        shown=shown,
        runs=runs,
        inside=inside,
        left_out=left_out,
        dead_in=dead_in,
        dead_out=dead_out,
        secrets=secrets,
        limits=limits,
        can_undo=can_undo,
        calls=dict(calls.most_common()),
        run=_running(row, runs),
        is_waiting=_is_waiting(row, runs),
    )
    return make_response(page)


def _without_token(webhook: dict[str, str]) -> str:
    """The address with its secret part left out: it is shown when the keys are changed."""
    token = webhook.get("token")
    return webhook["url"].replace(token, "…") if token else webhook["url"]


def _dead_letters(tx: Session, row: ConnectionRow) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    in_, out = (dead_letters(tx, row, box, limit=SHOWN_LETTERS) for box in (Box.INBOX, Box.OUTBOX))
    return in_, out


def _is_held(row: ConnectionRow) -> bool:
    return row.sync_leased_until is not None and row.sync_leased_until > product().now()


def _running(row: ConnectionRow, runs: list[RunRow]) -> RunRow | None:
    """The run that goes on: unfinished, and somebody holds the connection for it."""
    return runs[0] if runs and runs[0].finished_at is None and _is_held(row) else None


def _is_waiting(row: ConnectionRow, runs: list[RunRow]) -> bool:
    """Whether something goes on, was asked for a moment ago and has not begun, or ends but still holds the connection.

    A page that said "done" before the connection is free would have its next button answered with "busy".
    """
    if _running(row, runs) is not None:
        return True
    after, asked = request.args.get("after", type=int), request.args.get("asked", type=int)
    if after is None or asked is None:
        return False
    if runs and runs[0].id > after:
        return _is_held(row)
    return product().now().timestamp() - asked < GIVEN_UP_AFTER.total_seconds()


def _base_url() -> str:
    return product().settings.base_url or request.url_root.rstrip("/")
