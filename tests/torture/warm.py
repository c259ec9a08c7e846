"""Processes that begin with everything loaded: a server that forks one for each command.

Nine tenths of a small command's time go by before its work begins. What comes of the fork is a process as any other: it
has an environment, standard streams and a session of its own, and can be killed.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOADED = (
    *(f"service.cli.{name}" for name in ("main", "connect", "connections", "sync", "golive", "queue", "audit")),
    *("connectors.salesforce.connector", "connectors.hubspot.connector", "simple_salesforce.api", "hubspot"),
    *(f"connectors.{crm}.{name}" for crm in ("salesforce", "hubspot") for name in ("spec", "webhooks")),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "psycopg", "alembic.command", "holidays"),
    *("dateutil.easter", "defusedxml.ElementTree", "rapidfuzz.process", "connectors.hubspot.cards"),
)
READ = (("mappings.reading.lexicon", "shipped_lexicon"), ("sqlalchemy.orm", "configure_mappers"))
"""What every command would read first: the vocabulary, and what the tables are."""
LOSSES = """deal,account,country,lost_on,reason,notes
1,Contoso,United States,2026-03-02,Price,CFO froze all spend until the new fiscal year
2,Fabrikam,Germany,2026-03-02,Other,They renewed with Zendesk for two years; contract ends March 2028
3,Northwind,Japan,2026-03-02,Timing,Call us back next April
4,Tailspin,United Kingdom,2026-03-02,No Budget,Champion left the company in summer
5,Adatum,Australia,2026-03-02,,Dark since the demo
"""
"""Read once before anything is asked: calendars and grammars are made when they are first needed."""


@dataclass
class Running:
    """A command that runs."""

    server: WarmServer
    pid: int
    is_over: bool = False

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if not self.is_over:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status, negative where a signal ended it."""
        told = self.server.told()
        self.is_over = self.server.is_free = True
        return int(told["status"])


class WarmServer:
    """The server, one command at a time."""

    def __init__(self) -> None:
        self.is_free = True
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.warm"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._process.communicate)

    def start(self, arguments: tuple[str, ...], environment: Mapping[str, str], streams: Mapping[int, Path]) -> Running:
        """Begin a command; its standard streams are these files."""
        self.is_free = False
        named = {str(number): str(path) for number, path in streams.items()}
        asked = {"arguments": arguments, "environment": dict(environment), "streams": named}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Running(self, int(self.told()["pid"]))

    def told(self) -> Any:
        """The server's next line."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


_SERVERS: list[WarmServer] = []


def warm_server() -> WarmServer:
    """One that is free. They end with the tests."""
    free = next((one for one in _SERVERS if one.is_free), None)
    if free is None:
        free = WarmServer()
        _SERVERS.append(free)
    return free


def main() -> None:
    """Load, then fork for every line that asks."""
    for name in LOADED:
        importlib.import_module(name)
    for name, function in READ:
        getattr(importlib.import_module(name), function)()
    _work_once()
    gc.collect()
    gc.freeze()  # what is loaded stays: a fork's collector does not go through it, copying page by page
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(asked)
        _tell(pid=pid)
        _, status = os.waitpid(pid, 0)
        _tell(status=os.waitstatus_to_exitcode(status))


def _work_once() -> None:
    with tempfile.TemporaryDirectory(prefix="rk-warm-") as folder:
        losses = Path(folder) / "losses.csv"
        losses.write_text(LOSSES, encoding="utf-8")
        command = importlib.import_module("service.cli.main")
        with contextlib.redirect_stdout(io.StringIO()):
            assert command.status_of(["preview", str(losses), "--no-summary", "--processes", "1"]) == 0


def _tell(**told: int) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _run(asked: Any) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, path in asked["streams"].items():
        flags = os.O_RDONLY if number == "0" else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(path, flags), int(number))
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    sys.argv = ["rekindle", *asked["arguments"]]
    try:
        importlib.import_module("service.cli.main").run()
    except SystemExit as ended:
        _leave(ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1)


def _leave(status: int) -> None:
    """End as the interpreter would, but for taking down module by module what the server loaded: half a second each."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
