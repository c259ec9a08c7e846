"""Help: what each page is for, the words it uses, and the keys. Every page links to its own part."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from mappings.taxonomy import TAXONOMY
from service.web.who import requires

PARTS = {
    "site.audit": "audit", "site.findings": "audit", "site.reviews": "reviews", "site.review": "reviews",
    "site.reasons": "reasons", "site.reasons_rules": "reasons", "site.reasons_subs": "reasons",
    "site.changes": "changes",
    "site.changes_one": "changes", "site.versions": "changes", "site.document": "changes", "site.timing": "timing",
    "site.timing_texts": "timing", "site.timing_simulator": "timing", "site.deals": "deals", "site.deal": "deals",
    "site.reminders": "reminders", "site.connections": "connections", "site.connection": "connections",
    "site.connection_new": "connections", "site.connection_fields": "connections",
    "site.connection_settings": "connections", "site.connection_remove": "leaving", "site.connection_undo": "leaving",
    "site.connection_go_live": "live", "site.people": "people", "site.log": "people", "site.start": "first",
}  # fmt: skip
"""Where a page's help stands."""


def add_to(site: Blueprint) -> None:
    """The route."""
    site.add_url_rule("/help", "help", help_page)


@requires()
def help_page() -> str:
    """All of it, on one page to search in."""
    return render_template("help.html", taxonomy=TAXONOMY)


def part_of_page() -> str:
    """The help on the page that is shown."""
    return PARTS.get(request.endpoint or "", "first")
