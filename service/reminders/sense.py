"""Sensing before a write: what happens at the account, and whether the person may be contacted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from connectors.base import AccountActivity

OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A rule ends the step."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The step is looked at again on that day."""

    until: date
    why: str


def sense(
    activity: AccountActivity | None, *, lost_on: date, own_deal_id: str, today: date, quiet_days: int
) -> Skip | Wait | None:
    """What speaks against writing now, if anything; an activity does for so many days."""
    if activity is None:
        return None
    if any(id_ != own_deal_id for id_ in activity.open_deal_ids):
        return Skip(rule="open_deal", why="The account has an open deal: the conversation goes on there.")
    if activity.won_on is not None and activity.won_on >= lost_on:
        return Skip(rule="won_since", why=f"The account bought on {activity.won_on.isoformat()}, after this loss.")
    last = activity.last_activity_on
    if last is not None and last > today - timedelta(days=quiet_days):
        # An activity with a date to come counts as one of today.
        until = min(last, today) + timedelta(days=quiet_days)
        return Wait(until=until, why=f"Somebody was in touch with the account on {last.isoformat()}.")
    return None
