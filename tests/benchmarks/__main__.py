"""`python -m tests.benchmarks [NAME ...]`: all of them by default."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import dispatch, first_read, idle, mapping_sets, pages, preview, reaction, webhooks, writes

NAMES = ("first-read", "preview", "writes", "webhooks", "reaction", "dispatch", "mapping-sets", "pages", "idle")


def main() -> int:
    """Measure what is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; default all")
    parser.add_argument("--deals", type=int, default=50_000, help="lost deals of a first read")
    parser.add_argument("--distinct-notes", action="store_true", help="a first read where no two notes are alike")
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql"))
    parser.add_argument("--lines", type=int, default=100_000, help="lines of a preview")
    parser.add_argument("--tasks", type=int, default=5_000, help="tasks of a go-live")
    parser.add_argument("--stored", type=int, default=100_000, help="stored deals that a document is changed over")
    parser.add_argument("--counted", type=int, default=1_000_000, help="stored deals that are counted")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long webhooks are sent")
    parser.add_argument("--reactions", type=int, default=50, help="deals that are lost one after another")
    parser.add_argument("--reminders", type=int, default=20_000, help="reminders that fall due")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    names = options.names or NAMES
    with tempfile.TemporaryDirectory(prefix="rekindle-bench-") as folder:
        if "first-read" in names:
            databases = tuple(options.database)
            first_read.measure(
                Path(folder), lost=options.deals, databases=databases, distinct_notes=options.distinct_notes
            )
        if "preview" in names:
            preview.measure(Path(folder), lines=options.lines)
        if "writes" in names:
            writes.measure(Path(folder), tasks=options.tasks)
        if "webhooks" in names:
            webhooks.measure(Path(folder), seconds=options.seconds, databases=tuple(options.database))
        if "mapping-sets" in names:
            mapping_sets.measure(
                Path(folder) / "sets",
                counted=options.counted,
                classified=options.stored,
                distinct_notes=options.distinct_notes,
            )
        if "pages" in names:
            pages.measure(Path(folder) / "pages", stored=options.stored)
        if "reaction" in names:
            reaction.measure(Path(folder), deals=options.reactions)
        if "idle" in names:
            idle.measure(Path(folder))
        if "dispatch" in names:
            dispatch.measure(Path(folder), reminders=options.reminders, databases=tuple(options.database))
    return 0


if __name__ == "__main__":
    sys.exit(main())
