"""The supervisor: keeps processes running, each with its lines of output prefixed, and stops them together.

It has one thread, as it may copy itself: a copy would hold the locks of the others for ever.
"""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import IO

from service.processes.copies import Process

LOOK_S = 0.2
SOON_S = 0.02
UNWELL_S = 3.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 30.0
"""A process that ran so long has recovered: its next pause is the first one again."""


@dataclass(slots=True)
class Part:
    """A process to be kept running. `start` makes it; None where nothing of ours has to run for now."""

    name: str
    start: Callable[[], Process | None]
    is_well: Callable[[], bool] = lambda: True
    process: Process | None = None
    is_anothers: bool = False  # a process that is not ours does its work, as long as it is well
    began: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    again_at: float = 0.0
    unwell_since: float | None = None


@dataclass(slots=True)
class _Said:
    """What a part has said of a line that is not at its end."""

    name: str
    rest: bytes = b""


class Supervisor:
    """Starts the parts in order, restarts those that end, and stops them in the opposite order."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        say: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.parts, self.say, self.monotonic = parts, say, monotonic
        self._is_asked = False
        self._outputs = selectors.DefaultSelector()

    def run(self, *, stop_timeout_s: float) -> None:
        """Until SIGTERM or SIGINT."""
        with self._stopped_by_signals():
            try:
                for part in self.parts:
                    self._start(part)
                while not self._is_asked:
                    self._listen(LOOK_S)
                    for part in self.parts:
                        self._look_at(part)
            finally:
                self._stop_all(stop_timeout_s)

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        def ask(_signum: int, _frame: FrameType | None) -> None:
            self._is_asked = True  # no lock is touched here: the loop below may hold it

        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self, part: Part) -> None:
        if self._is_asked:
            return
        part.began = self.monotonic()
        try:
            part.process = part.start()
        except Exception as error:  # noqa: BLE001 -- whatever keeps a part from starting is said, and tried again
            self._pause(part, str(error))
            return
        part.is_anothers = part.process is None
        if part.process is not None and part.process.stdout is not None:
            self._outputs.register(part.process.stdout, selectors.EVENT_READ, _Said(part.name))

    def _look_at(self, part: Part) -> None:
        now = self.monotonic()
        if part.process is None:
            if now >= part.again_at and not (part.is_anothers and part.is_well()):
                self._start(part)
        elif (status := part.process.poll()) is not None:
            if now - part.began >= STEADY_S:
                part.pause_s = FIRST_PAUSE_S
            self._pause(part, f"it ended with status {status}")
        elif part.is_well():
            part.unwell_since = None
        elif part.unwell_since is None:
            part.unwell_since = now
        elif now - part.unwell_since > UNWELL_S:
            self.say(f"{part.name} does not answer any more: stopped.")
            part.unwell_since = None
            part.process.kill()

    def _pause(self, part: Part, why: str) -> None:
        part.process = None
        part.again_at = self.monotonic() + part.pause_s
        self.say(f"{part.name}: {why}; started again in {part.pause_s:g} s.")
        part.pause_s = min(2 * part.pause_s, LONGEST_PAUSE_S)

    def _listen(self, timeout_s: float) -> None:
        """Pass on what the parts say; returns after the time, or when there was something."""
        for key, _ in self._outputs.select(timeout_s):
            output: IO[bytes] = key.fileobj  # type: ignore[assignment]  # it was registered as one
            said: _Said = key.data
            data = os.read(key.fd, 65536)
            *lines, said.rest = (said.rest + data).split(b"\n") if data else (said.rest, b"")
            for line in lines:
                if line or data:
                    self.say(f"{said.name:<10} | {line.decode(errors='replace').rstrip()}")
            if not data:
                self._outputs.unregister(output)
                output.close()

    def _stop_all(self, timeout_s: float) -> None:
        """All are asked at once but for the first, which the others may need to the end."""
        until = self.monotonic() + timeout_s
        others, first = self.parts[1:], self.parts[:1]
        for group in (others, first):
            running = [part for part in group if part.process is not None and part.process.poll() is None]
            for part in running:
                _end(part.process, signal.SIGTERM)
            for part in running:
                self._wait(part, max(until - self.monotonic(), 0.1))

    def _wait(self, part: Part, timeout_s: float) -> None:
        if part.process is None:
            return
        until = self.monotonic() + timeout_s
        while part.process.poll() is None and self.monotonic() < until:
            self._listen(SOON_S)
        if part.process.poll() is None:
            self.say(f"{part.name} did not stop in time: killed. What it was at is taken up again at the next start.")
            _end(part.process, signal.SIGKILL)
            part.process.wait()
        self._listen(0)


def _end(process: Process | None, number: signal.Signals) -> None:
    if process is not None:
        process.send_signal(number)
