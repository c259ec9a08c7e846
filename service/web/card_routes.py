"""The addresses that a card on a CRM's page calls: what is known of the deal, done, and later. As JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from flask import Blueprint, Response, request

from connectors.json_text import parse_json
from connectors.registry import connector_specs
from connectors.webhooks import Refusal, WebhookRejected
from service.bootstrap import App
from service.cards.caller import Asker, Callers, CardCall, Stranger
from service.cards.deal import NOT_THERE, DealCard, Deed, act_at_card, show_card
from service.errors import NothingSuch, UsageFault
from service.jobs.asked import WakeJob
from service.observe.metrics import metrics
from service.reminders.actions import Action
from service.web.answers import problem
from service.web.proxies import public_url
from service.web.webhooks import headers_of
from service.web.words.present import PURPOSE_NAMES, STATE_NAMES, category_name, named, words_of

MOST_BYTES = 16 * 1024
LONGEST_REQUEST = 100
LARGEST_ID = 2**53  # what JavaScript holds exactly
ACTIONS = {"done": Action.DONE, "snooze": Action.SNOOZE}


def cards_blueprint(app: App, wake: WakeJob | None) -> Blueprint:
    """GET /cards/<crm>/deals/<deal_id>, POST .../done and .../snooze. `wake` has the task in the CRM follow at once."""
    blueprint = Blueprint("cards", __name__, url_prefix="/cards")
    callers = Callers(app)

    @blueprint.get("/<crm>/deals/<deal_id>")
    def show(crm: str, deal_id: str) -> Response:
        """What is known of the deal."""
        asker = _asker(app, callers, crm)
        with app.store.read() as tx:
            return _answer(app, show_card(tx, asker, _deal_id(crm, deal_id), now=app.now()))

    @blueprint.post("/<crm>/deals/<deal_id>/<word>")
    def act(crm: str, deal_id: str, word: str) -> Response:
        """Done, or later. The same click again changes nothing."""
        asker = _asker(app, callers, crm)
        deed = _deed(word)
        with app.store.begin() as tx:
            card, is_changed = act_at_card(tx, asker, _deal_id(crm, deal_id), deed, now=app.now())
        if is_changed and wake is not None:
            wake("drain_outbox", asker.connection_id)  # after the commit
        return _answer(app, card)

    blueprint.register_error_handler(WebhookRejected, _refused)
    blueprint.register_error_handler(Stranger, lambda error: _problem(403, "Forbidden", error, "not_allowed"))
    blueprint.register_error_handler(NothingSuch, lambda error: _problem(404, "Not Found", error, "nothing_such"))
    blueprint.register_error_handler(UsageFault, lambda error: _problem(400, "Bad Request", error, "malformed"))
    return blueprint


def _asker(app: App, callers: Callers, crm: str) -> Asker:
    request.max_content_length = MOST_BYTES
    call = CardCall(
        method=request.method,
        headers=headers_of(request.environ),
        body=request.get_data(),
        url=public_url(request.environ, app.settings.base_url),
    )
    return callers.ask(crm, call)


def _deal_id(crm: str, text: str) -> str:
    """The deal's id as it is stored. Raises NothingSuch for what can be none."""
    found = connector_specs()[crm].deal_id_of(text)
    if found is None:
        raise NothingSuch(NOT_THERE)
    return found


def _deed(word: str) -> Deed:
    """What the click asks for. Raises UsageFault, or NothingSuch for a word that is none of ours."""
    if word not in ACTIONS:
        raise NothingSuch("A card knows done and snooze.")
    action, body = ACTIONS[word], _body()
    reminder, said = body.get("reminder"), body.get("request")
    until = _day(body.get("until")) if action is Action.SNOOZE else None
    is_whole = until is not None or action is not Action.SNOOZE
    if not is_whole or not isinstance(said, str) or not 0 < len(said) <= LONGEST_REQUEST:
        raise UsageFault("The card's call is not complete.", remedy="Load the page again.")
    if type(reminder) is not int or not 0 < reminder < LARGEST_ID:
        raise UsageFault("The card's call names no follow-up.", remedy="Load the page again.")
    return Deed(reminder_id=reminder, action=action, request=said, until=until)


def _body() -> dict[str, Any]:
    """The members of the call; none where it has none."""
    try:
        found = parse_json(request.get_data())
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _answer(app: App, card: DealCard) -> Response:
    body = {
        "state": named(STATE_NAMES, card.state),
        "category": category_name(card.category, card.sub_reason) if card.category else None,
        "sub_reason": words_of(card.sub_reason) if card.sub_reason else None,
        "needs_review": card.needs_review,
        "next": _next(card),
        "why_none": None if card.next else card.why_none,
        "may_work": card.may_work,
        "today": card.today,
        "story": f"{app.settings.base_url.rstrip('/')}/deals/{card.deal_row_id}" if app.settings.base_url else None,
    }
    return Response(orjson.dumps(body), content_type="application/json")


def _next(card: DealCard) -> dict[str, Any] | None:
    if card.next is None:
        return None
    return {
        "reminder": card.next.reminder_id,
        "what": named(PURPOSE_NAMES, card.next.purpose),
        "due_on": card.next.due_on,
        "why": card.next.why,
        "is_assumed": card.next.provisional,
        "is_held": card.next.is_held,
    }


def _refused(error: WebhookRejected) -> Response:
    metrics().webhooks.labels("cards", error.reason).inc()
    status, title = (400, "Bad Request") if error.reason is Refusal.MALFORMED else (401, "Unauthorized")
    return problem(status, title, detail=error.says, reason=error.reason)


def _problem(status: int, title: str, error: UsageFault, reason: str) -> Response:
    return problem(status, title, detail=str(error), reason=reason)
