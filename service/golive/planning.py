"""Planning admitted deals with today's date: their plans, their reminders, and what of them is long overdue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mappings.model import Classification, FollowUpPlan, LostDeal
from service.golive.report import GoLiveReport
from service.golive.unfinished import GONE_LIVE
from service.reminders.apply import apply_plans
from service.reminders.backlog import as_step
from service.reminders.desk import Case
from service.reminders.knowledge import Knowledge
from service.reminders.placing import Unplaced
from service.reminders.planned import Planned
from service.reminders.states import STANDING, move
from service.store.bulk import update_rows
from service.store.codec import to_record
from service.store.models import ConnectionRow, EpisodeRow, PlanRow, ReminderRow, ReminderState
from service.store.reminders import load_reminders

Replan = Callable[[LostDeal, Classification, date], FollowUpPlan]
"""The plan of a deal made on a given day."""


@dataclass(frozen=True, slots=True)
class Planning:
    """How a go-live plans: with which policy, and on which day."""

    replan: Replan
    knowledge: Knowledge
    today: date
    now: datetime

    def plan(
        self,
        tx: Session,
        connection: ConnectionRow,
        cases: Sequence[Case],
        unplaced: list[Unplaced],
        report: GoLiveReport,
    ) -> list[int]:
        """Plan these deals anew and schedule what is not long overdue; their episodes. Steps without a day are added
        to `unplaced`."""
        numbers = self._episode_numbers(tx, [case.episode_id for case in cases])
        planned = []
        overdue: set[tuple[int, str, int]] = set()
        for case in cases:
            plan = self.replan(case.deal, case.classification, self.today)
            planned.append(
                Planned(
                    deal_row_id=case.deal_row_id,
                    episode_id=case.episode_id,
                    episode=numbers[case.episode_id],
                    deal=case.deal,
                    classification=case.classification,
                    plan=plan,
                )
            )
            overdue |= {(case.episode_id, *name) for name in self.long_overdue(case, plan)}
            if not plan.steps:
                report.skipped["no_follow_up"] += 1
        self._save_plans(tx, planned)
        fresh: list[Unplaced] = []
        apply_plans(
            tx,
            connection,
            planned,
            knowledge=self.knowledge,
            today=self.today,
            now=self.now,
            is_planned=True,
            place_later=fresh,
        )
        unplaced += self._schedule(tx, connection, planned, overdue)
        return [one.episode_id for one in planned]

    def long_overdue(self, case: Case, plan: FollowUpPlan) -> set[tuple[str, int]]:
        """Steps that are for today only because their own day is long past."""
        was = self.replan(case.deal, case.classification, case.deal.lost_on)
        limit = self.today - timedelta(days=self.knowledge.writing.backlog_after_days)
        past = {(str(step.purpose), step.ordinal) for step in was.steps if step.due_on < limit}
        return {
            name
            for step in plan.steps
            if step.computed_on <= self.today and (name := (str(step.purpose), step.ordinal)) in past
        }

    def _schedule(
        self,
        tx: Session,
        connection: ConnectionRow,
        planned: Sequence[Planned],
        overdue: set[tuple[int, str, int]],
    ) -> list[Unplaced]:
        """Held reminders are scheduled, but for the long overdue ones: those are held as the backlog."""
        deals = {one.episode_id: one.deal for one in planned}
        rows = load_reminders(tx, list(deals))
        fresh = [row for row in rows if not row.is_placed and row.state in (ReminderState.HELD, *STANDING)]
        backlog = [row.id for row in fresh if (row.episode_id, row.purpose, row.ordinal) in overdue]
        held = {row.id: GONE_LIVE for row in fresh if row.state == ReminderState.HELD and row.id not in backlog}
        move(tx, connection.id, held, ReminderState.SCHEDULED, who="admin", now=self.now, rule=None, is_backlog=False)
        scheduled = {row.id: "Long overdue." for row in fresh if row.state != ReminderState.HELD and row.id in backlog}
        move(tx, connection.id, scheduled, ReminderState.HELD, who="admin", now=self.now)
        if backlog:
            tx.execute(
                update(ReminderRow)
                .where(ReminderRow.id.in_(backlog))
                .values(is_backlog=True, rule="backlog", act_on=None),
                execution_options={"synchronize_session": False},
            )
        return [
            Unplaced(reminder_id=row.id, owner_id=row.owner_id, deal=deals[row.episode_id], step=as_step(row))
            for row in fresh
            if row.id not in backlog
        ]

    def _episode_numbers(self, tx: Session, episode_ids: Sequence[int]) -> dict[int, int]:
        rows = tx.execute(select(EpisodeRow.id, EpisodeRow.number).where(EpisodeRow.id.in_(episode_ids)))
        return {row.id: row.number for row in rows}

    def _save_plans(self, tx: Session, planned: Sequence[Planned]) -> None:
        rows = [
            {
                "episode_id": one.episode_id,
                "made_on": one.plan.made_on,
                "policy_version": one.plan.policy_version,
                "why_none": one.plan.why_none,
                "record": to_record(one.plan),
            }
            for one in planned
        ]
        update_rows(tx, PlanRow, rows, key="episode_id")
