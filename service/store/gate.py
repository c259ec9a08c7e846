"""Letting webhooks go first on SQLite, which has one writer at a time and wakes nobody who waits.

Who waits for SQLite asks again and again, up to a tenth of a second apart; a sync that saves one helping after another
leaves gaps of a few milliseconds, so that a webhook would hardly ever find one. So a webhook's writer holds the gate
while it waits, and everybody else passes it before they begin. They hold it for no longer than that: nobody who writes
waits at the gate, so nobody waits for each other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL

try:
    import fcntl
except ImportError:  # Windows: the command line works there, the web service does not
    fcntl = None  # type: ignore[assignment]


def gate_of(url: URL) -> Path | None:
    """The file that is the gate of a database; None where there is no need for one."""
    is_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    return Path(f"{url.database}.gate") if is_file and fcntl is not None else None


@contextmanager
def holding(gate: Path | None) -> Iterator[None]:
    """Hold the gate: of several that want to, one at a time, in every process of this machine."""
    if gate is None:
        yield
        return
    handle = os.open(gate, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def pass_by(gate: Path | None) -> None:
    """Wait while somebody holds the gate. Where nobody ever did, there is none."""
    if gate is None:
        return
    with suppress(FileNotFoundError):
        handle = os.open(gate, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        finally:
            os.close(handle)
