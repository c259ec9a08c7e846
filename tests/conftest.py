"""What every test stands on."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A machine that is busy with other things is slow: nothing may fail for that.
_SLOW_IS_FINE = [HealthCheck.too_slow]
# A change is judged on the same examples as the one before it; `make torture` draws new ones each time.
settings.register_profile("steady", derandomize=True, database=None, deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.register_profile("searching", derandomize=False, deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.load_profile("searching" if os.environ.get("TORTURE_SEEDS") else "steady")
