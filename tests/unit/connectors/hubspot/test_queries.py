"""A long read moves on from any place, by stamp or inside one second, and its place survives as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.base import Checkpoint, Watermark
from connectors.hubspot.queries import (
    MODIFIED,
    Place,
    changes_body,
    checkpoint_of,
    first_place,
    has_all_properties,
    next_place,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
HALF_PAST_EIGHT_MS = 1795249800000
NINE_MS = 1795251600000


def page(*stamps: str, more: bool = True) -> dict[str, Any]:
    """A search answer with rows of these stamps."""
    rows = [{"id": str(index), "properties": {MODIFIED: stamp}} for index, stamp in enumerate(stamps, 1)]
    return {"total": 900, "results": rows, **({"paging": {"next": {"after": "2"}}} if more else {"total": len(rows)})}


def test_a_watermark_is_read_from_half_an_hour_before_it_up_to_now() -> None:
    place = first_place(Watermark(stamp=NOW), NOW, NOW)
    filters = changes_body(place, ["dealname"])["filterGroups"][0]["filters"]
    assert [(one["operator"], one["value"]) for one in filters] == [
        ("GTE", str(HALF_PAST_EIGHT_MS)),
        ("LTE", str(NINE_MS)),
    ]


def test_the_next_page_starts_at_the_last_stamp_and_uses_no_offset() -> None:
    place = first_place(Watermark(stamp=NOW), NOW, NOW)
    following = next_place(place, page("2026-11-21T08:40:00Z", "2026-11-21T08:45:00.250Z"))
    assert following is not None
    assert following.low_ms == HALF_PAST_EIGHT_MS + 15 * 60_000 + 250
    assert "after" not in changes_body(following, [])


def test_a_page_of_one_stamp_is_read_on_by_id_within_that_second() -> None:
    stamp = "2026-11-21T08:30:00Z"
    inside = next_place(first_place(Watermark(stamp=NOW), NOW, NOW), page(stamp, stamp))
    assert inside is not None
    assert inside.second_ms == HALF_PAST_EIGHT_MS
    body = changes_body(inside, [])
    assert body["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    assert {"propertyName": "hs_object_id", "operator": "GT", "value": "0"} in body["filterGroups"][0]["filters"]
    further = next_place(inside, page(stamp, stamp))
    assert further is not None
    assert further.after == "2"
    after_it = next_place(further, page(stamp, more=False))
    assert after_it is not None
    assert (after_it.second_ms, after_it.low_ms) == (None, HALF_PAST_EIGHT_MS + 1000)


def test_the_last_page_is_the_one_without_a_next() -> None:
    place = first_place(Watermark(stamp=NOW), NOW, NOW)
    assert next_place(place, page("2026-11-21T08:40:00Z", more=False)) is None
    assert next_place(place, {"results": []}) is None


@pytest.mark.parametrize(
    "place",
    [
        Place(kind="list", started_ms=1, mark_ms=1, after="abc"),
        Place(kind="search", started_ms=9, mark_ms=8, since_ms=2, low_ms=5, second_ms=5, after="77"),
        Place(kind="archived", started_ms=9, mark_ms=8, since_ms=2),
    ],
)
def test_a_place_survives_as_a_checkpoint(place: Place) -> None:
    assert first_place(checkpoint_of(place), NOW, NOW) == place


@pytest.mark.parametrize("cursor", ["", "x", "[]", '["other",1,2,3,4,5,6]', "{}"])
def test_a_checkpoint_that_cannot_be_read_starts_again(cursor: str) -> None:
    assert first_place(Checkpoint(cursor=cursor), NOW, NOW) == Place(kind="list", started_ms=NINE_MS, mark_ms=NINE_MS)


def test_a_search_never_grows_beyond_what_hubspot_takes() -> None:
    names = [f"hs_v2_date_entered_{number}" for number in range(200)]
    body = changes_body(first_place(Watermark(stamp=NOW), NOW, NOW), names)
    assert len(orjson.dumps(body)) < 3000
    assert not has_all_properties(body, names)
