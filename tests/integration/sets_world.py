"""A sales world for the editable documents: the real rules over a CRM in memory, drafts, previews and publications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from connectors.base import DealState
from mappings.documents.mapping_edits import assign_labels
from mappings.model import Account, DealKey, LostDeal, Money, Note, StatedReason
from mappings.taxonomy import Category
from service.bootstrap import App
from service.config import Settings
from service.mapping_sets.drafts import Draft, open_draft, save_draft
from service.mapping_sets.kinds import Kind
from service.mapping_sets.listing import Preview, list_outcomes
from service.mapping_sets.preview import build_preview, start_preview
from service.mapping_sets.publish import publish
from service.outbox.settings import OutboxSettings
from service.outbox.writer import drain
from service.pipeline import IngestCounts, ingest
from service.reminders.advance import advance
from service.reminders.readback import read_back
from service.security.keyring import Keyring
from service.store.models import ClassificationRow, ConnectionRow, DealRow, EpisodeRow, OwnerRow, PlanRow, ReminderRow
from service.store.reminders import take_lock
from service.store.session import Store
from tests.fakes.connector import ACCOUNT_ID, FakeConnector

TODAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = "c2l4dHktZm91ciBieXRlcyBvZiBub3RoaW5nIGF0IGE="
OUTBOX = OutboxSettings(batch_size=10, lease_s=30, look_after_s=70, backoff_s=2)


@dataclass
class SetsWorld:
    """One connection, live unless told otherwise, with two reps. `now` is what the clock says."""

    store: Store
    now: datetime = NOW
    crm: FakeConnector = field(default_factory=FakeConnector)
    connection_id: int = 0
    outbox: OutboxSettings = OUTBOX

    def __post_init__(self) -> None:
        self.app = App(
            settings=Settings(),
            store=self.store,
            keyring=Keyring([KEY]),
            now=lambda: self.now,
            sleep=lambda _: None,
            jitter=lambda: 0.5,
        )
        self.connection_id = self.connect("acme", ACCOUNT_ID)

    def connect(self, name: str, account_id: str) -> int:
        row = {
            "name": name, "crm": "fake", "account_id": account_id, "state": "live", "zone": "UTC",
            "live_since": NOW - timedelta(days=30), "url": "https://crm.example", "auth": "token",
            "fields": {"category_out": ["Category"]}, "scope": {}, "options": {}, "described": {}, "health": [],
            "created_at": NOW, "account_sense": False,
        }  # fmt: skip
        with self.store.begin() as tx:
            self.app.rules(tx)
            id_ = tx.scalars(insert(ConnectionRow).returning(ConnectionRow.id), [row]).one()
            for owner_id in ("rep-1", "rep-2"):
                owner = {"connection_id": id_, "owner_id": owner_id, "email": f"{owner_id}@x.example", "name": owner_id}
                tx.execute(insert(OwnerRow), [{**owner, "is_active": True}])
        return id_

    def set(self, **values: Any) -> None:
        with self.store.begin() as tx:
            tx.execute(update(ConnectionRow).where(ConnectionRow.id == self.connection_id).values(**values))

    def lost(self, deal_id: str, reason: str = "Price", notes: str = "", **values: Any) -> LostDeal:
        shared: dict[str, Any] = {
            "name": f"Deal {deal_id}",
            "lost_on": TODAY - timedelta(days=20),
            "account": Account(id=f"A-{deal_id}", name=f"Account {deal_id}", country="DE"),
            "stated_reasons": (StatedReason(field="Reason", value=reason),) if reason else (),
            "notes": (Note(field="Notes", text=notes),) if notes else (),
            "owner_id": "rep-1",
            "amount": Money(amount=Decimal(1000), currency="EUR"),
            "outputs": {"Category": None},
            "modified_at": self.now - timedelta(hours=1),
        }
        deal = LostDeal(key=DealKey(ACCOUNT_ID, deal_id), **{**shared, **values})
        self.crm.deals[deal_id] = deal
        return deal

    def read(self, *deals: DealState, is_planned: bool = False) -> IngestCounts:
        """A page of a sync."""
        with self.store.begin() as tx:
            take_lock(tx, self.connection_id)
            connection = tx.get_one(ConnectionRow, self.connection_id)
            rules, today = self.app.rules(tx), self.now.date()
            return ingest(tx, connection, deals, rules, today=today, now=self.now, is_planned=is_planned)

    def work(self, *, is_planned: bool = False) -> None:
        """The right end of a sync: people's edits, whose turn it is, what is to be written."""
        today = self.now.date()
        with self.store.begin() as tx:
            knowledge = self.app.rules(tx).knowledge
        read_back(self.store, self.crm, self.connection_id, since=None, today=today, now=self.now)
        advance(
            self.store,
            self.crm,
            self.connection_id,
            knowledge=knowledge,
            today=today,
            now=self.now,
            is_planned=is_planned,
        )
        drain(self.store, self.crm, self.connection_id, clock=lambda: self.now, settings=self.outbox)

    def draft(self, kind: Kind, edit: Callable[[str], str], author: str = "ann") -> Draft:
        with self.store.begin() as tx:
            there = open_draft(tx, kind)
            return save_draft(
                tx, kind, edit(there.text), revision=there.revision, author=author, now=self.now, seen=there.text
            )

    def assign(self, *values: str, to: Category, sub_reason: str | None = None) -> Draft:
        return self.draft(Kind.MAPPINGS, lambda text: assign_labels(text, values, to, sub_reason))

    def preview(self, kind: Kind, *, rollback_to: int | None = None) -> Preview:
        return build_preview(self.app, start_preview(self.app, kind, author="ann", rollback_to=rollback_to))

    def publish(self, kind: Kind, *, rollback_to: int | None = None) -> Preview:
        return publish(self.app, self.preview(kind, rollback_to=rollback_to).id, author="ann", comment="as told")

    def outcomes(self, preview: Preview) -> dict[str, dict[str, Any]]:
        with self.store.read() as tx:
            return {one["deal_id"]: one for one in list_outcomes(tx, preview.id, limit=10_000)}

    def all(self, kind: Any) -> Sequence[Any]:
        with self.store.read() as tx:
            return tx.scalars(select(kind)).all()

    def reminders(self, deal_id: str) -> dict[tuple[str, int], ReminderRow]:
        with self.store.read() as tx:
            rows = tx.scalars(
                select(ReminderRow)
                .join(DealRow, DealRow.id == ReminderRow.deal_id)
                .where(DealRow.crm_deal_id == deal_id)
            )
            return {(row.purpose, row.ordinal): row for row in rows}

    def days(self) -> dict[tuple[str, str, int], tuple[str, date]]:
        """Every reminder's state and day in force."""
        with self.store.read() as tx:
            rows = tx.execute(select(DealRow.crm_deal_id, ReminderRow).join(DealRow, DealRow.id == ReminderRow.deal_id))
            return {(deal, row.purpose, row.ordinal): (row.state, row.due_on) for deal, row in rows}

    def meanings(self) -> dict[str, tuple[str, str | None, str, str]]:
        """Category, sub-reason and the versions stood on, by deal."""
        with self.store.read() as tx:
            rows = tx.execute(
                select(
                    DealRow.crm_deal_id,
                    ClassificationRow.category,
                    ClassificationRow.sub_reason,
                    ClassificationRow.mapping_version,
                    PlanRow.policy_version,
                )
                .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
                .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
                .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
            )
            return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}

    def tasks(self) -> dict[str, tuple[str, date]]:
        """Status and day of every task that stands in the CRM, by its id there."""
        return {task.id: (str(task.status), task.due_on) for task in self.crm.tasks.values()}


def interval(text: str, category: str, days: int) -> str:
    """A policy with another interval for a category."""
    lines = [f"{category} = {days}" if line.startswith(f"{category} =") else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"
