"""What hangs on a deal: its people, with whether they want to be left alone, and the stages it went through."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.salesforce.ids import long_id
from connectors.salesforce.org import NOT_HERE, Org
from connectors.salesforce.queries import in_lists, is_in, select
from connectors.salesforce.records import CONTACT_ROLES, HISTORY, OPEN_UNTIL, OPT_OUTS
from connectors.salesforce.stages import HISTORY_FIELDS, only_lost_stage, open_until
from connectors.salesforce.values import Record, as_bool, as_instant, as_text

log = logging.getLogger(__name__)
ROLES = "OpportunityContactRole"
HISTORY_OBJECT = "OpportunityHistory"


class ChildReader:
    """Adds contact roles and stage history to deals' records, in the shape a subquery would give them."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._is_off = False
        self._has_no_history = False
        self._wants_history = org.settings.options.get("reached_stages") == "on"

    def added_to(
        self, records: Sequence[Record], warnings: list[str], *, moved_since: datetime | None = None
    ) -> list[Record]:
        """The records, those of lost deals with what hangs on them. What the user may not see gives a warning.

        With `moved_since` the history tells of deals that changed stage since then when they last were not lost.
        """
        lost = [record for record in records if as_bool(record.get("IsClosed")) and not as_bool(record.get("IsWon"))]
        ids = [_id(record) for record in lost]
        found = self.roles(ids, warnings) if lost and not self._is_off else {}
        stages = self._stages(ids, warnings) if lost and self._wants_history else {}
        opened = self._open_until(lost, moved_since) if lost else {}
        return [_completed(record, found, stages, opened) for record in records]

    def _open_until(self, lost: Sequence[Record], moved_since: datetime | None) -> dict[str, object]:
        """Where there is one lost stage alone, entering it says as much as the history."""
        moved = [_id(one) for one in lost if _is_moved(one, moved_since)]
        stages = self._org.stages() if moved or self._org.has_stages else ()
        only = only_lost_stage(stages)
        if only is not None and "LastStageChangeDate" in lost[0]:
            return {_id(one): one.get("LastStageChangeDate") for one in lost if one.get("StageName") == only}
        if not moved or not stages or self._has_no_history:
            return {}
        found: dict[str, object] = {}
        try:
            for ids in in_lists(moved):
                soql = select(HISTORY_FIELDS, HISTORY_OBJECT, is_in("OpportunityId", ids), "ORDER BY CreatedDate, Id")
                rows = self._org.records(soql, kind="read", doing="reading when deals were last open")
                found.update({deal_id: at.isoformat() for deal_id, at in open_until(rows, stages).items()})
        except NOT_HERE as error:
            log.warning("%s", error)
            self._has_no_history = True
        return found

    def _stages(self, deal_ids: Sequence[str], warnings: list[str]) -> dict[str, list[str]]:
        """The stages of each deal's history, oldest first."""
        by_deal: dict[str, list[str]] = defaultdict(list)
        try:
            for ids in in_lists(deal_ids):
                where = is_in("OpportunityId", ids)
                soql = select(("OpportunityId", "StageName"), HISTORY_OBJECT, where, "ORDER BY CreatedDate, Id")
                for row in self._org.records(soql, kind="read", doing="reading the history of stages"):
                    by_deal[long_id(as_text(row.get("OpportunityId")) or "")].append(
                        as_text(row.get("StageName")) or ""
                    )
        except NOT_HERE as error:
            log.warning("%s", error)
            self._wants_history = False
            warnings.append("The history of stages cannot be read: which stages a deal reached is not known.")
        return by_deal

    def roles(self, deal_ids: Sequence[str], warnings: list[str], *, kind: str = "read") -> dict[str, list[Record]]:
        """The contact roles of each deal, with the flags of their people; a warning where they cannot be read."""
        by_deal: dict[str, list[Record]] = defaultdict(list)
        fields = self._fields()
        try:
            for ids in in_lists(deal_ids) if fields else ():
                soql = select(fields, ROLES, is_in("OpportunityId", ids))
                for role in self._org.records(soql, kind=kind, doing="reading contact roles"):
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
        flags = [f"Contact.{name}" for name in OPT_OUTS if contacts and name in contacts.fields]
        return ("OpportunityId", "ContactId", "IsPrimary", *flags)


def _is_moved(record: Record, since: datetime | None) -> bool:
    """Whether a deal changed its stage since then; where the org does not tell, it may have."""
    if since is None:
        return False
    moved_at = as_instant(record.get("LastStageChangeDate"))
    return moved_at is None or moved_at >= since


def _completed(
    record: Record, roles: dict[str, list[Record]], stages: dict[str, list[str]], opened: Mapping[str, object]
) -> Record:
    record_id = _id(record)
    if record_id not in roles and record_id not in stages and record_id not in opened:
        return record
    # To the record itself: it was read for this alone, and a page of copies would take megabytes.
    whole = record if isinstance(record, dict) else dict(record)
    whole[CONTACT_ROLES] = {"records": roles.get(record_id, [])}
    whole[HISTORY] = stages.get(record_id, [])
    whole[OPEN_UNTIL] = opened.get(record_id)
    return whole


def _id(record: Record) -> str:
    return long_id(as_text(record.get("Id")) or "")
