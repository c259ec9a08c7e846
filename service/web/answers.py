"""What every answer carries, and how a failure is told: as problem details to programs, as a plain page to people."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from html import escape
from time import perf_counter
from typing import Any

import orjson
import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from service.errors import RekindleError
from service.observe.logging import logger
from service.observe.masking import MASK
from service.observe.metrics import metrics

log = logger(__name__)

FOR_PROGRAMS = ("/webhooks/", "/cards/", "/api/", "/healthz", "/readyz", "/metrics")
UNWATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
_CAPABILITIES = frozenset({"token", "link", "code", "secret", "state"})
RETRY_AFTER_S = "5"
PROBLEM = "application/problem+json"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_POLICY_OF_DATA = "default-src 'none'; frame-ancestors 'none'"
_IS_HTTPS = "REKINDLE_IS_HTTPS"
_A_YEAR = "max-age=31536000; includeSubDomains"


def dress_answers(flask: Flask, *, is_https: bool = False) -> None:
    """Give every request an id, every answer its headers and its line in the log, and every failure its words.

    `is_https`: people reach us by https, whatever the last hop speaks.
    """
    flask.config[_IS_HTTPS] = is_https
    flask.before_request(_begin)
    flask.after_request(_finish)
    flask.register_error_handler(HTTPException, _http_failure)
    flask.register_error_handler(RekindleError, _our_failure)
    flask.register_error_handler(DBAPIError, _database_failure)
    flask.register_error_handler(Exception, _unforeseen)
    flask.context_processor(lambda: {"csp_nonce": _nonce()})


def problem(status: int, title: str, *, detail: str = "", reason: str = "") -> Response:
    """Problem details (RFC 9457). `reason` is machine-readable."""
    body = problem_body(status, title, detail=detail, reason=reason, request_id=g.get("request_id", ""))
    answer = Response(body, status=status, content_type=PROBLEM)
    if status == 503:
        answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


def problem_body(status: int, title: str, *, detail: str, reason: str, request_id: str) -> bytes:
    """The body of problem details."""
    body = {"type": "about:blank", "title": title, "status": status, "request_id": request_id}
    body |= {name: text for name, text in (("detail", detail), ("reason", reason)) if text}
    return orjson.dumps(body)


def begin_request() -> str:
    """The id of a request that begins: in its answer, and in every line that is logged until the next one."""
    request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def note_request(method: str, route: str, status: int, *, seconds: float, path: Callable[[], str]) -> None:
    """Count a request that was answered, and log it unless it is routine. `path` is it as the log may show it."""
    metrics().answered(method, route, str(status)).inc()
    metrics().took(route).observe(seconds)
    if not _is_routine(route, status):
        log.info("request", method=method, path=path(), status=status, ms=round(seconds * 1000, 1))


def headers_of_data(request_id: str, *, is_https: bool) -> list[tuple[str, str]]:
    """What an answer to a program carries."""
    headers = [*_HEADERS.items(), ("X-Request-ID", request_id), ("Content-Security-Policy", _POLICY_OF_DATA)]
    return [*headers, ("Strict-Transport-Security", _A_YEAR)] if is_https else headers


def _begin() -> None:
    g.began = perf_counter()
    g.request_id = begin_request()


def _finish(answer: Response) -> Response:
    there = {name.lower() for name, _ in answer.headers}
    answer.headers.extend([(name, value) for name, value in _headers(answer) if name.lower() not in there])
    route = request.url_rule.rule if request.url_rule else "none"
    note_request(request.method, route, answer.status_code, seconds=perf_counter() - g.began, path=_shown)
    return answer


def _headers(answer: Response) -> Iterator[tuple[str, str]]:
    """What an answer carries unless its route said otherwise."""
    is_https = bool(request.is_secure or current_app.config.get(_IS_HTTPS))
    is_page = answer.mimetype == "text/html"
    for name, value in headers_of_data(g.request_id, is_https=is_https):
        is_policy = is_page and value is _POLICY_OF_DATA
        yield name, _POLICY.format(nonce=_nonce()) if is_policy else value


def _nonce() -> str:
    """What proves to the browser that a script is ours: one a page, made where it is first asked for."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    found: str = g.csp_nonce
    return found


def _is_routine(route: str, status: int) -> bool:
    """Whether it is enough to count it: it happens hundreds of times a second, or asks how we are."""
    return route in UNWATCHED or (route.startswith("/webhooks/") and status < 300)


def _shown() -> str:
    """The path for the log: what opens something is masked, and what no route knows is not repeated."""
    if request.url_rule is None:
        return "unknown"
    shown = request.url_rule.rule
    for name, value in (request.view_args or {}).items():
        words = MASK if name in _CAPABILITIES else str(value)
        shown = shown.replace(f"<{name}>", words).replace(f"<path:{name}>", words)
    return shown


def _http_failure(error: HTTPException) -> Any:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error  # a redirect, or an answer that was made elsewhere
    return _failure(status, error.name, error.description or "")


def _our_failure(error: RekindleError) -> Response:
    return _failure(400 if error.exit_status == 2 else 409, "Not done", str(error))


def _database_failure(error: DBAPIError) -> Response:
    log.warning("The database refused.", error=type(error.orig).__name__)
    return _failure(503, "Service Unavailable", "The database is full or cannot be reached. Try again soon.")


def _unforeseen(error: Exception) -> Response:
    log.error("Unforeseen failure.", error=type(error).__name__, exc_info=error)
    return _failure(
        500, "Internal Server Error", "This was not expected; the log has the details under the request's id."
    )


def _failure(status: int, title: str, detail: str) -> Response:
    if request.path.startswith(FOR_PROGRAMS) or not request.accept_mimetypes.accept_html:
        return problem(status, title, detail=detail)
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{escape(detail)}</p><p>Request {escape(g.get('request_id', ''))}</p></html>"
    )
    return Response(page, status=status, content_type="text/html; charset=utf-8")
