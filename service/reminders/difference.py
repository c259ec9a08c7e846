"""What a batch of plans changes in the reminders there are: gathered, then written a statement for each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from mappings.model import LostDeal, Step
from service.reminders.admission import Admission
from service.reminders.following import follow_owners
from service.reminders.keys import step_key
from service.reminders.placing import Unplaced
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
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, ReminderRow, ReminderState
from service.store.reminders import (
    insert_reminders,
    load_reminders,
    mark_announced,
    update_reminders,
    wake_ended,
    wake_episodes,
)

BACKLOG = "backlog"


class Difference:
    """What one batch of plans changes, gathered before anything is written."""

    def __init__(self, connection: ConnectionRow, admission: Admission, who: str, today: date, now: datetime) -> None:
        self.connection, self.admission, self.who, self.today, self.now = connection, admission, who, today, now
        self._owner_ids: dict[tuple[str | None, str | None], str | None] = {}
        self.counts: Counter[str] = Counter()
        self.inserts: list[tuple[Planned, Appear]] = []
        self.changes: list[tuple[Planned, Change]] = []
        self.vanished: dict[int, str] = {}
        self.unplaced: list[Unplaced] = []
        self.episode_ids: set[int] = set()

    @property
    def changed_ids(self) -> set[int]:
        """Reminders whose unsent writes say something old."""
        return {change.current.id for _, change in self.changes} | set(self.vanished)

    def apply(self, tx: Session, planned: Sequence[Planned]) -> None:
        """Compare these plans with the reminders that are there, and write what differs."""
        by_episode: dict[int, list[ReminderRow]] = {}
        for row in load_reminders(tx, [one.episode_id for one in planned]):
            by_episode.setdefault(row.episode_id, []).append(row)
        for one in planned:
            current = [current_of(row) for row in by_episode.get(one.episode_id, [])]
            for change in reconcile(current, one.plan, today=self.today):
                self._take(one, change)
        self._save(tx)
        self.episode_ids |= follow_owners(tx, self.connection, planned, by_episode, self.admission)

    def settle(self, tx: Session, *, is_planned: bool) -> None:
        """What the changes mean for tasks: writes that say something old, tasks to close, and who waits for them."""
        forget_unsent(tx, self.changed_ids, why="The follow-up changed before it was written.", now=self.now)
        close_tasks(tx, self.connection, self.vanished, now=self.now, is_planned=is_planned)
        wake_episodes(tx, self.episode_ids, today=self.today)
        wake_ended(tx, self.connection.id, set(self.vanished), today=self.today)
        if is_planned:
            mark_announced(tx, self.episode_ids)

    def _take(self, one: Planned, change: Appear | Change | Vanish) -> None:
        """Sort a change into its heap."""
        self.episode_ids.add(one.episode_id)
        if isinstance(change, Appear):
            self.inserts.append((one, change))
        elif isinstance(change, Change):
            self.changes.append((one, change))
        else:
            self.vanished[change.current.id] = change.why

    def _save(self, tx: Session) -> None:
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
                self.unplaced.append(_unplaced(id_, row["owner_id"], one.deal, change.step))
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
                self.unplaced.append(_unplaced(change.current.id, row["owner_id"], one.deal, change.step))
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
                    _unplaced(c.current.id, c.current.given_to or self._owner_id(one.deal), one.deal, c.step)
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
            "connection_id": self.connection.id,
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


def _unplaced(reminder_id: int, owner_id: str | None, deal: LostDeal, step: Step) -> Unplaced:
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
