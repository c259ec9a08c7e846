"""The portal behind a real socket, with a whole book."""

from __future__ import annotations

from datetime import date

import requests

from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot import DEMO_TOKEN, HubSpotPortal
from connectors.sandbox.server import serve
from tests.unit.connectors.sandbox.hubspot.client import NOW, condition, task_row

BOOK = make_book(deals=250, today=date(2026, 11, 20))


def _session() -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {DEMO_TOKEN}"
    return session


def test_a_book_can_be_listed_over_http_and_its_losses_counted() -> None:
    with serve(HubSpotPortal(BOOK), now=lambda: NOW) as server, _session() as http:
        rows, after = [], None
        while True:
            params = {"limit": "100", "properties": "hs_is_closed_lost", **({"after": after} if after else {})}
            page = http.get(f"{server.url}/crm/v3/objects/deals", params=params, timeout=60).json()
            rows += page["results"]
            after = page.get("paging", {}).get("next", {}).get("after")
            if after is None:
                break
        lost = {"filterGroups": [{"filters": [condition("hs_is_closed_lost", "EQ", "true")]}]}
        found = http.post(f"{server.url}/crm/v3/objects/deals/search", json=lost, timeout=60).json()

    assert len(rows) == len(BOOK.deals)
    wanted = sum(deal.state == "lost" for deal in BOOK.deals)
    assert sum(row["properties"]["hs_is_closed_lost"] == "true" for row in rows) == found["total"] == wanted


def test_a_connection_cut_after_the_write_leaves_the_task_in_the_portal() -> None:
    with serve(HubSpotPortal(BOOK), now=lambda: NOW) as server, _session() as http:
        server.faults.add(Fault(method="POST", path="tasks", close="after"))
        try:
            http.post(f"{server.url}/crm/v3/objects/tasks", json=task_row(), timeout=60)
        except requests.ConnectionError:
            answered = False
        else:
            answered = True

        assert not answered
        assert len(server.app.tasks()) == 1


def test_a_test_in_another_process_can_edit_and_read_the_portal() -> None:
    with serve(HubSpotPortal(BOOK), now=lambda: NOW) as server, _session() as http:
        deal = server.app.snapshot()["deals"][0]["id"]
        own = f"{server.url}/__sandbox__"
        edit = {"type": "deals", "ids": [deal], "properties": {"amount": "5"}}
        edited = http.post(f"{own}/edit", json=edit, timeout=60)
        read = http.post(f"{own}/record", json={"type": "deals", "id": deal}, timeout=60).json()

    assert edited.status_code == 200
    assert read["properties"]["amount"] == "5"
