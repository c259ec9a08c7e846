"""Plans into reminders: the difference is applied for a whole batch in one unit of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.model import LostDeal, Step
from service.reminders.admission import Admission, load_admission
from service.reminders.fields import DealFacts, save_field_intents
from service.reminders.following import follow_owners
from service.reminders.keys import step_key
from service.reminders.knowledge import Knowledge
from service.reminders.placing import Given, Unplaced, place
from service.reminders.planned import Planned
from service.reminders.reconcile import (
    PLAN_CHANGED,
    Appear,
    Change,
    Vanish,
    current_of,
    is_backlog_again,
    reconcile,
)
from service.reminders.standing import close_tasks, forget_unsent
from service.reminders.states import STANDING, move
from service.store.among import among
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, ConnectionState, ReminderRow, ReminderState
from service.store.reminders import (
    insert_reminders,
    load_reminders,
    mark_announced,
    take_lock,
    update_reminders,
    wake_ended,
    wake_episodes,
)


def apply_plans(
    tx: Session,
    connection: ConnectionRow,
    planned: Sequence[Planned],
    *,
    knowledge: Knowledge,
    today: date,
    now: datetime,
    who: str = "rekindle",
    is_planned: bool = False,
    place_later: list[Unplaced] | None = None,
    given: Given | None = None,
) -> Counter[str]:
    """Make the reminders of these episodes what their plans say. Counts `new`, `changed` and `ended` reminders.

    `is_planned` says that a person saw these changes announced. Applying the same plans again changes nothing.
    Steps of `given` get their day from there.
    With `place_later` the steps without a day are added to it, and no field is written: the caller sees to both.
    """
    take_lock(tx, connection.id)
    by_episode: dict[int, list[ReminderRow]] = {}
    for row in load_reminders(tx, [one.episode_id for one in planned]):
        by_episode.setdefault(row.episode_id, []).append(row)
    batch = _Batch(connection, load_admission(tx, connection), who, today, now)
    for one in planned:
        current = [current_of(row) for row in by_episode.get(one.episode_id, [])]
        for change in reconcile(current, one.plan, today=today):
            batch.take(one, change)
    batch.save(tx)
    batch.episode_ids |= follow_owners(tx, connection, planned, by_episode, batch.admission)
    if place_later is not None:
        place_later.extend(batch.unplaced)
    else:
        working, room = knowledge.is_working_day, knowledge.room
        place(tx, connection, batch.unplaced, today=today, now=now, is_working_day=working, room=room, given=given)
    forget_unsent(tx, batch.changed_ids, why="The follow-up changed before it was written.", now=now)
    close_tasks(tx, connection, batch.vanished, now=now, is_planned=is_planned)
    wake_episodes(tx, batch.episode_ids, today=today)
    wake_ended(tx, connection.id, set(batch.vanished), today=today)
    if is_planned:
        mark_announced(tx, batch.episode_ids)
    if connection.state != ConnectionState.HOLD and place_later is None:
        _save_fields(tx, connection, planned, batch.admission, now=now, is_planned=is_planned)
    return batch.counts


def end_reminders(
    tx: Session,
    connection: ConnectionRow,
    episode_ids: Collection[int],
    *,
    how: str,
    why: str,
    today: date,
    now: datetime,
    who: str = "crm",
    is_planned: bool = False,
) -> int:
    """The deal ended these episodes (`how`: reopened, won, deleted, merged): cancel what is left, close its tasks.

    A deleted deal's tasks go with it in the CRM; for the others a note on the task says `why`.
    """
    take_lock(tx, connection.id)
    rows = [row for row in load_reminders(tx, episode_ids) if row.state not in _OVER]
    ended = move(
        tx,
        connection.id,
        {row.id: why for row in rows},
        ReminderState.CANCELLED,
        who=who,
        now=now,
        rule=how,
        act_on=None,
    )
    forget_unsent(tx, ended, why=why, now=now)
    close_tasks(tx, connection, dict.fromkeys(ended, why), now=now, is_planned=is_planned)
    wake_ended(tx, connection.id, ended, today=today)
    return len(ended)


BACKLOG = "backlog"
_OVER = (ReminderState.DONE, ReminderState.CANCELLED, ReminderState.SKIPPED)


class _Batch:
    """The changes of one batch, gathered before anything is written."""

    def __init__(self, connection: ConnectionRow, admission: Admission, who: str, today: date, now: datetime) -> None:
        self.connection, self.admission, self.who, self.today, self.now = connection, admission, who, today, now
        self._connection_id = connection.id
        self._owner_ids: dict[tuple[str | None, str | None], str | None] = {}
        self.counts: Counter[str] = Counter()
        self.inserts: list[tuple[Planned, Appear]] = []
        self.updates: list[dict[str, Any]] = []
        self.changes: list[tuple[Planned, Change]] = []
        self.vanished: dict[int, str] = {}
        self.unplaced: list[Unplaced] = []
        self.episode_ids: set[int] = set()

    @property
    def changed_ids(self) -> set[int]:
        """Reminders whose unsent writes say something old."""
        return {change.current.id for _, change in self.changes} | set(self.vanished)

    def take(self, one: Planned, change: Appear | Change | Vanish) -> None:
        """Sort a change into its heap."""
        self.episode_ids.add(one.episode_id)
        if isinstance(change, Appear):
            self.inserts.append((one, change))
        elif isinstance(change, Change):
            self.changes.append((one, change))
        else:
            self.vanished[change.current.id] = change.why

    def save(self, tx: Session) -> None:
        """Write all of it: a statement for each kind."""
        self._save_new(tx)
        self._save_changed(tx)
        move(
            tx,
            self.connection.id,
            self.vanished,
            ReminderState.SKIPPED,
            who=self.who,
            now=self.now,
            rule=PLAN_CHANGED,
            act_on=None,
        )
        self.counts["ended"] += len(self.vanished)

    def _save_new(self, tx: Session) -> None:
        rows = [self._new_row(one, change) for one, change in self.inserts]
        ids = insert_reminders(tx, rows)
        events = []
        for id_, row, (one, change) in zip(ids, rows, self.inserts, strict=True):
            events.append(
                Event(entity="reminder", entity_id=id_, from_state=None, to_state=row["state"], why=row["why"])
            )
            if row["state"] == ReminderState.SCHEDULED:
                self.unplaced.append(unplaced(id_, row["owner_id"], one.deal, change.step))
        save_events(tx, self.connection.id, events, who=self.who, now=self.now)
        self.counts["new"] += len(ids)

    def _save_changed(self, tx: Session) -> None:
        rows = []
        for one, change in self.changes:
            row = {"id": change.current.id, **_step_columns(change.step, change.position), "updated_at": self.now}
            row["owner_id"] = change.current.given_to or self._owner_id(one.deal)
            row["due_on"] = change.step.due_on if change.moves else change.current.due_on
            row["is_placed"] = change.current.is_placed and not change.moves
            rows.append(row)
            if change.moves and change.current.state in (*STANDING, ReminderState.FAILED):
                self.unplaced.append(unplaced(change.current.id, row["owner_id"], one.deal, change.step))
        update_reminders(tx, rows)
        self._restart(tx)
        self.counts["changed"] += len(rows)

    def _restart(self, tx: Session) -> None:
        """Revived steps, dead letters and due ones with a new day are scheduled anew."""
        rules = {
            c.current.id: BACKLOG if is_backlog_again(c) else self._held_by(one) for one, c in self.changes if c.revives
        }
        moved = {
            c.current.id: "Its day changed."
            for _, c in self.changes
            if c.moves and c.current.state in (ReminderState.FAILED, ReminderState.DUE)
        }
        for one, c in self.changes:
            if c.revives and rules[c.current.id] is None:
                self.unplaced.append(
                    unplaced(c.current.id, c.current.given_to or self._owner_id(one.deal), one.deal, c.step)
                )
        for rule in dict.fromkeys(rules.values(), None):
            back = {id_: "The plan has this follow-up again." for id_, held_by in rules.items() if held_by == rule}
            to = ReminderState.HELD if rule else ReminderState.SCHEDULED
            move(tx, self.connection.id, back, to, rule=rule, who=self.who, now=self.now)
        move(tx, self.connection.id, moved, ReminderState.SCHEDULED, rule=None, who=self.who, now=self.now)

    def _held_by(self, one: Planned) -> str | None:
        return self.admission.rule_for(one.deal, self._owner_id(one.deal), is_new=True)

    def _owner_id(self, deal: LostDeal) -> str | None:
        of_whom = deal.owner_id, deal.account_owner_id
        if of_whom not in self._owner_ids:
            self._owner_ids[of_whom] = self.admission.owner_id(deal, self.connection)
        return self._owner_ids[of_whom]

    def _new_row(self, one: Planned, change: Appear) -> dict[str, Any]:
        key = one.deal.key
        owner_id = self._owner_id(one.deal)
        rule = self.admission.rule_for(one.deal, owner_id, is_new=True)
        return {
            **_step_columns(change.step, change.position),
            "connection_id": self._connection_id,
            "deal_id": one.deal_row_id,
            "episode_id": one.episode_id,
            "key": step_key(key.account_id, key.deal_id, one.episode, change.step.purpose, change.step.ordinal),
            "purpose": str(change.step.purpose),
            "ordinal": change.step.ordinal,
            "state": ReminderState.HELD if rule else ReminderState.SCHEDULED,
            "rule": rule,
            "due_on": change.step.due_on,
            "owner_id": owner_id,
            "is_placed": False,
            "is_pinned": False,
            "is_backlog": False,
            "act_on": None,
            "updated_at": self.now,
        }


def unplaced(reminder_id: int, owner_id: str | None, deal: LostDeal, step: Step) -> Unplaced:
    """A step that is to be given its day."""
    return Unplaced(reminder_id=reminder_id, owner_id=owner_id, deal=deal, step=step)


def _step_columns(step: Step, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "computed_on": step.computed_on,
        "planned_on": step.due_on,
        "deadline_on": step.deadline_on,
        "anchor": str(step.anchor),
        "provisional": step.provisional,
        "why": step.why,
    }


def _save_fields(
    tx: Session,
    connection: ConnectionRow,
    planned: Sequence[Planned],
    admission: Admission,
    *,
    now: datetime,
    is_planned: bool,
) -> None:
    rows = tx.execute(
        select(ReminderRow.episode_id, ReminderRow.due_on)
        .where(among(ReminderRow.episode_id, [one.episode_id for one in planned]), ReminderRow.state.in_(STANDING))
        .order_by(ReminderRow.due_on.desc())
    )
    next_on = {row.episode_id: row.due_on for row in rows}
    deals = [
        DealFacts(
            deal_row_id=one.deal_row_id,
            deal=one.deal,
            classification=one.classification,
            next_on=next_on.get(one.episode_id),
        )
        for one in planned
        if admission.rule_for(one.deal, admission.owner_id(one.deal, connection), is_new=one.episode_id not in next_on)
        is None
    ]
    save_field_intents(tx, connection, deals, now=now, is_planned=is_planned)
