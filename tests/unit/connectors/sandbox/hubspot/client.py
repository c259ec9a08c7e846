"""A portal with a small known book, and a client that calls it without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.book import Book, BookAccount, BookContact, BookDeal, BookUser
from connectors.sandbox.hubspot import DEMO_TOKEN, HubSpotPortal, PortalSettings
from connectors.sandbox.wire import Request

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DEAL, COMPANY, CONTACT, ACTIVE_OWNER, FORMER_OWNER = 9_001, 7_000_001, 50_001, "60001", "60002"
TO_DEAL, TO_COMPANY, TO_CONTACT = 216, 192, 204
_STATES = ("open", "lost", "won", "lost")  # by number % 4: deals 1, 3, 5, 7 are lost, 4 and 8 open, 2 and 6 won


def small_book(deals: int = 8) -> Book:
    """Two sellers (the second has left), one account, one contact, and deals in the states above."""
    return Book(
        users=(
            BookUser(number=1, name="Ann Lee", email="ann@seller.example"),
            BookUser(number=2, name="Bo Ek", email="bo@seller.example", is_active=False),
        ),
        accounts=(BookAccount(number=1, name="Contoso", country="JP", industry="Retail", fiscal_year_start_month=4),),
        contacts=(
            BookContact(number=1, account_number=1, first_name="Kim", last_name="Sato", email="Kim@contoso.example"),
        ),
        deals=tuple(_deal(number) for number in range(1, deals + 1)),
    )


def _deal(number: int) -> BookDeal:
    state = _STATES[number % 4]
    is_lost = state == "lost"
    return BookDeal(
        number=number,
        account_number=1,
        contact_number=1,
        owner_number=1,
        name=f"Contoso {number}",
        state=state,
        amount=Decimal(1000 * number),
        created_at=datetime(2025, 1, 1, tzinfo=UTC),
        modified_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        close_date=date(2025, 12, 1),
        lost_on=date(2025, 12, 1) if is_lost else None,
        reason=("No budget", "Price", "Other", "No budget")[number % 4] if is_lost else None,
        notes="call again in April" if is_lost else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, parsed."""

    status: int
    headers: dict[str, str]
    json: Any


@dataclass(slots=True)
class Client:
    """Calls a portal at a time of its own."""

    portal: HubSpotPortal
    now: datetime = NOW
    token: str = DEMO_TOKEN
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, **params: Any) -> Answer:
        """One call; `body` is JSON unless it is bytes."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json", **self.headers}
        query = urlencode(params, doseq=True)
        request = Request(method=method, path=path, query=query, headers=headers, body=raw)
        response = self.portal(request, self.now)
        found = json.loads(response.body) if response.body.startswith((b"{", b"[")) else None
        return Answer(status=response.status, headers=dict(response.headers), json=found)

    def get(self, path: str, **params: Any) -> Answer:
        """A GET."""
        return self.send("GET", path, **params)

    def post(self, path: str, body: Any) -> Answer:
        """A POST."""
        return self.send("POST", path, body)

    def search(self, object_type: str, *filters: dict[str, Any], **body: Any) -> Answer:
        """A search whose filters must all hold."""
        groups = [{"filters": list(filters)}] if filters else []
        return self.post(f"/crm/v3/objects/{object_type}/search", {"filterGroups": groups, **body})

    def create_tasks(self, *rows: dict[str, Any], version: str = "v3/objects") -> Answer:
        """A batch of new tasks."""
        return self.post(f"/crm/{version}/tasks/batch/create", {"inputs": list(rows)})


def client(deals: int = 8, **settings: Any) -> Client:
    """A client of a new portal."""
    return Client(HubSpotPortal(small_book(deals), PortalSettings(**settings)))


def condition(name: str, operator: str, *values: str) -> dict[str, Any]:
    """A filter of a search; several values are a list."""
    told: dict[str, Any] = {"propertyName": name, "operator": operator}
    if operator == "BETWEEN":
        return {**told, "value": values[0], "highValue": values[1]}
    if operator in {"IN", "NOT_IN"}:
        return {**told, "values": list(values)}
    return {**told, "value": values[0]} if values else told


def task_row(*targets: tuple[int, int], trace: str | None = None, **properties: str) -> dict[str, Any]:
    """A row of a batch of tasks; targets are (type id, record id)."""
    told = {"hs_timestamp": "2026-12-01T09:00:00Z", "hs_task_subject": "Call", **properties}
    associations = [
        {
            "to": {"id": str(record_id)},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
        }
        for type_id, record_id in targets
    ]
    row: dict[str, Any] = {"properties": told, "associations": associations}
    return row if trace is None else {**row, "objectWriteTraceId": trace}
