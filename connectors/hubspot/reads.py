"""Reading deals: all that are lost, what changed, and some by id."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.base import (
    Checkpoint,
    DealState,
    GoneDeal,
    GoneHow,
    Kit,
    Page,
    UnreadableRecord,
    Watermark,
)
from connectors.errors import MissingPermission, Rejected
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import OPTIONAL, read_by_ids
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.listed import Listed
from connectors.hubspot.neighbours import Neighbours
from connectors.hubspot.portal import Portal
from connectors.hubspot.queries import (
    LIST_LIMIT,
    MODIFIED,
    Place,
    changes_body,
    checkpoint_of,
    first_place,
    has_all_properties,
    next_cursor,
    next_place,
)
from connectors.hubspot.records import DealFields, DealRecord, is_lost, merged_ids, to_deal_state
from connectors.hubspot.tasks import rows_of
from connectors.hubspot.values import instant_of, text_of
from mappings.model import DealKey

# Deleted deals are looked for among this many archived ones after an incremental read.
MOST_ARCHIVED_PAGES = 50


class DealReader:
    """Reads one portal's deals."""

    def __init__(self, client: HubSpotClient, portal: Portal, kit: Kit) -> None:
        self._client = client
        self._portal = portal
        self._now = kit.now
        self._neighbours = Neighbours(client, portal)

    def changed(self, since: Watermark | Checkpoint | None) -> Iterator[Page]:
        """The pages of a read; see `Connector.changed_deals`."""
        self._portal.stages()  # the first answer of all tells HubSpot's clock
        place: Place | None = first_place(since, self._client.latest_time(), self._client.earliest_time())
        parts = since.parts if isinstance(since, Checkpoint) else ()
        seen: frozenset[str] = frozenset()
        archived_pages = 0
        while place is not None:
            if place.kind == "list":
                rows, gone, following = yield from self._list(place, parts)
                parts = ()
            elif place.kind == "search":
                rows, gone, following, seen = self._search(place, seen)
            else:
                archived_pages += 1
                rows, gone, following = self._archived(place, archived_pages)
            yield self._page(rows, gone, place, following)
            place = following

    def by_id(self, keys: Sequence[DealKey]) -> Iterator[DealState]:
        """These deals as they are now; what is gone is said to be gone, and how."""
        if not keys:
            return
        asked = {key.deal_id: key for key in keys}
        properties = self._portal.deal_properties()
        rows = {str(row["id"]): row for row in read_by_ids(self._client, "deals", list(asked), properties, kind="read")}
        present = [row for row_id, row in rows.items() if row_id in asked]
        states, unreadable = self._states(present)
        for record in unreadable:  # what cannot be understood is not gone: say so rather than leave it out
            raise Rejected(f"{self._client.where}: deal {record.record_id} cannot be read: {record.says}")
        yield from states
        missing = [deal_id for deal_id in asked if deal_id not in rows]
        survivors = {old: row_id for row_id, row in rows.items() for old in merged_ids(row.get("properties") or {})}
        for deal_id, state in self._missing(missing, survivors):
            yield replace(state, key=asked[deal_id])

    def _missing(self, ids: Sequence[str], survivors: Mapping[str, str]) -> Iterator[tuple[str, GoneDeal]]:
        """Why each of these deals gave no row of its own: merged, archived, or simply not there."""
        unexplained = [deal_id for deal_id in ids if deal_id not in survivors]
        archived: set[str] = set()
        if unexplained:
            found = read_by_ids(self._client, "deals", unexplained, [MODIFIED], kind="read", archived=True)
            archived = {str(row["id"]) for row in found if row.get("archived", True)}
        for deal_id in ids:
            key = DealKey(self._portal.account_id, deal_id)
            survivor = survivors.get(deal_id)
            if survivor is None and deal_id in archived:
                yield deal_id, GoneDeal(key=key, how=GoneHow.DELETED)
                continue
            survivor = survivor or self._survivor(deal_id)
            how = GoneHow.MERGED if survivor else GoneHow.NOT_FOUND
            yield deal_id, GoneDeal(key=key, how=how, merged_into=survivor)

    def _survivor(self, deal_id: str) -> str | None:
        """The id under which HubSpot answers for a deal that was merged away."""
        query = {"properties": MODIFIED}
        try:
            row = self._client.get(self._client.paths.objects("deals", deal_id), kind="read", query=query)
        except OPTIONAL:
            return None
        answered = str(row.get("id") or "")
        return answered if answered and answered != deal_id else None

    # --- one step of a long read ----------------------------------------------------------------------------

    def _list(
        self, place: Place, parts: Sequence[bytes]
    ) -> Generator[Page, None, tuple[list[Json], list[GoneDeal], Place | None]]:
        """Some of the list's pages, of which the lost deals are kept. The list knows no cap and no lag.

        Each is told as a part of a page, so that a process that is killed among them need not ask for it again.
        """
        begun_at = checkpoint_of(place)
        read = Listed.of(place.after, parts)
        fields = self._fields()
        while not read.is_enough:
            told = self._list_page(replace(place, after=read.after))
            rows = _with_associations(rows_of(told, "results"))
            fields = self._met(rows, fields)
            lost = [row for row in rows if is_lost(row.get("properties") or {}, fields)]
            read, part = read.with_page(lost, _absorbed(rows), next_cursor(told))
            yield Page(deals=(), checkpoint=begun_at, part=part)
        gone = [self._gone(old, survivor) for old, survivor in read.absorbed]
        return read.rows, gone, replace(place, after=read.after) if read.after else None

    def _list_page(self, place: Place) -> Json:
        path = self._client.paths.objects("deals")
        try:
            return self._client.get(path, kind="read", query=self._list_query(place))
        except MissingPermission as error:
            if not any(kind in error.scope for kind in self._neighbours.kinds):
                raise
            self._neighbours.give_up(error)
            return self._list_page(place)

    def _list_query(self, place: Place) -> dict[str, str]:
        query = {"limit": str(LIST_LIMIT), "properties": ",".join(self._portal.deal_properties())}
        kinds = self._neighbours.kinds
        if kinds:
            query["associations"] = ",".join(kinds)
        if place.after:
            query["after"] = place.after
        return query

    def _search(
        self, place: Place, seen: frozenset[str]
    ) -> tuple[list[Json], list[GoneDeal], Place | None, frozenset[str]]:
        """One page of changes. A deal on the border of two pages comes twice and is kept once."""
        properties = self._portal.deal_properties()
        body = changes_body(place, properties)
        told = self._client.read(self._client.paths.search("deals"), body, kind="search")
        all_rows = rows_of(told, "results")
        following = next_place(place, told)
        rows = [row for row in all_rows if str(row.get("id")) not in seen]
        if not has_all_properties(body, properties):
            rows = list(read_by_ids(self._client, "deals", [str(row["id"]) for row in rows], properties, kind="read"))
        self._met(rows, self._fields())
        if place.second_ms is None:
            seen = frozenset(str(row.get("id")) for row in all_rows)
        if following is None:
            following = replace(place, kind="archived", low_ms=0, second_ms=None, after="")
        return rows, [self._gone(*pair) for pair in _absorbed(rows)], following, seen

    def _archived(self, place: Place, pages: int) -> tuple[list[Json], list[GoneDeal], Place | None]:
        """One page of deleted deals: search never shows them."""
        query = {"archived": "true", "limit": str(LIST_LIMIT), "properties": MODIFIED}
        if place.after:
            query["after"] = place.after
        try:
            told = self._client.get(self._client.paths.objects("deals"), kind="read", query=query)
        except OPTIONAL as error:
            self._portal.warn(f"Deleted deals cannot be listed; they are found when read by id. {error.what}")
            return [], [], None
        since = datetime.fromtimestamp(place.since_ms / 1000, UTC)
        gone = []
        for row in rows_of(told, "results"):
            archived_at = instant_of(row.get("archivedAt"))
            if row.get("archived", True) and (archived_at is None or archived_at >= since):
                key = DealKey(self._portal.account_id, str(row.get("id")))
                gone.append(GoneDeal(key=key, how=GoneHow.DELETED))
        after = next_cursor(told)
        if after and pages >= MOST_ARCHIVED_PAGES:
            self._portal.warn(f"Only the first {pages * LIST_LIMIT:,} deleted deals were looked at.")
            after = ""
        return [], gone, replace(place, after=after) if after else None

    def _page(self, rows: Sequence[Json], gone: Sequence[GoneDeal], place: Place, following: Place | None) -> Page:
        states, unreadable = self._states(rows)
        mark = Watermark(stamp=datetime.fromtimestamp(place.mark_ms / 1000, UTC))
        warnings = tuple(self._portal.warnings)
        self._portal.warnings.clear()
        return Page(
            deals=(*states, *gone),
            checkpoint=checkpoint_of(following) if following else None,
            watermark=None if following else mark,
            unreadable=tuple(unreadable),
            warnings=warnings,
        )

    # --- rows into deals ------------------------------------------------------------------------------------

    def _states(self, rows: Sequence[Json]) -> tuple[list[DealState], list[UnreadableRecord]]:
        fields = self._met(rows, self._fields())
        records = self._completed(rows, fields)
        states: list[DealState] = []
        unreadable: list[UnreadableRecord] = []
        for record in records:
            try:
                states.append(to_deal_state(record, fields))
            except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
                unreadable.append(UnreadableRecord(record_id=record.id, says=f"{type(error).__name__}: {error}"))
        return states, unreadable

    def _completed(self, rows: Sequence[Json], fields: DealFields) -> list[DealRecord]:
        try:
            return self._neighbours.records(rows, fields)
        except MissingPermission as error:
            if not self._neighbours.kinds:
                raise
            self._neighbours.give_up(error)
            return self._completed(rows, fields)

    def _fields(self) -> DealFields:
        return self._portal.deal_fields(self._now())

    def _met(self, rows: Sequence[Json], fields: DealFields) -> DealFields:
        """The same, after the stages were asked for again if one of these deals stands in an unknown one."""
        ids = {text_of((row.get("properties") or {}).get("dealstage")) for row in rows}
        if ids <= fields.stages.keys():
            return fields
        self._portal.meet_stages(ids)
        return self._fields()

    def _gone(self, old: str, survivor: str) -> GoneDeal:
        return GoneDeal(key=DealKey(self._portal.account_id, old), how=GoneHow.MERGED, merged_into=survivor)


def _absorbed(rows: Sequence[Json]) -> list[tuple[str, str]]:
    """The deals that these have taken in, each with its survivor: they vanish without being archived."""
    return [(old, str(row["id"])) for row in rows for old in merged_ids(_properties(row)) if old != str(row["id"])]


def _properties(row: Json) -> Mapping[str, Any]:
    return row.get("properties") or {}


def _with_associations(rows: list[Json]) -> list[Json]:
    """A deal without associations has none in the list. Where no row has any, they may not have been told at all."""
    if not any("associations" in row for row in rows):
        return rows
    return [{"associations": {}, **row} for row in rows]
