"""What was worked out once, by what it was worked out from, as fast as a dictionary.

For words and parts of texts, of which each text has dozens: `functools.lru_cache` moves what is asked for to the end of
its list, which costs more than the look-up. A table that is full begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Found = TypeVar("Found")


class Kept(dict[Key, Found]):
    """`work` of any key, asked for as `kept[key]`; at most so many are kept."""

    __slots__ = ("_most", "_work")

    def __init__(self, work: Callable[[Key], Found], *, most: int) -> None:
        super().__init__()
        self._work = work
        self._most = most

    def __missing__(self, key: Key) -> Found:
        if len(self) >= self._most:
            self.clear()
        found = self[key] = self._work(key)
        return found
