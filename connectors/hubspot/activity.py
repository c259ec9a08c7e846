"""What happens at prospects' companies: their open deals, their latest win, and when someone was last in touch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from connectors.base import AccountActivity, DealState, Kit, OpenDeal, WonDeal
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import read_by_ids, read_links
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal
from connectors.hubspot.queries import DEAL_PROPERTIES, MODIFIED, TASK_PROPERTIES
from connectors.hubspot.records import DealFields, DealRecord, to_deal_state
from connectors.hubspot.tasks import bears_a_key
from connectors.hubspot.values import instant_of, text_of, text_of_html

# The last call, e-mail or meeting: tasks never count here.
TOUCHED = ("notes_last_contacted", "hs_last_sales_activity_timestamp")
# The last activity of any kind, tasks included, and so perhaps ours.
ACTIVE = "notes_last_updated"
_TASK_STAMPS = ("hs_timestamp", "hs_createdate", MODIFIED, "hs_task_completion_date")
# How close a company's last activity must be to a stamp of our task to be that task.
_SAME_S = 120.0


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
        now = self._now()
        fields = self._portal.deal_fields(now)
        ids = list(dict.fromkeys(account_ids))
        properties = (*TOUCHED, ACTIVE)
        companies = list(read_by_ids(self._client, "companies", ids, properties, kind="activity"))
        links = read_links(self._client, "companies", "deals", ids, kind="activity")
        deals = self._deals([link.to_id for found in links.values() for link in found], fields)
        ours = self._our_stamps([row for row in companies if self._is_in_doubt(row, now)])
        for row in companies:
            company_id = str(row["id"])
            states = [deals[link.to_id] for link in links.get(company_id, ()) if link.to_id in deals]
            wins = [state.won_on for state in states if isinstance(state, WonDeal) and state.won_on]
            yield AccountActivity(
                account_id=company_id,
                open_deal_ids=tuple(state.key.deal_id for state in states if isinstance(state, OpenDeal)),
                won_on=max(wins, default=None),
                last_activity_on=self._last_day(row, ours.get(company_id, []), now),
            )

    def _deals(self, deal_ids: Sequence[str], fields: DealFields) -> dict[str, DealState]:
        rows = list(read_by_ids(self._client, "deals", deal_ids, DEAL_PROPERTIES, kind="activity"))
        self._portal.meet_stages(text_of((row.get("properties") or {}).get("dealstage")) for row in rows)
        fields = self._portal.deal_fields(self._now())
        return {
            str(row["id"]): to_deal_state(DealRecord(id=str(row["id"]), properties=row.get("properties") or {}), fields)
            for row in rows
        }

    def _last_day(self, row: Json, ours: Sequence[datetime], now: datetime) -> date | None:
        """The last day someone was in touch; what our own tasks did does not count."""
        stamps = [_stamp(row, name) for name in TOUCHED]
        active = _stamp(row, ACTIVE)
        if active and not any(abs((active - stamp).total_seconds()) <= _SAME_S for stamp in ours):
            stamps.append(active)
        past = [stamp for stamp in stamps if stamp and stamp <= now]
        return max(past).astimezone(self._portal.zone).date() if past else None

    def _is_in_doubt(self, row: Json, now: datetime) -> bool:
        """Whether a company's last activity may have been a task of ours: it is later than every touch."""
        active = _stamp(row, ACTIVE)
        if active is None or active > now:
            return False
        touched = [stamp for name in TOUCHED if (stamp := _stamp(row, name))]
        return all(active > stamp for stamp in touched)

    def _our_stamps(self, companies: Sequence[Json]) -> dict[str, list[datetime]]:
        """When our own tasks at these companies were due, made, changed and completed."""
        links = read_links(self._client, "companies", "tasks", [str(row["id"]) for row in companies], kind="activity")
        task_ids = [link.to_id for found in links.values() for link in found]
        properties = (*TASK_PROPERTIES, "hs_task_completion_date")
        rows = read_by_ids(self._client, "tasks", task_ids, properties, kind="activity")
        ours = {
            str(row["id"]): _task_stamps(row["properties"])
            for row in rows
            if bears_a_key(text_of_html(text_of((row.get("properties") or {}).get("hs_task_body"))))
        }
        return {
            company_id: [stamp for link in found for stamp in ours.get(link.to_id, ())]
            for company_id, found in links.items()
        }


def _stamp(row: Json, name: str) -> datetime | None:
    return instant_of((row.get("properties") or {}).get(name))


def _task_stamps(properties: dict[str, Any]) -> list[datetime]:
    return [stamp for name in _TASK_STAMPS if (stamp := instant_of(properties.get(name)))]
