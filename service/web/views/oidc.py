"""Signing in by OpenID Connect: off to the identity provider, and back with a code."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, make_response, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.errors import RekindleError
from service.people.issuer import WAY, begin_at_issuer, finish_at_issuer
from service.web.views.sign_in import let_in, sign_in_page, wanted_page
from service.web.who import product

BROWSER, WANTED = "oidc_browser", "oidc_wanted"


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/sign-in/oidc", "oidc_start", start, methods=["POST"])
    site.add_url_rule("/sign-in/oidc/callback", "oidc_callback", callback)


def start() -> BaseResponse:
    """Send the person there. Not by a redirect: our policy lets a form lead to no other site."""
    if not product().settings.oidc_issuer:
        abort(404)
    browser = secrets.token_urlsafe(32)
    try:
        address = begin_at_issuer(product(), browser=browser, back=_back())
    except RekindleError as error:
        return make_response(sign_in_page(fault=str(error)), 502)
    session[BROWSER], session[WANTED] = browser, wanted_page() or ""
    page = make_response(render_template("leaving_to_sign_in.html", address=address))
    page.headers["Refresh"] = f"0; url={address}"
    return page


def callback() -> BaseResponse:
    """Back from there: in, where somebody here has that address."""
    if not product().settings.oidc_issuer:
        abort(404)
    browser, wanted = session.pop(BROWSER, ""), session.pop(WANTED, "")
    try:
        user = finish_at_issuer(product(), request.args, browser=browser, back=_back())
    except RekindleError as error:
        return make_response(sign_in_page(fault=str(error)), 401)
    return let_in(user, wanted or None, way=WAY)


def _back() -> str:
    base = product().settings.base_url.rstrip("/") or request.url_root.rstrip("/")
    return base + url_for("site.oidc_callback")
