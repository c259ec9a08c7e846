"""Whatever a CRM's texts hold, every page shows them as text, and no table holds a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from connectors.json_text import parse_json
from mappings.model import Account, Money
from mappings.taxonomy import Category
from service.reviews.making import make_review
from service.store.models import OwnerRow
from service.store.people import record_action
from tests.integration.sets_world import TODAY
from tests.integration.web.desk import Desk, open_desk

TEXTS = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "formula": '=HYPERLINK("https://bad.example","see")',
    "template": "{{ 7 * 7191 }} ${7 * 7191}",
    "right to left": "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd",
    "nul": "a\x00b\x07c",
    "half a pair": parse_json(b'"a\\ud800b\\udc00c"'),  # as a connector reads it
    "a megabyte": "<b>x" * 250_000,
}
WEEK = "2026-W47"
QUICK = ("script", "formula", "half a pair")
FILLED = {"name": "acme", "week": WEEK, "kind": "mappings", "crm": "hubspot", "deal_row_id": 1, "preview_id": 1}
LARGEST = 4_000_000
"""Characters of a page that a phone still opens: the deal's own page has its notes at length."""
LEFT_OUT = {"site.oauth_callback", "site.static"}
"""The CRM's answer to a sign-in; files."""


@contextmanager
def hostile_desk(home: Path, text: str) -> Iterator[Desk]:
    """An installation where everything that comes from a CRM is that text."""
    with open_desk(home) as desk:
        sets = desk.sets
        lost = [_deal(desk, f"d{number}", text, TODAY - timedelta(days=number)) for number in range(1, 4)]
        sets.read(*lost, sets.lost("priced", "Price", name=text, account=Account(id="A", name=text)))
        sets.assign("Price", to=Category.TIMING)
        long_ago = sets.now - timedelta(days=30)
        sets.set(crm="hubspot", account_name=text[:255], last_sync_at=sets.now, created_at=long_ago)
        with sets.store.begin() as tx:
            tx.execute(update(OwnerRow).where(OwnerRow.owner_id == "rep-1").values(name=text))
            record_action(tx, who="ada@example.com", what="edit", subject=text[:100], says=text, now=sets.now)
        make_review(sets.app, WEEK)
        browser = desk.enter()
        browser.open("/reasons")
        browser.send("/changes/start", kind="mappings")
        yield desk


def _deal(desk: Desk, id_: str, text: str, lost_on: date) -> Any:
    return desk.sets.lost(
        id_,
        text,
        f"They chose {text} instead. Contract until 31 March 2027.",
        name=text,
        account=Account(id=f"A-{id_}", name=text, country="DE", industry=text),
        competitor=text,
        lost_on=lost_on,
        amount=Money(amount=Decimal(1000), currency="EUR"),
    )


def _paths(desk: Desk) -> Iterator[str]:
    """Every page of the web app that is read, whatever pages there will be."""
    with desk.service.test_request_context():
        adapter = desk.service.create_url_adapter(None) or desk.service.url_map.bind("localhost")
        for rule in desk.service.url_map.iter_rules():
            if rule.endpoint.startswith("site.") and rule.endpoint not in LEFT_OUT and "GET" in (rule.methods or ()):
                yield adapter.build(rule.endpoint, {name: FILLED[name] for name in rule.arguments})
    yield from ("/reminders?bucket=later", "/?span=52w", "/deals?span=13w&plan=none", "/reasons?q=x")


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, id=name, marks=[] if name in QUICK else [pytest.mark.slow]) for name, text in TEXTS.items()],
)
def test_every_page_shows_it_as_text_and_no_table_holds_a_formula(tmp_path: Path, text: str) -> None:
    with hostile_desk(tmp_path, text) as desk:
        browser, seen, large = desk.enter(), 0, {}
        for path in _paths(desk):
            answer = browser.client.get(path)
            body = answer.get_data().decode("utf-8-sig")  # what is no UTF-8 fails here

            assert answer.status_code < 500, path
            if answer.mimetype == "text/html":
                _is_text(body, path)
            elif answer.mimetype == "text/csv":
                _is_table(body, path)
            if len(body) > LARGEST:
                large[path] = len(body)
            seen += answer.status_code == 200
        assert seen >= 25, "most pages are there"
        assert large == {}


def _is_text(body: str, path: str) -> None:
    for broken in ("<script>alert", "<img src=x", "<b>x<b>", "\x00", str(7 * 7191)):
        assert broken not in body, path


def _is_table(body: str, path: str) -> None:
    csv.field_size_limit(10_000_000)
    rows = list(csv.reader(io.StringIO(body)))
    assert len(rows) > 1, path
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))], path
