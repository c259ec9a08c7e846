"""Follow-ups go with their deal when it is given to another rep, and to somebody else when their rep leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.model import LostDeal
from service.reminders.admission import Admission, load_admission
from service.reminders.choose import LASTING
from service.reminders.planned import Planned
from service.store.codec import from_record
from service.store.models import ConnectionRow, DealRow, ReminderRow
from service.store.reminders import load_task_refs, update_reminders, wake_episodes

BATCH = 1000


def follow_owners(
    tx: Session,
    connection: ConnectionRow,
    planned: Sequence[Planned],
    by_episode: Mapping[int, Sequence[ReminderRow]],
    admission: Admission,
) -> set[int]:
    """The episodes whose follow-ups got another owner. A task that a person gave to a colleague stays there."""
    moves: dict[int, tuple[ReminderRow, str]] = {}
    for one in planned:
        rows = by_episode.get(one.episode_id)
        if not rows:
            continue
        owner_id = admission.owner_id(one.deal, connection)
        for row in rows:
            if owner_id is not None and row.owner_id != owner_id and row.given_to is None and row.state in LASTING:
                moves[row.id] = (row, owner_id)
    return _hand_over(tx, moves)


def leave_nobody_behind(tx: Session, connection: ConnectionRow, *, today: date) -> int:
    """Give the follow-ups of people who left to whoever is next in line; how many. Nothing else tells of a leaver: the
    deals themselves do not change. Uses ix_reminders_owner_day."""
    admission = load_admission(tx, connection)
    left = [person.id for person in admission.people.values() if not person.is_active]
    count, after = 0, 0
    while left:
        rows = tx.execute(
            select(ReminderRow, DealRow.record)
            .join(DealRow, DealRow.id == ReminderRow.deal_id)
            .where(
                ReminderRow.connection_id == connection.id,
                ReminderRow.owner_id.in_(left),
                ReminderRow.state.in_(list(LASTING)),
                ReminderRow.id > after,
            )
            .order_by(ReminderRow.id)
            .limit(BATCH)
        ).all()
        if not rows:
            break
        after = rows[-1][0].id
        heirs = {row.id: (row, admission.owner_id(from_record(record, LostDeal), connection)) for row, record in rows}
        moves = {id_: (row, heir) for id_, (row, heir) in heirs.items() if heir is not None and heir != row.owner_id}
        wake_episodes(tx, _hand_over(tx, moves), today=today)
        count += len(moves)
    return count


def _hand_over(tx: Session, moves: Mapping[int, tuple[ReminderRow, str]]) -> set[int]:
    """Note the new owners, but for tasks that a person gave to somebody; the episodes concerned."""
    if not moves:
        return set()
    given = {id_ for id_, ref in load_task_refs(tx, moves).items() if "owner_id" in ref.touched}
    kept = {id_: move for id_, move in moves.items() if id_ not in given}
    update_reminders(tx, [{"id": id_, "owner_id": owner_id} for id_, (_, owner_id) in kept.items()])
    return {row.episode_id for row, _ in kept.values()}
