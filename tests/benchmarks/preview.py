"""`rekindle preview` on JSON Lines and CSV, where texts repeat and where each is new, beside reading JSON alone."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

from tests.benchmarks.processes import run_command
from tests.benchmarks.report import figure, heading
from tests.benchmarks.texts import write_lines

TODAY = "2026-11-21"
KINDS = (
    ("texts repeat", "repeating", False, 3, False),
    ("texts repeat but for the number of a ticket at their end", "tickets", False, 3, True),
    ("every text is new, thirty words in the mean", "new", True, 3, False),
    ("every text is new, one sentence each", "short", True, 1, False),
)
"""A heading, a file's name, whether notes are distinct, most sentences of a note, whether tickets differ."""


def measure(folder: Path, *, lines: int) -> None:
    """Deals a second, start of the process and its workers included."""
    for name, file, distinct, most_sentences, with_tickets in KINDS:
        heading(f"rekindle preview, {lines:,} lines, {name}")
        path = folder / f"{file}.jsonl"
        write_lines(path, lines, distinct=distinct, most_sentences=most_sentences, with_tickets=with_tickets)
        alone = lines / _json_alone(path)
        figure("json.loads and json.dumps alone", alone, "deals/s")
        _preview("JSON Lines in and out", path, "jsonl", lines, alone)
        _preview("CSV, the summary as JSON", _as_csv(path), "csv", lines, alone)


def _preview(what: str, path: Path, form: str, lines: int, alone: float) -> None:
    command = [sys.executable, "-m", "service.cli.main", "preview", "-", "--format", form, "--today", TODAY]
    command += ["--json", "--csv-out", str(path.with_suffix(".out"))] if form == "csv" else []
    started = time.monotonic()
    ran = run_command(command, stdin=path)
    rate = lines / (time.monotonic() - started)
    figure(what, rate, "deals/s", peak_mb=ran.peak_mb, cpu_rate=lines / ran.cpu_s, against=alone)


def _as_csv(path: Path) -> Path:
    """The same deals as a spreadsheet."""
    sheet = path.with_suffix(".csv")
    with path.open("rb") as source, sheet.open("w", newline="", encoding="utf-8") as target:
        rows = map(json.loads, source)
        first = next(rows)
        writer = csv.DictWriter(target, fieldnames=list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)
    return sheet


def _json_alone(path: Path) -> float:
    started = time.monotonic()
    with path.open("rb") as source:
        for line in source:
            json.dumps(json.loads(line))
    return time.monotonic() - started
