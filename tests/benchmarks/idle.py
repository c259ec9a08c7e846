"""`rekindle up` with nothing to do: how soon it is ready, and how much memory it takes in all."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

from tests.benchmarks.processes import ROOT, cpu_seconds, family_of
from tests.benchmarks.report import heading, note
from tests.benchmarks.webhooks import free_port

SETTLE_S = 5.0


def measure(folder: Path) -> None:
    """Print seconds to readiness, on a new home and on one that is there, and the memory of all processes."""
    heading("rekindle up, idle")
    for what in ("a new home", "the same again"):
        _measure(folder / "idle", what)


def _measure(home: Path, what: str) -> None:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    env = {**kept, "PYTHONPATH": str(ROOT), "REKINDLE_HOME": str(home)}
    command = [sys.executable, "-m", "service.cli.main", "up", "--port", str(port)]
    began = time.monotonic()
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as up:
        try:
            while not _is_ready(port):
                time.sleep(0.02)
            took = time.monotonic() - began
            family = family_of(up.pid)
            cpu = cpu_seconds(family)
            time.sleep(SETTLE_S)
            memory = _memory(family_of(up.pid))
        finally:
            up.send_signal(signal.SIGTERM)
    note(f"{what}: ready after {took:.1f} s, {cpu:.1f} s of processor; {len(family)} processes")
    note(f"memory in all (PSS) {memory['Pss']} MB; counting what they share once for each (RSS) {memory['Rss']} MB")


def _is_ready(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
        return bool(answer.status == 200)
    return False


def _memory(pids: list[int]) -> Counter[str]:
    """MB by kind. PSS divides what is shared by those who share it, so its sum is what is really taken."""
    found = Counter[str]()
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
                name, _, size = line.partition(":")
                found[name] += int(size.split()[0])
    return Counter({name: size // 1024 for name, size in found.items()})
