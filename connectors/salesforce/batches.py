"""Writing up to 200 records in one call, each with its own outcome.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Kit
from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, ServerError, Unclear
from connectors.salesforce.answers import Fault, fault_error, first_fault, record_faults
from connectors.salesforce.client import Call, Client
from connectors.salesforce.ids import long_id
from connectors.salesforce.queries import in_parts

BATCH = 200
_OF_AN_OBJECT = frozenset({"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "NO_ACCESS", "INVALID_TYPE"})
LOCKED = "UNABLE_TO_LOCK_ROW"


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was written."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not, or perhaps not: the error, and the fault that Salesforce named, if any."""

    error: ConnectorError
    fault: Fault | None = None


Result = Written | Refused


class CollectionWriter:
    """Sends records in batches; a whole batch that fails fails for each of its records, and is not raised."""

    def __init__(self, client: Client, kit: Kit) -> None:
        self._client = client
        self._kit = kit
        self._stopped: ConnectorError | None = None  # what makes every further batch of this write useless

    def create(self, records: Sequence[dict[str, Any]], *, doing: str) -> list[Result]:
        """New records. Not repeatable: a lost answer is Unclear."""
        return self._written(records, self._post(doing))

    def upsert(self, records: Sequence[dict[str, Any]], *, sobject: str, key_field: str, doing: str) -> list[Result]:
        """Records that exist once for each key."""
        return self._written(records, self._patch(f"composite/sobjects/{sobject}/{key_field}", doing))

    def update(self, records: Sequence[dict[str, Any]], *, doing: str) -> list[Result]:
        """Records by their id."""
        return self._written(records, self._patch("composite/sobjects", doing))

    def delete(self, ids: Sequence[str], *, doing: str) -> list[Result]:
        """Removes records by id."""

        def call(batch: Sequence[dict[str, Any]]) -> Call:
            joined = ",".join(str(one["id"]) for one in batch)
            path = f"composite/sobjects?ids={joined}&allOrNone=false"
            return Call(method="DELETE", path=path, kind="write", doing=doing, writes=True)

        return self._written([{"id": one} for one in ids], call)

    def _post(self, doing: str) -> Callable[[Sequence[dict[str, Any]]], Call]:
        return lambda batch: Call(
            method="POST",
            path="composite/sobjects",
            kind="write",
            doing=doing,
            body={"allOrNone": False, "records": list(batch)},
            writes=True,
            repeatable=False,
        )

    def _patch(self, path: str, doing: str) -> Callable[[Sequence[dict[str, Any]]], Call]:
        return lambda batch: Call(
            method="PATCH",
            path=path,
            kind="write",
            doing=doing,
            body={"allOrNone": False, "records": list(batch)},
            writes=True,
        )

    def _written(
        self, records: Sequence[dict[str, Any]], call: Callable[[Sequence[dict[str, Any]]], Call]
    ) -> list[Result]:
        """Results in the order of the records. Those that met a lock are sent again, with pauses."""
        self._stopped = None
        results: dict[int, Result] = {}
        waiting = self._sorted(records)
        for attempt in range(1, self._kit.http.settings.max_tries + 1):
            for part in _without_doubles(records, waiting):
                for batch in in_parts(part, BATCH):
                    results.update(zip(batch, self._one_batch([records[n] for n in batch], call), strict=True))
            waiting = [number for number in waiting if _is_locked(results[number])]
            if not waiting or attempt == self._kit.http.settings.max_tries:
                break
            self._kit.http.sleep(self._kit.http.wait_before(attempt, None))
        return [results[number] for number in range(len(records))]

    @staticmethod
    def _sorted(records: Sequence[dict[str, Any]]) -> list[int]:
        """By the record they hang on, because tasks of one deal or account lock each other."""
        return sorted(range(len(records)), key=lambda number: str(records[number].get("WhatId") or ""))

    def _one_batch(
        self, batch: Sequence[dict[str, Any]], call: Callable[[Sequence[dict[str, Any]]], Call]
    ) -> list[Result]:
        if self._stopped:
            return [Refused(self._stopped)] * len(batch)
        try:
            answer = self._client.json(call(batch))
        except ConnectorError as error:
            if isinstance(error, NeedsReconnect | RateLimited):
                self._stopped = error
            return [Refused(error)] * len(batch)
        rows = answer if isinstance(answer, list) else []
        doing = call(batch).doing
        results = [self._result(row, doing) for row in rows[: len(batch)]]
        lost = Unclear(f"{self._client.where}: Salesforce's answer to {doing} does not name every record.")
        return results + [Refused(lost)] * (len(batch) - len(results))

    def _result(self, row: object, doing: str) -> Result:
        if not isinstance(row, dict):
            return Refused(Unclear(f"{self._client.where}: Salesforce's answer to {doing} cannot be read."))
        if row.get("success") is True and row.get("id"):
            return Written(long_id(str(row["id"])))
        fault = first_fault(record_faults(row.get("errors")))
        return Refused(fault_error(fault, where=self._client.where, doing=doing), fault)


def is_about_object(fault: Fault | None) -> bool:
    """Whether a refusal can be about all records of an object, and not about those that this one refers to."""
    if fault is None:
        return False
    code = fault.code.upper()
    is_closed = code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and "entity type cannot be" in fault.message.lower()
    return is_closed or code in _OF_AN_OBJECT


def _is_locked(result: Result) -> bool:
    if not isinstance(result, Refused) or not isinstance(result.error, ServerError):
        return False
    return result.fault is not None and result.fault.code == LOCKED


def _without_doubles(records: Sequence[dict[str, Any]], numbers: Sequence[int]) -> list[list[int]]:
    """The numbers in runs in which no record id stands twice: one call may name an id only once."""
    runs: list[list[int]] = []
    seen: list[set[str]] = []
    for number in numbers:
        record_id = str(records[number].get("id") or f"new {number}")
        place = next((n for n, ids in enumerate(seen) if record_id not in ids), len(runs))
        if place == len(runs):
            runs.append([])
            seen.append(set())
        runs[place].append(number)
        seen[place].add(record_id)
    return runs
