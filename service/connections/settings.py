"""Changing one setting of a connection by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from connectors.registry import connector_spec
from service.errors import UsageFault
from service.losses.notes import NotesMode
from service.security.addresses import refuse_private
from service.security.keyring import Keyring
from service.store.connections import owners_of, read_anew
from service.store.models import ConnectionRow


def set_setting(
    tx: Session,
    row: ConnectionRow,
    key: str,
    value: str,
    *,
    keyring: Keyring | None = None,
    by_operator: bool = False,
) -> None:
    """Set `key` to what `value` spells. Raises UsageFault naming the settings there are, or what the value must be.

    The address of an incoming webhook is a secret, so that `keyring` is needed for it; an operator at the command line
    may name any, a user of the web app only a public one.
    """
    options = connector_spec(row.crm).options
    if key == SLACK:
        row.slack = _slack(value, keyring, by_operator=by_operator)
    elif key in SETTERS:
        before = row.notes
        setattr(row, COLUMNS.get(key, key), SETTERS[key](tx, row, value))
        if row.notes != before:
            read_anew(tx, row.id)
    elif key in options:
        row.options = {**{name: text for name, text in row.options.items() if name != key}, **_filled(key, value)}
    else:
        there = ", ".join(sorted([*SETTERS, SLACK, *options]))
        raise UsageFault(f"There is no setting {key!r}.", remedy=f"There are: {there}.")
    tx.add(row)


def _filled(key: str, value: str) -> dict[str, str]:
    return {key: value} if value else {}


def _switch(_tx: Session, _row: ConnectionRow, value: str) -> bool:
    if value not in ("on", "off"):
        raise UsageFault(f"{value!r} is neither on nor off.", remedy="Give one of the two.")
    return value == "on"


def _days(_tx: Session, _row: ConnectionRow, value: str) -> int | None:
    if value in ("", "off", "none"):
        return None
    if not (value.isascii() and value.isdigit() and int(value[:9]) <= MOST_DAYS and len(value) < 9):
        raise UsageFault(f"{value!r} is no number of days.", remedy=f"Give a whole number up to {MOST_DAYS}, or off.")
    return int(value)


def _notes(_tx: Session, _row: ConnectionRow, value: str) -> str:
    if value not in [*NotesMode]:
        raise UsageFault(f"{value!r} is no way to keep notes.", remedy="It is full, facts or off.")
    return value


def _owner(tx: Session, row: ConnectionRow, value: str) -> str | None:
    """An owner by e-mail address or id."""
    if not value:
        return None
    for owner in owners_of(tx, row.id).values():
        if value.casefold() in (owner.email.casefold(), owner.owner_id.casefold()):
            return owner.owner_id
    raise UsageFault(f"{row.name} has no user {value!r}.", remedy="Give the e-mail address of a user, after a sync.")


def _slack(value: str, keyring: Keyring | None, *, by_operator: bool) -> str | None:
    """The incoming webhook as ciphertext: whoever knows it can post there."""
    if not value:
        return None
    if keyring is None:
        raise TypeError("a secret needs the keyring")
    refuse_private(value, is_allowed=by_operator)
    return keyring.encrypt({"url": value, "by": "operator" if by_operator else "user"})


def _number(value: str, *, least: int, most: int, what: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9 and least <= int(value) <= most):
        raise UsageFault(f"{value!r} is no {what}.", remedy=f"Give a whole number from {least} to {most}.")
    return int(value)


def _hour(_tx: Session, _row: ConnectionRow, value: str) -> int:
    return _number(value, least=0, most=23, what="hour of the day")


def _minutes(_tx: Session, _row: ConnectionRow, value: str) -> int | None:
    """Empty: as the installation's setting says. Off: never by itself."""
    if not value:
        return None
    return 0 if value == "off" else _number(value, least=1, most=MOST_MINUTES, what="number of minutes")


def _digest(_tx: Session, _row: ConnectionRow, value: str) -> str:
    if value not in DIGESTS:
        raise UsageFault(f"{value!r} is no way to send a digest.", remedy=f"It is {', '.join(DIGESTS)}.")
    return value


MOST_DAYS = 36_500
MOST_MINUTES = 40_000
DIGESTS = ("email", "slack", "off")
SLACK = "slack_url"
Setter = Callable[[Session, ConnectionRow, str], Any]
SETTERS: Mapping[str, Setter] = {
    "notes": _notes,
    "retention_days": _days,
    "one_task_per_account": _switch,
    "account_sense": _switch,
    "write_ahead_days": _days,
    "fallback_owner": _owner,
    "sync_every_minutes": _minutes,
    "morning_hour": _hour,
    "digest": _digest,
    "digest_hour": _hour,
    "escalate_after_days": _days,
}
COLUMNS = {"fallback_owner": "fallback_owner_id"}
