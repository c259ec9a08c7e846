"""What a test reads in an emulator's book and does to it, in the same words for both CRMs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from tests.torture.command_line import CommandLine
from tests.torture.emulators.authority import make_authority
from tests.torture.emulators.hubspot import STAGES as HUBSPOT_STAGES
from tests.torture.emulators.hubspot import HubSpot, parse_when
from tests.torture.emulators.salesforce import Salesforce
from tests.torture.emulators.wire import Emulator, Record, now
from tests.torture.world import make_world

OUT = {
    "Opportunity": ("Rejection_Category__c", "Rejection_Sub_Reason__c", "Next_Follow_Up__c"),
    "deals": ("rejection_category", "rejection_sub_reason", "next_follow_up"),
}


@dataclass(frozen=True)
class OurTask:
    """A live task that the client made."""

    id: str
    deal_id: str
    due_on: str
    is_open: bool
    text: str
    key: str


class Book(Protocol):
    """One emulator, seen by a test."""

    @property
    def crm(self) -> Emulator:
        """The emulator itself."""

    def connect(self, line: CommandLine) -> None:
        """Run `rekindle connect`."""

    def tasks(self) -> list[OurTask]:
        """The live tasks that the client made."""

    def lost_by_month(self) -> dict[str, int]:
        """The live closed-lost deals by the month of their close date."""

    def lost(self) -> list[str]:
        """Their ids."""

    def out_fields(self) -> dict[str, tuple[str | None, ...]]:
        """What stands in our output fields, by deal, where anything does."""

    def complete(self, task_id: str) -> None: ...
    def move(self, task_id: str, days: int) -> str: ...
    def drop_task(self, task_id: str) -> None: ...
    def reassign(self, task_id: str) -> None: ...
    def reopen(self, deal_id: str) -> None: ...
    def win(self, deal_id: str) -> None: ...
    def lose(self, deal_id: str) -> None: ...
    def drop_deal(self, deal_id: str) -> None: ...


def key_in(text: str) -> str:
    """The key that a task's text carries, in whatever markup."""
    words = re.findall(r"rekindle[:/ ]+([A-Za-z0-9_-]{16,})", re.sub(r"<[^>]+>", "\n", text), re.IGNORECASE)
    return words[-1] if words else re.sub(r"<[^>]+>", "\n", text).strip().split("\n")[-1]


class SalesforceBook:
    """An org and what people do in it."""

    def __init__(self, crm: Salesforce, authority: Path) -> None:
        self.crm, self.authority = crm, authority

    def connect(self, line: CommandLine) -> None:
        """By client credentials."""
        line.must(
            *("connect", "salesforce", "acme", "--instance-url", self.crm.url),
            *("--client-id", self.crm.client_id, "--client-secret-stdin"),
            typed=self.crm.client_secret + "\n",
            tries=6,
        )

    def tasks(self) -> list[OurTask]:
        """The live tasks."""
        with self.crm.lock:
            return [
                OurTask(
                    id=one["Id"],
                    deal_id=one["WhatId"] or "",
                    due_on=one["ActivityDate"],
                    is_open=not one["IsClosed"],
                    text=one["Description"] or "",
                    key=one.get("Rekindle_Key__c") or key_in(one["Description"] or ""),
                )
                for one in self.crm.tables["Task"].values()
                if not one["IsDeleted"]
            ]

    def _lost(self) -> list[Record]:
        with self.crm.lock:
            rows = self.crm.tables["Opportunity"].values()
            return [one for one in rows if one["IsClosed"] and not one["IsWon"] and not one["IsDeleted"]]

    def lost(self) -> list[str]:
        """Ids."""
        return [one["Id"] for one in self._lost()]

    def lost_by_month(self) -> dict[str, int]:
        """Counts."""
        return dict(Counter(one["CloseDate"][:7] for one in self._lost()))

    def out_fields(self) -> dict[str, tuple[str | None, ...]]:
        """What stands in our fields."""
        rows = self.crm.tables["Opportunity"].values()
        found = {one["Id"]: tuple(one.get(name) for name in OUT["Opportunity"]) for one in rows if not one["IsDeleted"]}
        return {deal: values for deal, values in found.items() if any(values)}

    def complete(self, task_id: str) -> None:
        """Done."""
        self.crm.change("Task", task_id, Status="Completed")

    def move(self, task_id: str, days: int) -> str:
        """Another day."""
        day = (now() + timedelta(days=days)).date().isoformat()
        self.crm.change("Task", task_id, ActivityDate=day)
        return day

    def drop_task(self, task_id: str) -> None:
        """Deleted."""
        self.crm.change("Task", task_id, IsDeleted=True)

    def reassign(self, task_id: str) -> None:
        """To a colleague."""
        mine = self.crm.tables["Task"][task_id]["OwnerId"]
        others = [one["Id"] for one in self.crm.tables["User"].values() if one["IsActive"] and one["Id"] != mine]
        self.crm.change("Task", task_id, OwnerId=others[-1])

    def reopen(self, deal_id: str) -> None:
        """Back to life."""
        close = (now() + timedelta(days=40)).date().isoformat()
        self.crm.change("Opportunity", deal_id, StageName="Prospecting", CloseDate=close)

    def win(self, deal_id: str) -> None:
        """Won."""
        self.crm.change("Opportunity", deal_id, StageName="9 - Gewonnen", CloseDate=now().date().isoformat())

    def lose(self, deal_id: str) -> None:
        """Lost (again)."""
        self.crm.change("Opportunity", deal_id, StageName="Closed Lost", CloseDate=now().date().isoformat())

    def drop_deal(self, deal_id: str) -> None:
        """Deleted, with its tasks, as an opportunity takes its activities along."""
        self.crm.change("Opportunity", deal_id, IsDeleted=True)
        for task in self.crm.tables["Task"].values():
            if task["WhatId"] == deal_id and not task["IsDeleted"]:
                self.crm.change("Task", task["Id"], IsDeleted=True)


