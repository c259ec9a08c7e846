"""A HubSpot portal: an App that answers HubSpot's HTTP API from a book of deals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import RLock
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import orjson

from connectors.sandbox.book import Book
from connectors.sandbox.hubspot.access import Access, Grant
from connectors.sandbox.hubspot.account_api import account_details
from connectors.sandbox.hubspot.calculated import assign, stamp
from connectors.sandbox.hubspot.call import Call, kind_of
from connectors.sandbox.hubspot.limits import Meter
from connectors.sandbox.hubspot.links import LINK_TYPES
from connectors.sandbox.hubspot.loading import load_book
from connectors.sandbox.hubspot.problems import Problem, not_found
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.rendering import render
from connectors.sandbox.hubspot.routes import dispatch, is_search, split_path
from connectors.sandbox.hubspot.searches import Searches
from connectors.sandbox.hubspot.settings import PortalSettings
from connectors.sandbox.hubspot.validation import accept_properties
from connectors.sandbox.hubspot.values import iso, to_ms
from connectors.sandbox.hubspot.writing import (
    accept_new,
    archive_record,
    change_record,
    insert_record,
    merge_records,
)
from connectors.sandbox.wire import Request, Response, json_response

_TOKEN_PATHS = {"/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token", "/oauth/2026-09/token"}
_TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"  # noqa: S105  a path


class HubSpotPortal:
    """One portal. Calling it answers a request; the other methods are a person's hands, for tests and the demo."""

    def __init__(self, book: Book, settings: PortalSettings | None = None) -> None:
        self.settings = settings or PortalSettings()
        self.state = load_book(book, self.settings)
        self.access = Access(self.settings)
        limits = self.settings.limits
        self._meter = Meter(limits, self.state.zone, self.settings.portal_id) if limits else None
        self._searches = Searches()
        self._lock = RLock()
        self._answered = 0
        self._last_ms = max((r.modified_ms for t in self.state.tables.values() for r in t.live()), default=0)

    def __call__(self, request: Request, now: datetime) -> Response:
        """The answer to one request; an answer that is an error has HubSpot's body."""
        with self._lock:
            self._answered += 1
            self._last_ms = max(self._last_ms, to_ms(now))
            correlation_id = str(UUID(int=self._answered | 0x019D << 112))
            try:
                response = self._answer(request, to_ms(now))
            except Problem as problem:
                response = json_response(
                    problem.as_body(correlation_id), status=problem.status, headers=problem.headers
                )
            headers = {**response.headers, **self._rate_headers(request, to_ms(now))}
            headers["x-hubspot-correlation-id"] = correlation_id
            return Response(status=response.status, headers=headers, body=response.body)

    def expire_tokens(self) -> None:
        """Let every OAuth token have run out. Static tokens stay: they end only when they are revoked."""
        with self._lock:
            self.access.expire_all(self._last_ms)

    @property
    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """The same hands by name, for tests in another process: each takes the time and JSON arguments."""
        return {
            "record": lambda _, type, id: self.record(type, id),  # noqa: A006  the words of the JSON
            "tasks": lambda _: self.tasks(),
            "snapshot": lambda _: self.snapshot(),
            "edit": lambda now, type, ids, properties: self.edit_many(type, ids, at=now, **properties),  # noqa: A006
            "delete": lambda now, type, id: self.delete(type, id, at=now),  # noqa: A006
            "add": lambda now, type, properties, to=(): self.add(type, properties, to=to, at=now),  # noqa: A006
            "merge": lambda now, type, survivor, absorbed: self.merge(type, survivor, absorbed, at=now),  # noqa: A006
            "log_activity": lambda now, type, id: self.log_activity(type, id, at=now),  # noqa: A006
            "revoke": lambda _, token: self.access.revoke(token),
        }

    # --- a person's hands ----------------------------------------------------------------------------------

    def record(self, object_type: str, record_id: int | str) -> dict[str, Any]:
        """A record with all its properties and associated ids by type, archived or not; KeyError for none."""
        with self._lock:
            return self._shown(object_type, self._record(object_type, record_id))

    def tasks(self) -> list[dict[str, Any]]:
        """All live tasks, by id."""
        with self._lock:
            return [self._shown("tasks", record) for record in self.state.table("tasks").live()]

    def edit(self, object_type: str, record_id: int | str, *, at: datetime | None = None, **properties: str) -> None:
        """Change a record as a person does, by default at the time of the last request. "" clears."""
        self.edit_many(object_type, [record_id], at=at, **properties)

    def edit_many(
        self, object_type: str, record_ids: Iterable[int | str], *, at: datetime | None = None, **properties: str
    ) -> None:
        """A bulk edit: all of these records get the same stamp."""
        with self._lock:
            kind = kind_of(object_type)
            accepted = accept_properties(self.state, kind, properties)
            for record_id in record_ids:
                record = self._record(object_type, record_id)
                change_record(self.state, kind, record, dict(accepted), at_ms=self._at(at), source="CRM_UI")

    def delete(self, object_type: str, record_id: int | str, *, at: datetime | None = None) -> None:
        """Put a record into the recycle bin as a person does."""
        with self._lock:
            archive_record(self.state, kind_of(object_type), self._record(object_type, record_id), now_ms=self._at(at))

    def add(
        self,
        object_type: str,
        properties: Mapping[str, str],
        *,
        to: Iterable[tuple[str, int | str]] = (),
        at: datetime | None = None,
    ) -> str:
        """Make a record as a person does, associated with these (type, id) pairs; a company becomes the primary one."""
        with self._lock:
            kind = kind_of(object_type)
            accepted = accept_new(self.state, kind, properties, is_dated=False)
            targets = [(_hand_made_link(kind.name, kind_of(other).name), int(other_id)) for other, other_id in to]
            return str(insert_record(self.state, kind, accepted, targets, now_ms=self._at(at)).id)

    def merge(self, object_type: str, survivor: int | str, absorbed: int | str, *, at: datetime | None = None) -> None:
        """Merge one record into another as a person does."""
        with self._lock:
            kept, gone = self._record(object_type, survivor), self._record(object_type, absorbed)
            merge_records(self.state, kind_of(object_type), kept, gone, now_ms=self._at(at))

    def log_activity(self, object_type: str, record_id: int | str, *, at: datetime | None = None) -> None:
        """A call or a meeting with a record: it counts as contacted, and as changed."""
        with self._lock:
            kind, record = kind_of(object_type), self._record(object_type, record_id)
            self.state.touch(kind.name, record, self._at(at))
            for name in ("notes_last_updated", "notes_last_contacted"):
                assign(record, name, iso(self._at(at)), at_ms=self._at(at))
            stamp(self.state, kind.name, record, self._at(at))

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Every live record by object type: what an oracle compares before and after."""
        with self._lock:
            return {
                name: [self._shown(name, record) for record in table.live()]
                for name, table in self.state.tables.items()
            }

    def _record(self, object_type: str, record_id: int | str) -> Record:
        table = self.state.table(kind_of(object_type).name)
        found = table.find(int(record_id)) or table.find(int(record_id), archived=True)
        if found is None:
            raise KeyError(f"{object_type} {record_id}")
        return found

    def _shown(self, object_type: str, record: Record) -> dict[str, Any]:
        kind = kind_of(object_type)
        shown = render(self.state, kind, record, tuple(record.properties))
        linked = {
            other: [str(found) for found in self.state.links.of(kind.name, record.id, other)]
            for other in self.state.tables
        }
        return {**shown, "associations": {other: ids for other, ids in linked.items() if ids}}

    def _at(self, at: datetime | None) -> int:
        return to_ms(at) if at is not None else self._last_ms

    # --- a program's door ----------------------------------------------------------------------------------

    def _answer(self, request: Request, now_ms: int) -> Response:
        if len(request.path) + len(request.query) > self.settings.uri_limit:
            return Response(status=414, headers={"Content-Type": "text/html"}, body=b"<h1>414 URI Too Long</h1>")
        if request.method == "POST" and request.path in _TOKEN_PATHS:
            return json_response(self.access.exchange(request.body, now_ms))
        if request.method == "POST" and request.path == _TOKEN_INFO:
            return json_response(self.access.token_info(_token_key(request.body)))
        token, grant = self.access.grant_of(request.headers, now_ms)
        if self._meter:
            self._meter.take(token, now_ms, is_search=is_search(request.path))
        if request.method == "GET" and request.path.rstrip("/") == "/account-info/v3/details":
            return json_response(account_details(self.state, now_ms))
        return self._dispatch(request, grant, now_ms)

    def _dispatch(self, request: Request, grant: Grant, now_ms: int) -> Response:
        segments = request.path.strip("/").split("/")
        area, version, words = split_path([unquote(segment) for segment in segments])
        call = Call(
            method=request.method,
            version=version,
            words=words,
            query=request.query,
            body=request.body,
            content_type=request.headers.get("content-type", ""),
            scopes=grant.scopes,
            now_ms=now_ms,
            searches=self._searches,
        )
        return dispatch(self.state, call, area)

    def _rate_headers(self, request: Request, now_ms: int) -> Mapping[str, str]:
        if self._meter is None or is_search(request.path):
            return {}
        try:
            token, grant = self.access.grant_of(request.headers, now_ms)
        except Problem:
            return {}
        return self._meter.headers(token, now_ms, is_oauth=grant.is_oauth)


def _hand_made_link(from_type: str, to_type: str) -> int:
    primary = [link.id for link in LINK_TYPES.values() if (link.from_type, link.to_type) == (from_type, to_type)]
    return max(primary, key=lambda type_id: LINK_TYPES[type_id].is_primary and to_type == "companies")


def _token_key(body: bytes) -> str:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(400, "Invalid input JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("tokenKey"), str):
        raise not_found()
    return str(found["tokenKey"])
