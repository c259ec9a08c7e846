"""A CRM in memory that behaves like one: batches, partial failures, answers lost before and after the commit.

It keeps the contract that the real connectors keep (tests/contract/test_fake.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from connectors.base import (
    AccountActivity,
    Capability,
    Channel,
    Checkpoint,
    ContactConsent,
    CreateTask,
    DealConsent,
    DealState,
    DeleteTask,
    Description,
    Done,
    FieldChange,
    FieldMap,
    GoneDeal,
    Health,
    HealthCheck,
    MonthCount,
    OptOut,
    Owner,
    Page,
    Stage,
    TaskChange,
    TaskKey,
    TaskOutcome,
    TaskRef,
    TaskState,
    TaskStatus,
    Watermark,
    WriteFailure,
)
from connectors.errors import ConnectorError, Gone, NeedsReconnect, Rejected, Unclear
from connectors.fields import missing_fields
from connectors.http import Http, HttpSettings
from mappings.model import DealKey, LostDeal
from tests.fakes.account import ACCOUNT_ID, FIELDS, STAGES, WRITTEN
from tests.fakes.deals import activity_of, lost_by_month, pages, touched
from tests.fakes.tasks import REMOVED, FakeTask, changed, created

__all__ = ["ACCOUNT_ID", "Crash", "FakeConnector"]

NOW = datetime(2026, 11, 1, tzinfo=UTC)
T = TypeVar("T", TaskChange, FieldChange)
Outcome = TypeVar("Outcome")


class Crash(BaseException):
    """The process is killed here."""


def one_try() -> Http:
    """A door that repeats nothing, so that whoever uses the connector meets each failure."""
    return Http(HttpSettings(max_tries=1), sleep=lambda seconds: None, jitter=lambda: 0.5)


@dataclass
class Login:
    """The token a connector holds, and whether the CRM would give another."""

    is_valid: bool = True
    is_renewed: bool = True


@dataclass
class FakeConnector:
    """One CRM account. `batch` records go out in one request; each request is listed in `calls`.

    `before` and `after` are called around the commit of each request, with its kind: they may raise a ConnectorError
    (the request's answer), or Crash. What `after` raises comes after the CRM changed its records.
    `fields` are the values written to deals; `activity` overrides what the deals tell of an account; `opted_out` are
    the channels closed by contact; with
    `has_key_field` a task's key is unique, and the second write with it changes the task of the first.
    """

    batch: int = 3
    page_size: int = 100
    has_key_field: bool = False
    mapped: FieldMap = field(default_factory=dict)
    http: Http = field(default_factory=one_try)
    now: Callable[[], datetime] = lambda: NOW
    login: Login = field(default_factory=Login)
    tasks: dict[str, FakeTask] = field(default_factory=dict)
    deals: dict[str, DealState] = field(default_factory=dict)
    fields: dict[str, dict[str, str | None]] = field(default_factory=dict)
    stages: tuple[Stage, ...] = STAGES
    activity: dict[str, AccountActivity] = field(default_factory=dict)
    opted_out: dict[str, frozenset[Channel]] = field(default_factory=dict)
    owners: tuple[str, ...] = ("rep-1", "rep-2", "boss")
    inactive_owners: set[str] = field(default_factory=set)
    refuse: Callable[[TaskChange | FieldChange], ConnectorError | None] = lambda change: None
    before: Callable[[str], None] = lambda kind: None
    after: Callable[[str], None] = lambda kind: None
    calls: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    # --- what a test asks

    @property
    def created(self) -> int:
        """How many tasks were ever made."""
        return len(self.made)

    def live(self, key: str | None = None) -> list[FakeTask]:
        return [
            task
            for task in self.tasks.values()
            if task.status != TaskStatus.DELETED and (key is None or task.key == key)
        ]

    def open(self) -> list[FakeTask]:
        return [task for task in self.tasks.values() if task.status == TaskStatus.OPEN]

    def the_task(self) -> FakeTask:
        (task,) = self.open()
        return task

    def write_calls(self) -> list[str]:
        return [call for call in self.calls if call in {"write_tasks", "write_fields"}]

    # --- reads

    def check(self) -> Health:
        try:
            self._read("check")
        except ConnectorError as error:
            return Health(checks=(HealthCheck(check="login", ok=False, says=str(error)),))
        return Health(checks=(HealthCheck(check="login", ok=True, says="It works."),), account_id=ACCOUNT_ID)

    def describe(self) -> Description:
        self._read("describe")
        can = {Capability.WRITE_TASKS, Capability.WRITE_DEAL_FIELDS}
        return Description(
            account_id=ACCOUNT_ID,
            fields=FIELDS,
            stages=self.stages,
            owners=tuple(Owner(id=one, name=one, is_active=one not in self.inactive_owners) for one in self.owners),
            capabilities=frozenset(can | {Capability.TASK_KEY_FIELD} if self.has_key_field else can),
        )

    def changed_deals(self, since: Watermark | Checkpoint | None, /) -> Iterator[Page]:
        missing = tuple(f"The account has no field {name}." for _, name in missing_fields(self.mapped, FIELDS))

        def read() -> list[DealState]:
            self._read("changed_deals")
            return [self._deal(deal_id) for deal_id in self.deals]

        for page in pages(since, read=read, size=self.page_size):
            yield replace(page, warnings=missing)

    def get_deals(self, keys: Sequence[DealKey], /) -> Iterator[DealState]:
        self._read("get_deals")
        for key in dict.fromkeys(keys):
            yield self._deal(key.deal_id) if key.deal_id in self.deals else GoneDeal(key=key)

    def count_lost(self) -> Iterator[MonthCount]:
        self._read("count_lost")
        yield from lost_by_month(self.deals.values())

    def count_lost_total(self) -> int | None:
        self._read("count_lost_total")
        return sum(one.count for one in lost_by_month(self.deals.values()))

    def account_activity(self, account_ids: Sequence[str], /) -> Iterator[AccountActivity]:
        self._read("account_activity")
        for id_ in account_ids:
            yield self.activity.get(id_) or activity_of(id_, self.deals.values())

    def read_consent(self, keys: Sequence[DealKey], /) -> Iterator[DealConsent]:
        self._read("read_consent")
        for key in dict.fromkeys(keys):
            deal = self.deals.get(key.deal_id)
            if isinstance(deal, LostDeal):
                people = () if deal.contact_id is None else (self._consent_of(deal.contact_id),)
                own = OptOut(field="Leave_Alone", channel=Channel.ANY, is_set=deal.do_not_contact)
                yield DealConsent(key=key, own=(own,), contacts=people)

    def _consent_of(self, contact_id: str) -> ContactConsent:
        closed = self.opted_out.get(contact_id, frozenset())
        flags = {"No_Mail": Channel.EMAIL, "No_Calls": Channel.PHONE}
        told = (OptOut(field=name, channel=one, is_set=one in closed) for name, one in flags.items())
        return ContactConsent(contact_id=contact_id, flags=tuple(told))

    def find_tasks(self, keys: Sequence[TaskKey], /) -> Iterator[TaskRef]:
        self._read("find_tasks")
        wanted = {key.key: key for key in keys}
        for task in self.live():
            if task.key in wanted:
                yield task.ref(wanted[task.key])

    def changed_tasks(self, since: Watermark | None, refs: Sequence[TaskRef], /) -> Iterator[TaskState]:
        self._read("changed_tasks")
        for ref in refs:
            task = self.tasks.get(ref.task_id)
            if task is None or task.status == TaskStatus.DELETED:
                yield TaskState(task_id=ref.task_id, status=TaskStatus.DELETED)
            elif since is None or task.snapshot != ref.snapshot:
                yield TaskState(task_id=task.id, status=task.status, snapshot=task.snapshot)

    def deal_url(self, key: DealKey, /) -> str:
        return f"https://crm.example/deals/{key.deal_id}"

    # --- writes

    def write_tasks(self, changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        def lost(change: TaskChange, error: ConnectorError) -> TaskOutcome:
            return WriteFailure(key=change.key, deal=change.key.deal, error=error)

        yield from self._in_batches("write_tasks", changes, self._write_task, lost)

    def write_fields(self, changes: Sequence[FieldChange], /) -> Iterator[Done | WriteFailure]:
        def lost(change: FieldChange, error: ConnectorError) -> Done | WriteFailure:
            return WriteFailure(key=None, deal=change.deal, error=error)

        yield from self._in_batches("write_fields", changes, self._write_field, lost)

    def _in_batches(
        self,
        kind: str,
        changes: Sequence[T],
        write: Callable[[T], Outcome],
        failed: Callable[[T, ConnectorError], Outcome],
    ) -> Iterator[Outcome]:
        """Each change on its own inside its request; a request whose answer is lost is unclear for all of them."""

        def one(change: T) -> Outcome:
            error = self.refuse(change)
            try:
                return failed(change, error) if error else write(change)
            except ConnectorError as refused:
                return failed(change, refused)

        def every(part: Sequence[T]) -> list[Outcome]:
            return [one(change) for change in part]

        for start in range(0, len(changes), self.batch):
            part = changes[start : start + self.batch]
            try:
                yield from self._send(kind, partial(every, part))
            except Unclear as error:
                yield from [failed(change, error) for change in part]

    def _write_task(self, change: TaskChange) -> TaskRef:
        if isinstance(change, CreateTask):
            task = self._created(change)
        else:
            standing = self.tasks.get(change.task_id)
            if standing is None or standing.status == TaskStatus.DELETED:
                if isinstance(change, DeleteTask):
                    return TaskRef(key=change.key, task_id=change.task_id, snapshot=REMOVED)
                raise Gone("The task no longer exists.")
            task = changed(standing, change)
        self.tasks[task.id] = task
        return task.ref(change.key)

    def _created(self, change: CreateTask) -> FakeTask:
        self._standing(change.key.deal)
        if change.owner_id in self.inactive_owners:
            raise Rejected("The user is inactive.", code="INACTIVE_OWNER_OR_USER", fields=("OwnerId",))
        if self.has_key_field and (same := self.live(change.key.key)):
            return changed(same[0], change)
        self.made.append(f"T{len(self.made) + 1}")
        return created(change, id_=self.made[-1], at=NOW + timedelta(seconds=len(self.made)))

    def _write_field(self, change: FieldChange) -> Done:
        deal = self._standing(change.deal)
        if unknown := change.values.keys() - WRITTEN:
            raise Rejected("There is no such field.", code="INVALID_FIELD", fields=sorted(unknown))
        self.fields.setdefault(deal.key.deal_id, {}).update(change.values)
        self.deals[deal.key.deal_id] = touched(deal, self.now())
        return Done(deal=change.deal)

    def _standing(self, key: DealKey) -> DealState:
        deal = self.deals.get(key.deal_id)
        if deal is None or isinstance(deal, GoneDeal):
            raise Gone("The deal no longer exists.")
        return deal

    def _deal(self, deal_id: str) -> DealState:
        deal = self.deals[deal_id]
        if not isinstance(deal, GoneDeal):
            return replace(deal, outputs={**deal.outputs, **self.fields.get(deal_id, {})})
        return deal

    # --- requests

    def _read(self, kind: str) -> None:
        self.http.retrying(lambda: self._send(kind, lambda: None))

    def _send(self, kind: str, commit: Callable[[], Outcome]) -> Outcome:
        """One request, with a new token before it where the present one is no longer accepted."""
        if not self.login.is_valid:
            self.http.calls.add("token")
            if not self.login.is_renewed:
                raise NeedsReconnect("The CRM refuses the credentials.", remedy="Connect again.")
            self.login.is_valid = True
        self.calls.append(kind)
        self.http.calls.add(kind)
        self.before(kind)
        with self.lock:
            told = commit()
        self.after(kind)
        return told
