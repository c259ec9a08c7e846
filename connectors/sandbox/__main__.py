"""Serves sandbox CRMs from a process of their own: `python -m connectors.sandbox --deals 50000`.

Prints one JSON line with what a client needs to connect, then serves until its standard input is closed or it is
interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import pkgutil
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.sandbox.book import Book, make_book
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import App

# Loaded when asked for: one CRM's app knows nothing of the other's.
APPS = {
    "salesforce": "connectors.sandbox.salesforce.org:SalesforceOrg",
    "hubspot": "connectors.sandbox.hubspot.portal:HubSpotPortal",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    options = _options().parse_args(argv)
    today = options.today or _machine_clock().date()
    book = make_book(options.seed, deals=options.deals, today=today, distinct_notes=options.distinct_notes)
    with contextlib.ExitStack() as stack:
        found = {crm: _serve(stack, crm, book, options) for crm in options.crm}
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.buffer.read()
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__.splitlines()[0])
    parser.add_argument("--crm", nargs="+", choices=sorted(APPS), default=sorted(APPS), help="which CRMs to serve")
    parser.add_argument("--port", type=int, default=0, help="port of the first CRM, the next one's is one more")
    parser.add_argument("--tls-folder", type=Path, help="make a certificate here; Salesforce is then served by https")
    parser.add_argument("--deals", type=int, default=500, help="size of the book")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same book")
    parser.add_argument("--today", type=date.fromisoformat, help="the book's day (YYYY-MM-DD), else the machine's")
    parser.add_argument("--distinct-notes", action="store_true", help="no two notes alike")
    parser.add_argument("--no-limits", action="store_true", help="no rate or daily limits, pages as large as asked")
    parser.add_argument("--no-gzip", action="store_true", help="never compress")
    return parser


def _serve(stack: contextlib.ExitStack, crm: str, book: Book, options: argparse.Namespace) -> dict[str, Any]:
    app: Any = pkgutil.resolve_name(APPS[crm])(book)
    if options.no_limits:
        app.lift_limits()
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
    return {"url": server.url, "ca_file": ca_file, **app.credentials()}


def _machine_clock() -> datetime:
    return datetime.now(tz=UTC)  # noqa: TID251  # the edge of a process of its own: nobody could pass the time in


if __name__ == "__main__":
    sys.exit(main())
