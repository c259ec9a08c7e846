"""The scope of each connection, with its counts, beside the reasons."""

from __future__ import annotations

from flask import Blueprint, render_template

from service.people.roles import Right
from service.store.connections import all_connections
from service.store.scopes import excluded_counts
from service.web.who import product, requires


def add_to(site: Blueprint) -> None:
    """The route."""
    site.add_url_rule("/reasons/scope", "scopes", scopes)


@requires(Right.EDIT_MAPPINGS)
def scopes() -> str:
    """What is taken and what is left out, by connection and rule."""
    with product().store.read() as tx:
        rows = [(row, *excluded_counts(tx, row.id)) for row in all_connections(tx)]
    return render_template("scopes.html", rows=rows)
