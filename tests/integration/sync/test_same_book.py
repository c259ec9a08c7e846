"""One book of deals, held in Salesforce and in HubSpot: the same audit, the same plans, the same tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.base import Role
from connectors.sandbox.book import Book
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import serve
from service import operations
from service.audit.lens import Lens, Period
from service.audit.report import audit
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.golive.report import GoLiveRequest
from service.store.models import ConnectionRow, DealRow, EpisodeRow, PlanRow
from service.sync.runner import sync
from tests.integration.people_world import MONDAY

# An admin says on either side which field states the reason and which tells the story, and what an org's money is.
REASON_AND_STORY = {
    "salesforce": {Role.REASON: ("Loss_Reason__c",), Role.NOTES: ("Loss_Notes__c",)},
    "hubspot": {Role.REASON: ("lost_reason",), Role.NOTES: ("closed_lost_reason",)},
}


@dataclass
class Held:
    """What became of the book in one CRM, by the book's own numbers and names."""

    audit: dict[str, Any]
    announced: dict[str, Any]
    plans: list[Any]
    tasks: list[tuple[str, date]]


def held_in(crm: str, book: Book, folder: Path) -> Held:
    """Sync, go live, and look."""
    is_org = crm == "salesforce"
    app_of: Any = SalesforceOrg(book, OrgSettings()) if is_org else HubSpotPortal(book, PortalSettings(limits=None))
    folder.mkdir()
    with opened_at(crm, app_of, folder) as app:
        with app.store.begin() as tx:
            connection = tx.scalars(select(ConnectionRow)).one()
            connection.fallback_owner_id = manager_id(book, app_of)
        sync(app, "acme", monotonic=lambda: 0.0)
        report, _ = operations.go_live(app, "acme", GoLiveRequest())
        return Held(audit=_audit(app), announced=report.as_json(), plans=_plans(app), tasks=_tasks(crm, app_of))


def manager_id(book: Book, sandbox: Any) -> str:
    """Whoever leads the rep who left: an org knows that, a portal has to be told."""
    (leaver,) = [user for user in book.users if not user.is_active]
    number = leaver.manager_number or 1
    if isinstance(sandbox, SalesforceOrg):
        return sandbox.loaded.users[number]
    return str(sorted(sandbox.state.owners)[number - 1])


@contextmanager
def opened_at(crm: str, sandbox: Any, folder: Path) -> Iterator[App]:
    """An installation with its home in the folder, connected to that CRM."""
    settings = sandbox.settings
    is_org = crm == "salesforce"
    credentials = (
        {"client_id": settings.client_id, "client_secret": settings.client_secret} if is_org else {"token": DEMO_TOKEN}
    )
    with serve(sandbox, now=lambda: MONDAY, tls_folder=folder if is_org else None) as server:
        own = Settings(home=folder / "home", ca_file=str(server.ca_file or ""))
        app = open_app(own, now=lambda: MONDAY, sleep=lambda _: None, jitter=lambda: 0.0)
        wanted = Wanted(
            crm=crm,
            name="acme",
            url=server.url,
            auth="client_credentials" if is_org else "token",
            credentials=credentials,
            fields=REASON_AND_STORY[crm],
            options={"currency": "EUR"} if is_org else {"search_rate": "0"},
        )
        connect(app, wanted)
        yield app
        app.store.dispose()


def _audit(app: App) -> dict[str, Any]:
    """The whole book's audit; a win-back names its deal as the CRM does."""
    period = Period(start=date(2020, 1, 1), end=MONDAY.date())
    with app.store.read() as tx:
        found = audit(tx, Lens(period=period))
    return {**found, "won_back": [{**one, "deal_id": None, "deal_row_id": None} for one in found["won_back"]]}


def _plans(app: App) -> list[Any]:
    """Each deal's steps, and why there are none, with its name and day of loss."""
    query = (
        select(DealRow.name, DealRow.lost_on, PlanRow.record)
        .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
        .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
    )
    with app.store.read() as tx:
        rows = tx.execute(query).all()
    return sorted(
        (
            name,
            lost_on,
            [(step["purpose"], step["due_on"], step["why"]) for step in (*plan["steps"], *plan["later"])],
            plan["why_none"] or "",
        )
        for name, lost_on, plan in rows
    )


def _tasks(crm: str, sandbox: Any) -> list[tuple[str, date]]:
    if crm == "salesforce":
        found = [(row["Subject"], date.fromisoformat(row["ActivityDate"])) for row in sandbox.tasks()]
    else:
        zone = sandbox.state.zone
        values = [row["properties"] for row in sandbox.tasks()]
        found = [
            (one["hs_task_subject"], datetime.fromisoformat(one["hs_timestamp"]).astimezone(zone).date())
            for one in values
        ]
    return sorted(found)


def without_opt_outs(book: Book) -> Book:
    """An org tells e-mail from calls and a portal does not: whom nobody may call is a matter of the CRM's own words."""
    contacts = tuple(replace(one, has_opted_out=False, do_not_call=False) for one in book.contacts)
    return replace(book, contacts=contacts)


SEEDS = (11, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 7, 29)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_book_gives_the_same_audit_plans_and_tasks(seed: int, tmp_path: Path) -> None:
    book = without_opt_outs(make_book(seed, deals=150, today=MONDAY.date()))

    one, other = (held_in(crm, book, tmp_path / crm) for crm in ("salesforce", "hubspot"))

    assert one.audit["lost"] > 0
    assert one.audit == other.audit
    assert one.plans == other.plans
    assert {**one.announced, "by_owner": None} == {**other.announced, "by_owner": None}
    assert one.tasks == other.tasks
    assert one.tasks
