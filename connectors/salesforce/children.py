"""What hangs on a deal: its people, with whether they want to be left alone, and the stages it went through."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence

from connectors.salesforce.ids import long_id
from connectors.salesforce.org import NOT_HERE, Org
from connectors.salesforce.queries import in_lists, is_in, select
from connectors.salesforce.records import CONTACT_ROLES, HISTORY
from connectors.salesforce.values import Record, as_bool, as_text

log = logging.getLogger(__name__)
ROLES = "OpportunityContactRole"
_FLAGS = ("HasOptedOutOfEmail", "DoNotCall")


class ChildReader:
    """Adds contact roles and stage history to deals' records, in the shape a subquery would give them."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._is_off = False
        self._wants_history = org.settings.options.get("reached_stages") == "on"

    def added_to(self, records: Sequence[Record], warnings: list[str]) -> list[Record]:
        """The records, those of lost deals with what hangs on them. What the user may not see gives a warning."""
        lost = [
            long_id(as_text(record.get("Id")) or "")
            for record in records
            if as_bool(record.get("IsClosed")) and not as_bool(record.get("IsWon"))
        ]
        found = self._roles(lost, warnings) if lost and not self._is_off else {}
        stages = self._stages(lost, warnings) if lost and self._wants_history else {}
        return [_completed(record, found, stages) for record in records]

    def _stages(self, deal_ids: Sequence[str], warnings: list[str]) -> dict[str, list[str]]:
        """The stages of each deal's history, oldest first."""
        by_deal: dict[str, list[str]] = defaultdict(list)
        try:
            for ids in in_lists(deal_ids):
                where = is_in("OpportunityId", ids)
                soql = select(("OpportunityId", "StageName"), "OpportunityHistory", where, "ORDER BY CreatedDate, Id")
                for row in self._org.records(soql, kind="read", doing="reading the history of stages"):
                    by_deal[long_id(as_text(row.get("OpportunityId")) or "")].append(
                        as_text(row.get("StageName")) or ""
                    )
        except NOT_HERE as error:
            log.warning("%s", error)
            self._wants_history = False
            warnings.append("The history of stages cannot be read: which stages a deal reached is not known.")
        return by_deal

    def _roles(self, deal_ids: Sequence[str], warnings: list[str]) -> dict[str, list[Record]]:
        by_deal: dict[str, list[Record]] = defaultdict(list)
        fields = self._fields()
        try:
            for ids in in_lists(deal_ids) if fields else ():
                soql = select(fields, ROLES, is_in("OpportunityId", ids))
                for role in self._org.records(soql, kind="read", doing="reading contact roles"):
                    by_deal[long_id(as_text(role.get("OpportunityId")) or "")].append(role)
        except NOT_HERE as error:
            log.warning("%s", error)
            fields = ()
        if not fields:
            self._is_off = True
            warnings.append(
                "Contact roles cannot be read: tasks name no contact, and the opt-outs of contacts are not known. "
                "Give the integration user read access to contacts and opportunity contact roles."
            )
        return by_deal

    def _fields(self) -> tuple[str, ...]:
        roles = self._org.describe_optional(ROLES)
        if roles is None:
            return ()
        contacts = self._org.describe_optional("Contact")
        flags = [f"Contact.{name}" for name in _FLAGS if contacts and name in contacts.fields]
        return ("OpportunityId", "ContactId", "IsPrimary", *flags)


def _completed(record: Record, roles: dict[str, list[Record]], stages: dict[str, list[str]]) -> Record:
    record_id = _id(record)
    if record_id not in roles and record_id not in stages:
        return record
    return {**record, CONTACT_ROLES: {"records": roles.get(record_id, [])}, HISTORY: stages.get(record_id, [])}


def _id(record: Record) -> str:
    return long_id(as_text(record.get("Id")) or "")
