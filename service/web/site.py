"""The web app: one blueprint, its pages, and what every page shares."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, g, render_template, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from connectors.errors import ConnectorError, Transient
from service.bootstrap import App
from service.errors import RekindleError
from service.people.roles import Right
from service.security.signing import load_secret
from service.web.charts import bar
from service.web.editing import HOME
from service.web.views import (
    audit,
    changes,
    connecting,
    connection_settings,
    connections,
    deal,
    deals,
    documents,
    golive,
    guide,
    letters,
    log,
    oauth,
    oidc,
    people,
    reasons,
    reminders,
    reviews,
    scopes,
    sign_in,
    simulator,
    start,
    suggestions,
    timing,
    you,
)
from service.web.who import EXTENSION, load_person, product
from service.web.words import policy, present, remedies

MENU = (
    ("site.audit", "Audit", "audit"),
    ("site.reviews", "Reviews", "reviews"),
    ("site.reasons", "Reasons", "reasons"),
    ("site.timing", "Timing", "timing"),
    ("site.deals", "Deals", "deals"),
    ("site.reminders", "Reminders", "reminders"),
    ("site.connections", "Connections", "connections"),
    ("site.people", "People", "people"),
)
"""Endpoint, name, icon. A person sees what they have the right for."""

MENU_RIGHTS = {
    "site.people": Right.MANAGE_PEOPLE,
    "site.reviews": Right.SEE_ALL,
    "site.connections": Right.RUN_CONNECTIONS,
    "site.reasons": Right.EDIT_MAPPINGS,
    "site.timing": Right.EDIT_MAPPINGS,
}
PAGES = (
    sign_in, oidc, start, audit, reasons, changes, timing, simulator, documents, deals, deal, reminders, connections,
    connecting, connection_settings, golive, letters, log, oauth, people, reviews, suggestions, you, guide, scopes,
)  # fmt: skip
LANGUAGES = ["en-GB", "en-US", "de", "fr", "es", "pt-BR", "nl", "it", "ja"]
MOST_UPLOADED = 32 * 1024 * 1024


def register_site(flask: Flask, app: App) -> None:
    """Put the web app into a Flask app."""
    flask.extensions[EXTENSION] = app
    flask.secret_key = load_secret(app.settings)
    flask.config.update(
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # webhooks and the API prove themselves in other ways; pages are checked below
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    csrf = CSRFProtect(flask)
    site = Blueprint("site", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
    for page in PAGES:
        page.add_to(site)
    site.before_request(_allow_upload)
    site.before_request(load_person)
    site.before_request(_set_reader)
    site.before_request(csrf.protect)
    site.after_request(_keep)
    site.register_error_handler(RekindleError, _show_fault)
    site.register_error_handler(ConnectorError, _show_crm_fault)
    site.register_error_handler(HTTPException, _show_http)
    site.register_error_handler(CSRFError, _show_stale)
    site.context_processor(_shared)
    flask.jinja_env.filters.update(
        words=present.words_of,
        scope_rule=present.scope_rule,
        category=present.category_name,
        amount=present.as_amount,
        short=present.short,
        here=remedies.here,
        change_in_words=policy.change_in_words,
        setting_name=policy.setting_name,
        here_in_words=remedies.here_in_words,
    )
    flask.jinja_env.globals.update(bar=bar, csrf=_csrf_field)
    flask.jinja_env.trim_blocks = flask.jinja_env.lstrip_blocks = True
    flask.register_blueprint(site)


def _allow_upload() -> None:
    """An export may be large; every other form is small. Before anything reads the form."""
    if request.endpoint == "site.start":
        request.max_content_length = MOST_UPLOADED


def _csrf_field() -> Markup:
    """The hidden field that every form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _set_reader() -> None:
    known = g.person
    g.reader = present.Reader(
        locale=(known.locale if known else "") or request.accept_languages.best_match(LANGUAGES),
        zone=known.zone if known else None,
        now=product().now(),
    )


def _shared() -> dict[str, object]:
    me = g.get("person")
    menu = [
        {"url": url_for(endpoint), "name": name, "icon": icon, "here": _is_here(endpoint)}
        for endpoint, name, icon in MENU
        if me is not None and (endpoint not in MENU_RIGHTS or me.may(MENU_RIGHTS[endpoint]))
    ]
    return {
        "me": me,
        "menu": menu,
        "read": g.get("reader") or present.Reader(locale=None, zone=None, now=product().now()),
        "now": product().now(),
        "Right": Right,
        "help_url": url_for("site.help", _anchor=guide.part_of_page()),
        "purpose_name": lambda name: present.named(present.PURPOSE_NAMES, name),
        "state_name": lambda name: present.named(present.STATE_NAMES, name),
        "rule_name": present.rule_name,
        "field_name": lambda role: present.FIELD_NAMES.get(role) or present.words_of(role),
    }


def _is_here(endpoint: str) -> bool:
    """Whether this page is the menu's, or one behind it; those of a document belong to its own."""
    home = HOME.get((request.view_args or {}).get("kind", ""))
    if home:
        return endpoint == home
    url = url_for(endpoint)
    return request.path == url or (url != "/" and request.path.startswith(f"{url}/"))


def _keep(response: Response) -> Response:
    """Stylesheets and pictures may be kept for a while; they change with a new version only."""
    if request.endpoint == "site.static":
        response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _show_fault(error: RekindleError) -> tuple[str, int]:
    return _error_page("That did not work", error.says, error.remedy, 400)


def _show_crm_fault(error: ConnectorError) -> tuple[str, int]:
    title = "The CRM does not answer" if isinstance(error, Transient) else "The CRM said no"
    remedy = error.remedy or "Try again in a moment; what is stored here can be looked at meanwhile."
    name = (request.view_args or {}).get("name")
    again = request.full_path if request.method == "GET" else ""
    back = url_for("site.connection", name=name) if name else ""
    return _error_page(title, error.what, remedy, 502, again=again, back=back)


def _show_stale(error: CSRFError) -> tuple[str, int]:  # noqa: ARG001 -- Flask's signature
    return _error_page(
        "This page was open for too long", "Nothing was changed.", "Go back, load the page again, and repeat it.", 400
    )


def _show_http(error: HTTPException) -> tuple[str, int]:
    texts = {
        403: ("Not yours to see", "Your role does not include this page.", "Ask an admin for the right."),
        404: ("Nothing here", "There is no such page, or no such deal for you.", "Check the address."),
        413: ("That is too large", "The file is larger than 32 MB.", "Export fewer columns or fewer deals."),
        405: ("Not that way", "This address does not take that kind of request.", "Go back and use the button."),
    }
    code = error.code or 500
    title, says, remedy = texts.get(code, ("That did not work", error.description or "", ""))
    return _error_page(title, says, remedy, code)


def _error_page(title: str, says: str, remedy: str, code: int, *, again: str = "", back: str = "") -> tuple[str, int]:
    page = {"title": title, "says": says, "remedy": remedy, "code": code, "again": again, "back": back}
    return render_template("error.html", **page), code
