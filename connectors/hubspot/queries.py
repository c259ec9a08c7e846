"""What is asked of HubSpot: property lists, search bodies, and the place reached in a long read. No I/O.

https://developers.hubspot.com/docs/guides/api/crm/search: 200 results a page, 10,000 in all, a body of 3,000
characters, one sort rule. Offsets are never used: a record that changes while pages are read would shift the others
past the cursor. Each page starts at the last stamp of the one before, and a second with more records than a page is
read by id; so the 10,000 are never reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from connectors.base import Checkpoint, Watermark
from connectors.errors import ServerError
from connectors.hubspot.values import epoch_ms, instant_of

LIST_LIMIT = 100
SEARCH_LIMIT = 200
BATCH_LIMIT = 100
ASSOCIATION_LIMIT = 1000
BODY_LIMIT = 2900
OVERLAP = timedelta(minutes=30)

MODIFIED = "hs_lastmodifieddate"
OBJECT_ID = "hs_object_id"

DEAL_PROPERTIES = (
    "dealname", "amount", "deal_currency_code", "dealstage", "pipeline", "closedate", "dealtype", "hubspot_owner_id",
    MODIFIED, "hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost", "hs_merged_object_ids",
)  # fmt: skip
COMPANY_PROPERTIES = ("name", "country", "state", "industry", "hubspot_owner_id")
COUNTRY_CODES = ("hs_country_code", "hs_state_code")
TASK_PROPERTIES = (
    "hs_task_subject", "hs_task_body", "hs_task_status", "hs_timestamp", "hubspot_owner_id", "hs_createdate", MODIFIED,
)  # fmt: skip

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a read of deals stands: `list` reads all of them, `search` what changed, `archived` what was deleted.

    `started_ms` is when the read began by the later clock: nothing newer is asked for. `mark_ms` is where the next read
    starts: the same instant, or HubSpot's own where that is earlier. `low_ms` is the stamp reached. While `second_ms`
    is set, the records of that second are read by id, from `after` on; otherwise `after` is the list's own cursor.
    `since_ms` is where an incremental read began.
    """

    kind: Literal["list", "search", "archived"]
    started_ms: int
    mark_ms: int
    since_ms: int = 0
    low_ms: int = 0
    second_ms: int | None = None
    after: str = ""


def first_place(since: Watermark | Checkpoint | None, now: datetime, mark: datetime) -> Place:
    """Where to begin, or go on. A checkpoint that cannot be read starts the whole read again.

    The read ends at `now`, the later of our clock and HubSpot's; `mark` is the latest instant up to which nothing can
    be missed, not after `now`.
    """
    first = Place(kind="list", started_ms=epoch_ms(now), mark_ms=epoch_ms(mark))
    if isinstance(since, Checkpoint):
        return _place_of(since) or first
    if since is None:
        return first
    low_ms = epoch_ms(since.stamp - OVERLAP)
    return replace(first, kind="search", since_ms=low_ms, low_ms=low_ms)


def checkpoint_of(place: Place) -> Checkpoint:
    """The place as text."""
    parts = [place.kind, place.started_ms, place.mark_ms, place.since_ms, place.low_ms, place.second_ms, place.after]
    return Checkpoint(cursor=orjson.dumps(parts).decode())


def _place_of(checkpoint: Checkpoint) -> Place | None:
    try:
        kind, started_ms, mark_ms, since_ms, low_ms, second_ms, after = orjson.loads(checkpoint.cursor)
    except (ValueError, TypeError):
        return None
    if kind not in {"list", "search", "archived"} or not isinstance(started_ms, int):
        return None
    return Place(
        kind=kind,
        started_ms=started_ms,
        mark_ms=mark_ms,
        since_ms=since_ms,
        low_ms=low_ms,
        second_ms=second_ms,
        after=after,
    )


