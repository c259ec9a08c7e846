"""Bulk API 2.0 queries: for reads too large for REST.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from connectors.base import Kit
from connectors.errors import ServerError, Unsupported
from connectors.salesforce.client import Call, Client
from connectors.salesforce.values import Record

FIRST_POLL_S, LAST_POLL_S = 1.0, 15.0
_DONE, _FAILED = frozenset({"JobComplete"}), frozenset({"Failed", "Aborted"})


def start_job(client: Client, soql: str) -> str:
    """The id of a new query job. Raises Permanent where the org or the user has no Bulk API."""
    body = {
        "operation": "query", "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
    }  # fmt: skip
    # A job started twice only costs a job: the answer's id is the one that is read.
    content = client.json(Call(method="POST", path="jobs/query", kind="bulk", doing="a bulk query", body=body))
    job = content.get("id") if isinstance(content, dict) else None
    if not job:
        raise Unsupported(f"{client.where}: the bulk query was not accepted.")
    return str(job)


def wait_for_job(client: Client, kit: Kit, job: str, *, at_most_s: float) -> None:
    """Returns when the job's results are ready. Raises Unsupported where it failed, ServerError where it takes long."""
    waited, pause = 0.0, FIRST_POLL_S
    while True:
        content = client.json(Call(path=f"jobs/query/{job}", kind="bulk", doing="a bulk query's state"))
        state = str(content.get("state")) if isinstance(content, dict) else ""
        if state in _DONE:
            return
        if state in _FAILED:
            raise Unsupported(f"{client.where}: the bulk query {state.lower()}.")
        if waited >= at_most_s:
            raise ServerError(f"{client.where}: the bulk query is not ready after {at_most_s:.0f} s.")
        kit.http.sleep(pause)
        waited += pause
        pause = min(pause * 1.5, LAST_POLL_S)


def fetch_results(
    client: Client, job: str, *, version: str, locator: str, page_size: int, header: Sequence[str]
) -> tuple[list[Record], tuple[str, ...], str]:
    """One page of results: the records, the columns, and the next page's locator ("" on the last page).

    Results must be asked for with the version the job was made with. `header` is the known columns, if any.
    """
    more = f"&locator={locator}" if locator else ""
    answer = client.send(
        Call(
            path=f"/services/data/v{version}/jobs/query/{job}/results?maxRecords={page_size}{more}",
            kind="bulk",
            doing="a bulk query's results",
            headers={"Accept": "text/csv"},
        )
    )
    if answer.body.lstrip()[:1] == b"<":
        raise ServerError(f"{client.where}: a page came instead of a bulk query's results.")
    columns, records = parse_csv(answer.body, header)
    following = answer.headers.get("Sforce-Locator", "").strip()
    return records, columns, "" if following.lower() == "null" else following


def parse_csv(body: bytes, header: Sequence[str]) -> tuple[tuple[str, ...], list[Record]]:
    """The columns and records of one page. The columns may be repeated on every page, or stand on the first only."""
    text = io.TextIOWrapper(io.BytesIO(body.replace(b"\0", b"")), encoding="utf-8-sig", errors="replace", newline="")
    rows = csv.reader(text)
    first = next(rows, None)
    if first is None:
        return tuple(header), []
    is_header = not header or [name.lower() for name in first] == [name.lower() for name in header]
    columns = tuple(first) if is_header else tuple(header)
    records = [] if is_header else [_record(columns, first)]
    records += [_record(columns, row) for row in rows if row]
    return columns, records


def _record(columns: Sequence[str], row: Sequence[str]) -> Record:
    """A row in the shape of a REST record: relations nested, empty cells None."""
    record: dict[str, Any] = {}
    for name, cell in zip(columns, row, strict=False):
        value = cell if cell != "" else None
        relation, dot, rest = name.partition(".")
        if dot:
            related = record.setdefault(relation, {})
            related[rest] = value
        else:
            record[name] = value
    return record
