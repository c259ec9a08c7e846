"""Processes as copies of this one: what it has imported they have at once, and in the same memory.

Six processes that each import everything took four seconds of two cores to start, and 60 MB more each. Where copies are
not safe (macOS) or not to be waited for (old kernels), processes are started afresh.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

CHILD = "service.cli.supervised"
MAY_COPY = sys.platform == "linux"


class Process(Protocol):
    """A process that was started, as `subprocess.Popen` has it."""

    stdout: IO[bytes] | None
    pid: int

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, when it has ended."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it."""


class Copy:
    """A copy of this process that runs a function."""

    def __init__(self, name: str, act: Callable[[], None]) -> None:
        theirs, out = os.pipe()
        self.stdout: IO[bytes] | None = os.fdopen(theirs, "rb", buffering=0)
        self._process = multiprocessing.get_context("fork").Process(target=_become, args=(name, act, out))
        self._process.start()
        os.close(out)
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, when it has ended."""
        self._process.join(timeout)
        return self._process.exitcode or 0

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Starter:
    """Starts commands of ours that end when this process does, however it ends.

    They watch a pipe whose other end is held by this process alone.
    """

    def __init__(self, run: Callable[[int, Sequence[str]], None]) -> None:
        self._run = run
        self._alive, self._held = os.pipe()
        self._copies: list[Copy] = []

    def of(self, arguments: Sequence[str]) -> Callable[[], Process]:
        """What starts that command."""
        return lambda: self.start(arguments)

    def start(self, arguments: Sequence[str]) -> Process:
        """The command, running."""
        return self._copy(arguments) if MAY_COPY else self._afresh(arguments)

    def close(self) -> None:
        """Whoever still runs ends."""
        os.close(self._held)

    def _copy(self, arguments: Sequence[str]) -> Process:
        self._copies = [one for one in self._copies if one.stdout is not None and not one.stdout.closed]

        def act() -> None:
            os.close(self._held)
            for one in self._copies:  # what the others say is not for this one's ears
                if one.stdout is not None:
                    one.stdout.close()
            self._run(self._alive, arguments)

        copy = Copy(f"rekindle {arguments[0]}", act)
        self._copies.append(copy)
        return copy

    def _afresh(self, arguments: Sequence[str]) -> Process:
        return subprocess.Popen(  # noqa: S603 -- our own command
            [sys.executable, "-m", CHILD, str(self._alive), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(self._alive,),
            start_new_session=True,  # Ctrl-C in a terminal is the supervisor's to hand on
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )


def share_memory() -> None:
    """What was made until here is shared with copies: the collector of garbage is not to touch it in each of them."""
    gc.collect()
    gc.freeze()


def _become(name: str, act: Callable[[], None], out: int) -> None:
    """In the copy: a session, signals and streams of its own."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (1, 2):
        os.dup2(out, number)
    os.close(out)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    with suppress(OSError):  # the name that `top` shows
        Path("/proc/self/comm").write_text(name, encoding="utf-8")
    act()
