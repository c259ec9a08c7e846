"""A text as its symbols, with their values, cues and places: what the grammar and all after it read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from mappings.facts.lexing.tokens import Symbols


@dataclass(slots=True)
class Lexed:
    """`shapes[i]` stands for the text from `starts[i]` to `ends[i]`; `values` and `cues` go with it.

    `parts` are the symbols of each of the `written` parts of the text; `any_cue` holds all cues together.
    """

    language: str
    shapes: str
    values: list[Any]
    cues: list[int]
    written: Sequence[str]
    parts: Sequence[Symbols]
    any_cue: int
    _folded: str = ""
    _starts: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)

    @property
    def folded(self) -> str:
        """The text again."""
        if not self._folded:
            self._folded = " ".join(self.written)
        return self._folded

    @property
    def starts(self) -> list[int]:
        """Worked out where they are asked for: most texts hold no time."""
        if not self._starts:
            self._starts = [at + start for at, part in self._placed() for start in part.starts]
        return self._starts

    @property
    def ends(self) -> list[int]:
        """As `starts`."""
        if not self._ends:
            self._ends = [at + end for at, part in self._placed() for end in part.ends]
        return self._ends

    def _placed(self) -> Iterator[tuple[int, Symbols]]:
        """The parts with where they begin: there is one space between them."""
        return zip(accumulate([len(part) + 1 for part in self.written], initial=0), self.parts, strict=False)
