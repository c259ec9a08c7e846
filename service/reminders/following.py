"""Follow-ups go with their deal when it is given to another rep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from service.reminders.admission import Admission
from service.reminders.choose import LASTING
from service.reminders.planned import Planned
from service.store.models import ConnectionRow, ReminderRow
from service.store.reminders import load_task_refs, update_reminders


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
        owner_id = admission.owner_id(one.deal, connection)
        for row in by_episode.get(one.episode_id, ()):
            if owner_id is not None and row.owner_id != owner_id and row.given_to is None and row.state in LASTING:
                moves[row.id] = (row, owner_id)
    if not moves:
        return set()
    given = {id_ for id_, ref in load_task_refs(tx, moves).items() if "owner_id" in ref.touched}
    kept = {id_: move for id_, move in moves.items() if id_ not in given}
    update_reminders(tx, [{"id": id_, "owner_id": owner_id} for id_, (_, owner_id) in kept.items()])
    return {row.episode_id for row, _ in kept.values()}
