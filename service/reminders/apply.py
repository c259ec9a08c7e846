"""Plans into reminders: the difference is applied for a whole batch in one unit of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.reminders.admission import Admission, load_admission
from service.reminders.difference import Difference
from service.reminders.fields import DealFacts, save_field_intents
from service.reminders.knowledge import Knowledge
from service.reminders.placing import Given, Unplaced, place
from service.reminders.planned import Planned
from service.reminders.standing import close_tasks, forget_unsent
from service.reminders.states import STANDING, move
from service.store.among import among
from service.store.models import ConnectionRow, ConnectionState, ReminderRow, ReminderState
from service.store.reminders import (
    load_reminders,
    take_lock,
    wake_ended,
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
    batch = Difference(connection, load_admission(tx, connection), who, today, now)
    batch.apply(tx, planned)
    if place_later is not None:
        place_later.extend(batch.unplaced)
    else:
        working, room = knowledge.is_working_day, knowledge.room
        place(tx, connection, batch.unplaced, today=today, now=now, is_working_day=working, room=room, given=given)
    batch.settle(tx, is_planned=is_planned)
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


_OVER = (ReminderState.DONE, ReminderState.CANCELLED, ReminderState.SKIPPED)


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
