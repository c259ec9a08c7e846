"""The sandbox's Salesforce org, as the contract suite needs it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Connector, FieldMap, Role, TaskSnapshot
from connectors.http import Http
from connectors.salesforce.tasks import snapshot_of
from connectors.sandbox.book import Book, BookAccount, BookUser
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import RunningServer, serve
from mappings.model import DealKey
from tests.contract.crm import Breaks, DealIs
from tests.contract.scripted_org import HTML, MemoryTokens, open_org

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ODD_STAGE = "9 - Archived, see you"
STAGES = {DealIs.LOST: "Closed Lost", DealIs.OPEN: "Negotiation/Review", DealIs.WON: "Closed Won"}
FIELDS: FieldMap = {
    Role.REASON: ("Loss_Reason__c",),
    Role.NOTES: ("Loss_Notes__c",),
    Role.CATEGORY_OUT: ("Rejection_Category__c",),
    Role.SUB_REASON_OUT: ("Rejection_Sub_Reason__c",),
    Role.NEXT_FOLLOW_UP_OUT: ("Next_Follow_Up__c",),
}
PEOPLE = Book(
    users=(
        BookUser(number=1, name="Ana Active", email="ana@seller.example"),
        BookUser(number=2, name="Lee Left", email="lee@seller.example", is_active=False, manager_number=1),
    ),
    accounts=(BookAccount(number=1, name="Fabrikam", country="US", region="CA"),),
    contacts=(),
    deals=(),
)
READS = r"/query"
LIMIT = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]


class Clock:
    """The sandbox's clock and the connector's."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@dataclass(kw_only=True)
class SalesforceCrm:
    """See tests.contract.crm.Crm."""

    server: RunningServer[SalesforceOrg]
    clock: Clock
    connector: Connector
    http: Http
    account_id: str
    owner_id: str
    inactive_owner_id: str
    tokens: MemoryTokens
    fields: FieldMap = field(default_factory=lambda: FIELDS)
    options: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def org(self) -> SalesforceOrg:
        """The org behind the server."""
        return self.server.app

    def opened(self, *, fields: FieldMap | None = None, options: dict[str, str] | None = None) -> Connector:
        return open_sandbox(self.server, self.clock, fields or self.fields, options or {}, self.tokens)[0]

    def add_account(self, name: str) -> str:
        return self.org.add("Account", at=self.clock(), Name=name)

    def add_deal(
        self,
        state: DealIs = DealIs.LOST,
        *,
        reason: str | None = None,
        closed_on: date | None = None,
        account_id: str | None = None,
        stage_label: str | None = None,
    ) -> DealKey:
        deal_id = self.org.add(
            "Opportunity",
            at=self.clock(),
            Name=f"Deal {next(self.numbers)}",
            StageName=stage_label or STAGES[state],
            CloseDate=(closed_on or date(2026, 10, 2)).isoformat(),
            AccountId=account_id or next(iter(self.org.loaded.accounts.values())),
            OwnerId=self.owner_id,
            Loss_Reason__c=reason,
        )
        return DealKey(self.account_id, deal_id)

    def add_contact(self, key: DealKey) -> str:
        account = next(iter(self.org.loaded.accounts.values()))
        contact = self.org.add("Contact", at=self.clock(), LastName="Berg", AccountId=account)
        role = {"OpportunityId": key.deal_id, "ContactId": contact, "IsPrimary": True}
        self.org.add("OpportunityContactRole", at=self.clock(), **role)
        return contact

    def opt_out(self, contact_id: str) -> None:
        self.org.put("Contact", contact_id, HasOptedOutOfEmail=True, DoNotCall=True)

    def move_deal(self, key: DealKey, state: DealIs) -> None:
        self.org.edit("Opportunity", key.deal_id, at=self.clock(), StageName=STAGES[state])

    def delete_deal(self, key: DealKey) -> None:
        self.org.delete("Opportunity", key.deal_id, at=self.clock())

    def tasks_of(self, key: DealKey) -> tuple[TaskSnapshot, ...]:
        return tuple(snapshot_of(task) for task in self.org.tasks() if task["WhatId"] == key.deal_id)

    def complete_task(self, task_id: str) -> None:
        self.org.edit("Task", task_id, at=self.clock(), Status="Completed")

    def delete_task(self, task_id: str) -> None:
        self.org.delete("Task", task_id, at=self.clock())

    def shrink_pages(self, size: int) -> None:
        self.org.settings.page_size = size

    def breaks(self, how: Breaks) -> None:
        if how in {Breaks.TOKEN_EXPIRES, Breaks.LOGIN_IS_REFUSED}:
            self.org.expire_tokens()
        self.server.faults.add(*FAULTS[how])

    def pass_time(self, *, minutes: int) -> None:
        self.clock.at += timedelta(minutes=minutes)


FAULTS: dict[Breaks, tuple[Fault, ...]] = {
    Breaks.TOKEN_EXPIRES: (),
    Breaks.LOGIN_IS_REFUSED: (
        Fault(
            path="oauth2/token",
            times=None,
            status=400,
            body={"error": "invalid_grant", "error_description": "inactive user"},
        ),
    ),
    Breaks.HTML_ON_READ: (Fault(path=READS, status=503, body=HTML),),
    Breaks.HTML_ON_EVERY_READ: (Fault(path=READS, times=None, status=503, body=HTML),),
    Breaks.CUT_AFTER_WRITE: (Fault(path="composite/sobjects", close="after"),),
    Breaks.LIMIT_FOR_LONG: (Fault(path=READS, times=None, status=403, body=LIMIT),),
}


def open_sandbox(
    server: RunningServer[SalesforceOrg],
    clock: Clock,
    fields: FieldMap,
    options: dict[str, str],
    tokens: MemoryTokens,
) -> tuple[Connector, Http, list[float]]:
    """A connector on the sandbox's org, with the credentials it knows."""
    settings = server.app.settings
    return open_org(
        server.url,
        server.ca_file,
        credentials={"client_id": settings.client_id, "client_secret": settings.client_secret},
        options=options,
        tokens=tokens,
        fields=fields,
        account_id=server.app.organization_id,
        now=clock,
    )


@contextmanager
def salesforce_crm(
    tls_folder: Path, *, book: Book = PEOPLE, options: dict[str, str] | None = None, **settings: Any
) -> Iterator[SalesforceCrm]:
    """A running org with a connector on it; `settings` are the org's own."""
    clock, tokens = Clock(), MemoryTokens()
    org = SalesforceOrg(
        book, OrgSettings(**{"lost_stages": ("Closed Lost", ODD_STAGE), "is_reason_restricted": False, **settings})
    )
    with serve(org, now=clock, tls_folder=tls_folder) as server:
        connector, http, _ = open_sandbox(server, clock, FIELDS, options or {}, tokens)
        yield SalesforceCrm(
            server=server,
            clock=clock,
            connector=connector,
            http=http,
            account_id=org.organization_id,
            owner_id=org.loaded.users[1],
            inactive_owner_id=org.loaded.users[2],
            tokens=tokens,
            options=options or {},
        )
