"""Signing in and out: sessions of browsers, bearer tokens of programs, and what slows down guessing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.errors import RekindleError, UsageFault
from service.people.roles import Person, Role, Scope, rights_of
from service.security.passwords import is_password, new_token, token_hash
from service.store.models import ApiTokenRow, SessionRow, SignInFailureRow, UserRow
from service.store.people import (
    api_token_with,
    drop_failures,
    drop_old_sessions,
    end_session,
    end_sessions,
    failures_since,
    folded,
    owner_ids_of,
    record_action,
    session_with,
    touch_api_token,
    touch_session,
    user_of_email,
)

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
USED_EVERY = timedelta(minutes=1)
WINDOW = timedelta(minutes=15)
MOST_FOR_ADDRESS, MOST_FOR_PLACE = 10, 50
SESSION, API_TOKEN = "rk_session", "rk_api"


class SignInError(RekindleError):
    """Wrong address or password, or too many tries. It never says which of the two was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is there. `is_stale`: the session should be touched by the next writing transaction."""

    person: Person
    is_stale: bool


def check_tries(tx: Session, *, email: str, place: str, now: datetime) -> None:
    """Raise SignInError where this address, or this place (an IP address), was refused too often of late."""
    since = now - WINDOW
    if (
        failures_since(tx, _subject("address", folded(email)), since) >= MOST_FOR_ADDRESS
        or failures_since(tx, _subject("place", place), since) >= MOST_FOR_PLACE
    ):
        raise SignInError("Too many tries.", remedy="Wait a quarter of an hour.")


def find_by_password(tx: Session, *, email: str, password: str) -> UserRow | None:
    """The person with that address and password. Slow on purpose, and just as slow for an address nobody has."""
    user = user_of_email(tx, email)
    fits = is_password(password, user.password_hash if user else None)
    return user if user is not None and fits and user.is_active else None


def note_failure(tx: Session, *, email: str, place: str, now: datetime) -> None:
    """Remember a refused sign-in."""
    drop_failures(tx, before=now - WINDOW)
    for subject in (_subject("address", folded(email)), _subject("place", place)):
        tx.add(SignInFailureRow(subject=subject, at=now))
    record_action(tx, who=folded(email)[:255], what="sign-in refused", now=now)
    tx.flush()


def sign_in(tx: Session, user: UserRow, *, now: datetime, way: str = "") -> str:
    """A new session's token, for the cookie. `way`: by what they showed who they are."""
    drop_old_sessions(tx, seen_before=now - IDLE, made_before=now - LONGEST)
    token = new_token(SESSION)
    tx.add(SessionRow(token_hash=token_hash(token), user_id=user.id, created_at=now, seen_at=now))
    user.signed_in_at = now
    record_action(tx, who=user.email, what="signed in", says=way, now=now)
    tx.flush()
    return token


def sign_out(tx: Session, token: str, *, who: str, now: datetime) -> None:
    """End the session of that token, because its person wishes so."""
    end(tx, token)
    record_action(tx, who=who, what="signed out", now=now)


def end(tx: Session, token: str) -> None:
    """End the session of that token, if there is one."""
    end_session(tx, token_hash(token))


def sign_out_elsewhere(tx: Session, user: UserRow, token: str, *, now: datetime) -> None:
    """End all sessions of a person but that of the token."""
    end_sessions(tx, user_id=user.id, but=token_hash(token))
    record_action(tx, who=user.email, what="signed out elsewhere", now=now)


def who_is(tx: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Who holds that session token, or None where it has ended, is too old, or the person was switched off."""
    found = session_with(tx, token_hash(token))
    if found is None:
        return None
    session, user = found
    if not user.is_active or session.seen_at < now - IDLE or session.created_at < now - LONGEST:
        return None
    return SignedIn(person=_person(tx, user), is_stale=session.seen_at < now - SEEN_EVERY)


def mark_seen(tx: Session, token: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    touch_session(tx, token_hash(token), now)


def make_api_token(
    tx: Session, user: UserRow, *, name: str, scopes: list[Scope], who: str, now: datetime, days: int | None = None
) -> str:
    """A new bearer token; it is shown this once. `days`: how long it works, None for ever. Raises UsageFault."""
    if not name.strip() or not scopes:
        raise UsageFault("A token needs a name and a scope.", remedy=f"Scopes are: {', '.join(Scope)}.")
    token = new_token(API_TOKEN)
    row = ApiTokenRow(
        user_id=user.id,
        name=name.strip(),
        token_hash=token_hash(token),
        scopes=[str(scope) for scope in dict.fromkeys(scopes)],
        created_at=now,
        expires_at=now + timedelta(days=days) if days is not None else None,
    )
    tx.add(row)
    record_action(tx, who=who, what="token made", subject=user.email, says=f"{row.name}: {', '.join(scopes)}", now=now)
    tx.flush()
    return token


def revoke_api_token(tx: Session, row: ApiTokenRow, *, who: str, now: datetime) -> None:
    """Refuse that token from now on."""
    row.revoked_at = row.revoked_at or now
    record_action(tx, who=who, what="token revoked", subject=row.name, now=now)
    tx.flush()


def bearer(tx: Session, token: str, *, now: datetime) -> Person | None:
    """Who holds that API token and what it may do; None where it is unknown, revoked, over or its person is off."""
    found = found_bearer(tx, token, now=now)
    return None if found is None else found.person


def found_bearer(tx: Session, token: str, *, now: datetime) -> SignedIn | None:
    """The same, with whether the token's use was not noted for a minute."""
    found = api_token_with(tx, token_hash(token))
    if found is None:
        return None
    row, user = found
    is_over = row.expires_at is not None and row.expires_at <= now
    if row.revoked_at is not None or is_over or not user.is_active:
        return None
    known = [Scope(scope) for scope in row.scopes if scope in set(Scope)]
    is_stale = row.used_at is None or row.used_at < now - USED_EVERY
    return SignedIn(person=_person(tx, user, known), is_stale=is_stale)


def mark_token_used(tx: Session, token: str, *, now: datetime) -> None:
    """Note that an API token is in use."""
    touch_api_token(tx, token_hash(token), now)


def person_vouched_for(tx: Session, email: str) -> Person | None:
    """The person with that address, whom a CRM vouches for; None where nobody has it, or they were switched off."""
    user = user_of_email(tx, email)
    return _person(tx, user) if user is not None and user.is_active else None


def _person(tx: Session, user: UserRow, scopes: list[Scope] | None = None) -> Person:
    role = Role(user.role)
    return Person(
        user_id=user.id,
        email=user.email,
        name=user.name or user.email,
        role=role,
        rights=rights_of(role, scopes),
        owner_ids=owner_ids_of(tx, user),
        zone=user.zone,
        locale=user.locale,
    )


def _subject(kind: str, value: str) -> str:
    return token_hash(f"{kind}:{value}")
