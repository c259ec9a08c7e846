"""Queries over what people said about losses, and over sign-ins at a CRM. None commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mappings.deciding.said import Said
from mappings.taxonomy import Category
from service.store.among import among
from service.store.models import DebriefRow, SignInRow


def debrief_of(tx: Session, episode_id: int) -> DebriefRow | None:
    """What people said about an episode, or None."""
    return tx.get(DebriefRow, episode_id)


def load_said(tx: Session, episode_ids: Collection[int]) -> dict[int, Said]:
    """People's words by episode, for those that have any."""
    rows = tx.scalars(select(DebriefRow).where(among(DebriefRow.episode_id, episode_ids)))
    return {row.episode_id: said_of(row) for row in rows}


def said_of(row: DebriefRow) -> Said:
    """A row as the value that classifications hear."""
    return Said(
        category=Category(row.category) if row.category else None,
        sub_reason=row.sub_reason,
        is_worth_it=row.is_worth_it,
        revisit_on=row.touch_on if row.is_worth_it is not False else None,
        why=row.why or row.stated,
    )


def save_sign_in(tx: Session, row: SignInRow, *, too_old: datetime) -> None:
    """Remember a sign-in that begins, and forget those that are too old."""
    tx.execute(delete(SignInRow).where(SignInRow.created_at < too_old))
    tx.add(row)
    tx.flush()


def take_sign_in(tx: Session, state_hash: str, *, session_hash: str, crm: str) -> SignInRow | None:
    """The sign-in of that state, once: the second one to ask finds none."""
    mine = (SignInRow.state_hash == state_hash, SignInRow.session_hash == session_hash, SignInRow.crm == crm)
    found = tx.scalar(select(SignInRow).where(*mine))
    if found is None:
        return None
    tx.expunge(found)
    gone = tx.scalar(delete(SignInRow).where(*mine).returning(SignInRow.state_hash))
    return found if gone else None
