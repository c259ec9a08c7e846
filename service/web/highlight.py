"""The words that decided, marked in the text they stand in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

LONGEST = 20_000
"""Notes beyond are cut on pages: a megabyte of text helps nobody."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a text, and what its words decided."""

    start: int
    end: int
    kind: str
    says: str


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """The text with its marks; words under two marks carry both."""
    cut = text[:LONGEST]
    inside = sorted({mark for mark in marks if 0 <= mark.start < mark.end <= len(cut)})
    edges = sorted({0, len(cut), *(edge for mark in inside for edge in (mark.start, mark.end))})
    parts = [
        _part(cut[start:end], [mark for mark in inside if mark.start <= start < mark.end])
        for start, end in pairwise(edges)
    ]
    return Markup().join([*parts, Markup(" …") if len(text) > LONGEST else Markup()])


def _part(words: str, over: list[Mark]) -> Markup:
    if not over:
        return escape(words)
    kinds = " ".join(sorted({mark.kind for mark in over}))
    says = "; ".join(dict.fromkeys(mark.says for mark in over))
    return Markup('<mark class="{}" title="{}">{}</mark>').format(kinds, says, words)
