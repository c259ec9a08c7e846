"""Many records in one request: read by id, follow associations, change. Each input gets its own outcome.

https://developers.hubspot.com/docs/api-reference/error-handling: a batch can be answered 207, or 200 and 201, with
`errors` beside `results`; or as a whole with 400 because of one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from connectors.errors import (
    ConnectorError,
    Gone,
    MissingPermission,
    RateLimited,
    Rejected,
    ServerError,
    Transient,
    Unclear,
    Unsupported,
)
from connectors.hubspot.answers import Json, message_of, missing_scopes, rejected
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.queries import ASSOCIATION_LIMIT, BATCH_LIMIT, ids_body, next_cursor
from connectors.hubspot.tasks import is_error, rows_of

T = TypeVar("T")
OPTIONAL = (MissingPermission, Unsupported, Gone, Rejected)
"""Errors after which a read that is nice to have is left out, with a warning."""


def in_chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def read_by_ids(
    client: HubSpotClient,
    object_type: str,
    ids: Sequence[str],
    properties: Sequence[str],
    *,
    kind: str,
    archived: bool = False,
) -> Iterator[Json]:
    """The rows of the records that exist, in any order. A merged record's row has another id than was asked for."""
    path = client.paths.batch(object_type, "read")
    query = {"archived": "true"} if archived else None
    judge = partial(_raise_unless_missing, where=client.where)
    for chunk in in_chunks(list(dict.fromkeys(ids)), BATCH_LIMIT):
        try:
            told = client.read(path, ids_body(chunk, properties), kind=kind, query=query, judge=judge)
        except Gone:  # some servers answer 404 where none of the ids exists
            continue
        yield from rows_of(told, "results")


def _raise_unless_missing(told: Json, *, where: str) -> None:
    """A record that is not there is an answer; a record that could not be read is none."""
    for row in rows_of(told, "errors"):
        error = error_of_row(row, where)
        if not isinstance(error, (Gone, Rejected)):
            raise error


@dataclass(frozen=True, slots=True)
class Link:
    """One association: the record at the other end, and whether HubSpot calls it the primary one."""

    to_id: str
    is_primary: bool = False


# Association types that mark the primary company of a deal, and the primary deal side of it.
_PRIMARY_TYPES = frozenset({1, 5, 6})


def read_links(
    client: HubSpotClient, from_type: str, to_type: str, ids: Sequence[str], *, kind: str = "associations"
) -> dict[str, list[Link]]:
    """What each record is associated with, all pages; records without an association are left out."""
    path = client.paths.associations(from_type, to_type)
    judge = partial(_raise_unless_missing, where=client.where)
    links: dict[str, dict[str, Link]] = {}
    waiting: list[Json] = [{"id": each} for each in dict.fromkeys(ids)]
    while waiting:
        chunk, waiting = waiting[:ASSOCIATION_LIMIT], waiting[ASSOCIATION_LIMIT:]
        try:
            told = client.read(path, {"inputs": chunk}, kind=kind, judge=judge)
        except Gone:  # some servers answer 404 where none of them has an association
            continue
        for row in rows_of(told, "results"):
            from_id = str((row.get("from") or {}).get("id"))
            found = links.setdefault(from_id, {})
            for target in row.get("to") or ():
                link = _link(target)
                found[link.to_id] = link
            after = next_cursor(row)
            if after:
                waiting.append({"id": from_id, "after": after})
    return {from_id: list(found.values()) for from_id, found in links.items()}


def _link(target: Json) -> Link:
    types = target.get("associationTypes") or ()
    is_primary = any(
        each.get("typeId") in _PRIMARY_TYPES or str(each.get("label") or "").lower() == "primary" for each in types
    )
    return Link(str(target.get("toObjectId", target.get("id"))), is_primary)


def change_rows(client: HubSpotClient, path: str, inputs: Sequence[Json]) -> list[Json | ConnectorError]:
    """Send a batch update: for each input its row or its error, in order.

    A batch refused as a whole is halved until the bad rows stand alone. Values once refused are not sent again with
    other rows: a hundred rows with the same unknown option cost a few requests, not two hundred.
    """
    return _change(client, path, inputs, {})


_ABOUT_VALUES = frozenset({"INVALID_OPTION", "PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})


def _change(
    client: HubSpotClient, path: str, inputs: Sequence[Json], refused: dict[frozenset[Any], Rejected]
) -> list[Json | ConnectorError]:
    known = [refused.get(_values(each)) for each in inputs]
    fresh = [each for each, error in zip(inputs, known, strict=True) if error is None]
    outcomes = iter(_send_changes(client, path, fresh, refused) if fresh else [])
    return [error if error is not None else next(outcomes) for error in known]


def _send_changes(
    client: HubSpotClient, path: str, inputs: Sequence[Json], refused: dict[frozenset[Any], Rejected]
) -> list[Json | ConnectorError]:
    try:
        told = client.change(path, {"inputs": list(inputs)})
    except (Rejected, Gone) as error:
        if len(inputs) == 1:
            if isinstance(error, Rejected) and error.code in _ABOUT_VALUES:
                refused[_values(inputs[0])] = error
            return [error]
        middle = len(inputs) // 2
        first = _change(client, path, inputs[:middle], refused)
        return [*first, *_change(client, path, inputs[middle:], refused)]
    except ConnectorError as error:
        return [error] * len(inputs)
    return _by_input(inputs, told, client.where)


def _by_input(inputs: Sequence[Json], told: Json, where: str) -> list[Json | ConnectorError]:
    found: dict[str, Json] = {}
    loose: list[Json] = []
    for row in rows_of(told, "errors"):
        names = [name for key in ("ids", "id", "objectWriteTraceId") for name in _context(row, key)]
        found.update(dict.fromkeys(names, row))
        if not names:
            loose.append(row)
    found.update({str(row.get("id")): row for row in rows_of(told, "results")})
    outcomes: list[Json | ConnectorError] = []
    for each in inputs:
        told_of = (
            found.get(each["id"]) or found.get(each.get("objectWriteTraceId", "")) or (loose.pop(0) if loose else None)
        )
        if told_of is None:
            outcomes.append(Unclear(f"{where}: the answer to a batch says nothing about one of its rows."))
        else:
            outcomes.append(error_of_row(told_of, where) if is_error(told_of) else told_of)
    return outcomes


def error_of_row(row: Json, where: str) -> ConnectorError:
    """What an error inside a batch's answer means for its row."""
    category = str(row.get("category") or "").upper()
    said = message_of(row) or category or "no reason given"
    what = f"{where}: HubSpot refuses this record: {said}"
    if category == "OBJECT_NOT_FOUND" or str(row.get("subCategory")).endswith("NO_ASSOCIATIONS_FOUND"):
        return Gone(what)
    if category == "MISSING_SCOPES":
        scopes = " ".join(missing_scopes(row))
        remedy = f"Give the app the scope {scopes} in HubSpot."
        return MissingPermission(what, scope=scopes, remedy=remedy, is_general=True)
    if category.startswith("RATE_LIMIT"):
        return RateLimited(what, retry_after_s=10.0)
    if category == "LOCKED":
        return Transient(what, retry_after_s=2.0)
    if category in {"INTERNAL_ERROR", "SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"}:
        return ServerError(what)
    return rejected(row, what)


def _context(row: Json, key: str) -> list[str]:
    context = row.get("context")
    named = context.get(key) if isinstance(context, Mapping) else None
    return [str(each) for each in (named if isinstance(named, list) else [named] if named else [])]


def _values(each: Json) -> frozenset[Any]:
    return frozenset((each.get("properties") or {}).items())
