"""One book of deals in either CRM behind real HTTP, live, and the hands of people who work in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select

from connectors.sandbox.book import Book, BookAccount, BookContact, BookDeal, BookUser
from connectors.sandbox.calls import CallLog
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import serve
from service import operations
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.golive.report import GoLiveRequest
from service.store.models import DealRow, EpisodeRow, EventRow, PlanRow, ReminderRow
from service.sync.report import SyncReport
from service.sync.runner import sync

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LOST_STAGES = ("Closed Lost", "Closed Lost - No Bid")
LEAVER = 4  # the rep who leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as the CRM holds it."""

    id: str
    subject: str
    body: str
    due_on: date
    is_open: bool
    owner_id: str


class Clock:
    """The one clock of the CRM and of the product."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at


class Hands(Protocol):
    """What people do in a CRM, and what they see there. Deals and accounts go by the book's numbers."""

    crm: str
    app: Any
    clock: Clock

    def deal_id(self, number: int) -> str: ...
    def owner_id(self, number: int) -> str: ...
    def tasks(self, number: int) -> list[Task]: ...
    def change_task(self, task: Task, **what: Any) -> None: ...
    def delete_task(self, task: Task) -> None: ...
    def next_follow_up(self, number: int) -> str | None: ...
    def state_follow_up(self, number: int, day: date) -> None: ...
    def to_stage(self, number: int, stage: str) -> None: ...
    def delete_deal(self, number: int) -> None: ...
    def give_deal(self, number: int, owner: int) -> None: ...
    def to_empty_account(self, number: int) -> None: ...
    def to_account_of(self, number: int, other: int) -> None: ...
    def merge_accounts(self, survivor: int, absorbed: int) -> None: ...
    def touch(self, number: int) -> None: ...
    def rename_lost_stages(self) -> None: ...
    def hide_reason(self) -> None: ...
    def dismiss(self, owner: int) -> None: ...


class InSalesforce:
    """An org."""

    crm = "salesforce"

    def __init__(self, book: Book, clock: Clock, **settings: Any) -> None:
        self.clock = clock
        self.app = SalesforceOrg(book, OrgSettings(lost_stages=LOST_STAGES, is_reason_restricted=False, **settings))

    def deal_id(self, number: int) -> str:
        return self.app.loaded.deals[number]

    def owner_id(self, number: int) -> str:
        return self.app.loaded.users[number]

    def tasks(self, number: int) -> list[Task]:
        found = [row for row in self.app.tasks() if row["WhatId"] == self.deal_id(number)]
        return [
            Task(
                id=row["Id"],
                subject=row["Subject"],
                body=row["Description"],
                due_on=date.fromisoformat(row["ActivityDate"]),
                is_open=not row["IsClosed"],
                owner_id=row["OwnerId"],
            )
            for row in found
        ]

    def change_task(self, task: Task, **what: Any) -> None:
        fields: dict[str, tuple[str, Callable[[Any], str]]] = {
            "is_open": ("Status", lambda value: "Not Started" if value else "Completed"),
            "due_on": ("ActivityDate", date.isoformat),
            "subject": ("Subject", str),
            "owner_id": ("OwnerId", str),
            "added": ("Description", lambda words: f"{task.body}\n\n{words}"),
        }
        values = {fields[name][0]: fields[name][1](value) for name, value in what.items()}
        self.app.edit("Task", task.id, at=self.clock(), **values)

    def delete_task(self, task: Task) -> None:
        self.app.delete("Task", task.id, at=self.clock())

    def next_follow_up(self, number: int) -> str | None:
        value: str | None = self.app.record("Opportunity", self.deal_id(number))["Next_Follow_Up__c"]
        return value

    def _edit(self, number: int, **values: Any) -> None:
        self.app.edit("Opportunity", self.deal_id(number), at=self.clock(), **values)

    def state_follow_up(self, number: int, day: date) -> None:
        self._edit(number, Next_Follow_Up__c=day.isoformat())

    def to_stage(self, number: int, stage: str) -> None:
        present = self.app.record("Opportunity", self.deal_id(number))["StageName"]
        other = next(name for name in LOST_STAGES if name != present)
        names = {"open": "Negotiation/Review", "won": "Closed Won", "lost": "Closed Lost", "other lost": other}
        self._edit(number, StageName=names[stage])

    def delete_deal(self, number: int) -> None:
        self.app.delete("Opportunity", self.deal_id(number), at=self.clock())

    def give_deal(self, number: int, owner: int) -> None:
        self._edit(number, OwnerId=self.owner_id(owner))

    def to_empty_account(self, number: int) -> None:
        self._edit(number, AccountId=list(self.app.loaded.accounts.values())[-1])

    def to_account_of(self, number: int, other: int) -> None:
        self._edit(number, AccountId=self.app.record("Opportunity", self.deal_id(other))["AccountId"])

    def touch(self, number: int) -> None:
        row = self.app.record("Opportunity", self.deal_id(number))
        self._edit(number, CloseDate=row["CloseDate"])

    def merge_accounts(self, survivor: int, absorbed: int) -> None:
        deals = [self.app.record("Opportunity", self.deal_id(number)) for number in (survivor, absorbed)]
        kept, gone = (row["AccountId"] for row in deals)
        self.app.merge("Account", survivor=kept, absorbed=gone, at=self.clock())

    def rename_lost_stages(self) -> None:
        for row in self.app.records("OpportunityStage"):
            if row["IsClosed"] and not row["IsWon"]:
                self.app.put("OpportunityStage", row["Id"], MasterLabel=f"{row['MasterLabel']} (old)", IsActive=False)

    def hide_reason(self) -> None:
        self.app.schema["Opportunity"].fields.pop("Loss_Reason__c", None)

    def dismiss(self, owner: int) -> None:
        self.app.put("User", self.owner_id(owner), IsActive=False)


