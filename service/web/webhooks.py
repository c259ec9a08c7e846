"""The three addresses that webhooks are sent to. Answered 2xx only when what they say is durably in the inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from connectors.webhooks import Refusal, Webhook, WebhookRejected
from service.config import Settings
from service.observe.logging import logger
from service.observe.metrics import metrics
from service.web.answers import problem
from service.web.proxies import public_url
from service.webhooks.committer import NotSaved
from service.webhooks.door import ANYBODY, Door, NoSuchDoor, Received

log = logger(__name__)
_MALFORMED = {Refusal.MALFORMED: 400, Refusal.OVERSIZE: 413}


def webhooks_blueprint(settings: Settings, door: Door) -> Blueprint:
    """POST /webhooks/<crm>, /webhooks/<crm>/<connection>/<token> and /webhooks/deals/<connection>."""
    blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

    @blueprint.post("/<crm>")
    def signed(crm: str) -> Response:
        """The CRM's own webhooks, signed by it."""
        return _answer(crm, lambda: door.take_signed(crm, _received(settings)))

    @blueprint.post("/<crm>/<connection>/<token>")
    def by_token(crm: str, connection: str, token: str) -> Response:  # noqa: ARG001 -- it is read from the address
        """The CRM's own webhooks, proved by the address."""
        return _answer(crm, lambda: door.take_by_token(crm, connection, _received(settings)))

    @blueprint.post("/deals/<connection>")
    def announced(connection: str) -> Response:
        """Any sender's webhooks, signed as Standard Webhooks describes."""
        return _answer(ANYBODY, lambda: door.take_announcement(connection, _received(settings)))

    return blueprint


def _received(settings: Settings) -> Received:
    """The request as it came. Raises WebhookRejected where its body is too large."""
    request.max_content_length = settings.webhook_max_bytes
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        says = f"A webhook has at most {settings.webhook_max_bytes} bytes."
        raise WebhookRejected(Refusal.OVERSIZE, says) from error
    return Received(
        headers=headers_of(request.environ),
        body=body,
        url=public_url(request.environ, settings.base_url),
    )


def headers_of(environ: Mapping[str, object]) -> dict[str, str]:
    """The request's own headers, by their names in small letters."""
    return {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }


def _answer(via: str, take: Callable[[], Webhook]) -> Response:
    try:
        webhook = take()
    except WebhookRejected as error:
        status = _MALFORMED.get(error.reason, 401)
        if error.reason is Refusal.OVERSIZE:
            metrics().webhooks.labels(via, error.reason).inc()
        return problem(status, _TITLES[status], detail=error.says, reason=error.reason)
    except NoSuchDoor:
        return problem(404, "Not Found", detail="No CRM sends its webhooks to this address.")
    except (NotSaved, SQLAlchemyError) as error:
        return _not_saved(via, error)
    except HTTPException:
        raise  # a body that broke off, as the framework found it
    except Exception as error:  # the edge: whatever it was, the sender shall send it again
        log.exception("A webhook could not be taken.", via=via)
        return _not_saved(via, error)
    if webhook.answer:
        return Response(webhook.answer, status=200, content_type=webhook.answer_type)
    return Response(orjson.dumps({"taken": len(webhook.events)}), status=200, content_type="application/json")


def _not_saved(via: str, error: Exception) -> Response:
    if not isinstance(error, NotSaved):  # those are counted where they were to be stored
        metrics().webhooks.labels(via, "not_saved").inc()
    return problem(503, "Service Unavailable", detail="It could not be stored. Send it again.", reason="not_saved")


_TITLES = {400: "Bad Request", 401: "Unauthorized", 413: "Content Too Large"}
