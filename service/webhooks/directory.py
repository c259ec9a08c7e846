"""Which connections there are, and what their senders prove themselves by: remembered for a moment.

Reading and decrypting them for every webhook would cost more than all the rest of it. What is refused by what is
remembered is tried against the database, so that a connection made just now is known at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from connectors.webhooks import WebhookSecrets
from service.bootstrap import App
from service.connections.connect import WEBHOOK_SECRET
from service.connections.webhook_keys import read_webhook_keys
from service.errors import UsageFault
from service.observe.logging import logger
from service.store.models import ConnectionRow

LEAST_AGE_S = 0.1
NO_WAIT_S, FOR_EVER_S = 0.0, -1.0
log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One connection. `own` are the secrets its CRM signs with, `secrets` those of any other sender."""

    id: int
    name: str
    crm: str
    account_id: str
    own: tuple[str, ...] = field(default=(), repr=False)
    tokens: tuple[str, ...] = field(default=(), repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The connections as they were at one moment."""

    by_name: dict[str, Entry]
    loaded_at: float

    def of_account(self, crm: str, account_id: str) -> Entry | None:
        """The connection to that account, if there is one."""
        return next((one for one in self.by_name.values() if (one.crm, one.account_id) == (crm, account_id)), None)

    def signing_secrets(self, crm: str, app_secrets: tuple[str, ...], *, allows_v1: bool) -> WebhookSecrets:
        """What signed webhooks of a CRM are checked against."""
        own = {one.account_id: one.own for one in self.by_name.values() if one.crm == crm and one.own}
        return WebhookSecrets(app=app_secrets, by_account=own, allows_v1=allows_v1)

    def tokens(self, crm: str, name: str) -> WebhookSecrets:
        """What the token in a connection's address is checked against."""
        entry = self.by_name.get(name)
        return WebhookSecrets(by_account={entry.account_id: entry.tokens} if entry and entry.crm == crm else {})


class Directories:
    """The directory in force; read again when it is old, or when asked to."""

    def __init__(self, app: App, *, monotonic: Callable[[], float]) -> None:
        self._app = app
        self._monotonic = monotonic
        self._found: Directory | None = None
        self._lock = threading.Lock()

    def current(self) -> Directory:
        """The directory, at most `webhook_directory_s` old. Raises what the database raises where it was never read."""
        found = self._found
        if found is not None and self._age(found) <= self._app.settings.webhook_directory_s:
            return found
        # While one thread reads, on a database that hangs, the others go on with what they have.
        return self._load(found, patience_s=NO_WAIT_S if found else FOR_EVER_S)

    def newer(self, than: Directory) -> Directory | None:
        """A directory read after that one, or None where that is as good as new: whoever guesses reads no more."""
        if self._age(than) < LEAST_AGE_S:
            return None
        found = self._load(than, patience_s=self._app.settings.webhook_commit_timeout_s)
        return found if found is not than else None

    def _age(self, found: Directory) -> float:
        return self._monotonic() - found.loaded_at

    def _load(self, former: Directory | None, *, patience_s: float) -> Directory:
        if not self._lock.acquire(timeout=patience_s) and former is not None:
            return former
        try:
            found = self._found
            if found is not None and found is not former:
                return found  # another thread was first
            at = self._monotonic()
            with self._app.store.read() as tx:
                rows = tx.scalars(select(ConnectionRow)).all()
            self._found = Directory(by_name={row.name: self._entry(row) for row in rows}, loaded_at=at)
            return self._found
        finally:
            self._lock.release()

    def _entry(self, row: ConnectionRow) -> Entry:
        plain = Entry(id=row.id, name=row.name, crm=row.crm, account_id=row.account_id)
        try:
            keys = read_webhook_keys(row, self._app.keyring)
            own = self._app.keyring.decrypt(row.credentials).get(WEBHOOK_SECRET, "") if row.credentials else ""
        except UsageFault as error:
            log.warning("A connection's webhook keys cannot be read.", connection=row.name, says=str(error))
            return plain
        now = self._app.now()
        # Whoever knows the CRM's own secret, or the token, may name deals anyway: they sign for any sender too.
        signing = (*(keys.secrets(now) + keys.tokens(now) if keys else ()), *filter(None, [own]))
        return Entry(
            id=row.id,
            name=row.name,
            crm=row.crm,
            account_id=row.account_id,
            own=tuple(filter(None, [own])),
            tokens=keys.tokens(now) if keys else (),
            secrets=signing,
        )
