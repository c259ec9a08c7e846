"""A bare HTTP client of the sandbox org: what any program could send, and the clock the org lives by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

from connectors.sandbox.book import Book
from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Faults
from connectors.sandbox.salesforce import SalesforceOrg

TODAY = date(2026, 11, 22)
VERSION = "v66.0"


def small_book() -> Book:
    """Some three hundred deals."""
    return make_book(11, deals=300, today=TODAY)


@dataclass
class Clock:
    """Time that moves when told."""

    at: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        """Let time pass: seconds, minutes, days."""
        self.at += timedelta(**span)


@dataclass
class Client:
    """Talks to one org; `token` is sent with every request."""

    url: str
    org: SalesforceOrg
    faults: Faults
    clock: Clock
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def log_in(self) -> None:
        """Get a token by client credentials."""
        settings = self.org.settings
        answer = self.ask_token(client_id=settings.client_id, client_secret=settings.client_secret)
        self.token = answer.json()["access_token"]

    def ask_token(self, **form: str) -> requests.Response:
        """A token request; client credentials unless the form says otherwise."""
        form = {"grant_type": "client_credentials", **form}
        return self.session.post(f"{self.url}/services/oauth2/token", data=form)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """One REST request; `path` comes after the version, or is complete."""
        url = self.url + (path if path.startswith("/services") else f"/services/data/{VERSION}{path}")
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.session.request(method, url, headers=headers, **more)

    def query(self, soql: str, *, path: str = "/query", **more: Any) -> requests.Response:
        """A query's first page."""
        return self.call("GET", path, params={"q": soql}, **more)

    def rows(self, soql: str, *, path: str = "/query") -> list[dict[str, Any]]:
        """All records of a query, page by page."""
        answer = self.query(soql, path=path)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows: list[dict[str, Any]] = page["records"]
        while not page["done"]:
            page = self.call("GET", page["nextRecordsUrl"]).json()
            rows += page["records"]
        return rows

    def refusal(self, answer: requests.Response) -> tuple[int, str]:
        """The status and the first error's code."""
        return answer.status_code, answer.json()[0]["errorCode"]

    def deal(self) -> dict[str, Any]:
        """A lost deal whose owner is active."""
        return next(row for row in self.org.lost_deals() if self.org.record("User", row["OwnerId"])["IsActive"])

    def task(self, key: str, **more: Any) -> dict[str, Any]:
        """A task as it is sent in a collection."""
        deal = self.deal()
        return {
            "attributes": {"type": "Task"},
            "Rekindle_Key__c": key,
            "Subject": "Contoso: call again",
            "ActivityDate": "2027-01-11",
            "WhatId": deal["Id"],
            "OwnerId": deal["OwnerId"],
            **more,
        }

    def upsert(self, *tasks: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """A collection of tasks by their key."""
        answer = self.call("PATCH", "/composite/sobjects/Task/Rekindle_Key__c", json={"records": tasks, **more})
        assert answer.status_code == 200, answer.text
        outcomes: list[dict[str, Any]] = answer.json()
        return outcomes
