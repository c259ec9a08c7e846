"""New keys: every stored secret sealed with the first key of the ring, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from service.config import Settings
from service.errors import UsageFault
from service.security.keyring import Keyring, add_key, drop_old_keys, load_keyring, names_of
from service.store.sealed import sealed_columns, stored_ciphertexts
from service.store.session import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationReport:
    """The key in force, how many secrets were sealed anew, and how many old keys the key file let go."""

    key: str
    sealed: int
    dropped: int = 0


def rotate_key(store: Store, settings: Settings) -> RotationReport:
    """Seal every stored secret with a new key; the old one stays readable until it is dropped.

    Where the keys are the operator's own (REKINDLE_ENCRYPTION_KEYS) the new one is the first of them; raises UsageFault
    where there is no other. A rotation that was stopped is gone on with: no second new key is made.
    """
    with store.read() as tx:
        kept = list(stored_ciphertexts(tx.connection()))
    ring = load_keyring(settings, ciphertexts=kept)
    if set(names_of(kept)) <= {ring.first}:
        if settings.encryption_keys:
            _refuse_without_a_new_key(settings)
        else:
            add_key(settings.home)
            ring = load_keyring(settings, ciphertexts=kept)
    return RotationReport(key=ring.first, sealed=_seal_all(store, ring))


def forget_old_keys(store: Store, settings: Settings) -> RotationReport:
    """Seal with the first key what a process that ran meanwhile sealed with an old one, and drop the old ones."""
    if settings.encryption_keys:
        raise UsageFault(
            "The keys are your own, in REKINDLE_ENCRYPTION_KEYS.", remedy="Take the old one out of it yourself."
        )
    with store.read() as tx:
        ring = load_keyring(settings, ciphertexts=list(stored_ciphertexts(tx.connection())))
    sealed = _seal_all(store, ring)
    return RotationReport(key=ring.first, sealed=sealed, dropped=drop_old_keys(settings.home))


def _refuse_without_a_new_key(settings: Settings) -> None:
    if len(settings.encryption_keys) == 1:
        raise UsageFault(
            "REKINDLE_ENCRYPTION_KEYS holds one key, and everything is sealed with it.",
            remedy="Put a new key before it, start every process with both, and run this again.",
        )


def _seal_all(store: Store, ring: Keyring) -> int:
    """One unit of work: whoever saves a token meanwhile waits for its end."""
    with store.begin() as tx:
        return sum(_seal(tx, ring, table, column) for table, column in sealed_columns())


def _seal(tx: Session, ring: Keyring, table: Table, column: Column[str]) -> int:
    keys = list(table.primary_key.columns)
    rows = tx.execute(select(column, *keys).where(column.is_not(None)).with_for_update(key_share=True)).all()
    old = [row for row in rows if row[0] and names_of([row[0]]) != (ring.first,)]
    for row in old:
        where = [key == value for key, value in zip(keys, row[1:], strict=True)]
        tx.execute(update(table).where(*where).values({column.name: ring.encrypt(ring.decrypt(row[0]))}))
    return len(old)
