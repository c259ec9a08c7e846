"""Going live inside one unit of work: admit, plan anew, hold the backlog, spread, choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from connectors.base import AccountActivity, Connector
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.golive.announced import announce, write_fields
from service.golive.pilot import Pilot
from service.golive.report import GoLiveReport, GoLiveRequest, UnknownOwnerError
from service.outbox.claim import set_connection_state
from service.reminders.admission import load_admission
from service.reminders.advance import advance_now
from service.reminders.apply import Planned, apply_plans
from service.reminders.backlog import as_step, release_due
from service.reminders.desk import Case, load_cases
from service.reminders.knowledge import Knowledge
from service.reminders.placing import Unplaced, place
from service.reminders.states import STANDING, move
from service.store.bulk import update_rows
from service.store.codec import to_record
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    ConnectionState,
    DealRow,
    EpisodeRow,
    OutboxRow,
    OwnerRow,
    PlanRow,
    ReminderRow,
    ReminderState,
)
from service.store.reminders import load_reminders, lock_connection, wake_episodes

CHUNK = 500
OVERDUE_DAYS = 30
Replan = Callable[[LostDeal, Classification, date], FollowUpPlan]
"""The plan of a deal made on a given day."""


class TakeBackError(Exception):
    """Leaves the transaction, so that nothing of it stays."""

    def __init__(self, report: GoLiveReport) -> None:
        super().__init__("preview")
        self.report = report


@dataclass(slots=True)
class Rehearsal:
    """Going live inside one unit of work."""

    connector: Connector
    connection_id: int
    request: GoLiveRequest
    replan: Replan
    knowledge: Knowledge
    activity: dict[str, AccountActivity]
    today: date
    now: datetime

    def run(self, tx: Session) -> GoLiveReport:
        """Do all of it."""
        connection = self._open(tx)
        report = GoLiveReport(connection=connection.name)
        first_row = tx.scalar(select(OutboxRow.id).order_by(OutboxRow.id.desc()).limit(1)) or 0
        unplaced: list[Unplaced] = []
        accepted: list[int] = []
        for cases in self._cases(tx, connection, report):
            accepted += self._plan(tx, connection, cases, unplaced, report)
        unplaced += release_due(tx, connection, today=self.today, now=self.now)
        working = self.knowledge.is_working_day
        place(tx, connection, unplaced, today=self.today, now=self.now, is_working_day=working)
        for start in range(0, len(accepted), CHUNK):
            wake_episodes(tx, accepted[start : start + CHUNK], today=self.today)
        counts = advance_now(
            tx,
            self.connector,
            connection,
            knowledge=self.knowledge,
            activity=self.activity,
            today=self.today,
            now=self.now,
        )
        write_fields(tx, connection, accepted, now=self.now)
        tx.execute(
            update(ConnectionRow).where(ConnectionRow.id == connection.id).values(live_limit=self.request.limit),
            execution_options={"synchronize_session": False},
        )
        report.waiting = counts["waiting"]
        for name, count in counts.items():
            if name.startswith("skipped:"):
                report.skipped[name.removeprefix("skipped:")] += count
        announce(tx, connection, report, after_row=first_row, now=self.now)
        return report

    def run_and_take_back(self, tx: Session) -> None:
        """Do all of it, and leave the unit of work with the report so that nothing stays."""
        raise TakeBackError(self.run(tx))

    def _open(self, tx: Session) -> ConnectionRow:
        connection = lock_connection(tx, self.connection_id)
        owner_ids = self._owner_ids(tx)
        values = {
            "lost_since": self.request.since(self.today),
            "live_owner_ids": owner_ids,
            "live_limit": None,
            "live_since": connection.live_since or self.now,
        }
        tx.execute(
            update(ConnectionRow).where(ConnectionRow.id == connection.id).values(**values),
            execution_options={"synchronize_session": False},
        )
        tx.refresh(connection)
        set_connection_state(tx, connection, ConnectionState.LIVE, why="Gone live.", who="admin", now=self.now)
        return connection

    def _owner_ids(self, tx: Session) -> list[str] | None:
        if not self.request.owner_emails:
            return None
        wanted = {email.lower() for email in self.request.owner_emails}
        rows = tx.scalars(select(OwnerRow).where(OwnerRow.connection_id == self.connection_id)).all()
        found = {row.email.lower(): row.owner_id for row in rows if row.email.lower() in wanted}
        if missing := sorted(wanted - set(found)):
            raise UnknownOwnerError(f"Nobody in the CRM has the address {', '.join(missing)}. Check the spelling.")
        return sorted(found.values())

    def _cases(self, tx: Session, connection: ConnectionRow, report: GoLiveReport) -> Iterator[list[Case]]:
        """The admitted episodes in chunks, the largest deals first (a pilot's limit takes those)."""
        admission = load_admission(tx, connection)
        pilot = self._pilot(connection)
        ids = tx.scalars(
            select(EpisodeRow.id)
            .join(DealRow, DealRow.id == EpisodeRow.deal_id)
            .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
            .where(
                DealRow.connection_id == connection.id,
                DealRow.state == "lost",
                DealRow.excluded_by.is_(None),
                EpisodeRow.ended_as.is_(None),
                # What went live before goes on as it is.
                ~exists().where(ReminderRow.episode_id == EpisodeRow.id, ReminderRow.state.in_(STANDING)),
            )
            .order_by(
                DealRow.amount.is_(None), DealRow.amount.desc(), DealRow.account_name, DealRow.name, DealRow.lost_on
            )
        ).all()
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            by_id = load_cases(tx, chunk)
            admitted = []
            for case in (by_id[id_] for id_ in chunk if id_ in by_id):
                rule = admission.rule_for(case.deal, admission.owner_id(case.deal, connection), is_new=True)
                if rule is None and pilot is not None:
                    rule = pilot.rule_against(case)
                if rule is None:
                    admitted.append(case)
                else:
                    report.skipped[rule] += 1
            yield admitted

    def _pilot(self, connection: ConnectionRow) -> Pilot | None:
        if self.request.limit is None:
            return None
        return Pilot(
            room=self.request.limit,
            today=self.today,
            activity=self.activity,
            replan=lambda case: self.replan(case.deal, case.classification, self.today),
            is_backlog=lambda case, plan: len(self._long_overdue(case, plan)) == len(plan.steps),
            one_task_per_account=connection.one_task_per_account,
        )

    def _plan(
        self,
        tx: Session,
        connection: ConnectionRow,
        cases: Sequence[Case],
        unplaced: list[Unplaced],
        report: GoLiveReport,
    ) -> list[int]:
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
            overdue |= {(case.episode_id, *name) for name in self._long_overdue(case, plan)}
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

    def _long_overdue(self, case: Case, plan: FollowUpPlan) -> set[tuple[str, int]]:
        """Steps that are for today only because their own day is long past."""
        was = self.replan(case.deal, case.classification, case.deal.lost_on)
        limit = self.today - timedelta(days=OVERDUE_DAYS)
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
        held = {row.id: "Gone live." for row in fresh if row.state == ReminderState.HELD and row.id not in backlog}
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
