"""Only one sync of a connection at a time, on however many machines; a killed one's lease runs out by itself."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from service.bootstrap import App
from service.errors import Busy
from service.store.connections import connection_named, drop_sync_lease, take_sync_lease


@contextmanager
def sync_lease(app: App, connection_id: int, name: str) -> Iterator[None]:
    """Hold the connection's lease, renewed while the block runs. Raises Busy where another process holds it.

    A process of this machine that died without giving it back does not block the next one.
    """
    holder = f"{this_process()}|{secrets.token_hex(8)}"
    if not _take(app, connection_id, holder):
        _free_if_dead(app, connection_id, name)
        if not _take(app, connection_id, holder):
            raise Busy(f"{name}: another sync of this connection is running; this one left everything to it.")
    stop = threading.Event()
    renewing = threading.Thread(target=_renew, args=(app, connection_id, holder, stop), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        stop.set()
        renewing.join()
        with app.store.begin() as tx:
            drop_sync_lease(tx, connection_id, by=holder)


def _take(app: App, connection_id: int, holder: str) -> bool:
    now = app.now()
    until = now + timedelta(seconds=app.settings.sync_lease_s)
    with app.store.begin() as tx:
        return take_sync_lease(tx, connection_id, by=holder, until=until, now=now)


def _renew(app: App, connection_id: int, holder: str, stop: threading.Event) -> None:
    while not stop.wait(app.settings.sync_lease_s / 3):
        # A database that is away for a moment: two more beats fit before the lease runs out.
        with suppress(DBAPIError):
            _take(app, connection_id, holder)


def _free_if_dead(app: App, connection_id: int, name: str) -> None:
    with app.store.begin() as tx:
        holder = connection_named(tx, name).sync_leased_by or ""
        if is_dead(holder):
            drop_sync_lease(tx, connection_id, by=holder)


@dataclass(frozen=True, slots=True)
class Process:
    """A process, and where its number means something: one boot of one machine, one space of process numbers.

    A container that starts again has the same host name and the same numbers, so neither says who is alive.
    """

    host: str
    boot: str
    space: str
    pid: str
    started: str

    def __str__(self) -> str:
        return "|".join((self.host[:60], self.boot, self.space, self.pid, self.started))


def this_process() -> Process:
    """The process that runs this."""
    return Process(
        host=socket.gethostname().replace("|", "_")[:60],
        boot=_first_line("/proc/sys/kernel/random/boot_id"),
        space=_link("/proc/self/ns/pid"),
        pid=str(os.getpid()),
        started=started_at(os.getpid()) or "",
    )


def is_dead(holder: str) -> bool:
    """Whether the holder of a lease is surely gone: one of this very space of processes, no longer there or another
    by now. Of others nobody here can tell; their lease runs out by itself."""
    parts = holder.split("|")
    if len(parts) != 6:
        return False
    there, here = Process(*parts[:5]), this_process()
    if (there.host, there.boot, there.space) != (here.host, here.boot, here.space):
        return False
    if not _is_alive(there.pid):
        return True
    return bool(there.started) and started_at(int(there.pid)) not in (there.started, None)


def started_at(pid: int) -> str | None:
    """When a process started, in ticks since the boot; None where this machine does not tell."""
    stat = _first_line(f"/proc/{pid}/stat")
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return fields[19] if len(fields) > 19 else None


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError, OverflowError):
        return True
    return True


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""
