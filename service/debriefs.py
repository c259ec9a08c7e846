"""A person's word on a loss: another verdict with a reason, taken back again, and the five-minute debrief.

Each is kept with the episode, plans it anew at once, and stands in the deal's history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy.orm import Session

from mappings.model import LostDeal
from mappings.taxonomy import TAXONOMY, Category
from service.bootstrap import App
from service.errors import Busy, EditedMeanwhileError, NothingSuch, UsageFault
from service.pipeline import replan
from service.store.codec import from_record, to_json
from service.store.deals import KnownDeal, stored_records
from service.store.debriefs import debrief_of
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, DealRow, DebriefRow
from service.store.people import record_action
from service.store.previews import publishing
from service.store.reminders import lock_connection

LONGEST, LONGEST_LINE = 5_000, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """The answers of a debrief; empty ones were not given. `is_worth_it` and `touch_on` time the follow-ups."""

    stated: str = ""
    category: Category | None = None
    sub_reason: str | None = None
    momentum: str = ""
    to_change: str = ""
    is_worth_it: bool | None = None
    touch_on: date | None = None


def edition_of(row: DebriefRow | None) -> str:
    """What stands for all that people said about a loss: it changes when that does."""
    if row is None:
        return "none"
    kept = [row.category, row.sub_reason, row.why, row.stated, row.momentum, row.to_change, row.is_worth_it]
    return sha256(to_json([*kept, row.touch_on]).encode()).hexdigest()[:16]


def override(
    app: App,
    deal_row_id: int,
    *,
    category: Category | None,
    sub_reason: str | None,
    why: str,
    who: str,
    edition: str | None = None,
) -> None:
    """Give a loss the category a person says. It stays through re-reads until taken back.

    Raises UsageFault; EditedMeanwhileError where `edition` was seen and is not what there is.
    """
    if category is None:
        raise UsageFault("No category was chosen.", remedy="Choose what the loss means.")
    if not why.strip():
        raise UsageFault("A reason is missing.", remedy="Say in a few words why the loss means that.")
    with app.store.begin() as tx:
        case = _open(tx, deal_row_id)
        _check_sub_reason(app, tx, category, sub_reason)
        row = _row(app, tx, case, who, edition)
        row.category, row.sub_reason, row.why = str(category), sub_reason, why.strip()[:LONGEST]
        meaning = (f"{category}: {sub_reason}" if sub_reason else str(category)).replace("_", " ")
        _plan_again(app, tx, case, who, f"Taken to mean {meaning}: {row.why}", what="verdict")


def take_back(app: App, deal_row_id: int, *, who: str, edition: str | None = None) -> None:
    """Let the words decide again what a loss means; a debrief's day stays. Raises as `override` does."""
    with app.store.begin() as tx:
        case = _open(tx, deal_row_id)
        row = debrief_of(tx, case.episode_id)
        _refuse_unseen(row, edition)
        if row is None or row.category is None:
            raise UsageFault("Nobody has decided what this loss means.", remedy="There is nothing to take back.")
        row.category = row.sub_reason = None
        row.why = ""
        row.who, row.said_at = who, app.now()
        _plan_again(
            app, tx, case, who, "The verdict was taken back: the words decide again.", what="verdict taken back"
        )


def debrief(app: App, deal_row_id: int, given: Debrief, *, who: str, edition: str | None = None) -> None:
    """Keep a debrief and time the follow-ups by it: a day is a stated date, a no ends them. Raises as `override`."""
    with app.store.begin() as tx:
        case = _open(tx, deal_row_id)
        if (
            given.touch_on is not None
            and given.is_worth_it is not False
            and given.touch_on < app.today(case.connection)
        ):
            raise UsageFault(f"{given.touch_on.isoformat()} is over.", remedy="Choose a day that is still to come.")
        row = _row(app, tx, case, who, edition)
        if given.category is not None and (row.category, row.sub_reason) != (given.category, given.sub_reason):
            _check_sub_reason(app, tx, given.category, given.sub_reason)
            row.category, row.sub_reason = str(given.category), given.sub_reason
            row.why = (given.stated.strip() or "By the debrief.")[:LONGEST]
        row.stated, row.momentum = given.stated.strip()[:LONGEST], given.momentum.strip()[:LONGEST]
        row.to_change = given.to_change.strip()[:LONGEST]
        row.is_worth_it = given.is_worth_it
        row.touch_on = given.touch_on if given.is_worth_it is not False else None
        row.debriefed_at = app.now()
        _plan_again(app, tx, case, who, f"Debrief: {_told(row)}", what="debrief")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    connection: ConnectionRow
    deal: LostDeal
    known: KnownDeal
    episode_id: int


