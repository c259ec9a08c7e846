"""Query results cut into pages, each page found again by its locator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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


@dataclass(frozen=True, slots=True)
class _Cursor:
    rows: Sequence[Record]
    render: Render
    ends_at: datetime
    page_size: int


class Queries:
    """Runs queries for one org and keeps their cursors."""

    def __init__(self, store: Store, schema: Mapping[str, ObjectSpec], settings: OrgSettings, zone: ZoneInfo) -> None:
        self.store = store
        self.schema = schema
        self.settings = settings
        self.zone = zone
        self._cursors: dict[str, _Cursor] = {}
        self._made = 0

    def start(self, text: str, *, now: datetime, version: str, options: str, is_all: bool) -> dict[str, Any]:
        """The first page of a query. Raises RefusedError."""
        result = self.result(text, now=now, version=version, is_all=is_all)
        size = self._page_size(options, result)
        return self._page(result.rows, result.render, 0, size, now=now, version=version, total=result.total)

    def result(self, text: str, *, now: datetime, version: str, is_all: bool) -> Result:
        """Everything a query finds. Raises RefusedError."""
        readable = self.settings.can_read
        schema = {name: spec for name, spec in self.schema.items() if readable is None or name in readable}
        scope = Scope(text, self.store, schema, now, self.zone, is_all, version)

        def child_page(rows: Sequence[Record], render: Render) -> dict[str, Any]:
            size = self.settings.child_page_size
            if len(rows) <= size:
                return {"totalSize": len(rows), "done": True, "records": [render(row) for row in rows]}
            return self._page(rows, render, 0, size, now=now, version=version, total=len(rows))

        return run(text, scope, make_page=child_page)

    def go_on(self, locator: str, *, now: datetime, version: str) -> dict[str, Any]:
        """A later page. Raises RefusedError where the locator is none, or has expired."""
        name, _, place = locator.rpartition("-")
        cursor = self._cursors.get(name)
        if cursor is None or now >= cursor.ends_at or not place.isdigit() or int(place) > len(cursor.rows):
            raise RefusedError("INVALID_QUERY_LOCATOR", "invalid query locator")
        total = len(cursor.rows)
        return self._page(
            cursor.rows, cursor.render, int(place), cursor.page_size, now=now, version=version, total=total, name=name
        )

    def _page(
        self,
        rows: Sequence[Record],
        render: Render,
        start: int,
        size: int,
        *,
        now: datetime,
        version: str,
        total: int,
        name: str = "",
    ) -> dict[str, Any]:
        end = start + size
        page: dict[str, Any] = {"totalSize": total, "done": end >= len(rows)}
        if end < len(rows):
            if not name:
                self._made += 1
                name = make_id("01g", self._made)
                self._forget(now)
                ends_at = now + timedelta(seconds=self.settings.locator_seconds)
                self._cursors[name] = _Cursor(rows, render, ends_at, size)
            page["nextRecordsUrl"] = f"/services/data/v{version}/query/{name}-{end}"
        page["records"] = [render(row) for row in rows[start:end]]
        return page

    def _page_size(self, options: str, result: Result) -> int:
        asked = _BATCH.search(options)
        size = min(MAX_BATCH, max(MIN_BATCH, int(asked.group(1)))) if asked else MAX_BATCH
        if result.long_texts >= 2 and self.settings.long_text_page_size:
            size = min(size, self.settings.long_text_page_size)
        return max(1, min(size, self.settings.page_size))

    def _forget(self, now: datetime) -> None:
        self._cursors = {name: cursor for name, cursor in self._cursors.items() if cursor.ends_at > now}
