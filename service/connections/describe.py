"""Keeping what is known of a CRM account fresh: its zone, people, stages and labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from connectors.base import Description, FieldMap, Role
from connectors.fields import missing_fields
from service.errors import RekindleError
from service.store.connections import save_owners
from service.store.models import ConnectionRow
from service.store.reminders import lock_connection
from service.store.stated_values import LISTS


def keep_description(tx: Session, connection: ConnectionRow, found: Description) -> list[str]:
    """Store a fresh description; warnings about mapped fields that are gone, and those of the CRM.

    Only what was described is set, on the row as it is now: describing takes a while, and a hold put on in the
    meantime, or a token renewed, must stand. Raises RekindleError where the account is another one.
    """
    refuse_other_account(connection, found)
    row = lock_connection(tx, connection.id)
    row.account_name, row.zone, row.described = found.account_name, found.zone, _record(found, row)
    row.options = {**found.found_options, **row.options}
    save_owners(tx, row.id, found.owners)
    tx.flush()
    return [*unsaid(found.warnings, connection, found), *vanished(connection, found)]


def refuse_other_account(connection: ConnectionRow, found: Description) -> None:
    """Raise RekindleError where the credentials open another account than the one whose deals are stored."""
    if found.account_id != connection.account_id:
        raise RekindleError(
            f"{connection.name} is connected to account {connection.account_id}, but its credentials open "
            f"{found.account_id} now; nothing was read or written.",
            remedy=f"Enter the right ones with `rekindle connect {connection.crm} {connection.name}`, "
            "or connect the other account under a name of its own.",
        )


def vanished(connection: ConnectionRow, found: Description) -> list[str]:
    """A sentence for each mapped field that the account no longer shows."""
    if not found.fields:
        return []
    return [
        f"{connection.name}: the field {name} ({role}) is not there any more, or hidden; it is left out."
        for role, name in missing_fields(mapped_fields(connection), found.fields)
    ]


def unsaid(warnings: Iterable[str], connection: ConnectionRow, found: Description) -> list[str]:
    """A connector's warnings, each opening with the connection, but for those about fields that `vanished` names."""
    gone = [name for _, name in missing_fields(mapped_fields(connection), found.fields)] if found.fields else []
    kept = [line for line in warnings if not any(name in line for name in gone)]
    return [line if connection.name in line else f"{connection.name}: {line}" for line in kept]


def mapped_fields(connection: ConnectionRow) -> FieldMap:
    """A connection's stored field mapping."""
    return {Role(role): tuple(names) for role, names in connection.fields.items()}


def _record(found: Description, row: ConnectionRow) -> dict[str, Any]:
    reasons = mapped_fields(row).get(Role.REASON, ())
    return {
        "currency": found.currency,
        "capabilities": sorted(found.capabilities),
        "stages": [
            {"id": stage.id, "label": stage.label, "pipeline": stage.pipeline, "lost": stage.is_lost}
            for stage in found.stages
        ],
        "warnings": list(found.warnings),
        LISTS: sorted(one.name for one in found.fields if one.values and one.name in reasons),
    }
