"""Passwords that are known from breaches of other services: a shipped list, and one that the operator names.

Nobody is asked over the network. What is looked up is a SHA-1, because such lists are passed on in that form.
"""

from __future__ import annotations

import hashlib
import os
import string
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from service.errors import UsageFault

WIDTH = 6
"""Bytes of each SHA-1 that the shipped list keeps: of 44,000, none is taken for another's by chance."""
_SHIPPED = Path(__file__).with_name(
    "breached_passwords.sha1"
)  # made by tests/security/breached.py, which names its source
_HASH = 40
_LINE = 64
"""Longer than any line of such a list: the hash, a colon, a count, the line's end."""


def is_breached(password: str, *, listed: str = "") -> bool:
    """Whether a password stands in the shipped list, in whatever case, or to the letter in the file `listed`.

    Raises UsageFault where that file cannot be read.
    """
    return _digest(password.casefold())[:WIDTH] in _shipped() or (bool(listed) and _stands_in(listed, password))


def check_list(name: str) -> None:
    """Raise UsageFault where that file is no list of SHA-1s."""
    _stands_in(name, "")


def packed(passwords: set[str]) -> bytes:
    """The shipped list's form of these passwords."""
    return b"".join(sorted({_digest(one.casefold())[:WIDTH] for one in passwords}))


@lru_cache(maxsize=1)
def _shipped() -> frozenset[bytes]:
    raw = _SHIPPED.read_bytes()
    return frozenset(raw[start : start + WIDTH] for start in range(0, len(raw), WIDTH))


def _stands_in(name: str, password: str) -> bool:
    wanted = _digest(password).hex().upper().encode()
    try:
        with Path(name).open("rb") as file:
            return _found(file, wanted)
    except (OSError, ValueError) as error:
        remedy = "It is a text with a SHA-1 in each line, in their order: Pwned Passwords, ordered by hash."
        says = f"REKINDLE_BREACHED_PASSWORDS names {name}, which cannot be read as such a list."
        raise UsageFault(says, remedy=remedy) from error


def _found(file: BinaryIO, wanted: bytes) -> bool:
    """Whether the hash begins a line. The lines are in order, so that forty gigabytes take forty looks."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        start, line = _line_from(file, middle)
        if line and line < wanted:
            low = start + 1
        else:
            high = middle
    return _line_from(file, low)[1] == wanted


def _line_from(file: BinaryIO, place: int) -> tuple[int, bytes]:
    """Where the first line that begins there or after begins, and its hash; empty at the end. Raises ValueError."""
    if place:
        file.seek(place - 1)
        file.readline(_LINE)
    else:
        file.seek(0)
    start = file.tell()
    line = file.readline(_LINE)[:_HASH].upper()
    if line and (len(line) < _HASH or not set(line.decode("ascii")) <= set(string.hexdigits)):
        raise ValueError(line)
    return start, line


def _digest(password: str) -> bytes:
    return hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
