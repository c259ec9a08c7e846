"""Queries over previews, the deals they speak of, and the outcomes they list. Each takes a batch; none commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, text, tuple_, update
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.models import (
    ClassificationRow,
    DealRow,
    DebriefRow,
    EpisodeRow,
    PlanRow,
    PreviewRow,
    PreviewState,
)
from service.store.reasons import IN_SCOPE

_PLAIN = {"synchronize_session": False}
Cursor = tuple[str | None, int]
"""A place in the deals of a connection: the account (None: deals without one come first) and the deal's row id."""
START: Cursor = (None, 0)
MOST = 20_000
"""Deals of one account that are taken at once: what a statement's list of values can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """A lost deal with its running episode, as stored, without the deal itself.

    Of one that `excluded_by` leaves out, what it means and its plan may not be stored: then there are no versions.
    """

    deal_row_id: int
    crm_deal_id: str
    account_key: str | None
    fingerprint: str
    episode_id: int
    episode: int
    mapping_version: str
    policy_version: str
    made_on: date | None
    category: str
    said_at: datetime | None = None
    excluded_by: str | None = None


def count_cases(tx: Session, *, with_excluded: bool = False) -> int:
    """How many lost deals are in scope, or in all. Uses ix_deals_reasons."""
    taken = _LOST if with_excluded else IN_SCOPE
    return tx.scalar(select(func.count()).select_from(DealRow).where(taken)) or 0


def next_deal_ids(
    tx: Session,
    connection_id: int,
    after: Cursor,
    limit: int,
    *,
    stating: Collection[int] | None = None,
    with_excluded: bool = False,
) -> tuple[list[int], Cursor | None]:
    """The next deals, accounts kept whole, and the cursor behind them; None where there are none. ix_deals_account.

    `stating` leaves out those that state none of these reasons, by their keys.
    """
    account, last = after
    keys = _keys(connection_id, with_excluded)
    if stating is not None:
        keys = keys.where(DealRow.reason_key.in_(stating))
    if account is None:
        ids = list(tx.scalars(keys.where(DealRow.account_key.is_(None), DealRow.id > last).limit(limit)))
        if ids:
            return ids, (None, ids[-1])
        account, last = "", 0
    query = keys.add_columns(DealRow.account_key).order_by(None)
    place = tuple_(DealRow.account_key, DealRow.id)
    rows = tx.execute(
        query.where(DealRow.account_key.is_not(None), place > (account, last)).order_by(*_BY_ACCOUNT).limit(limit)
    ).all()
    if not rows:
        return [], None
    if len(rows) == limit and rows[0][1] != rows[-1][1]:
        rows = [row for row in rows if row[1] != rows[-1][1]]  # the last account comes whole the next time
    elif len(rows) == limit:
        whole = query.where(DealRow.account_key == rows[0][1], place > (account, last)).order_by(DealRow.id)
        rows = list(tx.execute(whole.limit(MOST)).all())
    return [row[0] for row in rows], (rows[-1][1], rows[-1][0])


_BY_ACCOUNT = (DealRow.account_key, DealRow.id)


def _keys(connection_id: int, with_excluded: bool) -> Select[int]:
    taken = _LOST if with_excluded else IN_SCOPE
    return select(DealRow.id).where(DealRow.connection_id == connection_id, taken).order_by(DealRow.id)


def load_stored(tx: Session, deal_ids: Sequence[int], *, with_excluded: bool = False) -> list[StoredCase]:
    """The lost ones of these deals, with their running episodes."""
    query = _stored(with_excluded).where(among(DealRow.id, deal_ids))
    return [_case(row) for row in tx.execute(query.order_by(DealRow.id))]


def load_outdated(
    tx: Session,
    connection_id: int,
    versions: tuple[str, str],
    *,
    after_id: int,
    limit: int,
    with_excluded: bool = False,
) -> list[StoredCase]:
    """Lost deals in scope that stand on other versions of the documents, in the order of their row ids; and every one
    that is left out, where the scope changes: nobody keeps the versions of those."""
    query = _outdated(_stored(with_excluded), connection_id, versions, after_id, limit, with_excluded)
    return [_case(row) for row in tx.execute(query)]


def outdated_ids(
    tx: Session,
    connection_id: int,
    versions: tuple[str, str],
    *,
    after_id: int,
    limit: int,
    with_excluded: bool = False,
) -> list[int]:
    """The row ids of what `load_outdated` gives."""
    query = _stored(with_excluded).with_only_columns(DealRow.id, maintain_column_froms=True)
    return list(tx.scalars(_outdated(query, connection_id, versions, after_id, limit, with_excluded)))


def _outdated(
    query: Select[*tuple[Any, ...]],
    connection_id: int,
    versions: tuple[str, str],
    after_id: int,
    limit: int,
    with_excluded: bool,
) -> Select[*tuple[Any, ...]]:
    left_out = [DealRow.excluded_by.is_not(None)] if with_excluded else []
    wanted = query.where(
        # By the episodes' own index, in its order: sorting all that is left for each batch would never end.
        # The sum keeps SQLite from starting at the connection's deals.
        DealRow.connection_id + 0 == connection_id,
        EpisodeRow.deal_id > after_id,
        or_(ClassificationRow.mapping_version != versions[0], PlanRow.policy_version != versions[1], *left_out),
    )
    return wanted.order_by(EpisodeRow.deal_id).limit(limit)


_LOST = text("deals.state = 'lost'")


def _stored(with_excluded: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(
            DealRow.id,
            DealRow.crm_deal_id,
            DealRow.account_key,
            DealRow.fingerprint,
            EpisodeRow.id,
            EpisodeRow.number,
            ClassificationRow.mapping_version,
            PlanRow.policy_version,
            PlanRow.made_on,
            ClassificationRow.category,
            DebriefRow.said_at,
            DealRow.excluded_by,
        )
        .join(EpisodeRow, (EpisodeRow.deal_id == DealRow.id) & EpisodeRow.ended_as.is_(None))
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id, isouter=with_excluded)
        .join(PlanRow, PlanRow.episode_id == EpisodeRow.id, isouter=with_excluded)
        .outerjoin(DebriefRow, DebriefRow.episode_id == EpisodeRow.id)
        .where(_LOST if with_excluded else IN_SCOPE)
    )


def _case(row: Sequence[Any]) -> StoredCase:
    (
        deal_row_id,
        crm_deal_id,
        account_key,
        fingerprint,
        episode_id,
        episode,
        mappings,
        policy,
        made_on,
        category,
        said,
        excluded_by,
    ) = row
    return StoredCase(
        deal_row_id=deal_row_id,
        crm_deal_id=crm_deal_id,
        account_key=account_key,
        fingerprint=fingerprint,
        episode_id=episode_id,
        episode=episode,
        mapping_version=mappings or "",
        policy_version=policy or "",
        made_on=made_on,
        category=category or "",
        said_at=said,
        excluded_by=excluded_by,
    )


def stamp_versions(tx: Session, episode_ids: Collection[int], versions: tuple[str, str]) -> None:
    """These episodes are what the versions make of them, too: nothing but the versions changes."""
    if not episode_ids:
        return
    mappings, policy = versions
    tx.execute(
        update(ClassificationRow)
        .where(among(ClassificationRow.episode_id, episode_ids), ClassificationRow.mapping_version != mappings)
        .values(mapping_version=mappings),
        execution_options=_PLAIN,
    )
    tx.execute(
        update(PlanRow)
        .where(among(PlanRow.episode_id, episode_ids), PlanRow.policy_version != policy)
        .values(policy_version=policy),
        execution_options=_PLAIN,
    )


def stamp_unread(
    tx: Session, connection_id: int, stating: Collection[int], *, base: str, versions: tuple[str, str]
) -> int:
    """Stamp every deal that states none of these reasons, where its plan stands on the policy already.

    Only for a step that bears on nothing but the stated reasons; how many deals were stamped.
    """
    episodes = (
        select(EpisodeRow.id)
        .join(DealRow, (EpisodeRow.deal_id == DealRow.id) & EpisodeRow.ended_as.is_(None))
        .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
        .where(
            IN_SCOPE,
            DealRow.connection_id == connection_id,
            DealRow.reason_key.not_in(stating),
            PlanRow.policy_version == versions[1],
        )
    )
    stamped = (
        update(ClassificationRow)
        .where(ClassificationRow.mapping_version == base, ClassificationRow.episode_id.in_(episodes))
        .values(mapping_version=versions[0])
        .returning(ClassificationRow.episode_id)
    )
    return len(tx.scalars(stamped, execution_options=_PLAIN).all())


def publishing(tx: Session) -> PreviewRow | None:
    """The publication whose deals are not all done yet, if there is one. Uses uq_previews_publishing."""
    return tx.scalar(
        select(PreviewRow).where(PreviewRow.state == PreviewState.PUBLISHING),
        execution_options={"populate_existing": True},
    )
