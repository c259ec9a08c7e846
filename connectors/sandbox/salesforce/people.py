"""The tests' handle on an org: look at its records, and act on them as a person at a screen would."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from connectors.sandbox.salesforce.ids import to_18
from connectors.sandbox.salesforce.store import Record, Store
from connectors.sandbox.salesforce.writing import Writer

if TYPE_CHECKING:
    from connectors.sandbox.salesforce.loading import Loader
    from connectors.sandbox.salesforce.oauth import Tokens
    from connectors.sandbox.salesforce.settings import OrgSettings

_OWN_STAMPS = {
    "SystemModstamp", "LastModifiedDate", "LastModifiedById", "LastActivityDate", "HasOpenActivity", "CreatedDate",
    "CompletedDateTime",
}  # fmt: skip


P = ParamSpec("P")
T = TypeVar("T")


def _in_turn(act: Callable[Concatenate[People, P], T]) -> Callable[Concatenate[People, P], T]:
    """Let a test's act wait for the request that is being answered, and the other way round."""

    @functools.wraps(act)
    def wrapped(self: People, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.lock:
            return act(self, *args, **kwargs)

    return wrapped


class People:
    """What somebody other than the API does. Each act is a user's (their id, or the first user's).

    People have every right on records, and no lock or rule of the admin's stops them.
    """

    lock: threading.RLock
    store: Store
    settings: OrgSettings
    writer: Writer
    tokens: Tokens
    loaded: Loader
    organization_id: str
    last_seen: datetime  # the time of the last request

    def credentials(self) -> dict[str, str]:
        """What a connection needs to come in."""
        settings = self.settings
        return {
            "client_id": settings.client_id, "client_secret": settings.client_secret, "username": settings.username,
            "account_id": self.organization_id,
        }  # fmt: skip

    def lift_limits(self) -> None:
        """No daily limit, and pages as large as asked: for benchmarks."""
        self.settings.daily_limit = 10**9
        self.settings.long_text_page_size = None

    def record(self, name: str, record_id: str) -> Record:
        """A record as it is now, deleted or not. Raises KeyError."""
        return copy.copy(self.store.tables[name][to_18(record_id) or record_id])

    @_in_turn
    def records(self, name: str) -> list[Record]:
        """The live records of one kind."""
        return [copy.copy(row) for row in self.store.tables[name].values() if not row.get("IsDeleted")]

    def tasks(self) -> list[Record]:
        """The live tasks."""
        return self.records("Task")

    def lost_deals(self) -> list[Record]:
        """The live deals that are closed and not won."""
        return [row for row in self.records("Opportunity") if row["IsClosed"] and not row["IsWon"]]

    def snapshot(self) -> dict[str, dict[str, Record]]:
        """The live records that a connector could have changed, without the stamps that any touch moves."""
        return {
            name: {
                row["Id"]: {field: value for field, value in row.items() if field not in _OWN_STAMPS}
                for row in self.records(name)
            }
            for name in ("Account", "Contact", "Opportunity", "Task")
        }

    @_in_turn
    def add(self, name: str, /, *, at: datetime | None = None, **fields: Any) -> str:
        """A person makes a record; its id. Here and below, `at` is the time of the last request unless given."""
        now = at or self.last_seen
        record_id = self._as_person(None).create(self.store.schema[name], fields, now)
        self._publish_late(name, record_id, None, now)
        return record_id

    @_in_turn
    def edit(
        self, name: str, record_id: str, /, *, at: datetime | None = None, by: str | None = None, **fields: Any
    ) -> Record:
        """A person changes a record; derived fields follow, as after any write. Raises RefusedError."""
        now = at or self.last_seen
        found = to_18(record_id) or record_id
        before = self.store.tables[name][found]
        self._as_person(by).update(self.store.schema[name], found, fields, now)
        self._publish_late(name, found, before, now)
        return self.record(name, found)

    @_in_turn
    def put(self, name: str, record_id: str, /, **fields: Any) -> Record:
        """Set fields behind the org's back: no checks, no stamps but those given."""
        return copy.copy(self.store.touch(name, to_18(record_id) or record_id, fields))

    @_in_turn
    def delete(self, name: str, record_id: str, *, at: datetime | None = None) -> None:
        """A person deletes a record."""
        self.store.delete(name, to_18(record_id) or record_id, at or self.last_seen, by=self._person())

    @_in_turn
    def undelete(self, name: str, record_id: str, *, at: datetime | None = None) -> None:
        """A person takes a record out of the recycle bin."""
        self.store.undelete(name, to_18(record_id) or record_id, at or self.last_seen, by=self._person())

    @_in_turn
    def purge(self, name: str, record_id: str) -> None:
        """The recycle bin loses a record: only the delete log knows it."""
        self.store.purge(name, to_18(record_id) or record_id)

    @_in_turn
    def merge(self, name: str, *, survivor: str, absorbed: str, at: datetime | None = None) -> None:
        """A person merges two accounts or contacts."""
        self.store.merge(name, survivor, absorbed, at or self.last_seen, by=self._person())

    @property
    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """What may be asked of the org over /__sandbox__/<verb>, by tests in another process."""
        return {
            "snapshot": lambda _now: self.snapshot(),
            "records": lambda _now, object: self.records(object),  # noqa: A006  # the payload's words, here and below
            "add": lambda now, object, fields: self.add(object, at=now, **fields),  # noqa: A006
            "edit": lambda now, object, id, fields: self.edit(object, id, at=now, **fields),  # noqa: A006
            "put": lambda _now, object, id, fields: self.put(object, id, **fields),  # noqa: A006
            "delete": lambda now, object, id: self.delete(object, id, at=now),  # noqa: A006
            "undelete": lambda now, object, id: self.undelete(object, id, at=now),  # noqa: A006
            "purge": lambda _now, object, id: self.purge(object, id),  # noqa: A006
            "merge": lambda now, object, **ids: self.merge(object, at=now, **ids),  # noqa: A006
            "expire_tokens": lambda _now: self.tokens.expire_all(),
            "settings": lambda _now, **values: self._set(values),
        }

    def _set(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if not hasattr(self.settings, name):
                raise LookupError(name)
            setattr(self.settings, name, value)

    def _person(self) -> str:
        return next(iter(self.loaded.users.values()), self.loaded.robot)

    def _as_person(self, by: str | None) -> Writer:
        free = replace(self.settings, can_write=frozenset(self.store.schema), locked_rows={}, validation_rules=[])
        return Writer(self.store, free, by or self._person(), currency=self.writer.currency)

    def _publish_late(self, name: str, record_id: str, before: Record | None, now: datetime) -> None:
        if self.settings.late_seconds:
            until = now + timedelta(seconds=self.settings.late_seconds)
            self.store.hide(name, record_id, before, until=until)
