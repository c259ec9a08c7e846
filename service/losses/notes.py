"""How much of the notes is read and kept: a connection's `notes` setting.

`full` keeps them word for word; `facts` reads them, and keeps only the words that decided something; `off` never
looks at them.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from connectors.base import DealState as ReadDeal
from mappings.model import Classification, Evidence, Fact, LostDeal, Note

GAP = " … "


class NotesMode(StrEnum):
    """The three settings."""

    FULL = "full"
    FACTS = "facts"
    OFF = "off"


def as_read(mode: str, deal: ReadDeal) -> ReadDeal:
    """The deal as it may be looked at."""
    if mode == NotesMode.OFF and isinstance(deal, LostDeal) and deal.notes:
        return replace(deal, notes=())
    return deal


def as_kept(mode: str, deal: LostDeal, classification: Classification | None) -> LostDeal:
    """The deal as it may be stored: with `facts`, each note is cut down to the words that decided something."""
    if mode != NotesMode.FACTS or not deal.notes:
        return deal
    kept = (replace(note, text=GAP.join(_deciding_words(note, classification))) for note in deal.notes)
    return replace(deal, notes=tuple(note for note in kept if note.text))


def _deciding_words(note: Note, classification: Classification | None) -> list[str]:
    """The words of this note that evidence or facts rest on, in the order they stand."""
    if classification is None:
        return []
    marks: tuple[Evidence | Fact, ...] = (*classification.underlying.evidence, *classification.facts)
    spans = sorted({(mark.start, mark.end) for mark in marks if mark.field == note.field and mark.end > mark.start})
    words: list[str] = []
    reached = 0
    for start, end in spans:
        if end > reached:
            words.append(note.text[max(start, reached) : end].strip())
            reached = end
    return [word for word in words if word]
