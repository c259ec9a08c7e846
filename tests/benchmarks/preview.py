"""`rekindle preview` on JSON Lines, where texts repeat and where each is new, beside reading and writing JSON alone."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tests.benchmarks.processes import run_command
from tests.benchmarks.report import figure, heading
from tests.benchmarks.texts import write_lines

TODAY = "2026-11-21"


def measure(folder: Path, *, lines: int) -> None:
    """Deals a second, start of the process and its workers included."""
    for name, distinct in (("texts repeat", False), ("every text is new", True)):
        heading(f"rekindle preview, {lines:,} lines, {name}")
        path = folder / f"{'new' if distinct else 'repeating'}.jsonl"
        write_lines(path, lines, distinct=distinct)
        alone = lines / _json_alone(path)
        figure("json.loads and json.dumps alone", alone, "deals/s")
        command = [sys.executable, "-m", "service.cli.main", "preview", "-", "--format", "jsonl", "--today", TODAY]
        started = time.monotonic()
        ran = run_command(command, stdin=path)
        rate = lines / (time.monotonic() - started)
        figure("rekindle preview", rate, "deals/s", peak_mb=ran.peak_mb, cpu_rate=lines / ran.cpu_s, against=alone)


def _json_alone(path: Path) -> float:
    started = time.monotonic()
    with path.open("rb") as source:
        for line in source:
            json.dumps(json.loads(line))
    return time.monotonic() - started
