"""People: adding, changing and removing them; the first set-up; setting a password by a one-time code."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.errors import NothingSuch, UsageFault
from service.people.roles import Role
from service.security.passwords import check_new_password, hash_password, is_password, new_code, token_hash
from service.store.models import InvitationRow, UserRow
from service.store.people import (
    active_admins,
    drop_invitations,
    end_sessions,
    folded,
    record_action,
    use_invitation,
    user_of_email,
)

CODE_LIFE = timedelta(days=3)


class WrongPasswordError(UsageFault):
    """The password in force is another one."""


def needs_setup(tx: Session) -> bool:
    """Whether nobody is there yet, so that the set-up page opens."""
    return not tx.scalar(select(func.count()).select_from(UserRow))


def setup_code(tx: Session, *, now: datetime) -> str:
    """A new one-time code for the set-up page; those before it stop working.

    Raises UsageFault once somebody is there: an admin then invites the others.
    """
    if not needs_setup(tx):
        raise UsageFault("The set-up is done.", remedy="Ask an admin, or run `rekindle admin users invite EMAIL`.")
    return _new_invitation(tx, user_id=None, now=now)


def set_up(
    tx: Session, *, code: str, email: str, name: str, password: str, now: datetime, breached: str = ""
) -> UserRow:
    """Make the first admin with the code that the terminal showed. Raises UsageFault."""
    if not needs_setup(tx):
        raise UsageFault("The set-up is done.", remedy="Sign in.")
    check_new_password(password, email=email, breached=breached)
    _use_code(tx, code, now)
    return _save_new(tx, email=email, name=name, role=Role.ADMIN, password=password, who=email, now=now)


def add_user(
    tx: Session,
    *,
    email: str,
    name: str,
    role: Role,
    who: str,
    now: datetime,
    password: str | None = None,
    breached: str = "",
) -> UserRow:
    """Add a person. Without a password they need an invitation to sign in. Raises UsageFault."""
    if password is not None:
        check_new_password(password, email=email, breached=breached)
    return _save_new(tx, email=email, name=name, role=role, password=password, who=who, now=now)


def invite(tx: Session, user: UserRow, *, who: str, now: datetime) -> str:
    """A one-time code with which that person sets a password. Who they are to an identity provider is forgotten."""
    user.oidc_issuer = user.oidc_subject = None
    record_action(tx, who=who, what="invited", subject=user.email, now=now)
    return _new_invitation(tx, user_id=user.id, now=now)


def accept_invitation(tx: Session, *, code: str, password: str, now: datetime, breached: str = "") -> UserRow:
    """Set the password of the person the code was made for; they are signed out everywhere else. Raises UsageFault."""
    used = _use_code(tx, code, now)
    user = tx.get(UserRow, used.user_id) if used.user_id is not None else None
    if user is None or not user.is_active:
        raise _bad_code()
    set_password(tx, user, password, who=user.email, now=now, breached=breached)
    return user


def set_password(tx: Session, user: UserRow, password: str, *, who: str, now: datetime, breached: str = "") -> None:
    """Give a person a new password and sign them out everywhere. Raises UsageFault where it is too weak."""
    check_new_password(password, email=user.email, breached=breached)
    user.password_hash = hash_password(password)
    end_sessions(tx, user_id=user.id)
    record_action(tx, who=who, what="password set", subject=user.email, now=now)
    tx.flush()


def change_password(
    tx: Session, user: UserRow, *, current: str, wanted: str, now: datetime, breached: str = ""
) -> None:
    """Give oneself a new password; the one in force has to be known. Raises WrongPasswordError, UsageFault."""
    if not is_password(current, user.password_hash):
        raise WrongPasswordError("The password in force is another one.", remedy="Type it again, or ask for a code.")
    set_password(tx, user, wanted, who=user.email, now=now, breached=breached)


def change_role(tx: Session, user: UserRow, role: Role, *, who: str, now: datetime) -> None:
    """Give a person another role. Raises UsageFault where no admin would be left."""
    if user.role == role:
        return
    _keep_an_admin(tx, user)
    record_action(tx, who=who, what="role changed", subject=user.email, says=f"{user.role} to {role}", now=now)
    user.role = role
    tx.flush()


def switch_off(tx: Session, user: UserRow, *, who: str, now: datetime) -> None:
    """Let a person in no more; sessions end at once, and their tokens are refused. Raises UsageFault."""
    _keep_an_admin(tx, user)
    user.is_active = False
    end_sessions(tx, user_id=user.id)
    drop_invitations(tx, user.id)
    record_action(tx, who=who, what="switched off", subject=user.email, now=now)
    tx.flush()


def switch_on(tx: Session, user: UserRow, *, who: str, now: datetime) -> None:
    """Let a person in again."""
    user.is_active = True
    record_action(tx, who=who, what="switched on", subject=user.email, now=now)
    tx.flush()


def find_user(tx: Session, email: str) -> UserRow:
    """The person with that address. Raises NothingSuch."""
    found = user_of_email(tx, email)
    if found is None:
        raise NothingSuch(f"Nobody has the address {email!r}.", remedy="`rekindle admin users` lists everybody.")
    return found


def _save_new(
    tx: Session, *, email: str, name: str, role: Role, password: str | None, who: str, now: datetime
) -> UserRow:
    address = folded(email)
    if not 3 <= len(address) <= 255 or address.count("@") != 1 or any(sign.isspace() for sign in address):
        raise UsageFault(f"{email!r} is no e-mail address.", remedy="Give one like anna@example.com.")
    if user_of_email(tx, address) is not None:
        raise UsageFault(f"{address} is here already.", remedy="Change that person instead.")
    user = UserRow(
        email=address,
        name=name.strip(),
        role=role,
        password_hash=hash_password(password) if password is not None else None,
        created_at=now,
    )
    tx.add(user)
    tx.flush()
    record_action(tx, who=folded(who), what="added", subject=address, says=role, now=now)
    return user


def _keep_an_admin(tx: Session, user: UserRow) -> None:
    if user.role == Role.ADMIN and user.is_active and active_admins(tx) == 1:
        raise UsageFault(f"{user.email} is the only admin.", remedy="Make somebody else an admin first.")


def _new_invitation(tx: Session, *, user_id: int | None, now: datetime) -> str:
    drop_invitations(tx, user_id)
    code = new_code()
    tx.add(InvitationRow(code_hash=_code_hash(code), user_id=user_id, created_at=now, expires_at=now + CODE_LIFE))
    tx.flush()
    return code


def _use_code(tx: Session, code: str, now: datetime) -> InvitationRow:
    used = use_invitation(tx, _code_hash(code), now)
    if used is None:
        raise _bad_code()
    return used


def _code_hash(code: str) -> str:
    """Codes are typed by people: case, spaces and dashes do not matter."""
    return token_hash("".join(sign for sign in code.upper() if sign.isalnum()))


def _bad_code() -> UsageFault:
    return UsageFault(
        "That code is wrong, used or too old.", remedy="Ask for another: `rekindle admin setup-code`, or an admin."
    )
