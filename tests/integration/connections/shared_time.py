"""A time that several processes live by, which no slow machine can disturb.

It stands still while any of them is at work. When all wait, it goes on to the first moment one of them waits for, so
that what one does at an instant is done at that instant, however long the machine takes over it.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TextIO

_GIVE_UP_S = 300.0


class SharedTime:
    """The time itself, in the process that starts the others."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._living = 0
        self._waking: dict[int, datetime] = {}
        self._moved = threading.Condition()

    def now(self) -> datetime:
        """The present instant."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Wait, where no other process lives by this time."""
        self._now += timedelta(seconds=seconds)

    @contextmanager
    def lived_by(self, processes: int) -> Iterator[int]:
        """The port at which so many processes find it. It does not move before all of them are there."""
        self._living, self._waking = processes, {}
        with _Door(("127.0.0.1", 0), _Line) as door:
            door.time = self
            threading.Thread(target=door.serve_forever, args=(0.02,), daemon=True, name="shared-time").start()
            try:
                yield int(door.server_address[1])
            finally:
                door.shutdown()

    def wait(self, who: int, seconds: float) -> datetime:
        """Wait as one of the processes; gives the instant at which it goes on."""
        with self._moved:
            self._waking[who] = self._now + timedelta(seconds=seconds)
            self._move_on()
            if not self._moved.wait_for(lambda: who not in self._waking, timeout=_GIVE_UP_S):
                raise TimeoutError("a process that this one waits for has neither ended nor waited")
            return self._now

    def leave(self, who: int) -> None:
        """One of the processes has ended."""
        with self._moved:
            self._living -= 1
            self._waking.pop(who, None)
            self._move_on()

    def _move_on(self) -> None:
        if self._waking and len(self._waking) == self._living:
            self._now = max(self._now, min(self._waking.values()))
            self._waking = {who: wakes for who, wakes in self._waking.items() if wakes > self._now}
            self._moved.notify_all()


class LivedTime:
    """The same time in one of the processes."""

    def __init__(self, port: int) -> None:
        line: TextIO = socket.create_connection(("127.0.0.1", port)).makefile("rw")
        self._line = line
        self.sleep(0)

    def now(self) -> datetime:
        """The present instant."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Wait until all others wait as well, and this one is the first to go on."""
        self._line.write(f"{seconds}\n")
        self._line.flush()
        self._now = datetime.fromisoformat(self._line.readline().strip())


class _Door(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    time: SharedTime


class _Line(socketserver.StreamRequestHandler):
    server: _Door

    def handle(self) -> None:
        try:
            for said in self.rfile:
                goes_on = self.server.time.wait(id(self), float(said))
                self.wfile.write(f"{goes_on.isoformat()}\n".encode())
        finally:
            self.server.time.leave(id(self))
