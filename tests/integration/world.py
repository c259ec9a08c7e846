"""A small sales world: a connection, its people, deals that are lost, and the line from plan to task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from mappings.model import (
    Account,
    Anchor,
    Classification,
    DealKey,
    FollowUpPlan,
    LostDeal,
    Money,
    Purpose,
    Step,
    Verdict,
)
from mappings.task_text import TaskText
from mappings.taxonomy import Category
from service.outbox.settings import OutboxSettings
from service.outbox.writer import drain
from service.reminders.advance import advance
from service.reminders.apply import apply_plans, end_reminders
from service.reminders.knowledge import Knowledge, TaskStory
from service.reminders.planned import Planned
from service.reminders.readback import read_back
from service.store.codec import to_record
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    DealRow,
    EpisodeRow,
    OutboxRow,
    OwnerRow,
    PlanRow,
    ReminderRow,
)
from service.store.reminders import lock_connection
from service.store.session import Store
from tests.fakes.connector import ACCOUNT_ID, FakeConnector

TODAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SETTINGS = OutboxSettings(batch_size=10, lease_s=30, look_after_s=70, backoff_s=2)


def compose(story: TaskStory) -> TaskText:
    """Words enough to tell tasks apart."""
    lines = (story.step.why, *(f"Also waiting: {name}" for name in story.waiting))
    lines = (*lines, *filter(None, [story.contact_note]))
    return TaskText(
        subject=f"{story.deal.account.name}: {story.step.due_on.isoformat()}"[:70], lines=lines, deal_url=story.deal_url
    )


def is_weekday(day: date, _account: Account) -> bool:
    return day.weekday() < 5


KNOWLEDGE = Knowledge(compose=compose, is_working_day=is_weekday)


def step(day: date, purpose: Purpose = Purpose.RECONNECT, **values: Any) -> Step:
    shared = {"computed_on": day, "due_on": day, "anchor": Anchor.POLICY, "why": f"Planned for {day.isoformat()}."}
    return Step(purpose=purpose, **{**shared, **values})


def plan(*steps: Step) -> FollowUpPlan:
    why_none = None if steps else "They said never."
    return FollowUpPlan(steps=steps, made_on=TODAY, policy_version="p1", why_none=why_none)


@dataclass
class World:
    """Everything a test needs, at one connection. `now` is what the clock says; `pass_time` moves it."""

    store: Store
    crm: FakeConnector = field(default_factory=FakeConnector)
    now: datetime = NOW
    connection_id: int = 0
    settings: OutboxSettings = SETTINGS
    planned: dict[str, Planned] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.store.begin() as tx:
            values = {
                "name": "acme",
                "crm": "fake",
                "account_id": ACCOUNT_ID,
                "state": "live",
                "live_since": NOW - timedelta(days=30),
                "url": "https://crm.example",
                "auth": "token",
                "fields": {"category_out": ["Category"], "next_follow_up_out": ["Next"]},
                "scope": {},
                "options": {},
                "described": {},
                "health": [],
                "created_at": NOW - timedelta(days=90),  # every loss came after it
            }
            ids = tx.scalars(insert(ConnectionRow).returning(ConnectionRow.id), [values]).all()
            self.connection_id = ids[0]
            for owner_id in ("rep-1", "rep-2", "boss"):
                row = {
                    "connection_id": self.connection_id,
                    "owner_id": owner_id,
                    "email": f"{owner_id}@seller.example",
                    "name": owner_id,
                    "is_active": True,
                }
                tx.execute(insert(OwnerRow), [row])

    @property
    def today(self) -> date:
        return self.now.date()

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def set(self, **values: Any) -> None:
        with self.store.begin() as tx:
            tx.execute(update(ConnectionRow).where(ConnectionRow.id == self.connection_id).values(**values))

    def lose(self, deal_id: str, *steps: Step, **values: Any) -> Planned:
        """A deal is lost and planned; its follow-ups are in the queue."""
        number = len(self.planned) + 1
        shared = {
            "name": f"Deal {deal_id}",
            "lost_on": TODAY - timedelta(days=60),
            "account": Account(id=f"A{number}", name=f"Account {number}"),
            "owner_id": "rep-1",
            "amount": Money(amount=Decimal(1000)),
            "outputs": {"Category": None, "Next": None},
        }
        deal = LostDeal(key=DealKey(ACCOUNT_ID, deal_id), **{**shared, **values})
        self.crm.deals[deal_id] = deal
        verdict = Verdict(category=Category.TIMING, sub_reason="postponed", confidence=0.9)
        one = Planned(
            deal_row_id=0,
            episode_id=0,
            episode=1,
            deal=deal,
            classification=Classification(stated=verdict, underlying=verdict),
            plan=plan(*steps),
        )
        self.planned[deal_id] = self._save(one)
        self.apply(deal_id)
        return self.planned[deal_id]

    def replan(self, deal_id: str, *steps: Step) -> Counter[str]:
        """The plan of a deal changed."""
        one = replace(self.planned[deal_id], plan=plan(*steps))
        with self.store.begin() as tx:
            connection = lock_connection(tx, self.connection_id)
            tx.execute(update(PlanRow).where(PlanRow.episode_id == one.episode_id).values(record=to_record(one.plan)))
            counts = apply_plans(tx, connection, [one], knowledge=KNOWLEDGE, today=self.today, now=self.now)
        self.planned[deal_id] = one
        return counts

    def apply(self, *deal_ids: str) -> Counter[str]:
        with self.store.begin() as tx:
            connection = lock_connection(tx, self.connection_id)
            chosen = [self.planned[id_] for id_ in deal_ids]
            return apply_plans(tx, connection, chosen, knowledge=KNOWLEDGE, today=self.today, now=self.now)

    def end(self, deal_id: str, how: str, why: str) -> int:
        with self.store.begin() as tx:
            connection = lock_connection(tx, self.connection_id)
            episode_ids = [self.planned[deal_id].episode_id]
            tx.execute(update(EpisodeRow).where(EpisodeRow.id.in_(episode_ids)).values(ended_as=how))
            return end_reminders(tx, connection, episode_ids, how=how, why=why, today=self.today, now=self.now)

    def advance(self, **values: Any) -> Counter[str]:
        return advance(
            self.store,
            self.crm,
            self.connection_id,
            knowledge=KNOWLEDGE,
            today=self.today,
            now=self.now,
            **values,
        )

    def drain(self) -> Counter[str]:
        return drain(self.store, self.crm, self.connection_id, clock=self.clock, settings=self.settings)

    def read_back(self, **values: Any) -> Counter[str]:
        shared = {"since": None, "today": self.today, "now": self.now}
        return read_back(self.store, self.crm, self.connection_id, **{**shared, **values})

    def work(self) -> Counter[str]:
        """What a sync does after reading: choose, then write."""
        return self.advance() + self.drain()

    def reminders(self, deal_id: str | None = None) -> list[ReminderRow]:
        with self.store.read() as tx:
            statement = select(ReminderRow).order_by(ReminderRow.deal_id, ReminderRow.position)
            if deal_id is not None:
                statement = statement.where(ReminderRow.deal_id == self.planned[deal_id].deal_row_id)
            return list(tx.scalars(statement))

    def states(self, deal_id: str | None = None) -> list[str]:
        return [row.state for row in self.reminders(deal_id)]

    def rows(self, model: Any, *where: Any) -> list[Any]:
        with self.store.read() as tx:
            return list(tx.scalars(select(model).where(*where).order_by(model.id)))

    def outbox_states(self) -> list[str]:
        return [row.state for row in self.rows(OutboxRow)]

    def connection(self) -> ConnectionRow:
        with self.store.read() as tx:
            return tx.get_one(ConnectionRow, self.connection_id)

    def _save(self, one: Planned) -> Planned:
        deal = one.deal
        with self.store.begin() as tx:
            row = {
                "connection_id": self.connection_id,
                "crm_deal_id": deal.key.deal_id,
                "state": "lost",
                "name": deal.name,
                "account_key": deal.account.id,
                "country": deal.account.country,
                "account_name": deal.account.name,
                "owner_id": deal.owner_id,
                "amount": deal.amount.amount if deal.amount else None,
                "lost_on": deal.lost_on,
                "record": to_record(deal),
                "changed_at": self.now,
            }
            deal_row_id = _insert(tx, DealRow, row)
            episode = {"deal_id": deal_row_id, "number": 1, "lost_on": deal.lost_on}
            episode_id = _insert(tx, EpisodeRow, episode)
            verdict = one.classification.underlying
            tx.execute(
                insert(ClassificationRow),
                [
                    {
                        "episode_id": episode_id,
                        "category": str(verdict.category),
                        "sub_reason": verdict.sub_reason,
                        "stated_category": str(verdict.category),
                        "confidence": verdict.confidence,
                        "finality": str(verdict.finality),
                        "needs_review": False,
                        "mapping_version": "m1",
                        "record": to_record(one.classification),
                    }
                ],
            )
            plan_row = {
                "episode_id": episode_id,
                "made_on": TODAY,
                "policy_version": "p1",
                "record": to_record(one.plan),
            }
            tx.execute(insert(PlanRow), [plan_row])
        return replace(one, deal_row_id=deal_row_id, episode_id=episode_id)


def _insert(tx: Any, model: Any, row: dict[str, Any]) -> int:
    ids: Sequence[int] = tx.scalars(insert(model).returning(model.id), [row]).all()
    return ids[0]
