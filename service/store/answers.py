"""Queries over kept answers of the API. None commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.models import AnswerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKey:
    """Whose key it is, both as hashes."""

    principal: str
    key: str


def claim_answer(
    tx: Session, key: AnswerKey, *, fingerprint: str, now: datetime, kept_since: datetime
) -> AnswerRow | None:
    """Take the key for a request that begins now: None. Where it is taken, the row that has it."""
    tx.execute(delete(AnswerRow).where(*_is(key), AnswerRow.created_at <= kept_since))
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"principal": key.principal, "key": key.key, "fingerprint": fingerprint, "created_at": now}
    made = insert(AnswerRow).values(values).on_conflict_do_nothing().returning(AnswerRow.key)
    if tx.scalar(made) is not None:
        return None
    return tx.scalar(select(AnswerRow).where(*_is(key)))


def keep_answer(tx: Session, key: AnswerKey, sealed: str) -> None:
    """Keep what was answered."""
    tx.execute(update(AnswerRow).where(*_is(key)).values(sealed=sealed))


def free_answer(tx: Session, key: AnswerKey) -> None:
    """Nothing was done: the key may be used again."""
    tx.execute(delete(AnswerRow).where(*_is(key)))


def drop_answers(tx: Session, *, kept_since: datetime) -> None:
    """Forget what is over. Uses ix_api_answers_created_at."""
    tx.execute(delete(AnswerRow).where(AnswerRow.created_at <= kept_since))


def _is(key: AnswerKey) -> tuple[ColumnElement[bool], ...]:
    return AnswerRow.principal == key.principal, AnswerRow.key == key.key
