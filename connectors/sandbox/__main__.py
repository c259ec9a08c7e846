"""Serves sandbox CRMs from a process of their own: `python -m connectors.sandbox --deals 50000`.

Prints one JSON line with what a client needs to connect, then serves until it is interrupted or terminated; with
`--until-stdin-closes` also until whoever started it is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.sandbox.book import Book
from connectors.sandbox.book_making import make_book
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import App

CRMS = ("salesforce", "hubspot")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    options = _options().parse_args(argv)
    today = options.today or _machine_clock().date()
    book = make_book(options.seed, deals=options.deals, today=today, distinct_notes=options.distinct_notes)
    with contextlib.ExitStack() as stack:
        found = {crm: _serve(stack, crm, book, options) for crm in options.crm}
        gc.freeze()  # the book stays: going through it again and again would cost more than all answers
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
        sys.stdout.flush()
        _wait(until_stdin_closes=options.until_stdin_closes)
    return 0


def _wait(*, until_stdin_closes: bool) -> None:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    if until_stdin_closes:
        threading.Thread(target=_set_at_end_of_input, args=(over,), daemon=True).start()
    over.wait()


def _set_at_end_of_input(over: threading.Event) -> None:
    sys.stdin.buffer.read()
    over.set()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__.splitlines()[0])
    parser.add_argument("--crm", nargs="+", choices=CRMS, default=CRMS, help="which CRMs to serve")
    parser.add_argument("--port", type=int, default=0, help="port of the first CRM, the next one's is one more")
    parser.add_argument("--tls-folder", type=Path, help="make a certificate here; Salesforce is then served by https")
    parser.add_argument("--deals", type=int, default=500, help="size of the book")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same book")
    parser.add_argument("--today", type=date.fromisoformat, help="the book's day (YYYY-MM-DD), else the machine's")
    parser.add_argument("--distinct-notes", action="store_true", help="no two notes alike")
    parser.add_argument("--no-limits", action="store_true", help="no rate or daily limits, pages as large as asked")
    parser.add_argument("--no-gzip", action="store_true", help="never compress")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the program that started this")
    return parser


def _make_salesforce(book: Book, *, has_limits: bool) -> tuple[App, dict[str, str]]:
    org = SalesforceOrg(book)
    if not has_limits:
        org.lift_limits()
    return org, org.credentials()


def _make_hubspot(book: Book, *, has_limits: bool) -> tuple[App, dict[str, str]]:
    hubspot = importlib.import_module("connectors.sandbox.hubspot")  # the one CRM does not need the other's code
    settings = hubspot.PortalSettings() if has_limits else hubspot.PortalSettings(limits=None)
    found = {"token": str(hubspot.DEMO_TOKEN), "account_id": str(settings.portal_id)}
    return hubspot.HubSpotPortal(book, settings), found


_MAKERS = {"salesforce": _make_salesforce, "hubspot": _make_hubspot}


def _serve(stack: contextlib.ExitStack, crm: str, book: Book, options: argparse.Namespace) -> dict[str, Any]:
    app, credentials = _MAKERS[crm](book, has_limits=not options.no_limits)
    server: RunningServer[App] = stack.enter_context(
        serve(
            app,
            now=_machine_clock,
            tls_folder=options.tls_folder if crm == "salesforce" else None,
            port=options.port + options.crm.index(crm) if options.port else 0,
            compresses=not options.no_gzip,
        )
    )
    ca_file = str(server.ca_file) if server.ca_file else None
    return {"url": server.url, "ca_file": ca_file, **credentials}


def _machine_clock() -> datetime:
    return datetime.now(tz=UTC)  # noqa: TID251  # the edge of a process of its own: nobody could pass the time in


if __name__ == "__main__":
    sys.exit(main())
