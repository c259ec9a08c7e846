"""Going live: admit, plan anew, hold the backlog, spread, choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from connectors.base import Connector
from service.golive import unfinished
from service.golive.announced import announce, write_fields
from service.golive.pilot import Pilot
from service.golive.planning import Planning, Replan
from service.golive.report import GoLiveReport, GoLiveRequest, UnknownOwnerError
from service.golive.unfinished import GONE_LIVE
from service.outbox.claim import set_connection_state
from service.reminders.admission import Admission, load_admission
from service.reminders.advance import advance_announced
from service.reminders.backlog import release_due
from service.reminders.consent import Told
from service.reminders.desk import Case, load_cases
from service.reminders.knowledge import Knowledge
from service.reminders.placing import Unplaced, choose_days, place, save_days
from service.reminders.states import STANDING
from service.store.apart import NOT_THE_DEALS, note_failed, take_apart
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    ConnectionState,
    DealRow,
    EpisodeRow,
    OwnerRow,
    ReminderRow,
)
from service.store.reminders import lock_connection, take_lock, wake_episodes
from service.store.session import Store

T = TypeVar("T")
CHUNK = 500
HELPING = 5000


@dataclass(slots=True)
class Rehearsal:
    """Going live in units of work of a few hundred deals each, so that others come to write in between.

    The connection is on hold until the last of them, and nothing of it is sent. Stopped in the middle, it is taken
    back before the next one begins.
    """

    connector: Connector
    connection_id: int
    request: GoLiveRequest
    replan: Replan
    knowledge: Knowledge
    told: Told
    today: date
    now: datetime
    seen: set[int] = field(default_factory=set)
    unsound: dict[int, tuple[int, Exception]] = field(default_factory=dict)

    @property
    def _planning(self) -> Planning:
        return Planning(self.replan, self.knowledge, self.today, self.now)

    def run(self, store: Store) -> GoLiveReport:
        """Do all of it. Deals that our own code fails on are left out, counted as `failed` and named in the health."""
        try:
            return self._run(store)
        except (*NOT_THE_DEALS, UnknownOwnerError):
            raise
        except Exception:
            self.unsound = self._find_unsound(store)
            if not self.unsound:
                raise
        self.seen = set()
        report = self._run(store)
        report.skipped["failed"] += len(self.unsound)
        for deal_row_id, error in self.unsound.values():
            note_failed(store, self.connection_id, deal_row_id, error, now=self.now)
        return report

    def _run(self, store: Store) -> GoLiveReport:
        unfinished.take_back(store, self.connection_id, now=self.now)
        connection = self._open(store)
        report = GoLiveReport(connection=connection.name)
        with store.read() as tx:
            admission, ids = load_admission(tx, connection), self._waiting(tx)
        pilot = self._pilot(connection)
        unplaced: list[Unplaced] = []
        accepted: list[int] = []
        for chunk in in_chunks(ids):
            with store.begin() as tx:
                take_lock(tx, connection.id)
                cases = self._admitted(tx, connection, chunk, admission, pilot, report)
                planned = self._planning.plan(tx, connection, cases, unplaced, report)
                unfinished.note_episodes(tx, connection.id, planned, now=self.now)
            accepted += planned
        self._place(store, connection, unplaced)
        self._advance(store, connection, accepted, report)
        with store.begin() as tx:
            self._end(tx, connection, admission, pilot, report)
        return report

    def _open(self, store: Store) -> ConnectionRow:
        """The connection as it is to be, in memory: in the store it stays on hold until the end."""
        with store.begin() as tx:
            connection = lock_connection(tx, self.connection_id)
            owner_ids = self._owner_ids(tx)
            unfinished.begin(tx, connection, now=self.now)
            values = {
                "lost_since": self.request.since(self.today, self.knowledge.writing.lost_since_months),
                "live_owner_ids": owner_ids,
                "live_limit": None,
                "live_since": connection.live_since or self.now,
            }
            self._set(tx, connection, **values)
            tx.refresh(connection)
            tx.expunge(connection)
        connection.state = ConnectionState.LIVE
        return connection

    def _place(self, store: Store, connection: ConnectionRow, unplaced: list[Unplaced]) -> None:
        """Spread all steps at once, as each takes room from the others; save them in helpings."""
        with store.begin() as tx:
            take_lock(tx, connection.id)
            unplaced += release_due(
                tx, connection, today=self.today, now=self.now, per_week=self.knowledge.writing.backlog_per_week
            )
        with store.read() as tx:
            working = self.knowledge.is_working_day
            days = choose_days(
                tx, connection, unplaced, today=self.today, is_working_day=working, room=self.knowledge.room
            )
        for chunk in in_chunks(list(days), HELPING):
            with store.begin() as tx:
                take_lock(tx, connection.id)
                save_days(tx, {id_: days[id_] for id_ in chunk}, now=self.now)

    def _advance(self, store: Store, connection: ConnectionRow, accepted: Sequence[int], report: GoLiveReport) -> None:
        for chunk in in_chunks(accepted):
            with store.begin() as tx:
                take_lock(tx, connection.id)
                wake_episodes(tx, chunk, today=self.today)
        counts = advance_announced(
            store,
            self.connector,
            connection,
            knowledge=self.knowledge,
            told=self.told,
            today=self.today,
            now=self.now,
        )
        for chunk in in_chunks(accepted):
            with store.begin() as tx:
                take_lock(tx, connection.id)
                write_fields(tx, connection, chunk, now=self.now)
        report.waiting = counts["waiting"]
        for name, count in counts.items():
            if name.startswith("skipped:"):
                report.skipped[name.removeprefix("skipped:")] += count

    def _end(
        self,
        tx: Session,
        connection: ConnectionRow,
        admission: Admission,
        pilot: Pilot | None,
        report: GoLiveReport,
    ) -> None:
        """Go live. Deals that came while the others were planned are planned now; the next sync takes their turn."""
        stored = lock_connection(tx, connection.id)
        first_row = unfinished.first_row(stored)
        late: list[Unplaced] = []
        ids = [id_ for id_ in self._waiting(tx) if id_ not in self.seen]
        cases = self._admitted(tx, connection, ids, admission, pilot, GoLiveReport(connection=connection.name))
        arrived = self._planning.plan(tx, connection, cases, late, GoLiveReport(connection=connection.name))
        working = self.knowledge.is_working_day
        place(tx, connection, late, today=self.today, now=self.now, is_working_day=working, room=self.knowledge.room)
        wake_episodes(tx, arrived, today=self.today)
        self._set(tx, connection, live_limit=self.request.limit)
        unfinished.end(tx, stored)
        set_connection_state(tx, stored, ConnectionState.LIVE, why=GONE_LIVE, who="admin", now=self.now)
        announce(tx, connection, report, after_row=first_row, now=self.now)

    def _set(self, tx: Session, connection: ConnectionRow, **values: object) -> None:
        tx.execute(
            update(ConnectionRow).where(ConnectionRow.id == connection.id).values(**values),
            execution_options={"synchronize_session": False},
        )

    def _owner_ids(self, tx: Session) -> list[str] | None:
        if not self.request.owner_emails:
            return None
        wanted = {email.lower() for email in self.request.owner_emails}
        rows = tx.scalars(select(OwnerRow).where(OwnerRow.connection_id == self.connection_id)).all()
        found = {row.email.lower(): row.owner_id for row in rows if row.email.lower() in wanted}
        if missing := sorted(wanted - set(found)):
            raise UnknownOwnerError(f"Nobody in the CRM has the address {', '.join(missing)}. Check the spelling.")
        return sorted(found.values())

    def _waiting(self, tx: Session) -> list[int]:
        """The episodes that could go live, the largest deals first (a pilot's limit takes those)."""
        ids = tx.scalars(
            select(EpisodeRow.id)
            .join(DealRow, DealRow.id == EpisodeRow.deal_id)
            .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
            .where(
                DealRow.connection_id == self.connection_id,
                DealRow.state == "lost",
                DealRow.excluded_by.is_(None),
                EpisodeRow.ended_as.is_(None),
                # What went live before goes on as it is.
                ~exists().where(ReminderRow.episode_id == EpisodeRow.id, ReminderRow.state.in_(STANDING)),
            )
            .order_by(
                DealRow.amount.is_(None), DealRow.amount.desc(), DealRow.account_name, DealRow.name, DealRow.lost_on
            )
        )
        return [id_ for id_ in ids if id_ not in self.unsound]

    def _find_unsound(self, store: Store) -> dict[int, tuple[int, Exception]]:
        """The waiting episodes that cannot be planned, each with its deal and what happens."""
        found: dict[int, tuple[int, Exception]] = {}

        def plan(ids: Sequence[int]) -> None:
            with store.read() as tx:
                for case in load_cases(tx, ids).values():
                    made = self.replan(case.deal, case.classification, self.today)
                    self._planning.long_overdue(case, made)

        def failed(episode_id: int, error: Exception) -> None:
            with store.read() as tx:
                found[episode_id] = (tx.get_one(EpisodeRow, episode_id).deal_id, error)

        with store.read() as tx:
            waiting = self._waiting(tx)
        for chunk in in_chunks(waiting):
            take_apart(chunk, plan, failed)
        return found

    def _admitted(
        self,
        tx: Session,
        connection: ConnectionRow,
        ids: Sequence[int],
        admission: Admission,
        pilot: Pilot | None,
        report: GoLiveReport,
    ) -> list[Case]:
        """Those of the episodes that may go live; the others are counted with their rule."""
        by_id = load_cases(tx, ids)
        admitted = []
        for case in (by_id[id_] for id_ in ids if id_ in by_id):
            rule = admission.rule_for(case.deal, admission.owner_id(case.deal, connection), is_new=True)
            if rule is None and pilot is not None:
                rule = pilot.rule_against(case)
            self.seen.add(case.episode_id)
            if rule is None:
                admitted.append(case)
            else:
                report.skipped[rule] += 1
        return admitted

    def _pilot(self, connection: ConnectionRow) -> Pilot | None:
        if self.request.limit is None:
            return None
        return Pilot(
            room=self.request.limit,
            today=self.today,
            told=self.told,
            law=self.knowledge.law,
            replan=lambda case: self.replan(case.deal, case.classification, self.today),
            is_backlog=lambda case, plan: len(self._planning.long_overdue(case, plan)) == len(plan.steps),
            one_task_per_account=connection.one_task_per_account,
            quiet_days=self.knowledge.writing.active_within_days,
        )


def in_chunks(ids: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The items in order, so many at a time."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
