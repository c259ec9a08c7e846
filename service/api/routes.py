"""How a call is declared: who may ask, what it takes, what it gives; and how what is sent is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

import orjson
from flask import Response, abort, request
from flask_smorest import Blueprint
from flask_smorest import abort as refuse
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser

from service.api.schemas import REFUSED
from service.api.who import needs
from service.people.roles import SCOPE_RIGHTS, Right

F = TypeVar("F", bound=Callable[..., Any])

PREFIX = "/api/v1"
SEE = (Right.SEE_ALL, Right.SEE_OWN)
WORK = (Right.WORK_ALL, Right.WORK_OWN)
RUN = (Right.RUN_CONNECTIONS,)
EDIT = (Right.EDIT_MAPPINGS,)
PEOPLE = (Right.MANAGE_PEOPLE,)
WRONG: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "What was sent is not JSON, or a header is malformed.",
    HTTPStatus.UNAUTHORIZED: "There is no token, or it is unknown, revoked or over.",
    HTTPStatus.FORBIDDEN: "The token or its person may not do that.",
    HTTPStatus.NOT_FOUND: "There is nothing of that name, or it is not yours to see.",
    HTTPStatus.CONFLICT: "Something else goes on, or the request with this Idempotency-Key does.",
    HTTPStatus.PRECONDITION_FAILED: "Somebody changed it since the ETag in If-Match.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than a call takes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body has another type than the call takes.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value is wrong, or it cannot be done; `errors` names the values.",
    HTTPStatus.PRECONDITION_REQUIRED: "If-Match is missing.",
    HTTPStatus.BAD_GATEWAY: "The CRM could not be reached, or failed.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is full or cannot be reached. Try again soon.",
}
"""What each refusal means, for the documentation."""


class _Parser(FlaskParser):
    """Bodies by a strict reader: no half surrogate pairs, no NaN, no nesting without end. What a query asks for that no
    call knows is refused: who misspells a filter would else take all there is for what was asked."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012 -- theirs

    def load_json(self, req: Any, schema: Any) -> Any:  # noqa: ARG002 -- webargs' signature
        """The body, or what stands for none."""
        body = req.get_data(cache=True)
        if not body or not req.mimetype.endswith("json"):
            return {}
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            abort(HTTPStatus.BAD_REQUEST, "The body is not JSON.")


class Routes(Blueprint):  # type: ignore[misc]  # the library ships no types
    """The calls about one subject, under /api/v1."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, description=description)

    def call(
        self,
        method: str,
        path: str,
        rights: tuple[Right, ...],
        *,
        takes: type[Schema] | None = None,
        query: type[Schema] | None = None,
        gives: type[Schema] | Schema | None = None,
        status: int = 200,
        also: tuple[int, ...] = (),
        is_body_required: bool = True,
        media: str | None = None,
    ) -> Callable[[F], F]:
        """A call; the function gets the query, then the body, then the parts of the path by name.

        Who may not ask is refused before anything that was sent is looked at.
        """

        def decorate(view: F) -> F:
            shape = gives if media is None else {"type": "string"}
            made: Any = self.response(status, shape, content_type=media)(view)
            if takes is not None:
                made = self.arguments(takes, required=is_body_required)(made)
            made = _without_query(made) if query is None else self.arguments(query, location="query")(made)
            made = needs(*rights)(made) if rights else made
            made = self.doc(**{"x-scopes": scopes_for(rights)})(made)
            for one in also:
                made = self.alt_response(one, description=WRONG[one])(made)
            self.route(path, methods=[method])(made)
            return view

        return decorate


def _without_query(view: F) -> F:
    """A call that knows no parameter, and names those it is given."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if request.args:
            wrong = {name: ["Unknown field."] for name in request.args}
            refuse(HTTPStatus.UNPROCESSABLE_ENTITY, message="It takes no parameter.", errors={"query": wrong})
        return view(*args, **kwargs)

    return cast(F, asked)


def refuse_odd_path() -> None:
    """A name that no database could hold is the name of nothing."""
    if REFUSED.search(request.path):
        abort(HTTPStatus.NOT_FOUND, "There is nothing of that name.")


def scopes_for(rights: tuple[Right, ...]) -> list[str]:
    """The scopes of which a token needs one."""
    return [str(one) for one, given in SCOPE_RIGHTS.items() if given & set(rights)]


def tagged(value: Any, edition: str, status: int = 200) -> tuple[Any, int, dict[str, str]]:
    """An answer with its ETag."""
    return value, status, {"ETag": f'"{edition}"'}


def seen_edition() -> str | None:
    """What If-Match says was seen; None where it is not sent, or takes any."""
    given = request.headers.get("If-Match", "").strip()
    return None if given in ("", "*") else given.removeprefix("W/").strip('"')


def not_modified(edition: str) -> Response | None:
    """304 where If-None-Match names what there is still."""
    given = request.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")}
    if edition not in tags:
        return None
    return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": f'"{edition}"'})
