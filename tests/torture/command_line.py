"""The real command line in a process of its own, which a test may kill."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.torture.emulators.wire import Emulator
from tests.torture.warm import warm_server

WAITS = {
    "REKINDLE_HTTP_BACKOFF_S": "0.02",
    "REKINDLE_HTTP_BACKOFF_CAP_S": "0.1",
    "REKINDLE_HTTP_MAX_WAIT_S": "0.3",
}
IN_A_STORM = {
    "REKINDLE_HTTP_READ_TIMEOUT_S": "1.5",
    "REKINDLE_HTTP_CONNECT_TIMEOUT_S": "0.5",
    "REKINDLE_LEASE_S": "2",
    "REKINDLE_SYNC_LEASE_S": "0.5",
}
"""Where calls go wrong on purpose and processes are killed, what is left unclear is looked for soon, and a command is
given many tries. In calm weather each has to succeed at once, however slow the machine is: nothing is given up."""


@dataclass(frozen=True)
class Said:
    """What one command did."""

    arguments: tuple[str, ...]
    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Its answer; fails with everything it said where that is no JSON."""
        try:
            return json.loads(self.out)
        except ValueError:
            raise AssertionError(str(self)) from None

    def __str__(self) -> str:
        return f"rekindle {' '.join(self.arguments)} -> {self.status}\n{self.out[-3000:]}\n{self.err[-3000:]}"


@dataclass
class CommandLine:
    """Rekindle with a home of its own, against one emulator."""

    home: Path
    crm: Emulator
    environment: Mapping[str, str]
    too_long_s: float = 1200.0

    def on_database(self, url: str) -> None:
        """Keep everything in that database, where one is named."""
        if url:
            self.environment = {**self.environment, "REKINDLE_DATABASE_URL": url}

    def run(self, *arguments: str, typed: str = "", kill_at: int | None = None, phase: str = "before") -> Said:
        """Run one command. With `kill_at` the process is killed at that many calls from now."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")},
            **WAITS,
            **(IN_A_STORM if kill_at is not None or self.crm.faults.rate or self.crm.faults.row_rate else {}),
            "REKINDLE_HOME": str(self.home),
            **self.environment,
        }
        with tempfile.TemporaryDirectory(prefix="rk-run-") as folder:
            streams = {number: Path(folder) / name for number, name in enumerate(("in", "out", "err"))}
            streams[0].write_text(typed, encoding="utf-8")
            process = warm_server().start(arguments, environment, streams)
            start = len(self.crm.log)

            def watch(count: int, now: str) -> None:
                if kill_at is not None and count - start >= kill_at and now == phase:
                    process.kill()

            self.crm.on_call = watch
            too_long = threading.Timer(self.too_long_s, process.kill)
            too_long.start()
            try:
                status = process.wait()
            finally:
                self.crm.on_call = lambda _count, _phase: None
                too_long.cancel()
            out, err = (streams[number].read_text(encoding="utf-8") for number in (1, 2))
        said = Said(arguments, status, out, err)
        assert "Traceback" not in err, str(said)
        return said

    def _waits(self, arguments: tuple[str, ...]) -> bool:
        """Whether writes of a sync or go-live wait for a second look; the next one, a little later, takes it."""
        if arguments[0] not in {"sync", "go-live", "undo"} or not self.crm.writes:
            return False
        waits = any(one["state"] in {"writing", "unclear"} for one in self.run("outbox", "list", "--json").json())
        if waits:
            time.sleep(1.0)
        return waits

    def must(self, *arguments: str, typed: str = "", tries: int = 1) -> Said:
        """Run a command until it ends with status 0, at most so many times."""
        for _ in range(tries):
            said = self.run(*arguments, typed=typed)
            if said.status == 0 and not self._waits(arguments):
                return said
        raise AssertionError(str(said))
