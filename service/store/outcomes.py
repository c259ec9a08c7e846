"""Queries over the outcomes that previews list: saved a batch at a time, looked up when they come true."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.bulk import upsert
from service.store.models import OutcomeRow, OutcomeState

_PLAIN = {"synchronize_session": False}


def save_outcomes(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put each deal's outcome in place of the one the preview had."""
    upsert(tx, OutcomeRow, rows, key=["preview_id", "deal_id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a preview says of a deal."""

    mark: str
    outcome: dict[str, Any] | None


def load_outcomes(tx: Session, preview_id: int, deal_ids: Collection[int]) -> dict[int, Expected]:
    """What the preview says of these deals, by row id."""
    rows = tx.execute(
        select(OutcomeRow.deal_id, OutcomeRow.mark, OutcomeRow.outcome).where(
            OutcomeRow.preview_id == preview_id, among(OutcomeRow.deal_id, deal_ids)
        )
    )
    return {row[0]: Expected(mark=row[1], outcome=row[2]) for row in rows}


def mark_applied(tx: Session, preview_id: int, deal_ids: Collection[int]) -> None:
    """These outcomes came true."""
    if deal_ids:
        tx.execute(
            update(OutcomeRow)
            .where(OutcomeRow.preview_id == preview_id, among(OutcomeRow.deal_id, deal_ids))
            .values(state=OutcomeState.APPLIED),
            execution_options=_PLAIN,
        )


def drop_quiet_outcomes(tx: Session, preview_id: int) -> None:
    """Forget the deals of a preview for which nothing changes: the record is of what did."""
    tx.execute(
        delete(OutcomeRow).where(OutcomeRow.preview_id == preview_id, OutcomeRow.outcome.is_(None)),
        execution_options=_PLAIN,
    )
