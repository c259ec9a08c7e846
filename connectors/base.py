"""What a CRM looks like from outside: one interface, and the values that pass through it.

Everything here is plain data. Reads and writes are batches as large as the CRM takes; the connector splits them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from connectors.errors import ConnectorError
from connectors.http import Http
from mappings.model import DealKey, LostDeal
from mappings.task_text import TaskText


class Role(StrEnum):
    """What a CRM field is for. `--field ROLE=CRM_FIELD` names these."""

    REASON = "reason"
    NOTES = "notes"
    COMPETITOR = "competitor"
    CONTRACT_END = "contract_end"
    FISCAL_YEAR_START_MONTH = "fiscal_year_start_month"
    DO_NOT_CONTACT = "do_not_contact"
    CATEGORY_OUT = "category_out"
    SUB_REASON_OUT = "sub_reason_out"
    NEXT_FOLLOW_UP_OUT = "next_follow_up_out"


FieldMap = Mapping[Role, tuple[str, ...]]
"""CRM fields by role, in order. Only `reason` and `notes` may have several."""


class Capability(StrEnum):
    """What an account can do; asked for instead of the CRM's name."""

    TASK_KEY_FIELD = "task_key_field"  # a unique field on tasks holds our key: the first write can be an upsert
    BULK_READ = "bulk_read"
    WRITE_TASKS = "write_tasks"
    WRITE_DEAL_FIELDS = "write_deal_fields"
    DELETED_LOG = "deleted_log"
    WEBHOOKS = "webhooks"


# --- reading deals -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far an ordered stream of changes has been read: the stamp, and the id among equal stamps."""

    stamp: datetime
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A resumable place inside a long read. `cursor` is the connector's own text; nobody else reads it."""

    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeal:
    """A deal that is not closed. Known lost deals that turn up as this were reopened."""

    key: DealKey
    account_id: str | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WonDeal:
    """A deal that is closed and won."""

    key: DealKey
    won_on: date | None = None
    account_id: str | None = None
    modified_at: datetime | None = None


class GoneHow(StrEnum):
    """Why a deal is no longer there."""

    DELETED = "deleted"
    MERGED = "merged"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneDeal:
    """A deal that no longer exists. `merged_into` is the surviving deal's id, where the CRM tells."""

    key: DealKey
    how: GoneHow = GoneHow.NOT_FOUND
    merged_into: str | None = None


DealState = LostDeal | OpenDeal | WonDeal | GoneDeal


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRecord:
    """One record that could not be understood; the others of its page go on."""

    record_id: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a read. Save it, then its `checkpoint`.

    `checkpoint` is None on the last page. `watermark` is set on the last page only: the point from which the next
    incremental read starts (the connector subtracts its own overlap when it reads).
    """

    deals: tuple[DealState, ...]
    checkpoint: Checkpoint | None = None
    watermark: Watermark | None = None
    unreadable: tuple[UnreadableRecord, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCount:
    """The CRM's own count of closed-lost deals by month of the close date. `month` is YYYY-MM, "" without one."""

    month: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountActivity:
    """What happens at a prospect's account, for sensing before a write.

    `last_activity_on` leaves out our own tasks. `won_on` is the latest win.
    """

    account_id: str
    open_deal_ids: tuple[str, ...] = ()
    won_on: date | None = None
    last_activity_on: date | None = None


# --- what the account is like ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """A field of deals, accounts or companies. `name` is as `--field` takes it (Account.Name__c, company.name)."""

    name: str
    label: str
    type: str  # the CRM's own word
    values: tuple[tuple[str, str], ...] = ()  # (value, label) of a picklist, inactive ones included
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A deal stage. Lost and won come from its flags, never from its label."""

    id: str
    label: str
    pipeline: str = ""
    is_lost: bool = False
    is_won: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A user who can own deals and tasks. `zone` is an IANA name, where the CRM tells it."""

    id: str
    email: str = ""
    name: str = ""
    is_active: bool = True
    manager_id: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What `describe` found: the CRM account, its fields, stages and people, and what it can do."""

    account_id: str
    account_name: str = ""
    zone: str = "UTC"
    currency: str | None = None
    fields: tuple[FieldInfo, ...] = ()
    stages: tuple[Stage, ...] = ()
    owners: tuple[Owner, ...] = ()
    capabilities: frozenset[Capability] = frozenset()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One line of `doctor`: what was checked, whether it holds, and what to do if not."""

    check: str
    ok: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The checks of one connection. `account_id` is set when the credentials work."""

    checks: tuple[HealthCheck, ...]
    account_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)


# --- tasks and fields --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskKey:
    """The idempotency key of a step ([A-Za-z0-9_-], at most 64 characters), and the deal it belongs to."""

    key: str
    deal: DealKey


class TaskStatus(StrEnum):
    """What a task can be, in our words."""

    OPEN = "open"
    COMPLETED = "completed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSnapshot:
    """A task as the CRM holds it. `body` is normalised by the connector (tags and white space), so that what we
    wrote and what we read back compare equal unless a person changed it."""

    subject: str
    body: str
    due_on: date | None
    owner_id: str | None
    status: TaskStatus = TaskStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRef:
    """A task of ours in the CRM: its id there, and its content as of this call."""

    key: TaskKey
    task_id: str
    snapshot: TaskSnapshot
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """A task read back. For a deleted one the snapshot may be None."""

    task_id: str
    status: TaskStatus
    snapshot: TaskSnapshot | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    """Write a step's task for the first time. The connector puts the key where it will find it again."""

    key: TaskKey
    text: TaskText
    due_on: date
    owner_id: str | None
    account_id: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTask:
    """Change an open task of ours by its CRM id. What is None stays as it is."""

    key: TaskKey
    task_id: str
    text: TaskText | None = None
    due_on: date | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTask:
    """Complete a task of ours; `note` is put in front of its body and says why."""

    key: TaskKey
    task_id: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTask:
    """Open again a task that we closed ourselves, with the given text and due date."""

    key: TaskKey
    task_id: str
    text: TaskText
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTask:
    """Remove a task of ours. Only `undo`, and the removal of an untouched double, use it."""

    key: TaskKey
    task_id: str


