"""`python -m tests.corpus FOLDER [--wrong]`: measures against labelled texts; exit status 1 below a floor."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

from tests.corpus import reasons


def main(arguments: list[str]) -> int:
    """Prints each table that the folder has data for."""
    show_wrong = "--wrong" in arguments
    folders = [argument for argument in arguments if not argument.startswith("--")]
    if len(folders) != 1 or not Path(folders[0]).is_dir():
        print("usage: python -m tests.corpus FOLDER [--wrong]", file=sys.stderr)  # noqa: T201  # a command's output
        return 2
    folder = Path(folders[0])
    faults: list[str] = []
    if (sample := folder / "reasons_sample.jsonl").exists():
        lines, missed = reasons.report(sample, show_wrong=show_wrong)
        print("\n".join(lines))  # noqa: T201  # a command's output
        faults += missed
    if (sample := folder / "timing_sample.jsonl").exists() and importlib.util.find_spec("tests.corpus.timing"):
        measured = importlib.import_module("tests.corpus.timing").measure(sample)
        print(f"\n{measured}")  # noqa: T201  # a command's output
        faults += list(getattr(measured, "faults", ()))
    for fault in faults:
        print(f"below its floor: {fault}", file=sys.stderr)  # noqa: T201  # a command's output
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
