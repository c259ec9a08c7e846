"""What the audit's findings suggest: the texts, for those who edit the documents."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.audit.suggestions import SHIPPED, suggestions, write_suggestion
from service.errors import UsageFault
from service.people.roles import Right
from service.web.who import person, product, requires

RULES = {
    "stated_and_underlying_differ": "Notes contradict a stated reason",
    "often_deleted": "A step is often deleted",
}
"""Topics that are no category."""


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/findings", "findings", findings, methods=["GET", "POST"])


@requires(Right.EDIT_MAPPINGS)
def findings() -> str | BaseResponse:
    """Show the texts, or put the ones that were changed in force."""
    if request.method == "GET":
        return _page()
    app, me = product(), person()
    try:
        with app.store.begin() as tx:
            for topic in SHIPPED:
                if topic in request.form:
                    write_suggestion(tx, topic, request.form[topic], who=me.email, now=app.now())
    except UsageFault as error:
        return make_response(_page(fault=str(error)), 400)
    flash("Saved. The audit says it from now on; reviews that were made stay as they are.")
    return redirect(url_for("site.findings"), code=303)


def _page(fault: str | None = None) -> str:
    with product().store.read() as tx:
        texts = suggestions(tx)
    rows = [(topic, request.form.get(topic, texts[topic]), shipped) for topic, shipped in SHIPPED.items()]
    return render_template("findings.html", rows=rows, rules=RULES, fault=fault)
