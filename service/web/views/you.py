"""A person's own settings: where and in which language they read, and the weekly review."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.errors import RekindleError, UsageFault
from service.people import sessions, users
from service.people.roles import Right
from service.reviews.wishes import wish_for_review
from service.store.models import UserRow
from service.store.reviews import latest_letter
from service.web.views.sign_in import let_in
from service.web.who import cookie_name, person, product, requires

LOCALES = ("en_GB", "en_US", "de_DE", "fr_FR", "es_ES", "pt_BR", "nl_NL", "it_IT", "ja_JP")


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/you", "you", you, methods=["GET", "POST"])
    site.add_url_rule("/you/password", "you_password", change_password, methods=["POST"])
    site.add_url_rule("/you/sign-out-elsewhere", "you_elsewhere", sign_out_elsewhere, methods=["POST"])


@requires()
def you() -> str | BaseResponse:
    """Show them, or save what was chosen."""
    if request.method == "GET":
        return _page()
    try:
        _save()
    except RekindleError as error:
        return make_response(_page(fault=str(error)), 400)
    flash("Saved.")
    return redirect(url_for("site.you"), code=303)


@requires()
def change_password() -> str | BaseResponse:
    """Change one's own password: signed out everywhere, and in again here. Wrong ones count as refused sign-ins do."""
    app, me, place, now = product(), person(), request.remote_addr or "", product().now()
    try:
        with app.store.begin() as tx:
            sessions.check_tries(tx, email=me.email, place=place, now=now)
            user = tx.get_one(UserRow, me.user_id)
            current, wanted = request.form.get("current", ""), request.form.get("password", "")
            listed = app.settings.breached_passwords
            users.change_password(tx, user, current=current, wanted=wanted, now=now, breached=listed)
    except users.WrongPasswordError as error:
        with app.store.begin() as tx:
            sessions.note_failure(tx, email=me.email, place=place, now=now)
        return make_response(_page(fault=str(error)), 400)
    except RekindleError as error:
        return make_response(_page(fault=str(error)), 400)
    flash("The password is changed. Every other browser is signed out.")
    return let_in(user, url_for("site.you"))


@requires()
def sign_out_elsewhere() -> BaseResponse:
    """End one's sessions in all other browsers."""
    app = product()
    with app.store.begin() as tx:
        user = tx.get_one(UserRow, person().user_id)
        sessions.sign_out_elsewhere(tx, user, request.cookies.get(cookie_name(), ""), now=app.now())
    flash("Every other browser is signed out.")
    return redirect(url_for("site.you"), code=303)


def _save() -> None:
    app, form, me = product(), request.form, person()
    zone, locale = form.get("zone", "").strip(), form.get("locale", "")
    if zone and zone not in _zones():
        raise UsageFault(f"{zone!r} is no time zone.", remedy="Choose one of the list, such as Europe/Paris.")
    if locale and locale not in LOCALES:
        raise UsageFault(f"{locale!r} is not among the languages.", remedy="Choose one of the list.")
    with app.store.begin() as tx:
        user = tx.get_one(UserRow, me.user_id)
        user.zone, user.locale = zone, locale
        if me.may(Right.SEE_ALL):
            way, slack_url = form.get("review", "off"), form.get("slack_url", "").strip()
            wish_for_review(app, tx, user, way=way, slack_url=slack_url, who=me.email)


def _page(fault: str | None = None) -> str:
    app = product()
    with app.store.read() as tx:
        user = tx.get_one(UserRow, person().user_id)
        letter = latest_letter(tx, user.id)
    return render_template(
        "you.html",
        letter=letter,
        user=user,
        has_mail=bool(app.settings.smtp_url),
        zones=sorted(name for name in _zones() if "/" in name and not name.startswith("Etc/")),
        locales=[(name, Locale.parse(name).get_display_name("en")) for name in LOCALES],
        fault=fault,
        typed=request.form,
    )


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Found by looking through folders, which takes a while."""
    return frozenset(available_timezones())
