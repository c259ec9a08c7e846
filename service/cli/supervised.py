"""A process of `rekindle up`: a command of ours that ends when its supervisor does, however that one ends.

The supervisor holds the other end of a pipe; when it is gone the pipe is at its end.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from service.cli.main import run

GRACE_S = 10.0


def main() -> None:
    """`python -m service.cli.supervised FD COMMAND...`: the command, for as long as FD is open at its other end."""
    run_supervised(int(sys.argv[1]), sys.argv[2:])


def run_supervised(pipe: int, arguments: Sequence[str]) -> None:
    """The command, for as long as the pipe is open at its other end. Ends the process."""
    threading.Thread(target=_end_with, args=(pipe,), daemon=True, name="supervised").start()
    sys.argv = ["rekindle", *arguments]
    run()


def _end_with(pipe: int) -> None:
    """Wait for the pipe's end, ask this process to stop, and stop it where it does not."""
    while os.read(pipe, 1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
