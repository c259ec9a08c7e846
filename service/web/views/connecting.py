"""Connecting an account by a form, and choosing which fields and deals are read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from connectors.base import Role
from connectors.errors import ConnectorError
from connectors.fields import SEVERAL
from connectors.registry import connector_specs
from service.connections.choose import Look, look_at
from service.connections.foresee_scope import foresee_scope
from service.deeds.connecting import Account, choose, connect_account
from service.deeds.documents import draft_scope
from service.errors import RekindleError, UsageFault
from service.losses.scope import ATTRIBUTES
from service.people.roles import Right
from service.store.connections import all_connections, connection_named
from service.store.models import ConnectionRow
from service.store.scopes import counts_by, excluded_counts
from service.web.who import person, product, requires

SECRETS = frozenset({"client_secret", "token", "access_token", "refresh_token", "jwt_key"})
COLUMNS = {"record_type": "record_type", "pipeline": "pipeline", "type": "deal_type"}
PLACES = 3  # fields of one role that a form has room for, and one more


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/connections/new/<crm>", "connection_new", new, methods=["GET", "POST"])
    site.add_url_rule("/connections/<name>/fields", "connection_fields", fields, methods=["GET", "POST"])


@requires(Right.RUN_CONNECTIONS)
def new(crm: str) -> str | BaseResponse:
    """The form for an account, or for new credentials of one that is there (its `name` is given)."""
    spec = connector_specs().get(crm)
    if spec is None:
        raise UsageFault(f"No CRM is called {crm!r}.", remedy="Choose one of the list.")
    app = product()
    has_app = bool(getattr(app.settings, f"{crm}_client_id", "") and app.settings.app_secrets(crm))
    typed = dict(request.form) if request.method == "POST" else _kept(request.args.get("name", ""), crm)
    page = {"spec": spec, "secrets": SECRETS, "has_app": has_app, "typed": typed}
    if request.method == "GET":
        return render_template("connect.html", **page)
    try:
        name = _connect(crm, typed)
    except (RekindleError, ConnectorError) as error:
        return make_response(render_template("connect.html", **page, fault=_fault(error)), 400)
    return redirect(url_for("site.connection_fields", name=name), code=303)


def _fault(error: RekindleError | ConnectorError) -> str:
    """What went wrong. A remedy that names a command is for the terminal; here it is this form."""
    if "`rekindle connect" not in error.remedy:
        return str(error)
    says = error.what if isinstance(error, ConnectorError) else error.says
    return f"{says} Check what was entered below, and try again."


def _kept(name: str, crm: str) -> dict[str, str]:
    """The form for new credentials is filled from what is stored: a link from elsewhere must not lead a token away."""
    with product().store.read() as tx:
        row = next((one for one in all_connections(tx) if (one.name, one.crm) == (name, crm)), None)
    return {"name": row.name, "url": row.url} if row else {}


def _connect(crm: str, typed: Mapping[str, str]) -> str:
    """Connect as the form says; the connection's name."""
    spec = connector_specs()[crm]
    chosen = next((one for one in spec.auth if one.key == typed.get("auth")), spec.auth[0])
    given = {one: text for one in chosen.needs if (text := typed.get(f"{chosen.key}.{one}", "").strip())}
    url, name = typed.get("url", "").strip(), typed.get("name", "").strip()
    account = Account(crm=crm, name=name, url=url, credentials=given)
    done, _ = connect_account(product(), account, who=person().email)
    for line in done.warnings:
        flash(line)
    return name


@requires(Right.RUN_CONNECTIONS)
def fields(name: str) -> str | BaseResponse:
    """What is read: a field for each role, the likely ones proposed, and the scope with its counts."""
    app = product()
    look = look_at(app, name)
    with app.store.read() as tx:
        row = connection_named(tx, name)
        counts = {what: counts_by(tx, row.id, column) for what, column in COLUMNS.items()}
        inside, left_out = excluded_counts(tx, row.id)
    fault, foreseen, shown = None, None, row.scope_in_force
    if request.method == "POST":
        try:
            chosen = _fields()
            shown = scope = _scope()
            if not request.form.get("count"):
                return _saved(row, look, chosen, scope, has_deals=bool(inside or left_out))
            with app.store.read() as tx:
                foreseen = foresee_scope(tx, row.id, scope)
        except UsageFault as error:
            fault = str(error)
    page = render_template(
        "fields.html",
        row=row,
        look=look,
        roles=[(role, _now(row.fields, role), look.likely.get(role, ())) for role in Role],
        labels={one.name: one.label for one in look.description.fields},
        several=SEVERAL,
        places=PLACES,
        counts=counts,
        inside=inside,
        left_out=left_out,
        scope=_shown_scope(shown),
        foreseen=foreseen,
        fault=fault,
    )
    return make_response(page, 400 if fault else 200)


def _saved(
    row: ConnectionRow, look: Look, chosen: Mapping[Role, tuple[str, ...]], scope: dict[str, Any], *, has_deals: bool
) -> BaseResponse:
    """Keep what was chosen. Deals that are there leave and enter by a draft, previewed like any other change."""
    app, who = product(), person().email
    is_drafted = scope != row.scope_in_force and has_deals
    kept = row.scope_in_force if is_drafted else scope
    is_changed = choose(app, row.name, chosen, kept, found=look.description, who=who)
    if is_drafted:
        draft_scope(app, row.name, scope, who=who)
        flash("The scope is in the draft. Preview it to see which deals come in and go out.")
        return redirect(url_for("site.scopes"), code=303)
    flash("Saved. Sync now reads every lost deal anew." if is_changed else "Nothing changed.")
    return redirect(url_for("site.connection", name=row.name), code=303)


def _now(kept: Mapping[str, list[str]], role: Role) -> list[str]:
    """The fields of a role as typed just now, else as kept."""
    if request.method == "POST":
        return [text for text in request.form.getlist(f"field.{role}") if text.strip()]
    return list(kept.get(str(role), ()))


def _fields() -> dict[Role, tuple[str, ...]]:
    given = {role: [text.strip() for text in request.form.getlist(f"field.{role}")] for role in Role}
    return {role: tuple(dict.fromkeys(filter(None, names))) for role, names in given.items() if any(names)}


def _scope() -> dict[str, Any]:
    """The scope as stored: by attribute the ticked values are the only ones, or those left out."""
    scope: dict[str, Any] = {}
    for what in ATTRIBUTES:
        ticked = request.form.getlist(f"scope.{what}")
        if ticked:
            kind = "include" if request.form.get(f"mode.{what}") == "include" else "exclude"
            scope.setdefault(kind, {})[what] = ticked
    least = request.form.get("min_amount", "").strip()
    if least:
        scope["min_amount"] = str(_amount(least))
    if stage := request.form.get("reached_stage", "").strip():
        scope["reached_stage"] = stage
    return scope


def _amount(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise UsageFault(f"{text!r} is no amount.", remedy="Give a number such as 5000.") from error
    if not found.is_finite() or found < 0:
        raise UsageFault(f"{text!r} is no amount.", remedy="Give a number such as 5000.")
    return found


def _shown_scope(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The scope as the form shows it: by attribute its mode and the ticked values."""
    shown: dict[str, Any] = {"min_amount": kept.get("min_amount", ""), "reached_stage": kept.get("reached_stage", "")}
    for what in ATTRIBUTES:
        mode = "include" if what in kept.get("include", {}) else "exclude"
        shown[what] = {"mode": mode, "values": list(kept.get(mode, {}).get(what, ()))}
    return shown
