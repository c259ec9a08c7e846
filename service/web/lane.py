"""The short way of webhooks: what is plain about them is answered before the framework begins its work on a request.

Finding the route, the request's and the answer's objects and the hooks around them took more time than proving the
sender and reading the body. Whatever is not plain goes the framework's way, to the same functions and the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

from connectors.webhooks import Refusal, WebhookRejected
from service.config import Settings
from service.observe.masking import MASK
from service.web.answers import PROBLEM, RETRY_AFTER_S, begin_request, headers_of_data, note_request, problem_body
from service.web.proxies import public_url
from service.web.webhooks import ANNOUNCED, BROKE_OFF, BY_TOKEN, SIGNED, Told, answer, headers_of
from service.webhooks.door import ANYBODY, Door, Received

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PLACE = "/webhooks/"
_LONGEST_NUMBER = 9


class WebhookLane:
    """A WSGI layer: a POST of so many bytes to one of the three addresses is answered here."""

    def __init__(self, inner: WSGIApplication, settings: Settings, door: Door) -> None:
        self._inner, self._settings, self._door = inner, settings, door
        self._is_https = settings.base_url.startswith("https:")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        place, length = _place_of(environ), _length_of(environ)
        if not place or length is None or length > self._settings.webhook_max_bytes:
            return self._inner(environ, start_response)
        began, request_id = perf_counter(), begin_request()
        told = answer(self._door, place, lambda: self._received(environ, length))
        route = _ROUTES[len(place)]
        note_request("POST", route, told.status, seconds=perf_counter() - began, path=lambda: _shown(place))
        is_https = self._is_https or environ.get("wsgi.url_scheme") == "https"
        headers = headers_of_data(request_id, is_https=is_https)
        return _send(told, request_id, headers, start_response)

    def _received(self, environ: WSGIEnvironment, length: int) -> Received:
        try:
            body = bytes(environ["wsgi.input"].read(length))
        except OSError:
            body = b""
        if len(body) < length:
            raise WebhookRejected(Refusal.MALFORMED, BROKE_OFF)
        return Received(headers=headers_of(environ), body=body, url=public_url(environ, self._settings.base_url))


def _place_of(environ: WSGIEnvironment) -> tuple[str, ...]:
    """The address in parts; nothing where it is no plain webhook."""
    path = str(environ.get("PATH_INFO", ""))
    if not path.startswith(_PLACE) or environ.get("REQUEST_METHOD") != "POST" or not path.isascii():
        return ()
    place = tuple(path[len(_PLACE) :].split("/"))
    is_known = all(place) and (len(place) in (1, 3) or (len(place) == 2 and place[0] == ANYBODY))
    return place if is_known else ()


def _length_of(environ: WSGIEnvironment) -> int | None:
    """How many bytes are to come, or None where they were not counted beforehand."""
    text = str(environ.get("CONTENT_LENGTH") or "")
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number and "HTTP_TRANSFER_ENCODING" not in environ else None


def _shown(place: tuple[str, ...]) -> str:
    """The path for the log: the token opens something."""
    return "/".join((_PLACE.rstrip("/"), *place[:2], *([MASK] if len(place) == 3 else [])))


def _send(
    told: Told, request_id: str, headers: list[tuple[str, str]], start_response: StartResponse
) -> Iterable[bytes]:
    body, content_type = told.body, told.content_type
    if told.title:
        body = problem_body(told.status, told.title, detail=told.detail, reason=told.reason, request_id=request_id)
        content_type = PROBLEM
        headers += [("Retry-After", RETRY_AFTER_S)] if told.status == HTTPStatus.SERVICE_UNAVAILABLE else []
    headers += [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    start_response(_STATUS[told.status], headers)
    return [body]


_ROUTES = {1: SIGNED, 2: ANNOUNCED, 3: BY_TOKEN}
_STATUS = {one.value: f"{one.value} {one.phrase.upper()}" for one in HTTPStatus}
