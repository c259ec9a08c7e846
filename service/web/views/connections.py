"""The connections: what each reads and writes, how it stands, its runs and its failed writes; hold and sync."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from service.connections.show import connection_json
from service.golive.hold import hold
from service.people.roles import Right
from service.store.connections import all_connections, connection_named
from service.store.models import OutboxRow, OutboxState, RunRow
from service.store.people import record_action
from service.web.who import person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/connections", "connections", connections)
    site.add_url_rule("/connections/<name>", "connection", connection)
    site.add_url_rule("/connections/<name>/hold", "connection_hold", hold_now, methods=["POST"])


@requires(Right.RUN_CONNECTIONS)
def connections() -> str | BaseResponse:
    """All of them."""
    with product().store.read() as tx:
        rows = all_connections(tx)
    return render_template("connections.html", rows=rows)


@requires(Right.RUN_CONNECTIONS)
def connection(name: str) -> str | BaseResponse:
    """One connection."""
    app = product()
    with app.store.read() as tx:
        row = connection_named(tx, name)
        runs = tx.scalars(
            select(RunRow).where(RunRow.connection_id == row.id).order_by(RunRow.id.desc()).limit(20)
        ).all()
        dead = tx.scalars(
            select(OutboxRow)
            .where(OutboxRow.connection_id == row.id, OutboxRow.state == OutboxState.DEAD)
            .order_by(OutboxRow.id.desc())
            .limit(50)
        ).all()
    shown = connection_json(row, base_url=app.settings.base_url, keyring=app.keyring)
    return render_template("connection.html", row=row, shown=shown, runs=runs, dead=dead)


@requires(Right.RUN_CONNECTIONS)
def hold_now(name: str) -> BaseResponse:
    """Stop all writes of a connection at once."""
    app, me = product(), person()
    with app.store.read() as tx:
        row = connection_named(tx, name)
    hold(app.store, row.id, who=me.email, why=f"Put on hold by {me.name}.", now=app.now())
    with app.store.begin() as tx:
        record_action(tx, who=me.email, what="hold", subject=name, now=app.now())
    flash(f"{name} is on hold: nothing is written to the CRM until it goes live again.")
    return redirect(url_for("site.connection", name=name), code=303)
