"""A sandbox CRM for the pages' tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.server import serve

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@contextmanager
def crm_url() -> Iterator[tuple[str, str]]:
    """A HubSpot portal with a book of deals: its address and token."""
    portal = HubSpotPortal(make_book(11, deals=60, today=NOW.date()))
    with serve(portal, now=lambda: NOW) as server:
        yield server.url, DEMO_TOKEN