def _open(tx: Session, deal_row_id: int) -> _Case:
    """The deal as stored, its connection locked. Raises NothingSuch, Busy, or UsageFault where it is lost no more."""
    found = tx.get(DealRow, deal_row_id)
    if found is None:
        raise NothingSuch("There is no such deal.", remedy="Look for it in the list of deals.")
    connection = lock_connection(tx, found.connection_id)
    if publishing(tx) is not None:
        raise Busy("A publication is being carried out.", remedy="Try again when it is done.")
    stored = stored_records(tx, connection.id, [deal_row_id])
    if not stored:
        raise UsageFault("This deal is not lost any more, or out of scope.", remedy="Its follow-ups have ended.")
    _, record, known = stored[0]
    if known.episode_id is None:
        raise UsageFault("This deal has no running loss.", remedy="Read the CRM again with sync now.")
    return _Case(connection=connection, deal=from_record(record, LostDeal), known=known, episode_id=known.episode_id)


def _refuse_unseen(row: DebriefRow | None, edition: str | None) -> None:
    if edition is not None and edition != edition_of(row):
        raise EditedMeanwhileError(
            "Somebody said something else about this loss meanwhile.", remedy="Read it again and repeat your change."
        )


def _row(app: App, tx: Session, case: _Case, who: str, edition: str | None) -> DebriefRow:
    row = debrief_of(tx, case.episode_id)
    _refuse_unseen(row, edition)
    if row is None:
        row = DebriefRow(episode_id=case.episode_id, why="", stated="", momentum="", to_change="")
        tx.add(row)
    row.who, row.said_at = who, app.now()
    return row


def _plan_again(app: App, tx: Session, case: _Case, who: str, says: str, *, what: str) -> None:
    tx.flush()
    subject = f"{case.connection.name} {case.deal.key.deal_id}"
    record_action(tx, who=who, what=what, subject=subject, says=says[:LONGEST_LINE], now=app.now())
    event = Event(entity="deal", entity_id=case.known.id, from_state=None, to_state="decided", why=says)
    save_events(tx, case.connection.id, [event], who=who, now=app.now())
    today = app.today(case.connection)
    replan(tx, case.connection, [(case.deal, case.known)], app.rules(tx), today=today, now=app.now(), keep_day=False)


def _check_sub_reason(app: App, tx: Session, category: Category, sub_reason: str | None) -> None:
    if sub_reason and sub_reason not in sub_reasons_of(app, tx).get(category, ()):
        raise UsageFault(f"{sub_reason!r} is no sub-reason of {category}.", remedy="Choose one of the list.")


def sub_reasons_of(app: App, tx: Session) -> dict[Category, tuple[str, ...]]:
    """The sub-reasons of each category: those shipped, and those of the published mapping set."""
    own = app.rules(tx).mapping_set.sub_reasons
    return {one: tuple(dict.fromkeys((*TAXONOMY[one].sub_reasons, *own.get(one, ())))) for one in Category}


def _told(row: DebriefRow) -> str:
    if row.is_worth_it is False:
        return "not worth another touch."
    if row.touch_on:
        return f"come back on {row.touch_on.day} {row.touch_on:%B %Y}."
    return "worth another touch." if row.is_worth_it else "nothing about a future touch."