class InHubSpot:
    """A portal."""

    crm = "hubspot"

    def __init__(self, book: Book, clock: Clock, **settings: Any) -> None:
        self.clock = clock
        self.app = HubSpotPortal(book, PortalSettings(limits=None, **settings))

    def deal_id(self, number: int) -> str:
        return str(self.app.state.table("deals").first_id + number)

    def owner_id(self, number: int) -> str:
        return str(sorted(self.app.state.owners)[number - 1])

    def tasks(self, number: int) -> list[Task]:
        found = [row for row in self.app.tasks() if self.deal_id(number) in row["associations"].get("deals", ())]
        return [self._task(row) for row in found]

    def _task(self, row: dict[str, Any]) -> Task:
        values = row["properties"]
        due = datetime.fromisoformat(values["hs_timestamp"]).astimezone(self.app.state.zone).date()
        return Task(
            id=row["id"],
            subject=values["hs_task_subject"],
            body=values["hs_task_body"],
            due_on=due,
            is_open=values["hs_task_status"] != "COMPLETED",
            owner_id=values["hubspot_owner_id"],
        )

    def change_task(self, task: Task, **what: Any) -> None:
        fields: dict[str, tuple[str, Callable[[Any], str]]] = {
            "is_open": ("hs_task_status", lambda value: "NOT_STARTED" if value else "COMPLETED"),
            "due_on": ("hs_timestamp", lambda day: f"{day.isoformat()}T12:30:00.000Z"),
            "subject": ("hs_task_subject", str),
            "owner_id": ("hubspot_owner_id", str),
            "added": ("hs_task_body", lambda words: f"{task.body}<p>{words}</p>"),
        }
        values = {fields[name][0]: fields[name][1](value) for name, value in what.items()}
        self.app.edit("tasks", task.id, at=self.clock(), **values)

    def delete_task(self, task: Task) -> None:
        self.app.delete("tasks", task.id, at=self.clock())

    def next_follow_up(self, number: int) -> str | None:
        value: str | None = self.app.record("deals", self.deal_id(number))["properties"].get("next_follow_up")
        return value or None

    def _edit(self, number: int, **values: str) -> None:
        self.app.edit("deals", self.deal_id(number), at=self.clock(), **values)

    def state_follow_up(self, number: int, day: date) -> None:
        self._edit(number, next_follow_up=day.isoformat())

    def to_stage(self, number: int, stage: str) -> None:
        if stage == "other lost":
            self._edit(number, pipeline="118273645", dealstage="226141905")
            return
        names = {"open": "contractsent", "won": "closedwon", "lost": "closedlost"}
        self._edit(number, pipeline="default", dealstage=names[stage])

    def delete_deal(self, number: int) -> None:
        self.app.delete("deals", self.deal_id(number), at=self.clock())

    def give_deal(self, number: int, owner: int) -> None:
        self._edit(number, hubspot_owner_id=self.owner_id(owner))

    def to_empty_account(self, number: int) -> None:
        self._to_company(number, max(record.id for record in self.app.state.table("companies").live()))

    def to_account_of(self, number: int, other: int) -> None:
        self._to_company(number, next(iter(self.app.state.links.of("deals", int(self.deal_id(other)), "companies"))))

    def _to_company(self, number: int, company: int) -> None:
        links, deal = self.app.state.links, int(self.deal_id(number))
        for former in tuple(links.of("deals", deal, "companies")):
            links.disconnect("deals", deal, "companies", former)
        links.connect(5, deal, company)
        self.touch(number)

    def touch(self, number: int) -> None:
        row = self.app.record("deals", self.deal_id(number))["properties"]
        self._edit(number, description=row.get("description", "") + ".")

    def merge_accounts(self, survivor: int, absorbed: int) -> None:
        links, ids = self.app.state.links, [int(self.deal_id(number)) for number in (survivor, absorbed)]
        kept, gone = (next(iter(links.of("deals", deal, "companies"))) for deal in ids)
        self.app.merge("companies", kept, gone, at=self.clock())

    def merge_deals(self, survivor: int, absorbed: int) -> None:
        """Two deals become one; an org has no such thing."""
        self.app.merge("deals", self.deal_id(survivor), self.deal_id(absorbed), at=self.clock())

    def rename_lost_stages(self) -> None:
        state = self.app.state
        state.pipelines = tuple(
            replace(
                pipeline,
                stages=tuple(replace(s, label=f"{s.label} (old)") if s.is_lost else s for s in pipeline.stages),
            )
            for pipeline in state.pipelines
        )

    def hide_reason(self) -> None:
        del self.app.state.properties["deals"]["lost_reason"]

    def dismiss(self, owner: int) -> None:
        owners = self.app.state.owners
        key = sorted(owners)[owner - 1]
        owners[key] = replace(owners[key], is_archived=True)


