"""Which process this is, and whether another one, that holds a lease or a place, is surely gone."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path


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
    if not _is_alive(there.pid) or _is_left_over(there.pid):
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


def _is_left_over(pid: str) -> bool:
    """Whether it has ended, and its parent has not asked how: a killed process without an attentive parent stays so."""
    return _first_line(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] == ["Z"]


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
