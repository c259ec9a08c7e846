"""What to do about a fault, in the web app: remedies are written for the command line, and lead to pages here.

A sentence that names a command of ours, or an option of one, is replaced by what does the same on a page, with a link
to it. Faults are kept as they were said (runs, health), so they are turned round where they are shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import has_request_context, request, url_for
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
_QUOTED = re.compile(r"`([^`<>]+)`")
_COMMAND = re.compile(r"`rekindle (?P<verb>[a-z-]+)(?P<rest>[^`]*)`")
_OPTION = re.compile(r"(?<![\w-])--(?P<option>[a-z][a-z-]+)")
_A_NAME = re.compile(r"[^\s\-<\[][^\s]*")
NO_NAMES = frozenset({"NAME", "salesforce", "hubspot"})


@dataclass(frozen=True, slots=True)
class Way:
    """What to do in place of a command: words, the page where it is done, and what its link says.

    A page of a connection takes its name; where that is not known, the list of connections stands for it.
    """

    words: str
    endpoint: str = ""
    link: str = ""


_CREDENTIALS = Way("Enter its credentials again.", "site.connection_new", "New credentials")
_ADDRESS = Way("Check the address it is reached at.", "site.connection_new", "Address and credentials")
_FIELDS = Way("Choose the fields that are read.", "site.connection_fields", "Fields")
_CONNECTION = Way("The connection's page has what is needed.", "site.connection", "To the connection")
_OPERATOR = Way("Whoever runs the server has to do this.")
COMMANDS = {
    "connect": _CREDENTIALS,
    "doctor": Way("Test, on the connection's page, tells what is wrong.", "site.connection", "To the connection"),
    "sync": Way("Read everything again, on the connection's page.", "site.connection", "To the connection"),
    "audit": Way("The connection's page shows every month.", "site.connection", "To the connection"),
    "hold": Way("Put it on hold, on the connection's page.", "site.connection", "To the connection"),
    "go-live": Way("Go live again when it may write.", "site.connection_go_live", "Go live"),
    "undo": Way("Take them back first, or say that they are to be left there.", "site.connection_undo", "Undo"),
    "connections": _CONNECTION,
    "outbox": Way(
        "Look at what gave up and let it go live again, on the connection's page.", "site.connection", "To it"
    ),
    "inbox": Way("Look at what gave up, on the connection's page.", "site.connection", "To the connection"),
    "messages": Way("Look at how messages are sent, in the settings.", "site.connection_settings", "Settings"),
    "mappings": Way("Change it in the draft, beside the reasons.", "site.reasons", "Reasons"),
    "policy": Way("Change it in the draft of the timing.", "site.timing", "Timing"),
    "reminders": Way("Look at the follow-ups.", "site.reminders", "Reminders"),
    "admin": Way("An admin does this under People.", "site.people", "People"),
    "preview": Way("Drop the export on the start page.", "site.start", "Drop an export"),
}
OPTIONS = {
    "instance-url": _ADDRESS,
    "api-url": _ADDRESS,
    "token-stdin": _CREDENTIALS,
    "client-id": _CREDENTIALS,
    "client-secret-stdin": _CREDENTIALS,
    "field": _FIELDS,
    "columns": Way("Name the columns as Salesforce or HubSpot do, or as the example does."),
}
KEPT = frozenset({"setup-code"})
"""The one command that a person at a page is told: only who holds the server may set it up."""


def here(text: str, name: str = "", crm: str = "") -> Markup:
    """A fault as a page shows it: each sentence that is about the command line leads to a page instead."""
    return Markup(" ").join(_shown(words, way, name, crm) for words, way in _parts(text))


def here_in_words(text: str) -> str:
    """The same where a link cannot stand."""
    return " ".join(way.words if way else words for words, way in _parts(text))


def _parts(text: str) -> list[tuple[str, Way | None]]:
    """The sentences with what stands in their place, each way once."""
    found: list[tuple[str, Way | None]] = []
    for sentence in _SENTENCE.split(text):
        way = _way(sentence)
        if way is None or way not in [known for _, known in found]:
            found.append((sentence, way))
    return found


def _way(sentence: str) -> Way | None:
    if command := _COMMAND.search(sentence):
        is_kept = any(word in command["rest"].split() for word in KEPT)
        return None if is_kept else COMMANDS.get(command["verb"], _OPERATOR)
    return next((OPTIONS[one["option"]] for one in _OPTION.finditer(sentence) if one["option"] in OPTIONS), None)


def _shown(sentence: str, way: Way | None, name: str, crm: str) -> Markup:
    if way is None:
        return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704 -- escaped just before
    address = _address(way, name or _named(sentence), crm or _crm_named(sentence))
    return Markup('{} <a href="{}">{}</a>').format(way.words, address, way.link) if address else escape(way.words)


def _named(sentence: str) -> str:
    """The connection that the command names, else the page's own."""
    command = _COMMAND.search(sentence)
    words = _A_NAME.findall(command["rest"]) if command else []
    named = next((word for word in words if word not in NO_NAMES and not word.isupper()), "")
    there = (request.view_args or {}).get("name", "") if has_request_context() else ""
    return there or named


def _crm_named(sentence: str) -> str:
    command = _COMMAND.search(sentence)
    return next((word for word in command["rest"].split() if word in NO_NAMES - {"NAME"}), "") if command else ""


def _address(way: Way, name: str, crm: str) -> str:
    if not way.endpoint or not has_request_context():
        return ""
    if not way.endpoint.startswith("site.connection"):
        return url_for(way.endpoint)
    if not name or (way.endpoint == "site.connection_new" and not crm):
        return url_for("site.connection", name=name) if name else url_for("site.connections")
    try:
        return url_for(way.endpoint, name=name, crm=crm or None)
    except BuildError:
        return url_for("site.connections")
