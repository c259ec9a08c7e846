"""Queries over people, their sessions, tokens, one-time codes, and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from service.errors import NothingSuch
from service.store.models import (
    ActionRow,
    ApiTokenRow,
    ConnectionRow,
    InvitationRow,
    OwnerRow,
    SessionRow,
    SignInFailureRow,
    UserOwnerRow,
    UserRow,
)


def user_of_email(tx: Session, email: str) -> UserRow | None:
    """The person with that e-mail address, in any case."""
    return tx.scalar(select(UserRow).where(UserRow.email == folded(email)))


def all_users(tx: Session) -> list[UserRow]:
    """Everybody, by e-mail address."""
    return list(tx.scalars(select(UserRow).order_by(UserRow.email)))


def active_admins(tx: Session) -> int:
    """How many people can still manage everything."""
    admins = select(func.count()).where(UserRow.role == "admin", UserRow.is_active)
    return tx.scalar(admins) or 0


def folded(email: str) -> str:
    """An e-mail address as it is compared and kept."""
    return email.strip().casefold()


def owner_ids_of(tx: Session, user: UserRow) -> dict[int, str]:
    """Which CRM owner a person is, by connection: as an admin set it, else by their e-mail address."""
    same = select(OwnerRow.connection_id, OwnerRow.owner_id, OwnerRow.is_active).where(
        func.lower(OwnerRow.email) == user.email
    )
    # Of several accounts with one address the active one counts.
    by_email = {row.connection_id: row.owner_id for row in sorted(tx.execute(same), key=lambda row: row.is_active)}
    chosen = tx.scalars(select(UserOwnerRow).where(UserOwnerRow.user_id == user.id))
    return {**by_email, **{row.connection_id: row.owner_id for row in chosen}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Which user of a connection's CRM a person is taken to be, if any, and whether an admin said so."""

    user: UserRow
    connection: ConnectionRow
    owner: OwnerRow | None
    is_chosen: bool


def ties(tx: Session) -> list[Tie]:
    """Every active person with every connection, in the order of their addresses and names."""
    users = tx.scalars(select(UserRow).where(UserRow.is_active.is_(True)).order_by(UserRow.email)).all()
    connections = tx.scalars(select(ConnectionRow).order_by(ConnectionRow.name)).all()
    owners = {(row.connection_id, row.owner_id): row for row in tx.scalars(select(OwnerRow))}
    # As `owner_ids_of` has it: of several accounts with one address the active one counts.
    by_email = {
        (row.connection_id, (row.email or "").lower()): row
        for row in sorted(owners.values(), key=lambda row: row.is_active)
    }
    chosen = {(row.user_id, row.connection_id): row.owner_id for row in tx.scalars(select(UserOwnerRow))}
    return [
        Tie(
            user=user,
            connection=connection,
            owner=owners.get((connection.id, said)) if said else by_email.get((connection.id, user.email)),
            is_chosen=said is not None,
        )
        for user in users
        for connection in connections
        for said in [chosen.get((user.id, connection.id))]
    ]


def active_owners(tx: Session) -> list[tuple[ConnectionRow, OwnerRow]]:
    """The CRM users a person can be, by connection and name."""
    query = select(ConnectionRow, OwnerRow).join(OwnerRow, OwnerRow.connection_id == ConnectionRow.id)
    rows = tx.execute(
        query.where(OwnerRow.is_active.is_(True)).order_by(
            ConnectionRow.name, func.lower(OwnerRow.name), OwnerRow.email, OwnerRow.owner_id
        )
    )
    return [(row[0], row[1]) for row in rows]


def choose_owner(tx: Session, *, user_id: int, connection_id: int, owner_id: str | None) -> None:
    """Keep which CRM owner a person is; None goes back to their e-mail address."""
    row = tx.get(UserOwnerRow, (user_id, connection_id))
    if row is not None:
        tx.delete(row)
        tx.flush()
    if owner_id is not None:
        tx.add(UserOwnerRow(user_id=user_id, connection_id=connection_id, owner_id=owner_id))


def session_with(tx: Session, token_hash: str) -> tuple[SessionRow, UserRow] | None:
    """A session and its person."""
    both = select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id)
    row = tx.execute(both.where(SessionRow.token_hash == token_hash)).first()
    return (row[0], row[1]) if row else None


def end_sessions(tx: Session, *, user_id: int, but: str | None = None) -> None:
    """Sign a person out everywhere, but for one session."""
    ended = delete(SessionRow).where(SessionRow.user_id == user_id)
    tx.execute(ended.where(SessionRow.token_hash != but) if but else ended)


def end_session(tx: Session, token_hash: str) -> None:
    """Sign one browser out."""
    tx.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))


def drop_old_sessions(tx: Session, *, seen_before: datetime, made_before: datetime) -> None:
    """Remove sessions that nobody can use any more."""
    old = (SessionRow.seen_at < seen_before) | (SessionRow.created_at < made_before)
    tx.execute(delete(SessionRow).where(old))


