"""What the changes of follow-ups mean for the tasks in the CRM: created, moved, closed, opened again.

The same choice is made as when tasks are written (`choose_task`), on the reminders as they will be. Only what the CRM
says on the day (an open deal, somebody active on the account) can still hold a task back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from mappings.documents.policy_values import Writing
from service.mapping_sets.foresee import StepChange
from service.reminders.choose import Choice, Rank
from service.reminders.desk import choose_task, days_ahead, load_ranks
from service.reminders.mornings import Mornings, load_mornings
from service.reminders.words import why_in_force
from service.store.case_contents import load_neighbours
from service.store.models import ConnectionRow, ConnectionState, OutboxState, ReminderRow, TaskRefRow, TaskRefState
from service.store.models import ReminderState as S
from service.store.outbox import load_pending_creates
from service.store.previews import StoredCase
from service.store.reminders import load_task_refs

Effects = dict[int, list[dict[str, Any]]]
"""What happens to tasks, by the episode that brings it about."""


@dataclass(slots=True)
class Neighbourhood:
    """The reminders of a batch's episodes and of the accounts they are in, with what stands of them in the CRM."""

    rows: dict[int, list[ReminderRow]] = field(default_factory=dict)
    accounts: dict[int, str | None] = field(default_factory=dict)
    deals: dict[int, str] = field(default_factory=dict)
    ranks: Mapping[int, Rank] = field(default_factory=dict)
    open: Mapping[int, TaskRefRow] = field(default_factory=dict)
    closed: Mapping[int, TaskRefRow] = field(default_factory=dict)
    pending: Mapping[int, str] = field(default_factory=dict)
    mornings: Mornings = field(default_factory=lambda: Mornings(here=date.min))

    @property
    def tasks(self) -> dict[int, str]:
        """What stands in the CRM, by reminder, in a few letters."""
        marks = {id_: f"closed {ref.id}" for id_, ref in self.closed.items()}
        marks |= dict.fromkeys(self.pending, "pending")
        return marks | {id_: f"open {ref.id} {ref.touched}" for id_, ref in self.open.items()}

    def effects(
        self,
        connection: ConnectionRow,
        changes: Mapping[int, Sequence[StepChange]],
        *,
        writing: Writing,
        today: date,
    ) -> Effects:
        """What these changes do to tasks. On hold nothing is written, so nothing happens."""
        found: Effects = {}
        if connection.state != ConnectionState.LIVE:
            return found
        ahead, quiet_days = days_ahead(connection, writing), writing.active_within_days

        def choose(rows: Sequence[ReminderRow], tasked: set[int]) -> Choice:
            return choose_task(rows, tasked, touched, self.mornings, today, ahead, quiet_days, self.ranks)

        touched = {id_: bool(ref.touched) for id_, ref in self.open.items()}
        tasked = set(self.open) | {id_ for id_, state in self.pending.items() if state != OutboxState.DEAD}
        for members in self._groups(connection, changes):
            cause = next(one for one in members if changes.get(one))
            before = [row for episode in members for row in self.rows.get(episode, [])]
            after, names = self._after(members, changes)
            was = choose(before, tasked)
            ended = {row.id for row in after if row.state == S.SKIPPED and row.id in tasked}
            will = choose(after, tasked - ended)
            by_id = {row.id: row for row in after}
            told = [self._told("closed", by_id[id_], names) for id_ in sorted({*ended, *will.close})]
            if will.write is not None and will.write != was.write:
                what = "reopened" if will.write in self.closed else "created"
                told.append(self._told(what, by_id[will.write], names))
            if will.keep is not None and (kept := self._kept(by_id[will.keep])):
                told.append(self._told(kept, by_id[will.keep], names))
            if told:
                found[cause] = told
        return found

    def _groups(
        self, connection: ConnectionRow, changes: Mapping[int, Sequence[StepChange]]
    ) -> Iterable[tuple[int, ...]]:
        """The episodes that share one task, where something changes in one of them."""
        groups: dict[Any, list[int]] = {}
        for episode in {**dict.fromkeys(self.rows), **dict.fromkeys(changes)}:
            account = self.accounts.get(episode) if connection.one_task_per_account else None
            groups.setdefault(account or ("episode", episode), []).append(episode)
        return [tuple(sorted(one)) for one in groups.values() if any(changes.get(episode) for episode in one)]

    def _after(
        self, members: Sequence[int], changes: Mapping[int, Sequence[StepChange]]
    ) -> tuple[list[ReminderRow], dict[int, str]]:
        """The reminders as they will be; new ones have ids below 0 that sort as theirs will: behind all others."""
        rows, names, new = [], {}, []
        for episode in members:
            changing = {one.row.id: one for one in changes.get(episode, ()) if one.row is not None}
            for row in self.rows.get(episode, []):
                rows.append(_as_changed(row, changing[row.id]) if row.id in changing else row)
                names[row.id] = self.deals[episode]
            new += [(episode, one) for one in changes.get(episode, ()) if one.row is None]
        for place, (episode, one) in enumerate(new):
            row = _as_new(_LAST + place, episode, one)
            rows.append(row)
            names[row.id] = self.deals[episode]
        return rows, names

    def _kept(self, row: ReminderRow) -> str | None:
        """What happens to a task that stays, by the same comparison as when it is written."""
        ref = self.open.get(row.id)
        if ref is None or "due_on" in ref.touched:
            return None
        gist = (ref.in_flight or ref.written).get("gist") or {}
        if gist.get("due_on") != row.due_on.isoformat():
            return "moved"
        return "reworded" if gist.get("why") != why_in_force(row) else None

    def _told(self, what: str, row: ReminderRow, names: Mapping[int, str]) -> dict[str, Any]:
        ref = self.open.get(row.id) or self.closed.get(row.id)
        return {
            "what": what,
            "deal_id": names[row.id],
            "purpose": row.purpose,
            "ordinal": row.ordinal,
            "task_id": ref.crm_task_id if ref else None,
            "due_on": None if what == "closed" else row.due_on.isoformat(),
        }


