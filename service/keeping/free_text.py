"""Cutting free text down to the words that decided something, as the `facts` setting of a connection keeps it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mappings.model import Classification, LostDeal
from service.losses.notes import NotesMode, as_kept
from service.store.bulk import update_rows
from service.store.codec import from_record, to_record
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    DealRow,
    DebriefRow,
    EpisodeRow,
    OutboxRow,
    OutboxState,
)

_PLAIN = {"synchronize_session": False}
BATCH = 500


def cut_words(tx: Session, deal_ids: Collection[int]) -> int:
    """Cut what is written about these deals; how many held more. What it was taken to mean, and the plan, stay."""
    query = (
        select(DealRow.id, DealRow.record, ClassificationRow.record)
        .outerjoin(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
        .outerjoin(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .where(DealRow.id.in_(deal_ids))
        .order_by(EpisodeRow.number)
    )
    latest = {row[0]: (row[1], row[2]) for row in tx.execute(query)}
    cut = []
    for id_, (record, told) in latest.items():
        if not record.get("notes"):
            continue
        deal = from_record(record, LostDeal)
        kept = as_kept(NotesMode.FACTS, deal, from_record(told, Classification) if told else None)
        if kept.notes != deal.notes:
            cut.append({"id": id_, "record": to_record(kept)})
    update_rows(tx, DealRow, cut)
    episodes = select(EpisodeRow.id).where(EpisodeRow.deal_id.in_(deal_ids))
    words = {"why": "", "stated": "", "momentum": "", "to_change": ""}
    tx.execute(update(DebriefRow).where(DebriefRow.episode_id.in_(episodes)).values(**words), execution_options=_PLAIN)
    tx.execute(
        update(OutboxRow)
        .where(OutboxRow.deal_id.in_(deal_ids), OutboxRow.state.in_((OutboxState.DONE, OutboxState.DISCARDED)))
        .values(payload={}),
        execution_options=_PLAIN,
    )
    return len(cut)


def losses_before(tx: Session, connection: ConnectionRow, *, today: date, after: int) -> list[int]:
    """The next deals, by row id, whose loss is older than the connection keeps words."""
    if connection.retention_days is None:
        return []
    last = today - timedelta(days=connection.retention_days)
    query = select(DealRow.id).where(DealRow.connection_id == connection.id, DealRow.lost_on < last, DealRow.id > after)
    return list(tx.scalars(query.order_by(DealRow.id).limit(BATCH)))
