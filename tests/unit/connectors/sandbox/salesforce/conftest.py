"""One org for each test, reached as any client would reach it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.sandbox.book import Book
from connectors.sandbox.salesforce import OrgSettings, SalesforceOrg
from connectors.sandbox.server import serve
from tests.unit.connectors.sandbox.salesforce.client import Client, Clock, small_book


@pytest.fixture(scope="session")
def book() -> Book:
    return small_book()


@pytest.fixture
def settings() -> OrgSettings:
    return OrgSettings()


@pytest.fixture
def crm(book: Book, settings: OrgSettings) -> Iterator[Client]:
    clock = Clock()
    with serve(SalesforceOrg(book, settings), now=clock) as server:
        client = Client(server.url, server.app, server.faults, clock)
        client.session.trust_env = False
        client.log_in()
        with client.session:
            yield client