def changes_body(place: Place, properties: Sequence[str]) -> Json:
    """The search for the next page of changed deals, lost or not."""
    if place.second_ms is None:
        span = (place.low_ms, place.started_ms)
        return search_body(_between(span), sort=MODIFIED, properties=properties)
    span = (place.second_ms, min(place.second_ms + 999, place.started_ms))
    past = {"propertyName": OBJECT_ID, "operator": "GT", "value": place.after or "0"}
    return search_body([*_between(span), past], sort=OBJECT_ID, properties=properties)


def next_place(place: Place, told: Json) -> Place | None:
    """The place after a search page, or None after the last one."""
    rows = told.get("results") or []
    is_last = not rows or not _has_more(told, len(rows))
    if place.second_ms is not None:
        if not is_last:
            return replace(place, after=str(rows[-1]["id"]))
        after_it = place.second_ms + 1000
        if after_it > place.started_ms:
            return None
        return replace(place, low_ms=after_it, second_ms=None, after="")
    if is_last:
        return None
    reached = stamp_ms(rows[-1])
    if reached is None:
        raise ServerError("HubSpot's search answers without the stamps that were asked for.")
    if reached > place.low_ms:
        return replace(place, low_ms=reached)
    return replace(place, second_ms=place.low_ms, after="")


def stamp_ms(row: Json) -> int | None:
    """When a record was last changed."""
    stamp = instant_of((row.get("properties") or {}).get(MODIFIED)) or instant_of(row.get("updatedAt"))
    return epoch_ms(stamp) if stamp else None


def _has_more(told: Json, here: int) -> bool:
    return bool(next_cursor(told)) or int(told.get("total") or 0) > here


def next_cursor(told: Json) -> str:
    """`paging.next.after`, or "" on the last page."""
    paging = told.get("paging") or {}
    return str((paging.get("next") or {}).get("after") or "")


def _between(span: tuple[int, int]) -> list[Json]:
    low, high = span
    return [
        {"propertyName": MODIFIED, "operator": "GTE", "value": str(low)},
        {"propertyName": MODIFIED, "operator": "LTE", "value": str(high)},
    ]


def search_body(
    *groups: Sequence[Json],
    properties: Sequence[str],
    sort: str,
    descending: bool = False,
    limit: int = SEARCH_LIMIT,
) -> Json:
    """A search for what passes all filters of any group. `properties` are cut where the body would be too long."""
    body: Json = {
        "filterGroups": [{"filters": list(filters)} for filters in groups],
        "sorts": [{"propertyName": sort, "direction": "DESCENDING" if descending else "ASCENDING"}],
        "properties": list(properties),
        "limit": limit,
    }
    if len(orjson.dumps(body)) > BODY_LIMIT:
        body["properties"] = [MODIFIED, "dealstage"]
    return body


def has_all_properties(body: Json, properties: Sequence[str]) -> bool:
    """Whether a search asks for all of these; if not, its records have to be read again by id."""
    return len(body["properties"]) == len(properties)


def lost_before(stages: Sequence[str], before_ms: int | None, *, is_flagged: bool) -> list[list[Json]]:
    """Filters for closed-lost deals, of those with a close date before an instant.

    Lost by their stage, or by HubSpot's own flag where the portal has it: stages of an archived pipeline are listed
    nowhere, their deals stay lost.
    """
    groups: list[list[Json]] = []
    if stages:
        groups.append([{"propertyName": "dealstage", "operator": "IN", "values": list(stages)}])
    if is_flagged or not stages:
        groups.append([{"propertyName": "hs_is_closed_lost", "operator": "EQ", "value": "true"}])
    if before_ms is not None:
        closed = {"propertyName": "closedate", "operator": "LT", "value": str(before_ms)}
        groups = [[*group, closed] for group in groups]
    return groups


def ids_body(ids: Iterable[str], properties: Sequence[str]) -> Json:
    """A batch read by id."""
    return {"inputs": [{"id": each} for each in ids], "properties": list(properties)}
