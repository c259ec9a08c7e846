"""Peers that pull the same deals and do nothing else with them, each in a process of its own.

Every one asks for the same fields, pages as large as the CRM gives, and ends with rows in SQLite (WAL), except
hubspot-api-client's fetch_all, which ends with a list of models, as its documentation shows.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import requests

from tests.benchmarks.asked import PROPERTIES, SOQL, salesforce_session

BATCH = 2000
Row = tuple[str, str, str, bytes]


def main(arguments: list[str]) -> int:
    """`PEER FOLDER FOUND`, where FOUND is what the sandbox said, as JSON."""
    peer, folder, found = arguments[0], Path(arguments[1]), orjson.loads(arguments[2])
    started = time.monotonic()
    records = PEERS[peer](found, folder)
    told = {"records": records, "seconds": time.monotonic() - started}
    sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    return 0


def plain_salesforce(found: dict[str, Any], folder: Path) -> int:
    """requests and orjson, following nextRecordsUrl."""
    session = salesforce_session(found)

    def rows() -> Iterator[Row]:
        path, query = "/services/data/v62.0/query", {"q": SOQL}
        while path:
            page = orjson.loads(session.get(found["url"] + path, params=query).content)
            yield from map(_salesforce_row, page["records"])
            path, query = page.get("nextRecordsUrl"), {}

    return _store(rows(), folder / "plain-salesforce.sqlite3")


def simple_salesforce(found: dict[str, Any], folder: Path) -> int:
    """query_all_iter of simple-salesforce."""
    from simple_salesforce.api import Salesforce

    session = salesforce_session(found)
    token = str(session.headers["Authorization"]).removeprefix("Bearer ")
    client = Salesforce(session_id=token, instance_url=found["url"], session=session, version="62.0")
    rows = map(_salesforce_row, client.query_all_iter(SOQL))
    return _store(rows, folder / "simple-salesforce.sqlite3")


def plain_hubspot(found: dict[str, Any], folder: Path) -> int:
    """requests and orjson, following paging.next.after; all deals, as HubSpot's list gives them."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {found['token']}"

    def rows() -> Iterator[Row]:
        query: dict[str, str] | None = {"limit": "100", "properties": PROPERTIES, "associations": "companies,contacts"}
        while query:
            page = orjson.loads(session.get(found["url"] + "/crm/v3/objects/deals", params=query).content)
            for each in page["results"]:
                yield each["id"], each["properties"].get("dealname") or "", each["updatedAt"], orjson.dumps(each)
            following = page.get("paging", {}).get("next")
            query = {**query, "after": following["after"]} if following else None

    return _store(rows(), folder / "plain-hubspot.sqlite3")


def hubspot_client(found: dict[str, Any], folder: Path) -> int:
    """fetch_all of hubspot-api-client."""
    from hubspot import HubSpot

    client = HubSpot(access_token=found["token"])
    api = client.crm.deals
    basic = api.basic_api
    basic.api_client.configuration.host = found["url"]
    from hubspot.utils.objects import fetch_all

    return len(fetch_all(basic, properties=PROPERTIES.split(","), associations=["companies", "contacts"]))


def _salesforce_row(record: dict[str, Any]) -> Row:
    return record["Id"], record["Name"], record["LastModifiedDate"], orjson.dumps(record)


def _store(rows: Iterable[Row], path: Path) -> int:
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("CREATE TABLE deals (id TEXT PRIMARY KEY, name TEXT, modified TEXT, record TEXT)")
    batch: list[Row] = []
    count = 0
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            count += _save(base, batch)
            batch = []
    return count + _save(base, batch)


def _save(base: sqlite3.Connection, batch: list[Row]) -> int:
    with base:
        base.executemany("INSERT INTO deals VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", batch)
    return len(batch)


PEERS: dict[str, Callable[[dict[str, Any], Path], int]] = {
    "plain-salesforce": plain_salesforce,
    "simple-salesforce": simple_salesforce,
    "plain-hubspot": plain_hubspot,
    "hubspot-client": hubspot_client,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
