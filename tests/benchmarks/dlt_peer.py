"""dlt pulling the same deals: pages as the CRM gives them, merged by their id into DuckDB: its best set-up here.

It runs in an environment of its own (`environments.py`); nothing of ours is imported. One resource with a page an item,
no child tables, and the files between its steps as Parquet.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import requests

from tests.benchmarks.asked import PROPERTIES, SOQL, salesforce_session

Page = list[dict[str, Any]]


def main(arguments: list[str]) -> int:
    """`CRM FOLDER FOUND`, where FOUND is what the sandbox said, as JSON."""
    crm, folder, found = arguments[0], Path(arguments[1]), orjson.loads(arguments[2])
    os.environ |= {"DLT_DATA_DIR": str(folder / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    started = time.monotonic()
    records = _load(PAGES[crm](found), folder / "dlt-pipelines")
    told = {"records": records, "seconds": time.monotonic() - started}
    sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    return 0


def _load(pages: Iterator[Page], folder: Path) -> int:
    import dlt  # type: ignore[import-not-found]  # it is there in that environment alone

    key = "id"
    resource = dlt.resource(pages, name="deals", primary_key=key, write_disposition="merge", max_table_nesting=0)
    target = dlt.destinations.duckdb(str(folder) + ".duckdb")
    pipeline = dlt.pipeline("first_read", pipelines_dir=str(folder), destination=target, dataset_name="crm")
    pipeline.run(resource, loader_file_format="parquet")
    with pipeline.sql_client() as client:
        rows = client.execute_sql("SELECT count(*) FROM deals")
    return int(rows[0][0]) if rows else 0


def _salesforce(found: dict[str, Any]) -> Iterator[Page]:
    session = salesforce_session(found)
    path, query = "/services/data/v62.0/query", {"q": SOQL}
    while path:
        page = orjson.loads(session.get(found["url"] + path, params=query).content)
        yield page["records"]
        path, query = page.get("nextRecordsUrl"), {}


def _hubspot(found: dict[str, Any]) -> Iterator[Page]:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {found['token']}"
    query: dict[str, str] | None = {"limit": "100", "properties": PROPERTIES, "associations": "companies,contacts"}
    while query:
        page = orjson.loads(session.get(found["url"] + "/crm/v3/objects/deals", params=query).content)
        yield page["results"]
        following = page.get("paging", {}).get("next")
        query = {**query, "after": following["after"]} if following else None


PAGES: dict[str, Callable[[dict[str, Any]], Iterator[Page]]] = {"salesforce": _salesforce, "hubspot": _hubspot}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