@dataclass
class Office:
    """A live connection to one CRM: its people, and our side of it."""

    hands: Hands
    app: App
    clock: Clock
    asked: CallLog

    def sync(self, *, full: bool = False) -> SyncReport:
        return sync(self.app, "acme", full=full, monotonic=lambda: 0.0)

    def pass_time(self, **delta: float) -> None:
        self.clock.at += timedelta(**delta)

    def task(self, number: int) -> Task:
        """The deal's one open task."""
        (found,) = [task for task in self.hands.tasks(number) if task.is_open]
        return found

    def rows(self, model: Any, number: int) -> list[Any]:
        """Our rows of that kind about the deal, oldest first."""
        with self.app.store.read() as tx:
            deal = tx.scalars(select(DealRow).where(DealRow.crm_deal_id == self.hands.deal_id(number))).one()
            if model is DealRow:
                return [deal]
            if model is ReminderRow:
                query: Any = select(ReminderRow).where(ReminderRow.deal_id == deal.id).order_by(ReminderRow.id)
            elif model is EpisodeRow:
                query = select(EpisodeRow).where(EpisodeRow.deal_id == deal.id).order_by(EpisodeRow.number)
            elif model is PlanRow:
                query = select(PlanRow).join(EpisodeRow).where(EpisodeRow.deal_id == deal.id)
            else:
                query = (
                    select(EventRow)
                    .join(ReminderRow, ReminderRow.id == EventRow.entity_id)
                    .where(EventRow.entity == "reminder", ReminderRow.deal_id == deal.id)
                )
            return list(tx.scalars(query))

    def reminders(self, number: int) -> list[ReminderRow]:
        return self.rows(ReminderRow, number)

    def episodes(self, number: int) -> list[tuple[int, str | None]]:
        return [(row.number, row.ended_as) for row in self.rows(EpisodeRow, number)]