class HubSpotBook:
    """A portal and what people do in it."""

    def __init__(self, crm: HubSpot) -> None:
        self.crm = crm

    def connect(self, line: CommandLine) -> None:
        """By a static token."""
        line.must(
            *("connect", "hubspot", "acme", "--api-url", self.crm.url, "--token-stdin"),
            typed=self.crm.token + "\n",
            tries=6,
        )

    def tasks(self) -> list[OurTask]:
        """The live tasks."""
        with self.crm.lock:
            rows = [one for one in self.crm.objects["tasks"].values() if not one["archived"]]
            return [self._task(one) for one in rows]

    def _task(self, one: Record) -> OurTask:
        values = one["properties"]
        zone = ZoneInfo("US/Eastern" if self.crm.account_info else "UTC")
        body = values.get("hs_task_body") or ""
        return OurTask(
            id=one["id"],
            deal_id=(self.crm.linked("tasks", one["id"], "deals") or [""])[0],
            due_on=parse_when(values["hs_timestamp"]).astimezone(zone).date().isoformat(),
            is_open=values["hs_task_status"] != "COMPLETED",
            text=body,
            key=key_in(body),
        )

    def _lost(self) -> list[Record]:
        with self.crm.lock:
            return [
                one
                for one in self.crm.objects["deals"].values()
                if not one["archived"] and HUBSPOT_STAGES[one["properties"]["dealstage"]] == ("0.0", "true")
            ]

    def lost(self) -> list[str]:
        """Ids."""
        return [one["id"] for one in self._lost()]

    def lost_by_month(self) -> dict[str, int]:
        """Counts, in the portal's zone."""
        zone = ZoneInfo("US/Eastern" if self.crm.account_info else "UTC")
        days = (parse_when(one["properties"]["closedate"]).astimezone(zone) for one in self._lost())
        return dict(Counter(f"{day:%Y-%m}" for day in days))

    def out_fields(self) -> dict[str, tuple[str | None, ...]]:
        """What stands in our fields."""
        rows = [one for one in self.crm.objects["deals"].values() if not one["archived"]]
        found = {one["id"]: tuple(one["properties"].get(name) for name in OUT["deals"]) for one in rows}
        return {deal: values for deal, values in found.items() if any(values)}

    def complete(self, task_id: str) -> None:
        """Done."""
        self.crm.change("tasks", task_id, hs_task_status="COMPLETED")

    def move(self, task_id: str, days: int) -> str:
        """Another day, at the hour that the rep's own screen sets."""
        at = (now() + timedelta(days=days)).replace(hour=15, minute=30, second=0, microsecond=0)
        self.crm.change("tasks", task_id, hs_timestamp=at.isoformat().replace("+00:00", "Z"))
        return at.date().isoformat()

    def drop_task(self, task_id: str) -> None:
        """Deleted."""
        self.crm.remove("tasks", task_id)

    def reassign(self, task_id: str) -> None:
        """To a colleague."""
        mine = self.crm.objects["tasks"][task_id]["properties"].get("hubspot_owner_id")
        others = [one["id"] for one in self.crm.owners if not one["archived"] and one["id"] != mine]
        self.crm.change("tasks", task_id, hubspot_owner_id=others[-1])

    def _stage(self, deal_id: str, in_default: str, in_second: str, days: int) -> None:
        deal = self.crm.objects["deals"][deal_id]["properties"]
        stage = in_default if deal["pipeline"] == "default" else in_second
        at = (now() + timedelta(days=days)).isoformat().replace("+00:00", "Z")
        self.crm.change("deals", deal_id, dealstage=stage, closedate=at)

    def reopen(self, deal_id: str) -> None:
        """Back to life."""
        self._stage(deal_id, "contractsent", "781201", 40)

    def win(self, deal_id: str) -> None:
        """Won."""
        self._stage(deal_id, "closedwon", "781203", 0)

    def lose(self, deal_id: str) -> None:
        """Lost (again)."""
        self._stage(deal_id, "closedlost", "781204", 0)

    def drop_deal(self, deal_id: str) -> None:
        """Deleted; its tasks stay, without it."""
        self.crm.remove("deals", deal_id)


def open_salesforce(folder: Path, *, full: bool, seed: int, deals: int = 60, page: int = 7) -> tuple[Book, CommandLine]:
    """An org over TLS, filled, and a command line that trusts it."""
    authority, tls = make_authority(folder)
    crm = Salesforce(full=full, page=page, session_calls=10_000 if full else 25, newest=62 if full else 55)
    crm.fill(make_world(seed, today=now().date(), deals=deals))
    crm.start(tls)
    trust = "SSL_CERT_FILE" if full else "REQUESTS_CA_BUNDLE"
    return SalesforceBook(crm, authority), CommandLine(folder / "home", crm, {trust: str(authority)})


def open_hubspot(folder: Path, crm: HubSpot, *, seed: int, deals: int = 60) -> tuple[Book, CommandLine]:
    """A portal, filled, and a command line."""
    crm.fill(make_world(seed, today=now().date(), deals=deals))
    crm.publish_all()
    crm.start()
    return HubSpotBook(crm), CommandLine(folder / "home", crm, {})
