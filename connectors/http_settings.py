"""The waits and limits of the HTTP door, apart from it: settings are read without loading what sends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Waits and limits, all in seconds. `ca_file` is a PEM bundle, or several joined by os.pathsep, instead of ours."""

    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    max_tries: int = 6
    backoff_s: float = 0.5
    backoff_cap_s: float = 30.0
    max_wait_s: float = 120.0
    pool_size: int = 8
    ca_file: str | None = None
    user_agent: str = "rekindle"

    @property
    def total_timeout_s(self) -> float:
        """After this long an attempt can no longer be under way: when an unclear write may be looked for."""
        return self.connect_timeout_s + self.read_timeout_s
