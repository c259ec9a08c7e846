"""Queries over deals and their episodes: what is known of a batch, and saving what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from service.store.among import among
from service.store.bulk import insert_numbered, insert_rows, update_rows, upsert
from service.store.models import (
    ClassificationRow,
    DealContactRow,
    DealRow,
    DealState,
    EpisodeRow,
    FieldWriteRow,
    PlanRow,
)

# A stamp may lie this far after the beginning of its read: clocks differ by minutes, a long page takes some.
MOST_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDeal:
    """What the store holds of a deal: enough to say what a fresh read of it means."""

    id: int
    state: DealState
    fingerprint: str
    excluded_by: str | None
    stated_follow_up: date | None
    modified_at: datetime | None
    episode_id: int | None
    episode_number: int
    is_episode_running: bool
    lost_on: date | None
    mapping_version: str | None
    policy_version: str | None
    plan_made_on: date | None
    read_at: datetime | None = None
    has_told: bool = False
    account_key: str | None = None

    @property
    def is_stamped_ahead(self) -> bool:
        """Whether its stamp lay ahead when it was read: it cannot be right, and tells nothing of what came after."""
        if self.modified_at is None or self.read_at is None:
            return False
        return self.modified_at > self.read_at + MOST_AHEAD


def load_known(tx: Session, connection_id: int, deal_ids: Sequence[str]) -> dict[str, KnownDeal]:
    """The known ones of these deals, by the CRM's id. Uses uq_deals_connection_id_crm_deal_id."""
    numbers = aliased(EpisodeRow)
    latest = select(func.max(numbers.number)).where(numbers.deal_id == DealRow.id).correlate(DealRow).scalar_subquery()
    query = (
        select(
            DealRow.crm_deal_id,
            DealRow.id,
            DealRow.state,
            DealRow.fingerprint,
            DealRow.excluded_by,
            DealRow.stated_follow_up,
            DealRow.modified_at,
            EpisodeRow.id,
            EpisodeRow.number,
            EpisodeRow.ended_as,
            EpisodeRow.lost_on,
            ClassificationRow.mapping_version,
            PlanRow.policy_version,
            PlanRow.made_on,
            DealRow.read_at,
            DealRow.has_told,
            DealRow.account_key,
        )
        .select_from(DealRow)
        .outerjoin(EpisodeRow, (EpisodeRow.deal_id == DealRow.id) & (EpisodeRow.number == latest))
        .outerjoin(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .outerjoin(PlanRow, PlanRow.episode_id == EpisodeRow.id)
        .where(DealRow.connection_id == connection_id, among(DealRow.crm_deal_id, deal_ids))
    )
    return {row[0]: _known(tuple(row)[1:]) for row in tx.execute(query)}


def _known(row: tuple[Any, ...]) -> KnownDeal:
    return KnownDeal(
        id=row[0],
        state=DealState(row[1]),
        fingerprint=row[2],
        excluded_by=row[3],
        stated_follow_up=row[4],
        modified_at=row[5],
        episode_id=row[6],
        episode_number=row[7] or 0,
        is_episode_running=row[6] is not None and row[8] is None,
        lost_on=row[9],
        mapping_version=row[10],
        policy_version=row[11],
        plan_made_on=row[12],
        read_at=row[13],
        has_told=row[14],
        account_key=row[15],
    )


def own_field_values(tx: Session, deal_row_ids: Iterable[int], field: str) -> dict[int, set[str | None]]:
    """What we last wrote to a field, or are writing now, by deal row id."""
    query = select(FieldWriteRow.deal_id, FieldWriteRow.written, FieldWriteRow.in_flight, FieldWriteRow.is_in_flight)
    rows = tx.execute(
        query.where(
            among(FieldWriteRow.deal_id, deal_row_ids),
            FieldWriteRow.field == field,
            FieldWriteRow.undone_at.is_(None),
        )
    )
    return {deal_id: {written, in_flight} if writing else {written} for deal_id, written, in_flight, writing in rows}


def records_of(tx: Session, deal_row_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The deals as stored, by row id."""
    rows = tx.execute(select(DealRow.id, DealRow.record).where(among(DealRow.id, deal_row_ids)))
    return {row.id: row.record for row in rows}


def has_deals(tx: Session) -> bool:
    """Whether any deal is stored."""
    return tx.scalar(select(DealRow.id).limit(1)) is not None


def insert_deals(tx: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert deals; their row ids in the same order."""
    return insert_numbered(tx, DealRow, rows)


def update_deals(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set the given columns of deals by their row `id`; all rows have the same columns."""
    update_rows(tx, DealRow, rows)


def insert_episodes(tx: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert episodes; their row ids in the same order."""
    return insert_numbered(tx, EpisodeRow, rows)


def update_episodes(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set the given columns of episodes by their row `id`; all rows have the same columns."""
    update_rows(tx, EpisodeRow, rows)


def save_contacts(tx: Session, rows: Sequence[Mapping[str, Any]], *, of_known: Sequence[int]) -> None:
    """Put the people on deals in place of those there were; `of_known` are the deals that may have had some."""
    if of_known:
        gone = delete(DealContactRow).where(among(DealContactRow.deal_id, of_known))
        tx.execute(gone, execution_options={"synchronize_session": False})
    insert_rows(tx, DealContactRow, rows)


def save_classifications(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put each episode's classification in place of the one it had."""
    upsert(tx, ClassificationRow, rows, key=["episode_id"])


def save_plans(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put each episode's plan in place of the one it had."""
    upsert(tx, PlanRow, rows, key=["episode_id"])


def mark_seen(tx: Session, connection_id: int, deal_ids: Sequence[str], run_id: int) -> None:
    """Note that a run met these deals, so that a complete read can tell which ones it never met."""
    met = update(DealRow).where(DealRow.connection_id == connection_id, among(DealRow.crm_deal_id, deal_ids))
    tx.execute(met.values(seen_in_run=run_id), execution_options={"synchronize_session": False})


def lost_but_unseen(tx: Session, connection_id: int, run_id: int) -> list[str]:
    """Deals stored as lost that a complete read never met: gone, or no longer lost."""
    unseen = (DealRow.seen_in_run.is_(None)) | (DealRow.seen_in_run != run_id)
    query = select(DealRow.crm_deal_id).where(
        DealRow.connection_id == connection_id, DealRow.state == DealState.LOST, unseen
    )
    return list(tx.scalars(query))


def deals_in_force(tx: Session, connection_id: int, *, after_id: int, limit: int) -> list[int]:
    """Row ids of lost deals in scope with a running episode, in their order."""
    # The sum keeps SQLite at the row ids: it would else find and sort all of the connection's for each batch.
    query = _in_force(select(DealRow.id)).where(DealRow.connection_id + 0 == connection_id, DealRow.id > after_id)
    return list(tx.scalars(query.order_by(DealRow.id).limit(limit)))


def stored_records(
    tx: Session, connection_id: int, row_ids: Collection[int]
) -> list[tuple[int, dict[str, Any], KnownDeal]]:
    """Those of the deals that are lost, in scope and in a running episode, as stored, in the order of their row ids."""
    query = _in_force(select(DealRow.id, DealRow.crm_deal_id, DealRow.record)).where(among(DealRow.id, row_ids))
    rows = tx.execute(query.order_by(DealRow.id)).all()
    known = load_known(tx, connection_id, [row[1] for row in rows])
    return [(row[0], row[2], known[row[1]]) for row in rows]


def _in_force(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.join(EpisodeRow, (EpisodeRow.deal_id == DealRow.id) & EpisodeRow.ended_as.is_(None)).where(
        DealRow.state == DealState.LOST, DealRow.excluded_by.is_(None)
    )
