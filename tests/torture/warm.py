"""Processes that begin with everything loaded: a server that forks one for each command.

Nine tenths of a small command's time go by before its work begins. What comes of the fork is a process as any other: it
has an environment, standard streams and a session of its own, and can be killed.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOADED = (
    *(f"service.cli.{name}" for name in ("main", "connect", "connections", "sync", "golive", "queue", "audit")),
    *("connectors.salesforce.connector", "connectors.hubspot.connector", "simple_salesforce.api", "hubspot"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "psycopg", "alembic.command", "holidays"),
)
READ = (("mappings.lexicon", "shipped_lexicon"), ("sqlalchemy.orm", "configure_mappers"))
"""What every command would read first: the vocabulary, and what the tables are."""


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
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(asked)
        _tell(pid=pid)
        _, status = os.waitpid(pid, 0)
        _tell(status=os.waitstatus_to_exitcode(status))


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
    importlib.import_module("service.cli.main").run()


if __name__ == "__main__":
    main()
