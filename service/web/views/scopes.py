"""The scope of each connection, with its counts, beside the reasons."""

from __future__ import annotations

from flask import Blueprint, render_template

from service.mapping_sets.kinds import Kind
from service.people.roles import Right
from service.store.connections import all_connections
from service.store.scopes import excluded_counts
from service.web.editing import summary_of
from service.web.who import product, requires


def add_to(site: Blueprint) -> None:
    """The route."""
    site.add_url_rule("/reasons/scope", "scopes", scopes)


@requires(Right.EDIT_MAPPINGS)
def scopes() -> str:
    """What is taken and what is left out, by connection and rule."""
    app = product()
    with app.reading() as tx:
        summary = summary_of(tx, Kind.MAPPINGS)
        rows = [(row, *excluded_counts(tx, row.id)) for row in all_connections(tx)]
    return render_template("scopes.html", rows=rows, summary=summary, kind=Kind.MAPPINGS)
