"""What every test stands on."""

from __future__ import annotations

import os

from hypothesis import settings

# A change is judged on the same examples as the one before it; `make torture` draws new ones each time.
settings.register_profile("steady", derandomize=True, database=None)
settings.register_profile("searching", derandomize=False)
settings.load_profile("searching" if os.environ.get("TORTURE_SEEDS") else "steady")
