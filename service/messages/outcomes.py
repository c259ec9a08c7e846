"""What can become of sending a message."""

from __future__ import annotations


class NotSentError(Exception):
    """It was certainly not sent, and may be tried again; not before `retry_after_s`, where that was said."""

    def __init__(self, says: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(says)
        self.retry_after_s = retry_after_s


class RefusedError(Exception):
    """It was refused for good."""


class UnclearError(Exception):
    """It may have been sent: the answer was lost."""
