"""What a message says by the time it is sent: of what it was made for, that which is still open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.model import DealKey
from service.messages.digests import ESCALATION
from service.messages.letters import Item, Letter
from service.messages.links import Links
from service.reminders.actions import Action
from service.reminders.words import why_in_force
from service.store.connections import owners_of
from service.store.models import ConnectionRow, DealRow, MessageRow, OwnerRow, ReminderRow, ReminderState

OFFERS = ((Action.DONE, "Done"), (Action.SNOOZE, "Later"), (Action.CANCEL, "Stop"))


def gather(
    tx: Session,
    message: MessageRow,
    connection: ConnectionRow,
    *,
    links: Links,
    deal_url: Callable[[DealKey], str],
    now: datetime,
) -> tuple[OwnerRow, Letter] | None:
    """The reader and what they are told; None where nothing is left to tell, or nobody to be told."""
    people = owners_of(tx, connection.id)
    reader = people.get(message.owner_id)
    if reader is None or not reader.is_active:
        return None
    rows = tx.execute(
        select(ReminderRow, DealRow.account_name, DealRow.name, DealRow.crm_deal_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(ReminderRow.id.in_(message.content["reminder_ids"]), ReminderRow.state == ReminderState.DUE)
        .order_by(ReminderRow.due_on, DealRow.account_name, ReminderRow.id)
    )
    items = []
    for row, account, deal, crm_deal_id in rows:
        owner = people.get(row.owner_id or "")
        is_theirs = message.kind == ESCALATION or row.owner_id == reader.owner_id
        if is_theirs:
            items.append(
                Item(
                    account=account or deal,
                    deal=deal,
                    owner=owner.name if owner else "",
                    due_on=row.due_on,
                    why=why_in_force(row),
                    deal_url=deal_url(DealKey(connection.account_id, crm_deal_id)),
                    links=_links(links, row.id, message, now),
                )
            )
    if not items:
        return None
    more = int(message.content.get("more", 0))
    return reader, Letter(kind=message.kind, reader=reader.name, day=message.day, items=tuple(items), more=more)


def _links(links: Links, reminder_id: int, message: MessageRow, now: datetime) -> tuple[tuple[str, str], ...]:
    """A manager is told, and decides nothing in a rep's place."""
    if message.kind == ESCALATION:
        return ()
    offered = ((words, links.address(reminder_id, message.id, action, now=now)) for action, words in OFFERS)
    return tuple((words, address) for words, address in offered if address)