def api_token_with(tx: Session, token_hash: str) -> tuple[ApiTokenRow, UserRow] | None:
    """A bearer token and its person."""
    both = select(ApiTokenRow, UserRow).join(UserRow, UserRow.id == ApiTokenRow.user_id)
    row = tx.execute(both.where(ApiTokenRow.token_hash == token_hash)).first()
    return (row[0], row[1]) if row else None


def api_tokens(tx: Session, user_id: int | None = None) -> list[tuple[ApiTokenRow, UserRow]]:
    """Bearer tokens that are not revoked, of one person or of all, newest first."""
    rows = select(ApiTokenRow, UserRow).join(UserRow, UserRow.id == ApiTokenRow.user_id)
    rows = rows.where(ApiTokenRow.revoked_at.is_(None)).order_by(ApiTokenRow.id.desc())
    if user_id is not None:
        rows = rows.where(ApiTokenRow.user_id == user_id)
    return [(row[0], row[1]) for row in tx.execute(rows)]


def api_token(tx: Session, token_id: int) -> ApiTokenRow:
    """The bearer token of that id. Raises NothingSuch."""
    row = tx.get(ApiTokenRow, token_id)
    if row is None:
        raise NothingSuch(f"There is no token {token_id}.", remedy="`rekindle admin tokens` lists them.")
    return row


def use_invitation(tx: Session, code_hash: str, now: datetime) -> InvitationRow | None:
    """Take a one-time code that still holds: of two people with one code, one gets it."""
    taken = delete(InvitationRow).where(InvitationRow.code_hash == code_hash, InvitationRow.expires_at > now)
    return tx.scalar(taken.returning(InvitationRow))


def drop_invitations(tx: Session, user_id: int | None) -> None:
    """Take back the codes given to a person, or those for the first set-up."""
    whose = InvitationRow.user_id.is_(None) if user_id is None else InvitationRow.user_id == user_id
    tx.execute(delete(InvitationRow).where(whose))


def failures_since(tx: Session, subject: str, since: datetime) -> int:
    """Refused sign-ins of a subject. Uses ix_sign_in_failures_subject_at."""
    rows = select(func.count()).where(SignInFailureRow.subject == subject, SignInFailureRow.at > since)
    return tx.scalar(rows) or 0


def drop_failures(tx: Session, *, before: datetime) -> None:
    """Forget refused sign-ins that count no more."""
    tx.execute(delete(SignInFailureRow).where(SignInFailureRow.at < before))


def touch_session(tx: Session, token_hash: str, now: datetime) -> None:
    """Note that a session was used."""
    tx.execute(update(SessionRow).where(SessionRow.token_hash == token_hash).values(seen_at=now))


def user_of_subject(tx: Session, issuer: str, subject: str) -> UserRow | None:
    """Who that subject of an identity provider is here. Uses uq_users_oidc."""
    return tx.scalar(select(UserRow).where(UserRow.oidc_issuer == issuer, UserRow.oidc_subject == subject))


def touch_api_token(tx: Session, token_hash: str, now: datetime) -> None:
    """Note that an API token was used."""
    tx.execute(update(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash).values(used_at=now))


def record_action(tx: Session, *, who: str, what: str, subject: str = "", says: str = "", now: datetime) -> None:
    """Write one line of the audit log."""
    tx.add(ActionRow(at=now, who=who, what=what, subject=subject, says=says))


def actions(tx: Session, *, before_id: int | None = None, limit: int = 100) -> Sequence[ActionRow]:
    """The audit log, newest first."""
    rows = select(ActionRow).order_by(ActionRow.id.desc()).limit(limit)
    return tx.scalars(rows.where(ActionRow.id < before_id) if before_id else rows).all()


def find_actions(
    tx: Session, *, who: str = "", what: str = "", words: str = "", before_id: int | None = None, limit: int = 100
) -> Sequence[ActionRow]:
    """The part of the audit log by that person, of that kind, and with those words; newest first."""
    rows = select(ActionRow).order_by(ActionRow.id.desc()).limit(limit)
    if who:
        rows = rows.where(ActionRow.who == who)
    if what:
        rows = rows.where(ActionRow.what == what)
    for word in words.split()[:8]:
        found = [column.icontains(word, autoescape=True) for column in (ActionRow.subject, ActionRow.says)]
        rows = rows.where(or_(*found))
    return tx.scalars(rows.where(ActionRow.id < before_id) if before_id else rows).all()


def kinds_of_actions(tx: Session) -> tuple[Sequence[str], Sequence[str]]:
    """Who stands in the audit log, and what they did: to choose from."""
    who = tx.scalars(select(ActionRow.who).distinct().order_by(ActionRow.who).limit(500)).all()
    return who, tx.scalars(select(ActionRow.what).distinct().order_by(ActionRow.what).limit(200)).all()
