"""Two machines' worth of processes over one PostgreSQL and one Valkey, each by a network of its own that can be cut."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.command_line import CommandLine
from tests.patience import PATIENCE_S, free_port

Reach = Callable[[], socket.socket]
"""Connects to a server."""


class Relay:
    """One machine's way to one server.

    Cut, it swallows everything and tells nobody, as a network does; healed, what was under way is reset, as a firewall
    does that has forgotten it.
    """

    def __init__(self, reach: Reach, *, host: str = "127.0.0.1") -> None:
        self._reach = reach
        self._is_open = threading.Event()
        self._is_open.set()
        self._held: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._door = socket.create_server((host, 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """From here on nothing comes through, in either direction."""
        self._is_open.clear()

    def heal(self) -> None:
        """New connections are served again; those there were are gone."""
        with self._lock:
            held, self._held = self._held, set()
            for one in held:
                _end(one)
            self._is_open.set()

    def close(self) -> None:
        """The end."""
        self._door.close()
        self.heal()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                with self._lock:
                    self._held.add(near)
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        self._is_open.wait()
        with suppress(OSError):
            far = self._reach()
            with self._lock:
                is_there = near in self._held
                self._held.add(far)
            if not is_there:
                _end(far)
            threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
            self._pump(near, far)

    def _pump(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._is_open.wait()
                with self._lock:
                    if source not in self._held:
                        break
                to.sendall(data)
        with self._lock:
            self._held -= {source, to}
        _end(source)
        _end(to)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def through_socket(path: Path) -> Reach:
    """A server that listens at a socket in a folder."""

    def reach() -> socket.socket:
        one = socket.socket(socket.AF_UNIX)
        one.connect(str(path))
        return one

    return reach


@dataclass
class Host:
    """A machine: its folder, its processes, and its ways to the two servers."""

    rekindle: CommandLine
    database: Relay
    redis: Relay
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Web service, two workers and a scheduler, as on a machine of a real deployment."""
        log = (self.rekindle.home.parent / f"{self.rekindle.home.name}.log").open("ab")
        for command in (
            ["serve", "--host", self.address, "--port", self.port],
            ["worker", "--number", 2],
            ["scheduler"],
        ):
            self.running.append(self.rekindle.start(*command, stdout=log, stderr=log))
        log.close()

    def cut(self) -> None:
        """The machine goes on, and neither server hears of it nor it of them."""
        self.database.cut()
        self.redis.cut()

    def heal(self) -> None:
        """It is there again."""
        self.database.heal()
        self.redis.heal()

    def stop(self) -> None:
        """As an operator does; what does not end is killed."""
        for one in self.running:
            one.send_signal(signal.SIGTERM)
        for one in self.running:
            try:
                one.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        self.database.close()
        self.redis.close()


@contextmanager
def started(*hosts: Host) -> Iterator[None]:
    """Both machines run while the block does."""
    with contextlib.ExitStack() as stack:
        for one in hosts:
            stack.callback(one.stop)
            one.start()
        yield
