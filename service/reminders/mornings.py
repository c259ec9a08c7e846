"""When a day begins for a rep: a reminder is due from the working morning of its day on, where its rep lives.

Compared by the clock on the rep's wall, so that a day on which the clocks change needs no special case: an hour that
is left out begins with the one after it, and of an hour that comes twice the first counts. Never early; a clock that
is set back takes nothing back, and one set forward, or a week of downtime, brings all that is due since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from service.clock import zone_named
from service.store.models import ConnectionRow, OwnerRow, ReminderRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Mornings:
    """The last day whose working morning has begun: for most reps, and for those who live elsewhere."""

    here: date
    elsewhere: Mapping[str, date] = field(default_factory=dict)

    def of(self, owner_id: str | None) -> date:
        """The last day that has begun for this rep."""
        return self.elsewhere.get(owner_id or "", self.here)

    @property
    def is_due(self) -> ColumnElement[bool]:
        """The condition on a reminder's `due_on`; its first part is what an index answers."""
        latest = max((self.here, *self.elsewhere.values()))
        if not self.elsewhere:
            return ReminderRow.due_on <= latest
        by_day: dict[date, list[str]] = {}
        for owner_id, day in self.elsewhere.items():
            by_day.setdefault(day, []).append(owner_id)
        is_here = or_(ReminderRow.owner_id.is_(None), ReminderRow.owner_id.not_in(list(self.elsewhere)))
        come = [and_(ReminderRow.due_on <= day, ReminderRow.owner_id.in_(ids)) for day, ids in by_day.items()]
        return and_(ReminderRow.due_on <= latest, or_(and_(ReminderRow.due_on <= self.here, is_here), *come))


def begun_day(zone: str, *, hour: int, now: datetime) -> date:
    """The last day whose morning hour has struck in that zone."""
    there = now.astimezone(zone_named(zone))
    return there.date() if there.hour >= hour else there.date() - timedelta(days=1)


def load_mornings(tx: Session, connection: ConnectionRow, *, now: datetime) -> Mornings:
    """The mornings of a connection's reps: in the zone the CRM tells of each, else in the connection's."""
    here = begun_day(connection.zone, hour=connection.morning_hour, now=now)
    rows = tx.execute(
        select(OwnerRow.owner_id, OwnerRow.zone).where(
            OwnerRow.connection_id == connection.id, OwnerRow.zone.is_not(None), OwnerRow.zone != connection.zone
        )
    )
    zones = {owner_id: zone for owner_id, zone in rows if zone}
    days = {zone: begun_day(zone, hour=connection.morning_hour, now=now) for zone in set(zones.values())}
    return Mornings(here=here, elsewhere={one: days[zone] for one, zone in zones.items() if days[zone] != here})
