"""Processes of their own: the sandbox CRM, ours and the peers', each with its own peak of memory."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a child printed (one JSON object), and what it and its own children took.

    `peak_mb` is that of the largest process, `cpu_s` the seconds of processor of all.
    """

    told: dict[str, Any]
    peak_mb: int
    cpu_s: float


def run(module: str, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """Run one of our measuring modules to its end. Raises where it failed."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    return run_command(command, env=env)


def run_command(command: Sequence[str], *, env: Mapping[str, str] | None = None, stdin: Path | None = None) -> Ran:
    """Run a command that prints one JSON document, or JSON Lines: then the last of them counts."""
    with (
        tempfile.TemporaryFile() as out,
        tempfile.NamedTemporaryFile() as took,
        stdin.open("rb") if stdin else contextlib.nullcontext() as source,
    ):
        launched = [sys.executable, "-S", "-m", "tests.benchmarks.launched", took.name, *command]
        status = subprocess.call(launched, stdout=out, stdin=source or subprocess.DEVNULL, cwd=ROOT, env=_env(env))
        out.seek(0)
        printed, used = out.read(), took.read()
    if status:
        raise SystemExit(f"{' '.join(command)} failed with exit status {status}.")
    return Ran(told=_last_document(printed), **orjson.loads(used))


def _last_document(printed: bytes) -> dict[str, Any]:
    lines = printed.splitlines()
    is_spread = bool(lines) and lines[-1] in (b"}", b"]")  # a document written for people
    told = orjson.loads(printed if is_spread else lines[-1]) if lines else {}
    return told if isinstance(told, dict) else {}


def _env(more: Mapping[str, str] | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    return {**kept, "PYTHONPATH": str(ROOT), **(more or {})}


@contextlib.contextmanager
def sandbox(crm: str, folder: Path, *, lost: int, distinct_notes: bool = False) -> Iterator[dict[str, Any]]:
    """A sandbox CRM with about that many lost deals, without limits; what a client needs to connect."""
    book = str(round(lost / LOST_SHARE))
    command = [sys.executable, "-m", "connectors.sandbox", "--crm", crm, "--deals", book, "--no-limits", "--no-gzip"]
    command += ["--tls-folder", str(folder), "--until-stdin-closes", *(["--distinct-notes"] if distinct_notes else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=_env(None)) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            yield orjson.loads(child.stdout.readline())[crm]
        finally:
            child.stdin.close()


def family_of(pid: int) -> list[int]:
    """A process and all below it. Linux only."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """Seconds of processor that these took so far, themselves and in the system."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


LOST_SHARE = 0.5794  # of the sandbox's book