TaskChange = CreateTask | UpdateTask | CloseTask | ReopenTask | DeleteTask


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """Set fields of one deal (CRM field name -> value; None clears; dates are ISO days)."""

    deal: DealKey
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A field change that the CRM confirmed."""

    deal: DealKey


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFailure:
    """One change of a batch that did not happen, or may not have (`error` is Unclear). Others are not affected."""

    key: TaskKey | None
    deal: DealKey
    error: ConnectorError


TaskOutcome = TaskRef | WriteFailure
"""A DeleteTask that succeeded answers a TaskRef whose snapshot has status DELETED."""


class Connector(Protocol):
    """One CRM account. Methods raise ConnectorError and nothing else; iterators may raise between items."""

    def check(self) -> Health:
        """Try the credentials, the fields and the rights; never raises for what it can report as a check."""
        ...

    def describe(self) -> Description:
        """The account, its fields, stages, owners, zone and capabilities."""
        ...

    def changed_deals(self, since: Watermark | Checkpoint | None, /) -> Iterator[Page]:
        """Deals in order of change. None reads every closed-lost deal (the first read, and `--full`); a watermark
        reads what changed since then less the overlap, lost or not; a checkpoint goes on where a read stopped."""
        ...

    def get_deals(self, keys: Sequence[DealKey], /) -> Iterator[DealState]:
        """These deals as they are now, in any order, each exactly once."""
        ...

    def count_lost(self) -> Iterator[MonthCount]:
        """The CRM's own counts of closed-lost deals: the ledger's other side."""
        ...

    def account_activity(self, account_ids: Sequence[str], /) -> Iterator[AccountActivity]:
        """One value an account, in any order; accounts with nothing to tell may be left out."""
        ...

    def find_tasks(self, keys: Sequence[TaskKey], /) -> Iterator[TaskRef]:
        """The live tasks that carry these keys. Never by an index that lags. A key with two tasks gives both."""
        ...

    def write_tasks(self, changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        """One outcome for each change, in order. A lost answer is a WriteFailure with `Unclear`, never raised."""
        ...

    def changed_tasks(self, since: Watermark | None, refs: Sequence[TaskRef], /) -> Iterator[TaskState]:
        """The present state of these tasks (all of them where `since` is None); unchanged ones may be left out."""
        ...

    def write_fields(self, changes: Sequence[FieldChange], /) -> Iterator[Done | WriteFailure]:
        """One outcome for each change, in order."""
        ...

    def deal_url(self, key: DealKey, /) -> str:
        """The address of the deal's page for a person."""
        ...


# --- declaring a connector ---------------------------------------------------------------------------------


class TokenStore(Protocol):
    """Where an access token is kept between processes. `lease` is held by the one process that refreshes."""

    def load(self) -> Mapping[str, str] | None:
        """The stored token's parts, or None."""
        ...

    def save(self, token: Mapping[str, str], /) -> None:
        """Keep the token, durably, before it is used."""
        ...

    def lease(self) -> AbstractContextManager[None]:
        """Only one process at a time is inside; a token may have been saved while waiting: load again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is configured for one connection. `url` is the instance or API address without a trailing slash.

    `account_id` is known once connected. `options` are the connector's own settings (its spec lists them).
    """

    name: str
    url: str
    account_id: str | None = None
    zone: str = "UTC"
    fields: FieldMap = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


Credentials = Mapping[str, str]
"""Names as the spec's `credentials` lists them, e.g. client_id and client_secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What a connector is given to run with: the HTTP door, the clock, and a place for tokens."""

    http: Http
    now: Callable[[], datetime]
    tokens: TokenStore


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthMethod:
    """One way to authenticate: the credential names it needs, with a sentence for the person who has to find them."""

    key: str
    label: str
    needs: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """All that the rest of the product knows of a CRM without opening it.

    `likely_fields` gives, by role, patterns (case-insensitive regular expressions on a field's name or label) in
    order of preference; `open` makes a Connector and does no I/O.
    """

    key: str
    label: str
    default_url: str | None
    auth: tuple[AuthMethod, ...]
    likely_fields: Mapping[Role, tuple[str, ...]]
    options: Mapping[str, str]
    capabilities: frozenset[Capability]
    open: Callable[[Settings, Credentials, Kit], Connector]
    account_label: Literal["org", "portal", "account"] = "account"
