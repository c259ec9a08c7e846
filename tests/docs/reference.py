"""The pages of reference that are made from the code: `make reference` writes them, a test compares them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from flask import Flask

from connectors.base import ConnectorSpec, Role
from connectors.registry import connector_specs
from service.api.described import operations
from service.api.routes import PREFIX
from service.bootstrap import open_app
from service.config import Settings
from service.connections.settings import SETTERS, SLACK
from service.observe.metrics import Metrics, metrics
from service.web.app import create_app
from service.web.figures import FIGURES
from service.web.links import links_blueprint
from tests.docs.pages import DOCS

FOLDER = DOCS / "reference"
MADE = "<!-- Made by `make reference` from the code. -->\n"

FIELDS = {
    Role.REASON: "Why the deal was lost: one field, or several in order of trust. Kept word for word.",
    Role.NOTES: "Free text about the loss, several fields if need be. Read for days and for the reason underneath.",
    Role.COMPETITOR: "Whom they chose instead.",
    Role.CONTRACT_END: "When the contract with them ends: a day.",
    Role.FISCAL_YEAR_START_MONTH: "The month in which the prospect's fiscal year starts: 1 to 12.",
    Role.DO_NOT_CONTACT: "Whether the prospect asked not to be contacted. Contacts' own opt-outs count without it.",
    Role.CATEGORY_OUT: "Written: the category.",
    Role.SUB_REASON_OUT: "Written: the sub-reason.",
    Role.NEXT_FOLLOW_UP_OUT: "Written: the day of the next follow-up. A day that a person enters there is followed.",
}
OF_A_CONNECTION = {
    "notes": ("full", "How much of the notes is stored: `full`, `facts` (days and deciding words only) or `off`."),
    "retention_days": ("kept", "Days after a loss from which its notes are cut to the words that decided something."),
    "one_task_per_account": (
        "on",
        "At most one open task of ours for an account; the others wait and are named in it.",
    ),
    "account_sense": ("on", "Hold back where somebody is working on the account, or it has bought."),
    "write_ahead_days": ("off", "Days before its day that a task is written; off: as soon as it is planned."),
    "fallback_owner": ("", "Who gets the tasks of deals whose owner, account owner and manager are all inactive."),
    "sync_every_minutes": ("as `REKINDLE_SYNC_EVERY_S`", "How often a running service reads the CRM; `off`: never."),
    "morning_hour": ("8", "The hour, where the rep lives, from which a follow-up of that day is due."),
    "digest": ("off", "A message of the day to each rep: `email`, `slack` or `off`."),
    "digest_hour": ("8", "Its hour, where the rep lives."),
    "escalate_after_days": ("off", "On Mondays managers are told what their people left due for so long."),
    SLACK: ("", "The incoming webhook for `digest=slack`, read from standard input by `slack_url=-`; kept encrypted."),
}


ABOUT_FIELDS = """\
## Fields

Which CRM field is read or written for what. `connect` finds the likely ones and says which; another is named by
`--field ROLE=FIELD`, or on the connection's page at *What is read*. What a CRM lacks is done without.
"""
ABOUT_SCOPE = """\
## Scope

Which deals are taken: `--include` and `--exclude` with `record_type=`, `pipeline=` or `type=`, `--min-amount`,
`--reached-stage`. What is left out is counted by its rule in the ledger.
"""
ABOUT_SETTINGS = """\
## Settings

Changed by `rekindle connections set NAME KEY=VALUE`, on the connection's page, or by the API.
"""
ABOUT_CALLS = """\
`GET /api/v1/openapi.json` describes the API in full, with parameters, answers and examples; `GET /api/v1/docs` is the
same as a page. A token is sent as `Authorization: Bearer ...`; it may do what its scopes and its person's role both
allow.
"""
ABOUT_FIGURES = """\
At `GET /metrics`. No label holds a name, id or address of a customer. What each means for you, and what to do: the
[runbook](../../deploy/RUNBOOK.md).
"""
ABOUT_PROCESSES = """\
Where one process serves alone, the Python client's own `python_*` and `process_*` stand beside them.
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"


def made_pages() -> dict[str, str]:
    """Each page by its name."""
    return {"connections.md": connections(), "endpoints.md": endpoints(), "metrics.md": figures()}