_LAST = 1 << 60
"""Where the ids of reminders that are not there yet begin."""


def load_neighbourhood(
    tx: Session, connection: ConnectionRow, cases: Sequence[StoredCase], *, now: datetime
) -> Neighbourhood:
    """What lies around the changing deals of a batch."""
    found = Neighbourhood(mornings=load_mornings(tx, connection, now=now))
    for case in cases:
        found.accounts[case.episode_id] = case.account_key
        found.deals[case.episode_id] = case.crm_deal_id
    is_shared = connection.one_task_per_account and connection.state == ConnectionState.LIVE
    shared = {case.account_key for case in cases if case.account_key and is_shared}
    ids = []
    for row, account, deal in load_neighbours(tx, connection.id, list(found.deals), shared) if cases else ():
        found.rows.setdefault(row.episode_id, []).append(row)
        found.accounts[row.episode_id], found.deals[row.episode_id] = account, deal
        ids.append(row.id)
    found.ranks = load_ranks(tx, found.deals)
    if ids:
        found.open = load_task_refs(tx, ids)
        found.closed = load_task_refs(tx, ids, (TaskRefState.CLOSED,))
        found.pending = load_pending_creates(tx, ids)
    return found


def _as_changed(row: ReminderRow, change: StepChange) -> ReminderRow:
    step = change.step
    return _reminder(
        id_=row.id,
        episode_id=row.episode_id,
        purpose=row.purpose,
        ordinal=row.ordinal,
        position=change.position if step else row.position,
        state=change.state,
        rule="plan_changed" if step is None else row.rule,
        owner_id=change.owner_id,
        due_on=change.to_on or row.due_on,
        planned_on=step.due_on if step else row.planned_on,
        why=step.why if step else row.why,
        is_pinned=row.is_pinned,
    )


def _as_new(id_: int, episode_id: int, change: StepChange) -> ReminderRow:
    if change.step is None or change.to_on is None:
        raise ValueError("a follow-up that appears has a step and a day")
    return _reminder(
        id_=id_,
        episode_id=episode_id,
        purpose=change.purpose,
        ordinal=change.ordinal,
        position=change.position,
        state=change.state,
        rule=None,
        owner_id=change.owner_id,
        due_on=change.to_on,
        planned_on=change.step.due_on,
        why=change.step.why,
        is_pinned=False,
    )


def _reminder(*, id_: int, **values: Any) -> ReminderRow:
    """A reminder that is in no database."""
    return ReminderRow(id=id_, is_placed=values["state"] != S.HELD, **values)
