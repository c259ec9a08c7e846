"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Response, json
from werkzeug.exceptions import HTTPException

from connectors.errors import ConnectorError, Permanent
from mappings.documents.toml import DocumentError
from service.errors import Busy, EditedMeanwhileError, NothingSuch, RekindleError
from service.mapping_sets.basis import StalePreviewError

MEDIA_TYPE = "application/problem+json"
NAMED_AT_MOST = 5


class ProblemSchema(ma.Schema):
    """What went wrong, and what to do about it."""

    type = ma.fields.String(metadata={"description": "Always about:blank: the status says what kind of problem it is."})
    title = ma.fields.String(metadata={"description": "The status in words."})
    status = ma.fields.Integer()
    detail = ma.fields.String(metadata={"description": "What happened, in a sentence."})
    remedy = ma.fields.String(metadata={"description": "What to do."})
    errors = ma.fields.Raw(metadata={"description": "What is wrong with which part of the request."})
    reason = ma.fields.String(metadata={"description": "Machine-readable, where there is one."})
    request_id = ma.fields.String(metadata={"description": "Under which the log has more."})


def http_problem(error: HTTPException) -> Response:
    """A refusal of the framework as a problem."""
    data: dict[str, Any] = getattr(error, "data", None) or {}
    status = error.code or 500
    errors = data.get("errors") or data.get("messages")
    detail = data.get("message") or _named(errors) or error.description or ""
    found = problem(status, detail, errors=errors)
    found.headers.extend(data.get("headers") or {})
    if status == HTTPStatus.UNAUTHORIZED:
        found.headers["WWW-Authenticate"] = "Bearer"
    return found


def _named(errors: Any) -> str:
    """Which parts of a request are wrong, by place and name; empty where that is not known."""
    if not isinstance(errors, dict):
        return ""
    parts = [(place, name) for place, wrong in errors.items() if isinstance(wrong, dict) for name in wrong]
    words = [f"{str(name)[:60]} ({place})" for place, name in parts[:NAMED_AT_MOST]]
    return f"Wrong or not known: {', '.join(words)}." if words else ""


def fault_problem(error: RekindleError) -> Response:
    """What a person can act on, as a problem."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.UNPROCESSABLE_ENTITY)
    return problem(status, error.says, remedy=error.remedy)


def crm_problem(error: ConnectorError) -> Response:
    """What the CRM said, or that it could not be reached, as a problem."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, Permanent) else HTTPStatus.BAD_GATEWAY
    return problem(status, error.what, remedy=error.remedy or "Try again in a moment.", reason=error.reason)


_STATUSES: tuple[tuple[type[RekindleError], HTTPStatus], ...] = (
    (NothingSuch, HTTPStatus.NOT_FOUND),
    (EditedMeanwhileError, HTTPStatus.PRECONDITION_FAILED),
    (Busy, HTTPStatus.CONFLICT),
    (StalePreviewError, HTTPStatus.CONFLICT),
)


def document_problem(error: DocumentError) -> Response:
    """A document that cannot be used, with every complaint by its line."""
    errors = [{"line": one.line, "path": one.path, "says": one.says} for one in error.problems]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The document is not valid.", remedy="Correct the lines named.", errors=errors
    )


def problem(status: int, detail: str, *, remedy: str = "", errors: Any = None, reason: str = "") -> Response:
    """A problem of that status."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    if remedy:
        body["remedy"] = remedy
    if reason:
        body["reason"] = reason
    if errors:
        body["errors"] = errors
    return Response(json.dumps(body), status=status, mimetype=MEDIA_TYPE)
