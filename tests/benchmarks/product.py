"""Our side of a measurement, as `rekindle` starts: next to nothing is loaded until it is clear what is to be done.

A first read starts another process, which loads this module again.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from tests.benchmarks.ours import main

    sys.exit(main(sys.argv[1:]))
