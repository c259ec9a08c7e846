"""Large books on the real command line: changed all at once, and shown twenty minutes late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.torture.books import Book, open_hubspot, open_salesforce
from tests.torture.command_line import CommandLine
from tests.torture.emulators.hubspot import HubSpot
from tests.torture.emulators.salesforce import Salesforce
from tests.torture.emulators.wire import now
from tests.torture.oracle import ledger_balances

pytestmark = pytest.mark.slow
Opened = tuple[Book, CommandLine]
KINDS: dict[str, Callable[..., Opened]] = {
    "salesforce": lambda folder, **more: open_salesforce(folder, full=True, seed=3, **more),
    "hubspot": lambda folder, page, **more: open_hubspot(
        folder, HubSpot(full=True, page=page, multi_status=200), seed=3, **more
    ),
}


@pytest.fixture(params=KINDS)
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Makes a book of a given size in a folder, and closes it in the end."""
    made: list[Opened] = []

    def open_(folder: str, **more: int) -> Opened:
        (tmp_path / folder).mkdir()
        made.append(KINDS[request.param](tmp_path / folder, **more))
        return made[-1]

    yield open_
    for book, _ in made:
        book.crm.stop()


def connected(opened: Opened) -> Opened:
    """Connected, with the emulator's pace as the only limit."""
    book, line = opened
    line.environment = {**line.environment, "REKINDLE_HTTP_READ_TIMEOUT_S": "60"}
    book.connect(line)
    if isinstance(book.crm, HubSpot):
        line.must("connections", "set", "acme", "burst_rate=0")
        line.must("connections", "set", "acme", "search_rate=0")
    else:
        line.must("connections", "set", "acme", "bulk_threshold=0")
        # What a killed process held of the calls at once comes free after two time-outs only: long ones, here.
        line.must("connections", "set", "acme", "concurrent_calls=0")
    return book, line


def test_25_000_deals_of_one_stamp_all_arrive(opening: Callable[..., Opened]) -> None:
    book, line = connected(opening("book", deals=40, page=200))
    line.must("sync", "--json")
    lost = set(book.lost())
    at = now() - timedelta(minutes=1)
    with book.crm.lock:
        many = {made(book, number, at) for number in range(25_000)}
    publish(book)

    told = line.must("sync", "--json", tries=2).json()

    assert told["new"] == len(many)
    assert set(book.lost()) == lost | many
    ledger_balances(book, line)


def test_deals_that_are_shown_twenty_minutes_late_arrive(opening: Callable[..., Opened]) -> None:
    book, line = connected(opening("book", deals=40, page=200))
    line.must("sync", "--json")
    line.must("sync", "--json")
    with book.crm.lock:
        for number in range(30):
            made(book, number, now() - timedelta(minutes=20))
    publish(book)

    assert line.must("sync", "--json").json()["new"] == 30
    ledger_balances(book, line)


def made(book: Book, number: int, at: object) -> str:
    """A lost deal with that stamp."""
    crm = book.crm
    day = now().date().isoformat()
    if isinstance(crm, HubSpot):
        values = {
            "dealname": f"Late {number}",
            "pipeline": "default",
            "dealstage": "closedlost",
            "closedate": f"{day}T00:00:07Z",
        }
        return crm.insert("deals", values, at=at)  # type: ignore[arg-type]  # an instant
    assert isinstance(crm, Salesforce)
    return crm.insert(
        "Opportunity",
        {"Name": f"Late {number}", "StageName": "Closed Lost", "CloseDate": day, "OwnerId": crm.integration_user},
        at=at,  # type: ignore[arg-type]  # an instant
    )


def publish(book: Book) -> None:
    if isinstance(book.crm, HubSpot):
        book.crm.publish_all()
