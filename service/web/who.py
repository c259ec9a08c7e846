"""Who is asking: the session behind the cookie, and what each page asks of a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast

from flask import Response, abort, current_app, g, redirect, request, url_for
from structlog.contextvars import bind_contextvars
from werkzeug.wrappers import Response as BaseResponse

from service.api.who import ASKING
from service.bootstrap import App
from service.jobs.asked import Asking
from service.observe.logging import logger
from service.people.roles import Person, Right
from service.people.sessions import LONGEST, mark_seen, who_is

log = logger(__name__)

P = ParamSpec("P")
EXTENSION = "rekindle"
View = Callable[P, "str | BaseResponse"]


def product() -> App:
    """The product this web app serves."""
    return cast(App, current_app.extensions[EXTENSION])


def asking() -> Asking:
    """See Asking."""
    return cast(Asking, current_app.extensions[ASKING])


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host and to https; plain http (a laptop) cannot carry it."""
    return "__Host-rekindle" if is_https() else "rekindle"


def forms_cookie_name() -> str:
    """The same for the cookie that forms are checked by."""
    return f"{cookie_name()}_forms"


def is_https() -> bool:
    """Whether people reach us by https: as the base URL says, else the request."""
    base = product().settings.base_url
    return base.startswith("https:") if base else request.is_secure


def set_cookie(response: Response, token: str) -> None:
    """Give the browser its session: out of reach of scripts and of other sites."""
    age = int(LONGEST.total_seconds())
    response.set_cookie(cookie_name(), token, max_age=age, path="/", secure=is_https(), httponly=True, samesite="Lax")


def drop_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(cookie_name(), path="/", secure=is_https(), httponly=True, samesite="Lax")


def clear_browser(response: BaseResponse) -> None:
    """Have the browser forget the pages it kept. Not its cookies: those of neighbouring hosts would go with ours."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def load_person() -> None:
    """Find out who is asking, for this request."""
    g.person = None
    token = request.cookies.get(cookie_name(), "")
    if not token:
        return
    app = product()
    now = app.now()
    with app.store.read() as tx:
        found = who_is(tx, token, now=now)
    if found is None:
        return
    if found.is_stale:
        with app.store.begin() as tx:
            mark_seen(tx, token, now=now)
    g.person = found.person
    bind_contextvars(who=found.person.user_id)


def person() -> Person:
    """Who is asking, on a page that only people signed in reach."""
    return cast(Person, g.person)


def requires(*rights: Right) -> Callable[[View[P]], View[P]]:
    """Let in only people with one of these rights (with none named: everybody signed in)."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> str | BaseResponse:
            if g.person is None:
                return _to_sign_in()
            if rights and not any(g.person.may(right) for right in rights):
                log.warning("Not allowed.", needs=[str(right) for right in rights])
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate


def _to_sign_in() -> BaseResponse:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("site.sign_in", next=wanted if wanted != "/" else None)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, code=303)
