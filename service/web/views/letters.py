"""Dead letters of a connection, of its inbox and its outbox: tried again, or given up."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.deeds.letters import Box, Verb, act_on_letters
from service.errors import UsageFault
from service.people.roles import Right
from service.web.who import asking, person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/connections/<name>/letters", "letters_act", act, methods=["POST"])


@requires(Right.RUN_CONNECTIONS)
def act(name: str) -> BaseResponse:
    """Try the chosen ones again, or give them up."""
    box, verb = request.form.get("box", ""), request.form.get("verb", "")
    chosen = [int(text) for text in request.form.getlist("id") if text.isdecimal()]
    if box not in set(Box) or verb not in set(Verb) or not chosen:
        raise UsageFault("Nothing was chosen.", remedy="Tick the ones you mean, then use a button.")
    count = act_on_letters(product(), name, Box(box), Verb(verb), chosen, asking=asking(), who=person().email)
    flash(f"{count} are tried again." if verb == "retry" else f"{count} were given up.")
    return redirect(url_for("site.connection", name=name), code=303)
