"""What the contract suite needs of a CRM account: one to read and write, that a test can change behind our back."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Protocol

from connectors.base import Connector, FieldMap, TaskSnapshot
from connectors.http import Http
from mappings.model import DealKey


class DealIs(StrEnum):
    """What a deal is, by its flags."""

    LOST = "lost"
    OPEN = "open"
    WON = "won"


class Breaks(StrEnum):
    """What goes wrong with the next calls."""

    TOKEN_EXPIRES = "token_expires"  # the current token is no longer accepted; a new one is
    LOGIN_IS_REFUSED = "login_is_refused"  # the current token is no longer accepted, and no new one is given
    HTML_ON_READ = "html_on_read"  # the next read is answered by a gateway's page, status 503
    HTML_ON_EVERY_READ = "html_on_every_read"
    CUT_AFTER_WRITE = "cut_after_write"  # the next write of tasks is carried out, its answer is lost
    LIMIT_FOR_LONG = "limit_for_long"  # a limit is used up for longer than anybody waits


class Crm(Protocol):
    """One CRM account and a connector opened on it, with the loss reason and the output fields mapped.

    It starts with at least one active owner and one who has left, and without deals, and its clock is the
    connector's. Whatever a method changes is visible to the next call.
    """

    connector: Connector
    http: Http
    account_id: str
    owner_id: str
    inactive_owner_id: str
    fields: FieldMap

    def opened(self, *, fields: FieldMap | None = None, options: dict[str, str] | None = None) -> Connector:
        """Another connector on the same account, with other fields or options."""
        ...

    def add_account(self, name: str) -> str:
        """A company; its id."""
        ...

    def add_deal(
        self,
        state: DealIs = DealIs.LOST,
        *,
        reason: str | None = None,
        closed_on: date | None = None,
        account_id: str | None = None,
        stage_label: str | None = None,
    ) -> DealKey:
        """A deal, owned by `owner_id`. `stage_label` renames the lost stage it is in; its flags stay."""
        ...

    def add_contact(self, key: DealKey) -> str:
        """A person on the deal, the only one; their id."""
        ...

    def opt_out(self, contact_id: str) -> None:
        """The person asked not to be contacted in any way that the CRM has a flag for."""
        ...

    def move_deal(self, key: DealKey, state: DealIs) -> None:
        """A person reopens, wins or loses the deal, now."""
        ...

    def delete_deal(self, key: DealKey) -> None:
        """A person deletes the deal."""
        ...

    def tasks_of(self, key: DealKey) -> tuple[TaskSnapshot, ...]:
        """The live tasks of a deal, as the CRM holds them."""
        ...

    def complete_task(self, task_id: str) -> None:
        """A person completes the task."""
        ...

    def delete_task(self, task_id: str) -> None:
        """A person deletes the task."""
        ...

    def shrink_pages(self, size: int) -> None:
        """From now on a page holds at most that many deals, whatever is asked for."""
        ...

    def breaks(self, how: Breaks) -> None:
        """Something goes wrong from now on."""
        ...

    def pass_time(self, *, minutes: int) -> None:
        """The clock of the CRM and of the connector moves on."""
        ...
