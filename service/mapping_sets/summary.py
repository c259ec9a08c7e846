"""What a draft changes, at a glance: its entries by kind, and how many deals would state another category."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from zlib import crc32

from sqlalchemy.orm import Session

from mappings.diff import ReasonDiff
from service.mapping_sets.drafts import Draft, open_draft
from service.mapping_sets.kinds import Difference, Kind, mapping_set_of
from service.mapping_sets.reasons import count_moves
from service.mapping_sets.versions import diff_texts, published

_NAMES = {
    "label": ("value assigned", "values assigned"),
    "rule": ("rule changed", "rules changed"),
    "sub-reason": ("sub-reason changed", "sub-reasons changed"),
    "task": ("task text changed", "task texts changed"),
}
_OTHERS = ("setting changed", "settings changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSummary:
    """An open draft with its differences from what is in force; `moves` is None for a policy."""

    draft: Draft
    number: int
    differences: tuple[Difference, ...]
    moves: ReasonDiff | None

    @property
    def deals(self) -> int:
        """Deals that would state another category."""
        if self.moves is None:
            return 0
        return sum(one.reason.count for one in self.moves.moves if one.before.category != one.after.category)

    @property
    def counted(self) -> list[str]:
        """The differences by kind, in words: "3 values assigned", "1 rule changed"."""
        kinds = Counter(_kind_of(one.path) for one in self.differences)
        return [f"{count} {names[count != 1]}" for names, count in kinds.items()]

    @property
    def seen(self) -> str:
        """What was looked at, in short, so that `others_since` can tell what somebody else changed."""
        return " ".join(_mark(one) for one in self.differences)


def draft_summary(tx: Session, kind: Kind) -> DraftSummary:
    """The draft against what is in force. Where none is open, nothing differs."""
    draft, base = open_draft(tx, kind), published(tx, kind)
    moves = None
    if kind is Kind.MAPPINGS and draft.version != base.version:
        moves = count_moves(tx, mapping_set_of(base.text), mapping_set_of(draft.text))
    differences = diff_texts(kind, base.text, draft.text) if draft.is_open else ()
    return DraftSummary(draft=draft, number=base.number or 0, differences=differences, moves=moves)


def others_since(tx: Session, kind: Kind, seen: str) -> tuple[list[str], int]:
    """What the draft says by now that a person had not seen, by names; and how many entries it says no more."""
    draft, base = open_draft(tx, kind), published(tx, kind)
    now = {_mark(one): one.says for one in diff_texts(kind, base.text, draft.text)}
    known = set(seen.split())
    return [says for mark, says in now.items() if mark not in known], len(known - set(now))


def _mark(one: Difference) -> str:
    return f"{crc32(one.says.encode('utf-8', 'surrogatepass')):08x}"


def _kind_of(path: str) -> tuple[str, str]:
    return _NAMES.get(path.partition(" ")[0].partition("[")[0], _OTHERS)