def make_book_of(reasons: dict[int, str], **overrides: Any) -> Book:
    """One lost deal at an account of its own for each number, with that reason."""
    users = tuple(
        BookUser(number=n, name=f"Rep {n}", email=f"rep{n}@seller.example", manager_number=1 if n > 1 else None)
        for n in range(1, LEAVER + 1)
    )
    numbers = sorted(reasons)
    accounts = tuple(
        BookAccount(number=place, name=f"Account {place}", country="DE", owner_number=2)
        for place in range(1, len(numbers) + 2)  # and one without a deal
    )
    contacts = tuple(
        BookContact(
            number=place, account_number=place, first_name="Ann", last_name=f"N{place}", email=f"a{place}@x.example"
        )
        for place in range(1, len(numbers) + 1)
    )
    deals = tuple(_deal(number, place, reasons[number]) for place, number in enumerate(numbers, start=1))
    return Book(users=users, accounts=accounts, contacts=contacts, deals=deals, **overrides)


def _deal(number: int, place: int, reason: str) -> BookDeal:
    lost_on = date(2026, 8, 3) + timedelta(days=place)
    at = datetime(lost_on.year, lost_on.month, lost_on.day, 11, tzinfo=UTC)
    return BookDeal(
        number=number,
        account_number=place,
        contact_number=place,
        owner_number=LEAVER if reason == "Timing (leaver)" else 2 + place % 2,
        name=f"Deal {number}",
        state="lost",
        amount=Decimal(1000 + place),
        created_at=at - timedelta(days=60),
        modified_at=at,
        close_date=lost_on,
        lost_on=lost_on,
        reason=reason,
    )


@contextmanager
def office(
    crm: str,
    folder: Path,
    book: Book,
    *,
    is_live: bool = True,
    before: Callable[[Any], None] = lambda _: None,
    **settings: Any,
) -> Iterator[Office]:
    """A connection that has gone live, with its first tasks written; or one on hold, before its first sync.

    `before` sets the account up by hand.
    """
    clock = Clock()
    hands: Any = InSalesforce(book, clock, **settings) if crm == "salesforce" else InHubSpot(book, clock, **settings)
    before(hands)
    if crm == "salesforce":
        credentials = {"client_id": hands.app.settings.client_id, "client_secret": hands.app.settings.client_secret}
    else:
        credentials = {"token": DEMO_TOKEN}
    auth = "client_credentials" if crm == "salesforce" else "token"
    with serve(hands.app, now=clock, tls_folder=folder if crm == "salesforce" else None) as server:
        own = Settings(home=folder / "home", ca_file=str(server.ca_file or ""))
        app = open_app(own, now=clock, sleep=lambda _: None, jitter=lambda: 0.0)
        connect(
            app,
            Wanted(
                crm=crm, name="acme", url=server.url, auth=auth, credentials=credentials,
                options={"search_rate": "0"} if crm == "hubspot" else {},
            ),
        )  # fmt: skip
        found = Office(hands=hands, app=app, clock=clock, asked=server.calls)
        if is_live:
            found.sync()
            operations.go_live(app, "acme", GoLiveRequest())
        yield found
        app.store.dispose()
