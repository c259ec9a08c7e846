"""Errors that a person can act on. The command line shows them as one line and the exit status; never a traceback."""

from __future__ import annotations


class RekindleError(Exception):
    """Something failed. `says` names the thing, `remedy` what to do. Exit status 1."""

    exit_status = 1

    def __init__(self, says: str, *, remedy: str = "") -> None:
        super().__init__(says)
        self.says = says
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.says} {self.remedy}".strip()


class UsageFault(RekindleError):
    """Wrong usage or configuration. Exit status 2."""

    exit_status = 2


class NothingSuch(UsageFault):
    """A name that nothing is called by."""


class Busy(RekindleError):
    """Another process is at it; nothing was done."""


class EditedMeanwhileError(RekindleError):
    """Somebody else changed it since it was seen; nothing was done."""
