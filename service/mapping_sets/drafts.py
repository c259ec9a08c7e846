"""The draft of a document: one for everybody, saved only over the revision it was opened at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.errors import RekindleError
from service.mapping_sets.kinds import KINDS, Difference, Kind
from service.mapping_sets.versions import diff_texts, published
from service.store.documents import lock_documents
from service.store.models import DraftRow
from service.store.models.text import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as it is opened. Where none `is_open`, the text is the published one.

    `is_outdated`: another version was published since the one it was made from.
    """

    kind: Kind
    text: str
    version: str
    revision: int
    is_open: bool
    base_number: int
    is_outdated: bool
    author: str
    updated_at: datetime | None


class DraftConflictError(RekindleError):
    """Somebody else saved the draft meanwhile. `draft` is theirs, `differences` what they changed under your hands."""

    def __init__(self, draft: Draft, differences: tuple[Difference, ...]) -> None:
        changed = "; ".join(one.says for one in differences[:5]) or "its words or comments"
        super().__init__(
            f"{draft.author or 'Somebody'} saved the {KINDS[draft.kind].label}'s draft meanwhile: {changed}.",
            remedy="Open the draft again and repeat your change on it.",
        )
        self.draft = draft
        self.differences = differences


def open_draft(tx: Session, kind: Kind) -> Draft:
    """The draft, or where none is open the published document as a draft that is not saved yet."""
    current, row = published(tx, kind), tx.get(DraftRow, str(kind), populate_existing=True)
    is_open = row is not None and row.text is not None
    base_number = row.base_number if row is not None and is_open else current.number
    return Draft(
        kind=kind,
        text=row.text if row is not None and row.text is not None else current.text,
        version=row.version if row is not None and row.version is not None else current.version,
        revision=row.revision if row is not None else 0,
        is_open=is_open,
        base_number=base_number,
        is_outdated=base_number != current.number,
        author=row.author if row is not None else "",
        updated_at=row.updated_at if row is not None else None,
    )


def save_draft(
    tx: Session, kind: Kind, text: str, *, revision: int, author: str, now: datetime, seen: str | None = None
) -> Draft:
    """Save a draft that was opened at `revision`; the draft as saved.

    What no database takes (a NUL, half of a surrogate pair) is left out of the text.
    Raises DocumentError for a text that is not valid, DraftConflictError where the draft has another revision by now;
    `seen` is the text that was opened, so that the conflict can say what the other changed.
    """
    text = storable(text)
    version = KINDS[kind].version_of(text)
    there = _at_revision(tx, kind, revision, seen)
    values = {"text": text, "version": version, "base_number": there.base_number, "author": author, "updated_at": now}
    return _write(tx, kind, values)


def rebase_draft(tx: Session, kind: Kind, *, revision: int, author: str, now: datetime) -> Draft:
    """Take the draft as it is for a change of the version now in force, once its differences were looked at."""
    _at_revision(tx, kind, revision, None)
    number = published(tx, kind).number
    return _write(tx, kind, {"base_number": number, "author": author, "updated_at": now})


def discard_draft(tx: Session, kind: Kind, *, revision: int, author: str, now: datetime) -> Draft:
    """Forget the draft, if nobody saved it since `revision`. Raises DraftConflictError."""
    _at_revision(tx, kind, revision, None)
    return _write(tx, kind, {"text": None, "version": None, "author": author, "updated_at": now})


def close_draft(tx: Session, kind: Kind, *, author: str, now: datetime, is_consumed: bool) -> None:
    """A version was published: what was opened before is not saved over it. The draft ends if it is that version."""
    values = {"text": None, "version": None} if is_consumed else {}
    _write(tx, kind, {**values, "author": author, "updated_at": now})


def _at_revision(tx: Session, kind: Kind, revision: int, seen: str | None) -> Draft:
    lock_documents(tx)
    there = open_draft(tx, kind)
    if there.revision != revision:
        raise DraftConflictError(there, diff_texts(kind, seen, there.text) if seen is not None else ())
    return there


def _write(tx: Session, kind: Kind, values: dict[str, Any]) -> Draft:
    row = tx.get(DraftRow, str(kind))
    if row is None:
        row = DraftRow(kind=str(kind), revision=0, base_number=published(tx, kind).number)
        tx.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1
    tx.flush()
    return open_draft(tx, kind)
