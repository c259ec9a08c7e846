"""Our side of a measurement, in a process of its own: connect, sync or go live; prints one JSON object."""

from __future__ import annotations

import sys
from typing import Any

import orjson

from service import clock
from service.bootstrap import App
from service.cli.context import app as open_product
from service.connections.connect import Wanted, connect
from service.cores import give_memory_back, quieten_collector
from service.golive.report import GoLiveRequest
from service.operations import go_live
from service.store.connections import connection_named
from service.store.models import RunRow
from service.sync.runner import sync

NAME = "measured"
SIGNING_IN = {"salesforce": ("client_credentials", ("client_id", "client_secret")), "hubspot": ("token", ("token",))}


def main(arguments: list[str]) -> int:
    """`connect CRM FOUND OPTIONS` (both JSON), `sync`, `sync full`, or `live LIMIT`."""
    verb, *rest = arguments
    give_memory_back()
    quieten_collector()  # both as the commands do
    app = open_product()
    if verb == "connect":
        told = _connect(app, rest[0], orjson.loads(rest[1]), orjson.loads(rest[2]))
    elif verb == "sync":
        told = _sync(app, full="full" in rest)
    else:
        told = _live(app, int(rest[0]))
    sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    return 0


def _connect(app: App, crm: str, found: dict[str, Any], options: dict[str, str]) -> dict[str, Any]:
    auth, names = SIGNING_IN[crm]
    credentials = {name: found[name] for name in names}
    connect(app, Wanted(crm=crm, name=NAME, url=found["url"], auth=auth, credentials=credentials, account_sense=False))
    with app.store.begin() as tx:
        connection_named(tx, NAME).options = options
    return {}


def _sync(app: App, *, full: bool) -> dict[str, Any]:
    report = sync(app, NAME, full=full, monotonic=clock.monotonic)
    return {**report.as_json(), "by_kind": _calls(app)}


def _live(app: App, limit: int) -> dict[str, Any]:
    started = clock.monotonic()
    announced, written = go_live(app, NAME, GoLiveRequest(limit=limit))
    seconds = clock.monotonic() - started
    return {
        "announced": announced.as_json()["tasks"],
        "written": written.written,
        "failed": written.failed,
        "seconds": seconds,
        "by_kind": _calls(app),
    }


def _calls(app: App) -> dict[str, int]:
    with app.store.read() as tx:
        return dict(tx.query(RunRow).order_by(RunRow.id.desc()).limit(1).one().calls)
