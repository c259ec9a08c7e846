"""A large book of lost deals with everything that pages group and filter by: countries, rivals, tasks, what was won."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from mappings.model import LostDeal
from service.bootstrap import App
from service.pipeline import ingest
from service.store.models import ConnectionRow
from tests.benchmarks.mapping_sets import NOW, connect_bench, deals_lost, pages_of

COUNTRIES = ("DE", "FR", "GB", "US", "NL", "ES", "IT", "AT", "CH", "BE", "SE", "PL", "DK", "IE", "BR", None)
INDUSTRIES = (
    "Software", "Retail", "Logistics", "Insurance", "Banking", "Media", "Hospitality", "Chemicals", "Education",
    "Construction", "Healthcare", "Energy", None,
)  # fmt: skip
RIVALS = ("Zendesk", "Freshworks", "Intercom", "HubSpot", "Pipedrive", "Zoho", "Gong", "Outreach", "Clari")
RECORD_TYPES = ("New business", "Renewal", "Partner", "Pilot")
OWNERS = 40


def fill(app: App, count: int) -> None:
    """That many lost deals in one live connection: with owners, tasks that stand, tasks that ended, and wins."""
    connection_id = connect_bench(app)
    for page in pages_of(_varied(deals_lost(count, distinct_notes=False))):
        with app.store.begin() as tx:
            ingest(tx, tx.get_one(ConnectionRow, connection_id), page, app.rules(tx), today=NOW.date(), now=NOW)
    with app.store.begin() as tx:
        for statement in _LIVED:
            tx.execute(text(statement), {"now": NOW, "day": NOW.date(), "won": NOW.date() - timedelta(days=20)})
        owners = [
            {
                "one": connection_id,
                "id": f"005{number:03}",
                "name": f"Owner {number:02}",
                "email": f"o{number}@bench.example",
            }
            for number in range(OWNERS)
        ]
        tx.execute(
            text(
                "INSERT INTO owners (connection_id, owner_id, email, name, is_active) "
                "VALUES (:one, :id, :email, :name, true)"
            ),
            owners,
        )
    with app.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


_LIVED = (
    "UPDATE connections SET state = 'live', last_sync_at = :now",
    # What go-live does: the future is scheduled, the near past due, the long overdue held back.
    (
        "UPDATE reminders SET state = CASE WHEN due_on < :day THEN 'due' ELSE 'scheduled' END "
        "WHERE state = 'held' AND due_on >= '2026-11-09'"
    ),
    "UPDATE reminders SET is_backlog = true WHERE state = 'held'",
    "UPDATE reminders SET state = 'done' WHERE is_backlog AND id % 5 = 0",
    (
        "INSERT INTO task_refs (connection_id, reminder_id, key, crm_task_id, state, written, touched, created_at) "
        "SELECT connection_id, id, key, 'T' || id, CASE WHEN state = 'done' AND id % 3 = 0 THEN 'deleted' "
        "WHEN state = 'done' THEN 'completed' ELSE 'open' END, '{}', '[]', :now FROM reminders "
        "WHERE state IN ('done', 'due')"
    ),
    "UPDATE episodes SET ended_as = 'won', ended_on = :won WHERE id % 400 = 0",
    "UPDATE deals SET state = 'won' WHERE id IN (SELECT deal_id FROM episodes WHERE ended_as = 'won')",
)


def _varied(deals: Iterator[LostDeal]) -> Iterator[LostDeal]:
    dice = random.Random(20261124)
    by_account = [(dice.choice(COUNTRIES), dice.choice(INDUSTRIES)) for _ in range(9000)]
    for deal in deals:
        country, industry = by_account[int(deal.account.name.rpartition(" ")[2])]
        yield replace(
            deal,
            account=replace(deal.account, country=country, industry=industry),
            competitor=dice.choice(RIVALS) if dice.random() < 0.15 else None,
            record_type=dice.choice(RECORD_TYPES),
            deal_type="New" if dice.random() < 0.7 else "Existing",
            reached_stages=("Qualification", "Proposal")[: dice.randrange(3)],
            close_date=deal.lost_on,
        )
