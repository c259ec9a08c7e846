"""Who is asking: the bearer token, and what each call asks of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bind_contextvars

from service.bootstrap import App
from service.jobs.asked import Asking
from service.observe.logging import logger
from service.people.roles import Person, Right
from service.people.sessions import found_bearer, mark_token_used

log = logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])
EXTENSION = "rekindle"
ASKING = "rekindle.asking"


def product() -> App:
    """The product this API serves."""
    return cast(App, current_app.extensions[EXTENSION])


def asking() -> Asking:
    """Who does what takes longer than an answer may."""
    return cast(Asking, current_app.extensions[ASKING])


def person() -> Person:
    """Who is asking."""
    return cast(Person, g.api_person)


def load_bearer() -> None:
    """Find out who is asking; 401 for anybody else."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        abort(401, "Send a token: Authorization: Bearer rk_api_...")
    app = product()
    with app.store.read() as tx:
        found = found_bearer(tx, token.strip(), now=app.now())
    if found is None:
        log.warning("A token was refused.", place=request.remote_addr)
        abort(401, "That token is unknown, revoked or over.")
    if found.is_stale:
        _note_use(app, token.strip())
    g.api_person, g.api_token = found.person, token.strip()
    bind_contextvars(who=found.person.user_id)


def _note_use(app: App, token: str) -> None:
    """At most once a minute, and never in the way of what is asked."""
    try:
        with app.store.begin() as tx:
            mark_token_used(tx, token, now=app.now())
    except SQLAlchemyError as error:
        log.warning("That a token was used could not be noted.", error=type(error).__name__)


def needs(*rights: Right) -> Callable[[F], F]:
    """Let in only tokens that carry one of these rights."""

    def decorate(view: F) -> F:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not any(person().may(right) for right in rights):
                log.warning("Not allowed.", needs=[str(right) for right in rights])
                abort(403, f"This token may not do that. It needs one of: {', '.join(rights)}.")
            return view(*args, **kwargs)

        return cast(F, guarded)

    return decorate


def seen_owners() -> list[tuple[int, str]] | None:
    """The CRM owners whose deals the token's person may see; None for everybody's."""
    me = person()
    return None if me.may(Right.SEE_ALL) else list(me.owner_ids.items())
