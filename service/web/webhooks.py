"""The three addresses that webhooks are sent to. Answered 2xx only when what they say is durably in the inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from flask import Blueprint, Response, request
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from connectors.webhooks import Refusal, Webhook, WebhookRejected
from service.config import Settings
from service.observe.logging import logger
from service.observe.metrics import metrics
from service.web.answers import problem
from service.web.proxies import public_url
from service.webhooks.committer import NotSaved
from service.webhooks.door import ANYBODY, Door, NoSuchDoor, Received

log = logger(__name__)
SIGNED, ANNOUNCED = "/webhooks/<crm>", f"/webhooks/{ANYBODY}/<connection>"
BY_TOKEN = "/webhooks/<crm>/<connection>/<token>"  # noqa: S105 -- an address
BROKE_OFF = "The webhook's body broke off, or its pieces are none."
_MALFORMED = {Refusal.MALFORMED: 400, Refusal.OVERSIZE: 413}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a sender is told: a body, or a problem by its title."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    title: str = ""
    detail: str = ""
    reason: str = ""


def webhooks_blueprint(settings: Settings, door: Door) -> Blueprint:
    """POST /webhooks/<crm>, /webhooks/<crm>/<connection>/<token> and /webhooks/deals/<connection>."""
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.post(SIGNED)
    def signed(crm: str) -> Response:
        """The CRM's own webhooks, signed by it."""
        return _render(answer(door, (crm,), lambda: _received(settings)))

    @blueprint.post(BY_TOKEN)
    def by_token(crm: str, connection: str, token: str) -> Response:
        """The CRM's own webhooks, proved by the address."""
        return _render(answer(door, (crm, connection, token), lambda: _received(settings)))

    @blueprint.post(ANNOUNCED)
    def announced(connection: str) -> Response:
        """Any sender's webhooks, signed as Standard Webhooks describes."""
        return _render(answer(door, (ANYBODY, connection), lambda: _received(settings)))

    return blueprint


def answer(door: Door, place: Sequence[str], receive: Callable[[], Received]) -> Told:
    """Take a webhook in; what its sender is told. `place` is its address in parts, after /webhooks.

    `receive` gives the request, or raises WebhookRejected for a body that cannot be had whole.
    """
    via = ANYBODY if len(place) == 2 else place[0]
    try:
        webhook = _take(door, place, receive())
    except WebhookRejected as error:
        status = _MALFORMED.get(error.reason, 401)
        if error.says == BROKE_OFF or error.reason is Refusal.OVERSIZE:  # others are counted by the door
            metrics().became(via, error.reason).inc()
        return Told(status=status, title=_TITLES[status], detail=error.says, reason=error.reason)
    except NoSuchDoor:
        return Told(status=404, title="Not Found", detail="No CRM sends its webhooks to this address.")
    except (NotSaved, SQLAlchemyError) as error:
        return _not_saved(via, error)
    except Exception as error:  # the edge: whatever it was, the sender shall send it again
        log.exception("A webhook could not be taken.", via=via)
        return _not_saved(via, error)
    if webhook.answer:
        return Told(status=200, body=webhook.answer.encode(), content_type=webhook.answer_type)
    return Told(status=200, body=orjson.dumps({"taken": len(webhook.events)}))


def headers_of(environ: Mapping[str, object]) -> dict[str, str]:
    """The request's own headers, by their names in small letters."""
    return {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }


def _take(door: Door, place: Sequence[str], received: Received) -> Webhook:
    match place:
        case [crm]:
            return door.take_signed(crm, received)
        case [_, connection]:
            return door.take_announcement(connection, received)
        case [crm, connection, _]:  # the token is read from the address
            return door.take_by_token(crm, connection, received)
    raise NoSuchDoor(place[0])


def _received(settings: Settings) -> Received:
    """The request as it came. Raises WebhookRejected where its body is too large."""
    most = settings.webhook_max_bytes
    request.max_content_length = most + 1  # one more: what comes without its length is cut there, without a word
    says = f"A webhook has at most {most} bytes."
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise WebhookRejected(Refusal.OVERSIZE, says) from error
    except (ClientDisconnected, OSError, ParseException) as error:
        raise WebhookRejected(Refusal.MALFORMED, BROKE_OFF) from error
    if len(body) > most:
        raise WebhookRejected(Refusal.OVERSIZE, says)
    return Received(
        headers=headers_of(request.environ),
        body=body,
        url=public_url(request.environ, settings.base_url),
    )


def _render(told: Told) -> Response:
    if told.title:
        return problem(told.status, told.title, detail=told.detail, reason=told.reason)
    return Response(told.body, status=told.status, content_type=told.content_type)


def _not_saved(via: str, error: Exception) -> Told:
    if not isinstance(error, NotSaved):  # those are counted where they were to be stored
        metrics().became(via, "not_saved").inc()
    detail = "It could not be stored. Send it again."
    return Told(status=503, title="Service Unavailable", detail=detail, reason="not_saved")


_TITLES = {400: "Bad Request", 401: "Unauthorized", 413: "Content Too Large"}
