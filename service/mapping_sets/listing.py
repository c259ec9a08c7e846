"""Previews as people see them: how far they are, what they count, and the deals they list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings.diff import ReasonDiff
from service.bootstrap import App
from service.errors import NothingSuch
from service.mapping_sets.basis import stale_because
from service.mapping_sets.kinds import Difference, Kind
from service.mapping_sets.versions import diff_texts, version_text
from service.store.models import OutcomeRow, PreviewRow, PreviewState

SHOWN = 200
"""Reasons that move which are kept with a preview; the rest are in the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A preview as it stands. `counts` are by stated category; `totals` are of the list, complete once it is ready.

    `stale` says in words what it rests on and is not so any more, or is None.
    """

    id: int
    kind: Kind
    state: PreviewState
    version: str
    rollback_to: int | None
    number: int | None
    counts: dict[str, Any]
    totals: dict[str, int]
    done: int
    total: int
    author: str
    created_at: datetime
    stale: str | None


def load_preview(app: App, preview_id: int) -> Preview:
    """A preview as it stands. Raises NothingSuch."""
    with app.store.read() as tx:
        return as_told(app, tx, preview_row(tx, preview_id))


def list_outcomes(
    tx: Session, preview_id: int, *, after_deal: int = 0, limit: int = 100, connection_id: int | None = None
) -> list[dict[str, Any]]:
    """A page of the deals that change: {deal, connection_id, state, name, before, after, steps, tasks, ...}.

    The last one's `deal` is where the next page begins. Uses ix_preview_outcomes_changes.
    """
    query = select(OutcomeRow).where(
        OutcomeRow.preview_id == preview_id, OutcomeRow.deal_id > after_deal, OutcomeRow.outcome.is_not(None)
    )
    if connection_id is not None:
        query = query.where(OutcomeRow.connection_id == connection_id)
    return [
        {"deal": row.deal_id, "connection_id": row.connection_id, "state": row.state, **(row.outcome or {})}
        for row in tx.scalars(query.order_by(OutcomeRow.deal_id).limit(limit))
    ]


def differences_of(tx: Session, preview_id: int) -> tuple[Difference, ...]:
    """What the previewed document changes in the one that it was previewed against."""
    row = preview_row(tx, preview_id)
    kind = Kind(row.kind)
    base = row.mappings_base if kind is Kind.MAPPINGS else row.policy_base
    return diff_texts(kind, version_text(tx, kind, base), row.text)


def counts_as_json(found: ReasonDiff) -> dict[str, Any]:
    """Deals by stated category before and after, and the reasons that move."""
    return {
        "before": {str(key): count for key, count in found.before.most_common()},
        "after": {str(key): count for key, count in found.after.most_common()},
        "reasons": len(found.moves),
        "deals": sum(one.reason.count for one in found.moves),
        "moves": [
            {
                "connection": one.reason.connection,
                "values": [words for _, words in one.reason.texts],
                "count": one.reason.count,
                "before": {"category": str(one.before.category), "sub_reason": one.before.sub_reason},
                "after": {"category": str(one.after.category), "sub_reason": one.after.sub_reason},
            }
            for one in found.moves[:SHOWN]
        ],
    }


def preview_row(tx: Session, preview_id: int) -> PreviewRow:
    """The row of a preview as it is now. Raises NothingSuch."""
    row = tx.get(PreviewRow, preview_id, populate_existing=True)
    if row is None:
        last = tx.scalar(select(func.max(PreviewRow.id)))
        raise NothingSuch(f"There is no preview {preview_id}.", remedy=f"The last one is {last or 'not made yet'}.")
    return row


def as_told(app: App, tx: Session, row: PreviewRow) -> Preview:
    """A preview's row as people see it."""
    return Preview(
        id=row.id,
        kind=Kind(row.kind),
        state=PreviewState(row.state),
        version=row.version,
        rollback_to=row.rollback_to,
        number=row.number,
        counts=row.counts,
        totals=row.totals,
        done=row.done,
        total=row.total,
        author=row.author,
        created_at=row.created_at,
        stale=stale_because(app, tx, row),
    )
