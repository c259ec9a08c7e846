"""Signing in at a CRM: off to its own page, and back with a code."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.connections.sign_in import begin_sign_in, finish_sign_in
from service.errors import UsageFault
from service.people.roles import Right
from service.store.people import record_action
from service.web.who import cookie_name, person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/oauth/<crm>/start", "oauth_start", start, methods=["POST"])
    site.add_url_rule("/oauth/<crm>/callback", "oauth_callback", callback)


@requires(Right.RUN_CONNECTIONS)
def start(crm: str) -> BaseResponse:
    """Send the person to the CRM. Not by a redirect: our policy lets a form lead to no other site."""
    address = begin_sign_in(
        product(),
        crm,
        name=request.form.get("name", ""),
        url=request.form.get("url", ""),
        session=_session(),
        back=_back(crm),
    )
    page = make_response(render_template("leaving.html", address=address))
    page.headers["Refresh"] = f"0; url={address}"
    return page


@requires(Right.RUN_CONNECTIONS)
def callback(crm: str) -> BaseResponse:
    """Back from the CRM: connect, and go on to the fields."""
    app, given = product(), request.args
    if given.get("error") and not given.get("code"):
        says = (given.get("error_description") or given["error"])[:200]
        raise UsageFault(f"The CRM did not let you in: {says}", remedy="Begin again at Connections.")
    done = finish_sign_in(
        app,
        crm,
        state=given.get("state", ""),
        code=given.get("code", ""),
        session=_session(),
        back=_back(crm),
    )
    name = done.connection.name
    with app.store.begin() as tx:
        record_action(tx, who=person().email, what="connected", subject=name, says="OAuth sign-in", now=app.now())
    for line in done.warnings:
        flash(line)
    return redirect(url_for("site.connection_fields", name=name), code=303)


def _session() -> str:
    return request.cookies.get(cookie_name(), "")


def _back(crm: str) -> str:
    base = product().settings.base_url.rstrip("/") or request.url_root.rstrip("/")
    return base + url_for("site.oauth_callback", crm=crm)
