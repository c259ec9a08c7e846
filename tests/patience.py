"""Waiting for what another process or thread does, on a machine that may be busy with other things.

How fast something is, is for tests/benchmarks to say: here it only has to happen.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable

from service import clock

PATIENCE_S = 300.0
"""How long anything is waited for. Where all goes well nobody waits for it."""
_PORTS = range(10_000, 32_000)  # below those that a kernel gives away to whoever asks for any
_next_port = itertools.count(os.getpid() * 97)


def eventually(look: Callable[[], object], what: str, *, every_s: float = 0.1) -> None:
    """Come back once it is so. Fails, saying what was waited for, where it never is."""
    until = clock.monotonic() + PATIENCE_S
    while not look():
        assert clock.monotonic() < until, f"not within {PATIENCE_S:.0f} s: {what}"
        clock.sleep(every_s)


def free_port() -> int:
    """A port that nobody uses, and that nobody else is given before the program that it is for listens on it."""
    for number in itertools.islice(_next_port, len(_PORTS)):
        port = _PORTS[number % len(_PORTS)]
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("every port is taken")
