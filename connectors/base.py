"""What a CRM looks like from outside: one interface, how it is declared, and the values that pass through it.

The values live in `deals`, `description` and `tasks`; they are named here too, because whoever uses a connector
needs them together. Reads and writes are batches as large as the CRM takes; the connector splits them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from connectors.budget import Budget
from connectors.cards import ParseCardCall
from connectors.consent import Channel, ContactConsent, DealConsent, OptOut
from connectors.deals import (
    AccountActivity,
    Checkpoint,
    DealState,
    GoneDeal,
    GoneHow,
    MonthCount,
    OpenDeal,
    Page,
    UnreadableRecord,
    Watermark,
    WonDeal,
)
from connectors.description import (
    Capability,
    Description,
    FieldInfo,
    FieldMap,
    Health,
    HealthCheck,
    Owner,
    Role,
    Stage,
)
from connectors.http import Http
from connectors.tasks import (
    CloseTask,
    CreateTask,
    DeleteTask,
    Done,
    FieldChange,
    ReopenTask,
    TaskChange,
    TaskKey,
    TaskOutcome,
    TaskRef,
    TaskSnapshot,
    TaskState,
    TaskStatus,
    UpdateTask,
    WriteFailure,
)
from connectors.webhooks import ParseWebhook
from mappings.model import DealKey

__all__ = [
    "AccountActivity",
    "AuthMethod",
    "Capability",
    "Channel",
    "Checkpoint",
    "CloseTask",
    "Connector",
    "ConnectorSpec",
    "ContactConsent",
    "CreateTask",
    "Credentials",
    "DealConsent",
    "DealState",
    "DeleteTask",
    "Description",
    "Done",
    "FieldChange",
    "FieldInfo",
    "FieldMap",
    "GoneDeal",
    "GoneHow",
    "Health",
    "HealthCheck",
    "Kit",
    "MonthCount",
    "OAuthSignIn",
    "OpenDeal",
    "OptOut",
    "Owner",
    "Page",
    "ParseCardCall",
    "ParseWebhook",
    "ReopenTask",
    "Role",
    "Settings",
    "Stage",
    "TaskChange",
    "TaskKey",
    "TaskOutcome",
    "TaskRef",
    "TaskSnapshot",
    "TaskState",
    "TaskStatus",
    "TokenStore",
    "UnreadableRecord",
    "UpdateTask",
    "Watermark",
    "WonDeal",
    "WriteFailure",
]


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

    def count_lost_total(self) -> int | None:
        """All closed-lost deals, where that costs fewer calls than `count_lost`; None where it does not."""
        ...

    def account_activity(self, account_ids: Sequence[str], /) -> Iterator[AccountActivity]:
        """One value an account, in any order; accounts with nothing to tell may be left out."""
        ...

    def read_consent(self, keys: Sequence[DealKey], /) -> Iterator[DealConsent]:
        """Who may be contacted about these deals, as of now: one value a deal, in any order; deals that are gone may be
        left out. What may not be read is told as not known, never raised."""
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

    `account_id` is known once connected. `known_as` is what it was before credentials were entered anew, for an account
    that does not tell its id. `options` are the connector's own settings (its spec lists them).
    """

    name: str
    url: str
    account_id: str | None = None
    known_as: str | None = None
    zone: str = "UTC"
    fields: FieldMap = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSignIn:
    """How a person signs in to the CRM in a browser, from the connection's address (`url`, without trailing slash).

    `sites` are the host endings our app's own secret may be sent to. `is_pkce`: a verifier goes along. `url_of` gives
    the account's own address, from where the sign-in began and what the token's answer says.
    """

    authorize_url: Callable[[str], str]
    token_url: Callable[[str], str]
    scopes: tuple[str, ...]
    sites: tuple[str, ...]
    is_pkce: bool = False
    default_url: str
    url_of: Callable[[str, Mapping[str, object]], str] = lambda url, _: url


Credentials = Mapping[str, str]
"""Names as the spec's `credentials` lists them, e.g. client_id and client_secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What a connector is given to run with: the HTTP door, the clock, a place for tokens, and the shared limits."""

    http: Http
    now: Callable[[], datetime]
    tokens: TokenStore
    budget: Budget = field(default_factory=Budget)


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
    order of preference; `open` makes a Connector and does no I/O. `parse_webhook` reads what the CRM sends unasked,
    `parse_card_call` who asks by a card on its pages, where it can; `deal_id_of` gives an id as reads give it, or None
    for a text that can be none.
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
    parse_webhook: ParseWebhook | None = None
    parse_card_call: ParseCardCall | None = None
    webhook_proof: Literal["signature", "token"] = "signature"
    sign_in: OAuthSignIn | None = None
    deal_id_of: Callable[[str], str | None] = lambda text: text or None
