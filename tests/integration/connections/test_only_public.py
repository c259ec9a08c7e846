"""A connection whose address a user of the app entered never leads inside, whatever its name stands for later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import Unreachable
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.server import RunningServer, serve
from service import clock
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.errors import UsageFault
from service.store.connections import connection_named
from service.sync.runner import sync


@pytest.fixture
def crm() -> Iterator[RunningServer[HubSpotPortal]]:
    with serve(HubSpotPortal(make_book(3, deals=20, today=clock.now().date())), now=clock.now) as found:
        yield found


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    found = open_app(Settings(home=tmp_path), sleep=lambda _: None)
    yield found
    found.store.dispose()


def wanted(url: str, *, by_user: bool) -> Wanted:
    return Wanted(
        crm="hubspot", name="acme", url=url, auth="token", credentials={"token": DEMO_TOKEN}, only_public=by_user
    )


def test_a_user_reaches_nothing_inside_and_nothing_is_kept(app: App, crm: RunningServer[HubSpotPortal]) -> None:
    with pytest.raises(Unreachable, match="private network"):
        connect(app, wanted(crm.url, by_user=True))
    assert crm.calls.by_kind() == {}
    with app.store.read() as tx, pytest.raises(UsageFault, match="acme"):
        connection_named(tx, "acme")


def test_a_name_that_leads_inside_after_it_was_entered_is_not_followed(
    app: App, crm: RunningServer[HubSpotPortal]
) -> None:
    connect(app, wanted(crm.url, by_user=False))
    sync(app, "acme", monotonic=clock.monotonic)
    with app.store.begin() as tx:
        connection_named(tx, "acme").only_public = True
    with pytest.raises(Unreachable, match="private network"):
        sync(app, "acme", monotonic=clock.monotonic)


def test_the_operator_who_connects_again_takes_the_address_over(app: App, crm: RunningServer[HubSpotPortal]) -> None:
    connect(app, wanted(crm.url, by_user=False))
    with app.store.begin() as tx:
        connection_named(tx, "acme").only_public = True
    connect(app, wanted(crm.url, by_user=False))
    assert sync(app, "acme", monotonic=clock.monotonic).as_json()["read"]
