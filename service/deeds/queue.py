"""What people do to the queue of follow-ups, many at once: done, snoozed, ended, given to a colleague, released."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from service.bootstrap import App
from service.errors import UsageFault
from service.people.roles import Person
from service.reminders.actions import Action, PastDayError, decide, snooze_days
from service.reminders.handing import reassign, release_chosen
from service.store.models import OwnerRow
from service.store.people import record_action
from service.store.queue_pages import whose_reminders

PAST = {Action.DONE: "done", Action.CANCEL: "ended", Action.SNOOZE: "snoozed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """How many follow-ups were changed; of snoozed ones, how many come back on which day."""

    changed: int
    days: Mapping[date, int]


def act_on(
    app: App, ids: Collection[int], action: Action, *, who: Person, until: date | None = None, why: str = ""
) -> Acted:
    """Do it to those that the person may work on and that are not over. Raises UsageFault."""
    with app.store.begin() as tx:
        mine = [id_ for id_, connection_id, owner in whose_reminders(tx, ids) if who.may_work(connection_id, owner)]
        try:
            done = decide(tx, mine, action, who=who.email, now=app.now(), until=until, why=why.strip())
        except PastDayError as error:
            raise UsageFault(str(error), remedy="Name a later day.") from error
        _log(tx, PAST[action], len(done), who=who, says=why.strip(), now=app.now())
        days = snooze_days(tx, done, until) if action is Action.SNOOZE and until is not None else {}
        return Acted(changed=len(done), days={day: len(days[day]) for day in sorted(days)})


def release(app: App, ids: Collection[int], *, who: Person) -> int:
    """Take these out of the backlog; how many were. Those of a connection on hold stay."""
    with app.store.begin() as tx:
        changed = len(release_chosen(tx, ids, knowledge=app.rules(tx).knowledge, who=who.email, now=app.now()))
        _log(tx, "released", changed, who=who, now=app.now())
        return changed


def give(app: App, ids: Collection[int], *, connection_id: int, owner_id: str, who: Person) -> tuple[int, OwnerRow]:
    """Give these to a user of the CRM; how many went, and to whom. Raises UsageFault."""
    with app.store.begin() as tx:
        owner = tx.get(OwnerRow, (connection_id, owner_id))
        if owner is None or not owner.is_active:
            raise UsageFault("No colleague was chosen.", remedy="Choose who is to have them.")
        changed = len(reassign(tx, ids, owner, who=who.email, now=app.now()))
        _log(tx, "given", changed, who=who, says=f"to {owner.name or owner.email}", now=app.now())
        return changed, owner


def _log(tx: Session, past: str, count: int, *, who: Person, says: str = "", now: datetime) -> None:
    """A line of the audit log; each follow-up's own history tells the rest."""
    if count:
        subject = "1 follow-up" if count == 1 else f"{count} follow-ups"
        record_action(tx, who=who.email, what=f"follow-ups {past}", subject=subject, says=says[:300], now=now)