def connections() -> str:
    """What can be said of a connection: fields, settings, ways to sign in, options of each CRM."""
    missing = {*SETTERS, SLACK} ^ OF_A_CONNECTION.keys()
    assert not missing, f"say what they do in tests/docs/reference.py: {missing}"
    parts = [
        f"# Connections\n\n{MADE}",
        ABOUT_FIELDS,
        table(("role", "what it is for"), ((f"`{role}`", FIELDS[role]) for role in Role)),
        ABOUT_SCOPE,
        ABOUT_SETTINGS,
        table(
            ("setting", "default", "what it does"),
            ((f"`{key}`", default, says) for key, (default, says) in OF_A_CONNECTION.items()),
        ),
    ]
    specs = sorted(connector_specs().values(), key=lambda spec: spec.label, reverse=True)
    return "\n".join([*parts, *(part for spec in specs for part in _of_crm(spec))])


def _of_crm(spec: ConnectorSpec) -> list[str]:
    ways = ((one.label, ", ".join(f"`{need}`" for need in one.needs), one.help) for one in spec.auth)
    options = ((f"`{key}`", says) for key, says in spec.options.items())
    return [
        f"## {spec.label}\n\n{table(('way to sign in', 'needs', 'what it is'), ways)}",
        f"Options, set like settings:\n\n{table(('option', 'what it does'), options)}",
    ]


def make_service(home: Path) -> Flask:
    """The web service with everything that it serves."""
    app = open_app(Settings(home=home))
    flask = create_app(app)
    flask.register_blueprint(links_blueprint(app, wake=lambda _id: None))
    return flask


def endpoints() -> str:
    """Every address that the web service answers at."""
    with tempfile.TemporaryDirectory() as folder:
        service = make_service(Path(folder))
        document = service.test_client().get(f"{PREFIX}/openapi.json").get_json()
        routes = sorted(service.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    calls: dict[str, list[Sequence[str]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, method, call in operations(document):
        scopes = ", ".join(f"`{scope}`" for scope in call.get("x-scopes", ())) or "any token"
        calls[call["tags"][0]].append((f"`{method.upper()} {path}`", call["summary"], scopes))
    others: dict[str, list[Sequence[str]]] = {"programs": [], "pages": []}
    for rule in routes:
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        says = (service.view_functions[rule.endpoint].__doc__ or "").split("\n")[0].strip()
        if not rule.rule.startswith(f"{PREFIX}/") and not rule.endpoint.endswith("static"):
            kind = "pages" if rule.endpoint.startswith("site.") else "programs"
            others[kind].append((f"`{methods} {rule.rule}`", says))
    parts = [
        f"# Endpoints\n\n{MADE}",
        ABOUT_CALLS,
    ]
    parts += [
        f"## API: {name}\n\n{table(('call', 'what it does', 'scopes, one of'), rows)}" for name, rows in calls.items()
    ]
    parts.append(
        f"## Health, figures, webhooks, cards, links\n\n{table(('address', 'what it does'), others['programs'])}"
    )
    parts.append(f"## Pages of the web app\n\n{table(('address', 'what it is'), others['pages'])}")
    return "\n".join(parts)


def figures() -> str:
    """Every figure that Prometheus is told."""
    parts = [
        f"# Metrics\n\n{MADE}",
        ABOUT_FIGURES,
        f"## Counted by each process\n\n{table(('figure', 'labels', 'what it tells'), _counted(metrics()))}",
        ABOUT_PROCESSES,
        "## True in the database at that moment\n\n"
        + table(
            ("figure", "labels", "what it tells"),
            ((f"`{name}`", _labels(labels), says) for name, says, labels, _ in FIGURES),
        ),
    ]
    return "\n".join(parts)


def _counted(found: Metrics) -> list[Sequence[str]]:
    kinds: Mapping[str, str] = {"counter": "_total", "histogram": ""}
    counted = [one for one in vars(found).values() if hasattr(one, "collect")]
    told = [next(iter(one.collect())) for one in counted]
    labels = [one._labelnames for one in counted]
    return [
        (f"`{one.name}{kinds[one.type]}`", _labels(names), one.documentation)
        for one, names in zip(told, labels, strict=True)
    ]


def _labels(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def write_pages() -> None:
    """Write them all."""
    for name, text in made_pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
