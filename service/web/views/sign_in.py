"""Signing in and out, the first set-up, and setting a password by a one-time code."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.errors import UsageFault
from service.observe.logging import logger
from service.people import sessions, users
from service.store.models import UserRow
from service.web.who import clear_browser, cookie_name, drop_cookie, person, product, requires, set_cookie

log = logger(__name__)


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/sign-in", "sign_in", sign_in, methods=["GET", "POST"])
    site.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])
    site.add_url_rule("/set-up", "set_up", set_up, methods=["GET", "POST"])
    site.add_url_rule("/password", "password", password, methods=["GET", "POST"])


def sign_in() -> str | BaseResponse:
    """Ask for address and password; where nobody is there yet, go to the set-up."""
    app = product()
    with app.store.read() as tx:
        if users.needs_setup(tx):
            return redirect(url_for("site.set_up"), code=303)
    if request.method == "GET":
        return redirect(url_for("site.audit")) if g.person else sign_in_page()
    if app.settings.oidc_only:
        return _by_the_provider()
    email, given = request.form.get("email", ""), request.form.get("password", "")
    place = request.remote_addr or ""
    now = app.now()
    try:
        with app.store.read() as tx:
            sessions.check_tries(tx, email=email, place=place, now=now)
            user = sessions.find_by_password(tx, email=email, password=given)
    except sessions.SignInError as error:
        log.warning("A sign-in was put off: too many tries.", place=place)
        return _refused(str(error), email)
    if user is None:
        with app.store.begin() as tx:
            sessions.note_failure(tx, email=email, place=place, now=now)
        log.warning("A sign-in was refused.", place=place)
        return _refused("That address and password do not go together. Try again.", email)
    return let_in(user, wanted_page())


def _by_the_provider() -> BaseResponse:
    """Passwords let nobody in here, whoever has one."""
    log.warning("A sign-in was refused: passwords are switched off.", place=request.remote_addr)
    return make_response(sign_in_page(fault=f"Sign in with {product().settings.oidc_label}."), 403)


def _refused(fault: str, email: str) -> BaseResponse:
    return make_response(sign_in_page(fault=fault, email=email), 401)


def sign_in_page(*, fault: str = "", email: str = "") -> str:
    """The ways in."""
    settings = product().settings
    label = settings.oidc_label if settings.oidc_issuer else ""
    return render_template(
        "sign_in.html", fault=fault, email=email, label=label, wanted=wanted_page(), is_only=settings.oidc_only
    )


@requires()
def sign_out() -> BaseResponse:
    """End this browser's session."""
    app = product()
    with app.store.begin() as tx:
        sessions.sign_out(tx, request.cookies.get(cookie_name(), ""), who=person().email, now=app.now())
    session.clear()
    response = redirect(url_for("site.sign_in"), code=303)
    drop_cookie(response)  # type: ignore[arg-type]  # werkzeug's redirect is Flask's own response class here
    clear_browser(response)
    return response


def set_up() -> str | BaseResponse:
    """Make the first admin, with the code from the terminal."""
    app = product()
    with app.store.read() as tx:
        if not users.needs_setup(tx):
            return redirect(url_for("site.sign_in"), code=303)
    if request.method == "GET":
        return render_template("set_up.html", form={})
    form = request.form
    try:
        with app.store.begin() as tx:
            user = users.set_up(
                tx,
                code=form.get("code", ""),
                email=form.get("email", ""),
                name=form.get("name", ""),
                password=form.get("password", ""),
                now=app.now(),
                breached=app.settings.breached_passwords,
            )
    except UsageFault as error:
        log.warning("The set-up was refused.", place=request.remote_addr)
        return make_response(render_template("set_up.html", form=form, fault=str(error)), 400)
    return let_in(user, way="one-time code")


def password() -> str | BaseResponse:
    """Set a password with a one-time code."""
    if product().settings.oidc_only:
        return _by_the_provider()
    if request.method == "GET":
        return render_template("password.html")
    app = product()
    try:
        with app.store.begin() as tx:
            user = users.accept_invitation(
                tx,
                code=request.form.get("code", ""),
                password=request.form.get("password", ""),
                now=app.now(),
                breached=app.settings.breached_passwords,
            )
    except UsageFault as error:
        log.warning("A one-time code or its password was refused.", place=request.remote_addr)
        return make_response(render_template("password.html", fault=str(error)), 400)
    return let_in(user, way="one-time code")


def let_in(user: UserRow, wanted: str | None = None, *, way: str = "password") -> BaseResponse:
    """A new session under a new token, the browser's former one ended, and on to the page that was wanted."""
    app = product()
    with app.store.begin() as tx:
        sessions.end(tx, request.cookies.get(cookie_name(), ""))
        token = sessions.sign_in(tx, tx.merge(user), way=way, now=app.now())
    log.info("Signed in.", who=user.id, way=way)
    session.clear()
    response: Response = make_response(redirect(wanted or url_for("site.audit"), code=303))
    set_cookie(response, token)
    return response


def wanted_page() -> str | None:
    """The page somebody was sent here from; only one of our own."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if is_ours else None
