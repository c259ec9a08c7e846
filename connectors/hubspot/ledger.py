"""HubSpot's own counts of closed-lost deals, by month of the close date in the portal's zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.base import MonthCount
from connectors.hubspot.answers import Json
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal
from connectors.hubspot.queries import lost_before, search_body
from connectors.hubspot.tasks import rows_of
from connectors.hubspot.values import epoch_ms, instant_of


class Ledger:
    """Counts by search totals: one call for each month that has lost deals, newest first, and two more."""

    def __init__(self, client: HubSpotClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def months(self) -> Iterator[MonthCount]:
        """The count of each month that has one; the deals without a close date under ""."""
        stages = self._portal.lost_stages()
        everything = self._total(self._ask(stages, None))
        far = epoch_ms(datetime(2200, 1, 1, tzinfo=ZoneInfo("UTC")))
        told = self._ask(stages, far)
        if everything > self._total(told):
            yield MonthCount(month="", count=everything - self._total(told))
        while self._total(told):
            newest = self._newest(told)
            if newest is None:
                return
            start = datetime(newest.year, newest.month, 1, tzinfo=self._portal.zone)
            older = self._ask(stages, epoch_ms(start))
            yield MonthCount(month=f"{newest:%Y-%m}", count=self._total(told) - self._total(older))
            told = older

    def total(self) -> int:
        """All closed-lost deals, in one call."""
        return self._total(self._ask(self._portal.lost_stages(), None))

    def _ask(self, stages: list[str], before_ms: int | None) -> Json:
        """The total before an instant, and the newest close date among them."""
        is_flagged = "hs_is_closed_lost" in (self._portal.definitions("deals") or {})
        groups = lost_before(stages, before_ms, is_flagged=is_flagged)
        body = search_body(*groups, properties=["closedate"], sort="closedate", descending=True, limit=1)
        return self._client.read(self._client.paths.search("deals"), body, kind="ledger")

    def _total(self, told: Json) -> int:
        return int(told.get("total") or 0)

    def _newest(self, told: Json) -> datetime | None:
        rows = rows_of(told, "results")
        closed = instant_of((rows[0].get("properties") or {}).get("closedate")) if rows else None
        return closed.astimezone(self._portal.zone) if closed else None
