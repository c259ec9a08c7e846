"""A connection's settings, and leaving it: with everything taken back, or with its tasks left as plain tasks."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from connectors.registry import connector_spec
from service.connections.leaving import what_is_stored
from service.connections.settings import SLACK
from service.deeds import connecting
from service.errors import RekindleError, UsageFault
from service.people.roles import Right
from service.store.connections import connection_named, owners_of
from service.store.models import ConnectionRow
from service.web.who import asking, person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/connections/<name>/settings", "connection_settings", settings, methods=["GET", "POST"])
    site.add_url_rule("/connections/<name>/remove", "connection_remove", remove, methods=["GET", "POST"])


@requires(Right.RUN_CONNECTIONS)
def settings(name: str) -> str | BaseResponse:
    """Show them, or save those that were changed; a fault is shown above the form, with what was typed."""
    if request.method == "GET":
        return _settings(name)
    try:
        changed = _save(name)
    except RekindleError as error:
        return make_response(_settings(name, fault=str(error)), 400)
    flash(f"Saved: {', '.join(changed).replace('_', ' ')}." if changed else "Nothing was changed.")
    return redirect(url_for("site.connection", name=name), code=303)


@requires(Right.RUN_CONNECTIONS)
def remove(name: str) -> str | BaseResponse:
    """Say what is forgotten and what stays in the CRM; do it when the name is typed."""
    app, me = product(), person()
    with app.store.read() as tx:
        row = connection_named(tx, name)
        counts = what_is_stored(tx, row.id)
    if request.method == "GET":
        return render_template("leave.html", row=row, counts=counts, fault=None)
    try:
        if request.form.get("typed", "").strip() != row.name:
            raise UsageFault("The name is another one.", remedy=f"Type {row.name} to confirm.")
        if request.form.get("tasks") == "leave":
            left = connecting.leave(app, name, asking=asking(), who=me.email)
        else:
            left = connecting.remove(app, name, asking=asking(), who=me.email)
    except RekindleError as error:
        return make_response(render_template("leave.html", row=row, counts=counts, fault=str(error)), 400)
    flash(f"{name} is forgotten." if not left else f"{name} is removed; what is stored of it is being deleted.")
    return redirect(url_for("site.connections"), code=303)


def _save(name: str) -> list[str]:
    """Set what differs from what is in force; which that was."""
    app, form = product(), request.form
    with app.store.read() as tx:
        row = connection_named(tx, name)
        before = _values(tx, row)
    changed = {key: form[key].strip() for key in before if key in form and form[key].strip() != before[key]}
    address = "" if form.get("forget_slack") else form.get(SLACK, "").strip()
    if address or (form.get("forget_slack") and row.slack):
        changed = {SLACK: address, **changed}
    if changed:
        connecting.change_settings(app, name, changed, who=person().email)
    return list(changed)


def _settings(name: str, *, fault: str | None = None) -> str:
    app = product()
    with app.store.read() as tx:
        row = connection_named(tx, name)
        values = _values(tx, row)
        people = sorted(
            (one for one in owners_of(tx, row.id).values() if one.is_active and one.email), key=lambda one: one.name
        )
    return render_template(
        "settings.html",
        row=row,
        values={**values, **request.form.to_dict()},
        options=connector_spec(row.crm).options,
        people=people,
        has_mail=bool(app.settings.smtp_url),
        every=round(app.settings.sync_every_s / 60),
        fault=fault,
    )


def _values(tx: Session, row: ConnectionRow) -> dict[str, str]:
    """The settings as the form spells them."""
    fallback = owners_of(tx, row.id).get(row.fallback_owner_id or "")
    minutes = row.sync_every_minutes
    return {
        "notes": row.notes,
        "retention_days": _spelt(row.retention_days),
        "one_task_per_account": "on" if row.one_task_per_account else "off",
        "account_sense": "on" if row.account_sense else "off",
        "write_ahead_days": _spelt(row.write_ahead_days),
        "fallback_owner": fallback.email if fallback else "",
        "sync_every_minutes": "off" if minutes == 0 else _spelt(minutes),
        "morning_hour": str(row.morning_hour),
        "digest": row.digest,
        "digest_hour": str(row.digest_hour),
        "escalate_after_days": _spelt(row.escalate_after_days),
        **{key: str(row.options.get(key, "")) for key in connector_spec(row.crm).options},
    }


def _spelt(number: int | None) -> str:
    return "" if number is None else str(number)
