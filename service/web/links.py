"""The signed links of messages: GET shows the choice, POST acts, once. No login: the link is the right to decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.bootstrap import App
from service.clock import today_in
from service.messages.links import Link, Links, use_of, use_up
from service.reminders.actions import Action, PastDayError, decide
from service.reminders.words import day_in_words, why_in_force
from service.store.models import ConnectionRow, DealRow, OwnerRow, ReminderRow

LATER = timedelta(days=14)
WORDS = {
    Action.DONE: "It is done",
    Action.SNOOZE: "Later, on that day",
    Action.CANCEL: "Stop following this up",
}
DID = {
    Action.DONE: "It is marked as done, and so is the task in the CRM. The next follow-up comes in its time.",
    Action.SNOOZE: "It comes back on {}, and the task in the CRM moves with it.",
    Action.CANCEL: "It is not followed up any further; the task in the CRM is closed.",
}
NOT_OURS = "This link is not complete, or was never one of ours. Open it from the message again."
OVER = "This link is over: it was good for 14 days. The task in the CRM says what is still open."
USED = "This link was used already, and does nothing any more. The task in the CRM says what is still open."
GONE = "This follow-up is over already: nothing was changed."
NO_CHOICE = "Nothing was changed: choose one of the three, and for later a day that is still to come."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A reminder as the page shows it."""

    account: str
    deal: str
    due: str
    why: str
    earliest: str
    later: str


def links_blueprint(app: App, *, wake: Callable[[int], None] = lambda _: None) -> Blueprint:
    """The routes; `wake` is told the connection whose task is to follow."""
    blueprint = Blueprint("links", __name__, template_folder="templates")
    links = Links(app.settings)

    @blueprint.get("/links/<token>")
    def show(token: str) -> Response:
        link = links.read(token)
        with app.store.read() as tx:
            refused = _refusal(tx, token, link, app.now())
            if refused is not None or link is None:
                return refused or _page(404, "Not found", NOT_OURS)
            return _offer(tx, link, app.now(), chosen=request.args.get("do", ""))

    @blueprint.post("/links/<token>")
    def act(token: str) -> Response:
        link = links.read(token)
        action, until = _choice()
        with app.store.begin() as tx:
            refused = _refusal(tx, token, link, app.now())
            if refused is not None or link is None:
                return refused or _page(404, "Not found", NOT_OURS)
            if action is None:
                return _page(400, "Nothing was changed", NO_CHOICE)
            answer, connection_id = _decide(tx, token, link, action, until, app.now())
        if connection_id is not None:
            wake(connection_id)  # after the commit
        return answer

    return blueprint


def _choice() -> tuple[Action | None, date | None]:
    try:
        action = Action(request.form.get("action", ""))
        until = date.fromisoformat(request.form.get("until", "")) if action is Action.SNOOZE else None
    except ValueError:
        return None, None
    return action, until


def _refusal(tx: Session, token: str, link: Link | None, now: datetime) -> Response | None:
    """Why the link does nothing; None where it is good."""
    if link is None:
        return _page(404, "Not found", NOT_OURS)
    if now >= link.until:
        return _page(410, "This link is over", OVER)
    if use_of(tx, token) is not None:
        return _page(410, "Used already", USED)
    return None


def _decide(
    tx: Session, token: str, link: Link, action: Action, until: date | None, now: datetime
) -> tuple[Response, int | None]:
    """Act and use the link up, both or neither; the connection whose outbox has work then."""
    if not _is_there(tx, link):
        return _page(410, "It is over", GONE), None
    if not use_up(tx, token, link, action, now=now):
        return _page(410, "Used already", USED), None
    try:
        changed = decide(tx, [link.reminder_id], action, who=_who(tx, link), until=until, now=now)
    except PastDayError:
        tx.rollback()
        return _page(400, "Nothing was changed", NO_CHOICE), None
    if not changed:
        return _page(200, "It is over", GONE), None
    row = tx.get_one(ReminderRow, link.reminder_id, populate_existing=True)
    says = DID[action].format(day_in_words(row.due_on))
    return _page(200, "Thank you", says), row.connection_id


def _offer(tx: Session, link: Link, now: datetime, *, chosen: str) -> Response:
    found = tx.execute(
        select(ReminderRow, DealRow.account_name, DealRow.name, ConnectionRow.zone)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(ConnectionRow, ConnectionRow.id == ReminderRow.connection_id)
        .where(ReminderRow.id == link.reminder_id)
    ).first()
    if found is None:
        return _page(410, "It is over", GONE)
    row, account, deal, zone = found
    today = today_in(zone, now)
    shown = _Shown(
        account=account or deal,
        deal=deal,
        due=day_in_words(row.due_on),
        why=why_in_force(row),
        earliest=today.isoformat(),
        later=(today + LATER).isoformat(),
    )
    # What was clicked in the message comes first; the others stay possible.
    order = sorted(Action, key=lambda action: (action != chosen, list(Action).index(action)))
    choices = [{"action": str(action), "words": WORDS[action]} for action in order]
    return _page(200, "What shall become of it?", "Nothing is changed until you choose.", shown, choices)


def _is_there(tx: Session, link: Link) -> bool:
    return tx.scalar(select(ReminderRow.id).where(ReminderRow.id == link.reminder_id)) is not None


def _who(tx: Session, link: Link) -> str:
    """Whose message the link stood in, for the event."""
    email = tx.scalar(
        select(OwnerRow.email)
        .join(
            ReminderRow,
            (ReminderRow.connection_id == OwnerRow.connection_id) & (ReminderRow.owner_id == OwnerRow.owner_id),
        )
        .where(ReminderRow.id == link.reminder_id)
    )
    return f"link: {email}"[:100] if email else "link"


def _page(
    status: int,
    title: str,
    says: str,
    reminder: _Shown | None = None,
    choices: list[dict[str, str]] | None = None,
) -> Response:
    html = render_template("link.html", title=title, says=says, reminder=reminder, choices=choices or [])
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address is a secret
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; form-action 'self'; frame-ancestors 'none'"
    return answer
