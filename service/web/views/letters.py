"""Dead letters of a connection, of its inbox and its outbox: tried again, or given up."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.errors import UsageFault
from service.outbox.letters import discard_letters, retry_letters
from service.people.roles import Right
from service.store.connections import connection_named
from service.store.people import record_action
from service.web.who import asking, person, product, requires
from service.webhooks.letters import discard_inbox, of_connection, retry_inbox

BOXES = ("inbox", "outbox")
VERBS = ("retry", "discard")
WAKES = {"inbox": "process_inbox", "outbox": "drain_outbox"}


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/connections/<name>/letters", "letters_act", act, methods=["POST"])


@requires(Right.RUN_CONNECTIONS)
def act(name: str) -> BaseResponse:
    """Try the chosen ones again, or give them up."""
    app, me = product(), person()
    box, verb = request.form.get("box", ""), request.form.get("verb", "")
    chosen = [int(text) for text in request.form.getlist("id") if text.isdecimal()]
    if box not in BOXES or verb not in VERBS or not chosen:
        raise UsageFault("Nothing was chosen.", remedy="Tick the ones you mean, then use a button.")
    with app.store.begin() as tx:
        row = connection_named(tx, name)
        now, who = app.now(), me.email
        if box == "inbox":
            mine = [(id_, id_) for id_ in of_connection(tx, row.id, chosen)]
            change = retry_inbox if verb == "retry" else discard_inbox
            count = change(tx, ranges=mine, who=who, now=now) if mine else 0
        elif verb == "retry":
            count = retry_letters(tx, ids=chosen, connection_id=row.id, who=who, now=now)
        else:
            count = discard_letters(tx, ids=chosen, connection_id=row.id, who=who, today=app.today(row), now=now)
        record_action(tx, who=who, what=f"{box} {verb}", subject=name, says=f"{count} dead letters", now=now)
    if verb == "retry" and (wake := asking().wake) is not None:
        wake(WAKES[box], row.id if box == "outbox" else None)
    flash(f"{count} are tried again." if verb == "retry" else f"{count} were given up.")
    return redirect(url_for("site.connection", name=name), code=303)
