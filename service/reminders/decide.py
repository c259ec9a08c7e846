"""What a batch of decisions comes to: tasks to write, move or close, steps to skip, days to look again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.base import Connector, CreateTask, DealConsent, TaskKey
from mappings.model import Anchor, Step
from service.reminders.admission import Admission
from service.reminders.backlog import as_step
from service.reminders.consent import Footing, Told, note_for, opted_out
from service.reminders.desk import Case, Desk, Group
from service.reminders.due import mark_due
from service.reminders.fields import DealFacts, save_field_intents, writes_fields
from service.reminders.gist import gist, gist_of
from service.reminders.knowledge import Knowledge, TaskStory
from service.reminders.owners import owner_chain
from service.reminders.queued import Queued
from service.reminders.reconcile import within_horizon
from service.reminders.sense import OPTED_OUT, Skip, Wait, sense
from service.reminders.standing import close_tasks, forget_unsent
from service.reminders.states import STANDING, move
from service.reminders.words import why_in_force
from service.store.among import among
from service.store.models import (
    ConnectionRow,
    OutboxKind,
    ReminderRow,
    ReminderState,
)
from service.store.outbox import Intent, save_intents
from service.store.reminders import update_reminders, wake_ended

SETTLED_AFTER = timedelta(days=1)


class Decisions:
    """What a batch comes to, gathered before it is written in one unit of work."""

    def __init__(
        self,
        connection: ConnectionRow,
        desk: Desk,
        cases: Mapping[int, Case],
        admission: Admission,
        knowledge: Knowledge,
        told: Told,
        connector: Connector,
        today: date,
        now: datetime,
    ) -> None:
        self.connection, self.desk, self.cases, self.admission = connection, desk, cases, admission
        self.knowledge, self.told, self.connector = knowledge, told, connector
        self.today, self.now = today, now
        self.counts: Counter[str] = Counter()
        self.look_on: dict[int, date | None] = {}
        self.skips: dict[str, dict[int, str]] = {}
        self.closes: dict[bool, dict[int, str]] = {True: {}, False: {}}
        self.announced: set[int] = set()
        self.intents: dict[bool, list[Intent]] = {True: [], False: []}
        self.moved_days: list[dict[str, object]] = []
        self.episodes: set[int] = set()

    def take(self, group: Group) -> None:
        """Decide for one account."""
        choice = group.choice
        is_announced = any(row.is_announced for row in group.reminders)
        for row in group.reminders:
            self.look_on[row.id] = choice.look_on
        is_settled = choice.write is None or self._write(group, self.desk.reminders[choice.write])
        if is_settled and is_announced:
            self.announced.update(row.id for row in group.reminders)
        if choice.keep is not None:
            self._keep(self.desk.reminders[choice.keep], choice.waiting, is_announced=is_announced)
        for id_ in choice.close if is_settled else ():
            self.closes[is_announced][id_] = (
                "Another follow-up of this account comes first; this one comes back in its turn."
            )
        self.counts["waiting"] += len(choice.waiting)
        self.episodes.update(row.episode_id for row in group.reminders)

    def reword(self, group: Group) -> None:
        """Say anew, in the task that stands, which ways to the person are left."""
        if group.choice.keep is not None:
            self._keep(self.desk.reminders[group.choice.keep], group.choice.waiting, is_announced=True)

    def _write(self, group: Group, row: Queued) -> bool:
        """Intend the task unless something speaks against it; only then do the account's others give way to it."""
        case = self.cases.get(row.episode_id)
        if case is None:
            return False
        verdict = self._speaks_against(group, case)
        if isinstance(verdict, Skip):
            self.skips.setdefault(verdict.rule, {})[row.id] = verdict.why
        elif isinstance(verdict, Wait):
            self.look_on.update({one.id: verdict.until for one in group.reminders})
            self.counts["waiting"] += 1
        else:
            is_announced = any(one.is_announced for one in group.reminders)
            self._intend(row, case, group.choice.waiting, is_announced=is_announced)
            return True
        return False

    def _speaks_against(self, group: Group, case: Case) -> Skip | Wait | None:
        if case.has_opted_out:
            return Skip(rule=OPTED_OUT, why="The person asked not to be contacted.")
        consent = self._consent(case)
        if consent is not None and (refused := opted_out(consent, **self._footing(case))):
            return refused
        if not self.connection.account_sense or group.account_id is None:
            return None
        found = self.told.activity.get(group.account_id)
        return sense(
            found,
            lost_on=case.deal.lost_on,
            own_deal_id=case.deal.key.deal_id,
            today=self.today,
            quiet_days=self.knowledge.writing.active_within_days,
        )

    def _consent(self, case: Case) -> DealConsent | None:
        return self.told.consent.get(case.deal.key.deal_id)

    def _note(self, row: Queued, case: Case) -> str | None:
        """What the task says of the ways that are left: as it stands, where the CRM was not asked this time."""
        consent, ref = self._consent(case), self.desk.refs.get(row.id)
        if ref is not None and (consent is None or not consent.is_known) and (written := gist_of(ref)):
            return written["note"]
        return note_for(consent, **self._footing(case))

    def _footing(self, case: Case) -> Footing:
        law = self.knowledge.law(case.deal.account.country)
        return {"law": law, "lost_on": case.deal.lost_on, "today": self.today}

    def _intend(self, row: Queued, case: Case, waiting: Sequence[int], *, is_announced: bool) -> None:
        row = self._not_in_the_past(row, case)
        why = why_in_force(row)
        chain = owner_chain(case.deal, self.admission.people, fallback_id=self.connection.fallback_owner_id)
        note = self._note(row, case)
        task = self._task(row, case, waiting, why=why, owner_id=next(iter(chain), None))
        owners = [row.given_to, *chain] if row.given_to else list(chain)
        payload = {"change": task, "owners": owners, "gist": gist(row, why=why, note=note)}
        kind = OutboxKind.REOPEN_TASK if row.id in self.desk.closed else OutboxKind.CREATE_TASK
        is_old = row.placed_at is not None and row.placed_at < self.now - SETTLED_AFTER
        intent = Intent(kind=kind, reminder_id=row.id, deal_id=row.deal_id, payload=payload)
        self.intents[is_old or is_announced].append(intent)
        self.counts["written"] += 1

    def _not_in_the_past(self, row: Queued, case: Case) -> Queued:
        """A task that waited past its day is given the first day on which a person can act."""
        if row.due_on >= self.today:
            return row
        day = self.today
        while not self.knowledge.is_working_day(day, case.deal.account) and (day - self.today).days < 60:
            day += timedelta(days=1)
        # Kept like a day that spreading gave: a change that is taken back gives it again.
        placed_days = {**(row.placed_days or {}), row.planned_on.isoformat(): day.isoformat()}
        self.moved_days.append({"id": row.id, "due_on": day, "placed_days": placed_days})
        moved = row._replace(due_on=day, placed_days=placed_days)
        self.desk.reminders[row.id] = moved
        return moved

    def _keep(self, row: Queued, waiting: Sequence[int], *, is_announced: bool) -> None:
        """A standing task follows its reminder, unless a person shaped it."""
        ref, case = self.desk.refs.get(row.id), self.cases.get(row.episode_id)
        if ref is None:
            # Its first write is under way: look again once the outcome is known.
            self.look_on[row.id] = self.today
            self.announced.discard(row.id)
            return
        if case is None or "due_on" in ref.touched:
            return
        is_handed_on = row.owner_id != ref.written.get("owner_id") and "owner_id" not in ref.touched
        why, note = why_in_force(row), self._note(row, case)
        its_gist = gist(row, why=why, note=note)
        if its_gist == gist_of(ref) and not is_handed_on:
            return
        theirs = self.admission.owner_id(case.deal, self.connection)
        task = self._task(row, case, waiting, why=why, owner_id=theirs)
        owner_id = row.owner_id if is_handed_on else None
        payload = {"change": task, "gist": its_gist, "owner_id": owner_id}
        self.intents[is_announced].append(
            Intent(kind=OutboxKind.UPDATE_TASK, reminder_id=row.id, deal_id=row.deal_id, payload=payload)
        )
        self.counts["moved"] += 1

    def _task(self, row: Queued, case: Case, waiting: Sequence[int], *, why: str, owner_id: str | None) -> CreateTask:
        deal = case.deal
        text = self.knowledge.compose(
            TaskStory(
                deal=deal,
                classification=case.classification,
                plan=case.plan,
                step=step_in_force(row, case, why=why, today=self.today),
                waiting=tuple(self.desk.reminders[id_].deal_name for id_ in waiting),
                deal_url=self.connector.deal_url(deal.key),
                today=self.today,
                contact_note=self._note(row, case),
            )
        )
        return CreateTask(
            key=TaskKey(key=row.key, deal=deal.key),
            text=text,
            due_on=row.due_on,
            owner_id=owner_id,
            account_id=deal.account.id,
            contact_id=deal.contact_id,
        )

    def save(self, tx: Session, *, due: Collection[int], is_planned: bool) -> Counter[str]:
        """Write the batch: what is due, states, intents, fields, and when to look again."""
        update_reminders(tx, self.moved_days)
        self._mark_due(tx, due)
        for day, ids in _by_day(self.look_on, self.look_on).items():
            _set_act_on(tx, ids, day)
        for is_old, intents in self.intents.items():
            save_intents(tx, self.connection.id, intents, now=self.now, is_planned=is_planned or is_old)
        for rule, whys in self.skips.items():
            skipped = move(
                tx,
                self.connection.id,
                whys,
                ReminderState.SKIPPED,
                who="rekindle",
                now=self.now,
                rule=rule,
                act_on=None,
            )
            # The next step of the episode, and the account's others, are looked at in this same run or the next.
            wake_ended(tx, self.connection.id, skipped, today=self.today)
            self.counts["skipped"] += len(skipped)
            self.counts[f"skipped:{rule}"] += len(skipped)
        for is_announced, notes in self.closes.items():
            forget_unsent(tx, notes, why="Another follow-up of this account came first.", now=self.now)
            self.counts["closed"] += close_tasks(
                tx, self.connection, notes, now=self.now, is_planned=is_planned or is_announced
            )
        update_reminders(tx, [{"id": id_, "is_announced": False} for id_ in sorted(self.announced)])
        self.counts["fields"] += save_field_intents(
            tx, self.connection, self._fields(), now=self.now, is_planned=is_planned
        )
        return self.counts

    def _mark_due(self, tx: Session, due: Collection[int]) -> None:
        """Together with when to look again: each change of a row costs an entry in each of its indexes."""
        decided = _by_day(self.look_on, [id_ for id_ in due if id_ in self.look_on])
        marked = set(mark_due(tx, self.connection.id, [id_ for id_ in due if id_ not in self.look_on], now=self.now))
        for day, ids in decided.items():
            marked |= mark_due(tx, self.connection.id, ids, now=self.now, act_on=day)
        self.counts["due"] += len(marked)
        self.look_on = {id_: day for id_, day in self.look_on.items() if id_ not in marked}

    def _fields(self) -> list[DealFacts]:
        if not writes_fields(self.connection):
            return []
        skipped = {id_ for whys in self.skips.values() for id_ in whys}
        next_on: dict[int, date] = {}
        for row in self.desk.reminders.values():
            if row.state in STANDING and row.id not in skipped:
                next_on[row.episode_id] = min(row.due_on, next_on.get(row.episode_id, row.due_on))
        return [
            DealFacts(
                deal_row_id=case.deal_row_id,
                deal=case.deal,
                classification=case.classification,
                next_on=next_on[episode_id],
            )
            for episode_id in self.episodes
            if (case := self.cases.get(episode_id)) is not None and episode_id in next_on
        ]


def step_in_force(row: Queued, case: Case, *, why: str, today: date) -> Step:
    """The plan's step with the day in force, and the why with what moved it."""
    for step in within_horizon(case.plan, today=today):
        is_asked_anew = step.anchor is Anchor.STATED_DATE and step.computed_on == row.computed_on
        if step.purpose == row.purpose and (step.ordinal == row.ordinal or is_asked_anew):
            is_in_force = step.due_on == row.due_on and step.why == why
            return step if is_in_force else replace(step, due_on=row.due_on, why=why)
    return replace(as_step(row), due_on=row.due_on, why=why)


def _by_day(days: Mapping[int, date | None], ids: Iterable[int]) -> dict[date | None, list[int]]:
    found: dict[date | None, list[int]] = {}
    for id_ in ids:
        found.setdefault(days[id_], []).append(id_)
    return found


def _set_act_on(tx: Session, ids: Collection[int], day: date | None) -> None:
    tx.execute(
        update(ReminderRow).where(among(ReminderRow.id, ids)).values(act_on=day),
        execution_options={"synchronize_session": False},
    )
