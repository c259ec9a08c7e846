"""One person's data: all that is stored of them, as a document, or taken out for good.

Contacts are stored by the CRM's id alone. A person is found by those ids, and by their e-mail address and names
wherever these stand in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, Table, delete, select, text, update
from sqlalchemy.orm import Session

from service.errors import UsageFault
from service.keeping.free_text import cut_words
from service.keeping.tables import is_document, kept_tables, read_rows
from service.store.bulk import update_rows
from service.store.models import (
    ConsentRow,
    DealContactRow,
    DealRow,
    DocumentColumns,
    DraftRow,
    PreviewRow,
    TaskRefRow,
    UserRow,
)
from service.store.sealed import sealed_columns
from service.store.session import Store

REMOVED = "[removed]"
SECRET = frozenset({"password_hash", "token_hash", "code_hash"})
DOCUMENTS = frozenset(
    {kind.__tablename__ for kind in DocumentColumns.__subclasses__()}
    | {DraftRow.__tablename__, PreviewRow.__tablename__}
)
"""Rules in people's own words, whose version is a hash of them: an editor takes a name out, not we."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom it is about: an address, the names they are written by, and their ids in the CRMs."""

    email: str
    names: tuple[str, ...] = ()
    contact_ids: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Their address and names, as whole words, however they are spelt in capitals."""
        return re.compile(rf"(?<!\w)(?:{self.hint.pattern})(?!\w)", re.IGNORECASE)

    @property
    def hint(self) -> re.Pattern[str]:
        """The same anywhere: for JSON, where the end of a line is a letter."""
        words = sorted((self.email, *self.names), key=len, reverse=True)
        return re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Removal:
    """What was taken out: rows by table in which words were replaced, contacts removed from deals, and in which
    documents the person is still named."""

    rows: dict[str, int] = field(default_factory=dict)
    contacts: int = 0
    deals: int = 0
    still_named_in: list[str] = field(default_factory=list)


def export_person(store: Store, person: Person) -> dict[str, Any]:
    """All that is stored of the person: rows by table, secrets left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    with store.read() as tx:
        connection = tx.connection()
        deals = _deals_of(tx, person)
        for table, names in kept_tables(connection):
            for row in _rows_of(connection, table, names, person, deals):
                found.setdefault(str(table.name), []).append(row)
    return {"email": person.email, "names": person.names, "contact_ids": person.contact_ids, "found": found}


def delete_person(store: Store, person: Person) -> Removal:
    """Take the person out, in one unit of work, and have the database overwrite what was there.

    What the CRM still says of them is read again when a deal of theirs changes: remove them there first. Raises
    UsageFault for somebody who may sign in here.
    """
    report = Removal()
    with store.begin() as tx:
        user = tx.scalar(select(UserRow).where(UserRow.email == person.email.casefold()))
        if user is not None and user.is_active:
            raise UsageFault(
                f"{person.email} may sign in here; nothing was removed.",
                remedy=f"Switch them off first: `rekindle admin users off {person.email}`.",
            )
        if user is not None:
            tx.execute(delete(UserRow).where(UserRow.id == user.id))
        _leave_their_deals(tx, person, report)
        _replace_words(tx, person, report)
    overwrite_freed(store)
    return report


def overwrite_freed(store: Store) -> None:
    """Have nothing of removed rows left in the database's files."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))
        return
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("VACUUM").close()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _deals_of(tx: Session, person: Person) -> frozenset[int]:
    if not person.contact_ids:
        return frozenset()
    on_deals = select(DealContactRow.deal_id).where(DealContactRow.contact_id.in_(person.contact_ids))
    asked = select(ConsentRow.deal_id).where(ConsentRow.contact_id.in_(person.contact_ids))
    first = select(DealRow.id).where(DealRow.record["contact_id"].as_string().in_(person.contact_ids))
    return frozenset((*tx.scalars(on_deals), *tx.scalars(asked), *tx.scalars(first)))


def _leave_their_deals(tx: Session, person: Person, report: Removal) -> None:
    deals = _deals_of(tx, person)
    cut_words(tx, deals)
    rows = tx.execute(select(DealRow.id, DealRow.record).where(DealRow.id.in_(deals))).all()
    gone = [row for row in rows if row.record.get("contact_id") in person.contact_ids]
    update_rows(tx, DealRow, [{"id": row.id, "record": {**row.record, "contact_id": None}} for row in gone])
    removed = delete(DealContactRow).where(DealContactRow.contact_id.in_(person.contact_ids))
    tx.execute(delete(ConsentRow).where(ConsentRow.contact_id.in_(person.contact_ids)))
    report.deals = len(deals)
    report.contacts = len(tx.scalars(removed.returning(DealContactRow.deal_id)).all())


def _replace_words(tx: Session, person: Person, report: Removal) -> None:
    connection = tx.connection()
    for table, names in kept_tables(connection):
        name = str(table.name)
        for row in list(_named(connection, table, names, person)):
            if name in DOCUMENTS:
                report.still_named_in.append(f"{name} {row['id'] if 'id' in row else row['kind']}")
                continue
            _save_without(tx, table, row, person.pattern)
            report.rows[name] = report.rows.get(name, 0) + 1


def _save_without(tx: Session, table: Table, row: dict[str, Any], pattern: re.Pattern[str]) -> None:
    values: dict[str, Any] = {}
    keys = [table.c[column.name] == row[column.name] for column in table.primary_key.columns]
    for name, value in row.items():
        there = _read(table, name, value)
        if (cleaned := _without(there, pattern)) == there:
            continue
        values[name] = cleaned
        if table.name == TaskRefRow.__tablename__ and name == "written":
            values[name]["body"] = (
                None  # nothing to compare with: what stands in the CRM is not taken for a rep's words
            )
    tx.execute(update(table).where(*keys).values(values))


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(REMOVED, value)
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, pattern) for name, one in value.items()}
    return value


def _named(connection: Connection, table: Table, names: Sequence[str], person: Person) -> Iterator[dict[str, Any]]:
    """The rows whose words name the person."""
    for raw in read_rows(connection, table, names):
        if person.hint.search(raw.decode()) and _names(table, row := _row(raw, names), person.pattern):
            yield row


def _row(raw: bytes, names: Sequence[str]) -> dict[str, Any]:
    return dict(zip(names, orjson.loads(raw), strict=True))


def _names(table: Table, row: Mapping[str, Any], pattern: re.Pattern[str]) -> bool:
    values = (_read(table, name, value) for name, value in row.items())
    return any(value != _without(value, pattern) for value in values)


def _read(table: Table, name: str, value: Any) -> Any:
    return orjson.loads(value) if value is not None and is_document(table.c[name]) else value


def _rows_of(
    connection: Connection, table: Table, names: Sequence[str], person: Person, deals: frozenset[int]
) -> Iterator[dict[str, Any]]:
    """The rows that name the person, and those of a deal that they are a contact of, but for other contacts' own."""
    deal = "id" if table.name == DealRow.__tablename__ else "deal_id"
    hidden = SECRET | {column.name for owner, column in sealed_columns() if owner is table}
    for raw in read_rows(connection, table, names):
        row = _row(raw, names)
        is_named = person.hint.search(raw.decode()) and _names(table, row, person.pattern)
        is_anothers = (row.get("contact_id") or "") not in ("", *person.contact_ids)
        if is_named or (row.get(deal) in deals and not is_anothers):
            yield {name: _read(table, name, value) for name, value in row.items() if name not in hidden}
