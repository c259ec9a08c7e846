"""A Salesforce org that says what a test tells it to say, over TLS: for answers no healthy org gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import orjson

from connectors.base import Connector, FieldMap, Kit, Role, Settings
from connectors.http import Http, HttpSettings
from connectors.salesforce.connector import open_salesforce
from connectors.sandbox.wire import Request, Response, json_response

ORG_ID = "00Dxx0000001gPLEAY"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FIELDS: FieldMap = {Role.REASON: ("Loss_Reason__c",)}
HTML = b"<html><body>We are down for maintenance.</body></html>"

Answer = Response | Callable[[Request], Response]


class ScriptedOrg:
    """Answers by patterns on "METHOD path?query" (decoded); of one pattern's answers the last one repeats."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.tokens = 0
        self._scripts: list[tuple[re.Pattern[str], list[Answer]]] = []
        self.on(r"sobjects/\w+/describe", error(404, "NOT_FOUND", "The requested resource does not exist"))
        self.on(
            r"^GET /services/data/\?", json_response([{"version": "61.0"}, {"version": "62.0"}, {"version": "67.0"}])
        )
        self.on(r"FROM Organization", records({"Id": ORG_ID, "Name": "Acme", "TimeZoneSidKey": "America/New_York"}))
        self.on(r"FROM (TaskStatus|OpportunityStage|User)", records())
        self.on(
            r"sobjects/Opportunity/describe", describe("Name", "CloseDate", "Amount", "StageName", "Loss_Reason__c")
        )
        self.on(r"sobjects/Account/describe", describe("Name", "BillingCountry"))
        self.on(
            r"sobjects/Task/describe", describe("Subject", "Description", "ActivityDate", "OwnerId", "WhatId", "Status")
        )

    def on(self, pattern: str, *answers: Answer) -> None:
        """What to answer from now on; a later script goes before an earlier one."""
        self._scripts.insert(0, (re.compile(pattern), list(answers)))

    def __call__(self, request: Request, now: datetime) -> Response:
        self.seen.append(request)
        text = spelled(request)
        for pattern, answers in self._scripts:
            if pattern.search(text):
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                return answer if isinstance(answer, Response) else answer(request)
        if request.path == "/services/oauth2/token":
            self.tokens += 1
            return token(f"token-{self.tokens}")
        return error(404, "NOT_FOUND", f"nothing is scripted for {text}")

    def asked(self, pattern: str) -> list[Request]:
        """The requests so far that a pattern fits."""
        return [request for request in self.seen if re.search(pattern, spelled(request))]


class MemoryTokens:
    """A token store in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] | None = None
        self.saves = 0

    def load(self) -> Mapping[str, str] | None:
        return self.kept

    def save(self, token: Mapping[str, str], /) -> None:
        self.kept = dict(token)
        self.saves += 1

    def lease(self) -> AbstractContextManager[None]:
        return nullcontext()


def open_org(
    url: str,
    ca_file: Path | None,
    *,
    credentials: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    tokens: MemoryTokens | None = None,
    fields: FieldMap | None = None,
    account_id: str | None = ORG_ID,
    now: Callable[[], datetime] = lambda: NOW,
) -> tuple[Connector, Http, list[float]]:
    """A connector on the org at `url`, its HTTP door, and the pauses it made (nobody waits for them)."""
    pauses: list[float] = []
    http = Http(
        HttpSettings(ca_file=str(ca_file), connect_timeout_s=60, read_timeout_s=60),
        sleep=pauses.append,
        jitter=lambda: 0.5,
    )
    settings = Settings(
        name="acme",
        url=url,
        account_id=account_id,
        fields=FIELDS if fields is None else fields,
        options=options or {},
    )
    kit = Kit(http=http, now=now, tokens=tokens or MemoryTokens())
    return open_salesforce(settings, credentials or {"client_id": "id", "client_secret": "s3cret"}, kit), http, pauses


def spelled(request: Request) -> str:
    """The request in one line, decoded."""
    return f"{request.method} {unquote_plus(request.path)}?{unquote_plus(request.query)}"


def token(access_token: str, **more: str) -> Response:
    """A token answer as Salesforce gives it: no expires_in."""
    body = {
        "access_token": access_token,
        "instance_url": "https://acme.my.salesforce.com",
        "id": f"https://login.salesforce.com/id/{ORG_ID}/005xx000001Sv6eAAC",
        "token_type": "Bearer",
        "issued_at": "1708058728442",
    }
    return json_response({**body, **more})


def error(status: int, code: str, message: str = "") -> Response:
    """An error array."""
    return json_response([{"errorCode": code, "message": message}], status=status)


def html(status: int = 503) -> Response:
    """A gateway's page."""
    return Response(status=status, headers={"Content-Type": "text/html"}, body=HTML)


def records(*found: Mapping[str, Any], more: str | None = None, total: int | None = None) -> Response:
    """One page of a query's answer."""
    body = {"totalSize": len(found) if total is None else total, "done": more is None, "records": list(found)}
    return json_response({**body, "nextRecordsUrl": more} if more else body)


def describe(*names: str, **more: Mapping[str, Any]) -> Response:
    """An object with these fields, all writable; `more` sets or adds fields in full."""
    plain = {name: {"name": name, "type": "string", "createable": True, "updateable": True} for name in names}
    fields = {**plain, **{name: {"name": name, **known} for name, known in more.items()}}
    return json_response({"fields": list(fields.values()), "createable": True, "updateable": True})


def lost(number: int, **more: Any) -> dict[str, Any]:
    """The record of a lost deal."""
    return {
        "attributes": {"type": "Opportunity"},
        "Id": deal_id(number),
        "Name": f"Deal {number}",
        "IsClosed": True,
        "IsWon": False,
        "IsDeleted": False,
        "CloseDate": "2026-10-02",
        "SystemModstamp": f"2026-10-02T10:{number % 60:02d}:00.000+0000",
        **more,
    }


def deal_id(number: int) -> str:
    """An id of 18 characters."""
    from connectors.salesforce.ids import long_id

    return long_id(f"006xx{number:010d}")


def sent_records(request: Request) -> Sequence[Mapping[str, Any]]:
    """The records of a collection request."""
    found: list[Mapping[str, Any]] = orjson.loads(request.body)["records"]
    return found
