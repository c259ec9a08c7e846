"""What reps write into tasks that they complete: read for facts, kept with the loss, and planned by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.model import LostDeal, Note
from service.bootstrap import App
from service.losses.carried import TASK
from service.losses.notes import NotesMode, as_kept
from service.pipeline import replan
from service.reminders.readback import Told
from service.store import deals as store
from service.store.codec import from_record, to_record
from service.store.models import ConnectionRow, DealRow, DealState


def planning_by_words(app: App, *, today: date) -> Told:
    """What `read_back` is to do with words told: each loss is taken again, with them as a note of today's.

    With `facts` only the words that decided something are kept; with `off` nothing is looked at.
    """

    def take(tx: Session, connection: ConnectionRow, words: Mapping[int, str]) -> int:
        if connection.notes == NotesMode.OFF:
            return 0
        rules, planned = app.rules(tx), 0
        for row_id, deal, known in _running(tx, connection, words):
            told = replace(deal, notes=(*deal.notes, Note(field=TASK, text=words[row_id], said_on=today)))
            meaning = rules.apply(told, known.plan_made_on or today, connection.name)
            kept = as_kept(connection.notes, told, meaning[0])
            store.update_deals(tx, [{"id": row_id, "record": to_record(kept), "has_told": True}])
            planned += replan(tx, connection, [(told, known)], rules, today=today, now=app.now())
        return planned

    return take


def _running(
    tx: Session, connection: ConnectionRow, words: Mapping[int, str]
) -> list[tuple[int, LostDeal, store.KnownDeal]]:
    """The deals whose loss lasts and is in scope."""
    rows = tx.execute(
        select(DealRow.id, DealRow.crm_deal_id, DealRow.record)
        .where(DealRow.id.in_(words), DealRow.state == DealState.LOST, DealRow.excluded_by.is_(None))
        .order_by(DealRow.id)
    ).all()
    known = store.load_known(tx, connection.id, [row.crm_deal_id for row in rows])
    return [
        (row.id, from_record(row.record, LostDeal), known[row.crm_deal_id])
        for row in rows
        if known[row.crm_deal_id].is_episode_running
    ]
