"""`python -S -m tests.benchmarks.launched FILE COMMAND ...`: runs a command, and writes what it took to FILE as JSON.

A process counts as its own the memory of the one it was started from, until it has memory of its own: started by a
benchmark that has everything loaded, a small peer would look as large as that. This one is small.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """The command's exit status; its standard input and output are ours."""
    status = subprocess.call(arguments[1:])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = {"peak_mb": used.ru_maxrss // 1024, "cpu_s": used.ru_utime + used.ru_stime}
    Path(arguments[0]).write_text(json.dumps(took), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
