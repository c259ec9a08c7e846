"""Where a connection's access token is kept between processes: encrypted, with one refresher at a time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from service.security.keyring import Keyring
from service.store.connections import drop_token_lease, take_token_lease
from service.store.models import ConnectionRow
from service.store.session import Store

POLL_S = 0.2
SAVE_TRIES = 20
SAVE_PAUSE_S = 1.0


class StoredTokens:
    """The token of one connection. Implements the connectors' TokenStore."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        connection_id: int,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        lease_s: float,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._connection_id = connection_id
        self._now = now
        self._sleep = sleep
        self._lease_s = lease_s

    def load(self) -> Mapping[str, str] | None:
        """The stored token's parts, or None."""
        with self._store.read() as tx:
            token = tx.scalar(select(ConnectionRow.token).where(ConnectionRow.id == self._connection_id))
        return self._keyring.decrypt(token) if token else None

    def save(self, token: Mapping[str, str], /) -> None:
        """Keep the token, durably, before it is used. A database that is away for a moment is waited for.

        A rotated token that is not saved is lost for good, and with it the access.
        """
        encrypted = self._keyring.encrypt(token)
        for _ in range(SAVE_TRIES - 1):
            try:
                return self._save(encrypted)
            except (OperationalError, InterfaceError):
                self._sleep(SAVE_PAUSE_S)
        return self._save(encrypted)

    def _save(self, encrypted: str) -> None:
        with self._store.begin() as tx:
            row = update(ConnectionRow).where(ConnectionRow.id == self._connection_id)
            tx.execute(row.values(token=encrypted))

    def lease(self) -> AbstractContextManager[None]:
        """Only one process at a time is inside. A killed one's lease runs out."""
        return self._leased()

    @contextmanager
    def _leased(self) -> Iterator[None]:
        holder = secrets.token_hex(16)
        while not self._take(holder):
            self._sleep(POLL_S)
        try:
            yield
        finally:
            with self._store.begin() as tx:
                drop_token_lease(tx, self._connection_id, by=holder)

    def _take(self, holder: str) -> bool:
        now = self._now()
        until = now + timedelta(seconds=self._lease_s)
        with self._store.begin() as tx:
            return take_token_lease(tx, self._connection_id, by=holder, until=until, now=now)


class UnkeptTokens:
    """The token of a connection that is not saved yet: kept for as long as it is tried."""

    def __init__(self) -> None:
        self._token: Mapping[str, str] | None = None

    def load(self) -> Mapping[str, str] | None:
        """The token saved before, or None."""
        return self._token

    def save(self, token: Mapping[str, str], /) -> None:
        """Keep the token for this try."""
        self._token = token

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Nobody else knows of this token."""
        yield
