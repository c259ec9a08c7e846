"""What every test stands on."""

from __future__ import annotations

import gc
import os
import signal

from hypothesis import HealthCheck, settings

# A machine that is busy with other things is slow: nothing may fail for that.
_SLOW_IS_FINE = [HealthCheck.too_slow]
# A change is judged on the same examples as the one before it; `make torture` draws new ones each time.
settings.register_profile("steady", derandomize=True, database=None, deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.register_profile("searching", derandomize=False, deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.load_profile("searching" if os.environ.get("TORTURE_SEEDS") else "steady")

# A shell gives what it starts in the background no Ctrl-C, and that is handed down: tests that stop a command need it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it again and again for garbage took a quarter of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 5)
