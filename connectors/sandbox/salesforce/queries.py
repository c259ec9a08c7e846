"""Query results cut into pages, each page found again by its locator."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from connectors.sandbox.salesforce.errors import RefusedError
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.soql.fields import Scope
from connectors.sandbox.salesforce.soql.run import Result, run
from connectors.sandbox.salesforce.soql.select import Render
from connectors.sandbox.salesforce.store import Record, Store

MIN_BATCH, MAX_BATCH = 200, 2_000
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class _Cursor:
    """A result being read. `ahead` is the next page, made while the client is busy with the last one."""

    rows: Sequence[Record]
    render: Render
    ends_at: datetime
    page_size: int
    ahead: tuple[str, Future[bytes]] | None = None


class Queries:
    """Runs queries for one org and keeps their cursors."""

    def __init__(self, store: Store, schema: Mapping[str, ObjectSpec], settings: OrgSettings, zone: ZoneInfo) -> None:
        self.store = store
        self.schema = schema
        self.settings = settings
        self.zone = zone
        self._cursors: dict[str, _Cursor] = {}
        self._made = 0
        self._lock = threading.Lock()
        self._ahead = ThreadPoolExecutor(1, "sandbox-pages")

    def start(self, text: str, *, now: datetime, version: str, options: str, is_all: bool) -> bytes:
        """The first page of a query, as JSON. Raises RefusedError."""
        result = self.result(text, now=now, version=version, is_all=is_all)
        rows, render, size = result.rows, result.render, self._page_size(options, result)
        name = self._keep(_Cursor(rows, render, self._end(now), size), now) if len(rows) > size else ""
        body = orjson.dumps(_page(rows, render, 0, size, url=_url(version, name), total=result.total))
        self._look_ahead(name, size, version)
        return body

    def result(self, text: str, *, now: datetime, version: str, is_all: bool) -> Result:
        """Everything a query finds. Raises RefusedError."""
        readable = self.settings.can_read
        schema = {name: spec for name, spec in self.schema.items() if readable is None or name in readable}
        scope = Scope(text, self.store, schema, now, self.zone, is_all, version)

        def child_page(rows: Sequence[Record], render: Render) -> dict[str, Any]:
            size = self.settings.child_page_size
            name = self._keep(_Cursor(rows, render, self._end(now), size), now) if len(rows) > size else ""
            return _page(rows, render, 0, size, url=_url(version, name), total=len(rows))

        return run(text, scope, make_page=child_page)

    def go_on(self, locator: str, *, now: datetime, version: str) -> bytes:
        """A later page, as JSON. Raises RefusedError where the locator is none, or has expired."""
        name, _, place = locator.rpartition("-")
        cursor = self._cursors.get(name)
        if cursor is None or now >= cursor.ends_at or not place.isdigit() or int(place) > len(cursor.rows):
            raise RefusedError("INVALID_QUERY_LOCATOR", "invalid query locator")
        ahead, url = cursor.ahead, _url(version, name)
        if ahead is not None and ahead[0] == f"{url}{place}" and ahead[1].exception() is None:
            body = ahead[1].result()
        else:
            body = self._rendered(cursor, int(place), url)
        self._look_ahead(name, int(place) + cursor.page_size, version)
        return body

    def _keep(self, cursor: _Cursor, now: datetime) -> str:
        with self._lock:
            self._made += 1
            name = make_id("01g", self._made)
            for old in [name for name, kept in self._cursors.items() if kept.ends_at <= now]:
                del self._cursors[old]
            self._cursors[name] = cursor
            return name

    def _end(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.settings.locator_seconds)

    def _look_ahead(self, name: str, place: int, version: str) -> None:
        """Start on the next page. Records are never changed in place, so it can be made beside other requests."""
        cursor = self._cursors.get(name)
        if cursor is None:
            return
        cursor.ahead = None
        if place < len(cursor.rows):
            url = _url(version, name)
            cursor.ahead = (f"{url}{place}", self._ahead.submit(self._rendered, cursor, place, url))

    @staticmethod
    def _rendered(cursor: _Cursor, place: int, url: str) -> bytes:
        total = len(cursor.rows)
        return orjson.dumps(_page(cursor.rows, cursor.render, place, cursor.page_size, url=url, total=total))

    def _page_size(self, options: str, result: Result) -> int:
        asked = _BATCH.search(options)
        size = min(MAX_BATCH, max(MIN_BATCH, int(asked.group(1)))) if asked else MAX_BATCH
        if result.long_texts >= 2 and self.settings.long_text_page_size:
            size = min(size, self.settings.long_text_page_size)
        return max(1, min(size, self.settings.page_size))


def _url(version: str, name: str) -> str:
    return f"/services/data/v{version}/query/{name}-"


def _page(rows: Sequence[Record], render: Render, start: int, size: int, *, url: str, total: int) -> dict[str, Any]:
    end = start + size
    page: dict[str, Any] = {"totalSize": total, "done": end >= len(rows)}
    if end < len(rows):
        page["nextRecordsUrl"] = f"{url}{end}"
    page["records"] = [render(row) for row in rows[start:end]]
    return page
