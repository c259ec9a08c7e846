"""What happens at prospects' companies: their open deals, their latest win, and when someone was last in touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import AccountActivity, DealState, Kit, OpenDeal, WonDeal
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import OPTIONAL, Link, read_by_ids, read_links
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import CURRENT_STAGE, Portal
from connectors.hubspot.queries import DEAL_PROPERTIES, LIST_LIMIT, MODIFIED, TASK_PROPERTIES, next_cursor
from connectors.hubspot.records import DealFields, DealRecord, to_deal_state
from connectors.hubspot.tasks import bears_a_key, rows_of
from connectors.hubspot.values import instant_of, text_of, text_of_html

# The last call, e-mail or meeting: tasks never count here.
TOUCHED = ("notes_last_contacted", "hs_last_sales_activity_timestamp")
# The last activity of any kind, tasks included, and so perhaps ours.
ACTIVE = "notes_last_updated"
_TASK_STAMPS = ("hs_timestamp", "hs_createdate", MODIFIED, "hs_task_completion_date")
# How close a company's last activity must be to a stamp of our task to be that task.
_SAME_S = 120.0
# Removed tasks are looked through this far.
MOST_REMOVED_PAGES = 10
_REMOVED = ""


class Activity:
    """Senses one portal's companies, in batches."""

    def __init__(self, client: HubSpotClient, portal: Portal, kit: Kit) -> None:
        self._client = client
        self._portal = portal
        self._now = kit.now

    def of(self, account_ids: Sequence[str]) -> Iterator[AccountActivity]:
        """One value an account that HubSpot still has."""
        if not account_ids:
            return
        ids = list(dict.fromkeys(account_ids))
        companies = {
            str(row["id"]): row
            for row in read_by_ids(self._client, "companies", ids, (*TOUCHED, ACTIVE), kind="activity")
        }
        links = read_links(self._client, "companies", "deals", ids, kind="activity")
        rows = self._deal_rows([link.to_id for found in links.values() for link in found])
        fields = self._portal.deal_fields(self._now())
        cases = [
            _Case(row=row, deals=[rows[link.to_id] for link in links.get(company_id, ()) if link.to_id in rows])
            for company_id, row in companies.items()
        ]
        now = self._now()
        ours = self._our_stamps([case for case in cases if case.theirs((), now)])
        if any(case.theirs(_of(case, ours), now) for case in cases):
            ours[_REMOVED] = self._removed_stamps()
        for case in cases:
            yield self._told(case, _of(case, ours), fields, now)

    def _told(self, case: _Case, ours: Sequence[datetime], fields: DealFields, now: datetime) -> AccountActivity:
        states = [_state(row, fields) for row in case.deals]
        wins = [state.won_on for state in states if isinstance(state, WonDeal) and state.won_on]
        last = max(case.theirs(ours, now), default=None) or case.touched(now)
        return AccountActivity(
            account_id=case.ids[0],
            open_deal_ids=tuple(state.key.deal_id for state in states if isinstance(state, OpenDeal)),
            won_on=max(wins, default=None),
            last_activity_on=last.astimezone(self._portal.zone).date() if last else None,
        )

    def _deal_rows(self, deal_ids: Sequence[str]) -> dict[str, Json]:
        properties = (*DEAL_PROPERTIES, CURRENT_STAGE, *TOUCHED, ACTIVE)
        rows = {
            str(row["id"]): row for row in read_by_ids(self._client, "deals", deal_ids, properties, kind="activity")
        }
        self._portal.meet_stages(text_of((row.get("properties") or {}).get("dealstage")) for row in rows.values())
        return rows

    def _our_stamps(self, cases: Sequence[_Case]) -> dict[str, list[datetime]]:
        """When our own tasks at these companies and deals were made, due, changed and completed."""
        links = {
            **self._tasks_of("companies", [case.ids[0] for case in cases]),
            **self._tasks_of("deals", [deal_id for case in cases for deal_id in case.ids[1:]]),
        }
        task_ids = [link.to_id for found in links.values() for link in found]
        properties = (*TASK_PROPERTIES, "hs_task_completion_date")
        rows = read_by_ids(self._client, "tasks", task_ids, properties, kind="activity")
        ours = {str(row["id"]): _task_stamps(row["properties"]) for row in rows if _is_ours(row)}
        return {
            record_id: [stamp for link in found for stamp in ours.get(link.to_id, ())]
            for record_id, found in links.items()
        }

    def _removed_stamps(self) -> list[datetime]:
        """When tasks of ours were removed, which counts as activity too: an association no longer leads to them."""
        query = {"archived": "true", "limit": str(LIST_LIMIT), "properties": "hs_task_body"}
        stamps: list[datetime] = []
        for _ in range(MOST_REMOVED_PAGES):
            try:
                told = self._client.get(self._client.paths.objects("tasks"), kind="activity", query=query)
            except OPTIONAL:
                break
            removed = [row for row in rows_of(told, "results") if _is_ours(row)]
            stamps += [stamp for row in removed if (stamp := instant_of(row.get("archivedAt")))]
            after = next_cursor(told)
            if not after:
                break
            query = {**query, "after": after}
        return stamps

    def _tasks_of(self, object_type: str, ids: Sequence[str]) -> dict[str, list[Link]]:
        return read_links(self._client, object_type, "tasks", ids, kind="activity")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A company and its deals, whose last activity may or may not be ours."""

    row: Json
    deals: Sequence[Json]

    @property
    def ids(self) -> list[str]:
        """The company's id, then its deals'."""
        return [str(row["id"]) for row in (self.row, *self.deals)]

    def touched(self, now: datetime) -> datetime | None:
        """The last call, e-mail or meeting."""
        stamps = [_stamp(row, name) for row in (self.row, *self.deals) for name in TOUCHED]
        return max((stamp for stamp in stamps if stamp and stamp <= now), default=None)

    def active(self, now: datetime) -> list[datetime]:
        """The last activities of any kind that are later than every touch."""
        touched = self.touched(now)
        stamps = [_stamp(row, ACTIVE) for row in (self.row, *self.deals)]
        return [stamp for stamp in stamps if stamp and stamp <= now and (touched is None or stamp > touched)]

    def theirs(self, ours: Sequence[datetime], now: datetime) -> list[datetime]:
        """The last activities that fall on no task of ours."""
        return [
            stamp
            for stamp in self.active(now)
            if not any(abs((stamp - own).total_seconds()) <= _SAME_S for own in ours)
        ]


def _of(case: _Case, ours: Mapping[str, Sequence[datetime]]) -> list[datetime]:
    return [stamp for record_id in (*case.ids, _REMOVED) for stamp in ours.get(record_id, ())]


def _state(row: Json, fields: DealFields) -> DealState:
    return to_deal_state(DealRecord(id=str(row["id"]), properties=row.get("properties") or {}), fields)


def _is_ours(row: Json) -> bool:
    return bears_a_key(text_of_html(text_of((row.get("properties") or {}).get("hs_task_body"))))


def _stamp(row: Json, name: str) -> datetime | None:
    return instant_of((row.get("properties") or {}).get(name))


def _task_stamps(properties: dict[str, Any]) -> list[datetime]:
    return [stamp for name in _TASK_STAMPS if (stamp := instant_of(properties.get(name)))]
