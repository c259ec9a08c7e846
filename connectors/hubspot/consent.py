"""Who may be contacted, read again before a task is written: the deals' contacts by batch, and what is mapped."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.base import DealConsent, Role
from connectors.hubspot.batches import OPTIONAL, Link, read_by_ids, read_links
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal, split_name
from connectors.hubspot.records import DealRecord, Properties, consent_of
from mappings.model import DealKey

log = logging.getLogger(__name__)
KIND = "activity"


class Consent:
    """Reads one portal's opt-outs, in batches."""

    def __init__(self, client: HubSpotClient, portal: Portal, now: datetime) -> None:
        self._client = client
        self._portal = portal
        self._fields = portal.deal_fields(now)
        mapped = self._fields.roles.get(Role.DO_NOT_CONTACT, ())
        self._mapped_on, self._mapped = split_name(mapped[0]) if mapped else ("", "")

    def of(self, keys: Sequence[DealKey]) -> Iterator[DealConsent]:
        """One value a deal."""
        ids = list(dict.fromkeys(key.deal_id for key in keys))
        if not ids:
            return
        people = self._neighbours("contacts", ids, self._portal.contact_properties())
        deals = self._deals(ids) if self._mapped_on == "deals" else {}
        firms = self._neighbours("companies", ids, (self._mapped,)) if self._mapped_on == "companies" else {}
        for deal_id in ids:
            record = DealRecord(
                id=deal_id,
                properties=(deals or {}).get(deal_id, {}),
                company=next((each for _, each in (firms or {}).get(deal_id, ())), None),
                contacts=tuple((people or {}).get(deal_id, ())),
            )
            told = consent_of(record, self._fields)
            # A property that was not read is no answer: it neither closes nor opens.
            told = replace(told, own=tuple(flag for flag in told.own if record.properties or record.company))
            yield replace(told, is_known=None not in (people, deals, firms))

    def _deals(self, ids: Sequence[str]) -> Mapping[str, Properties] | None:
        try:
            rows = read_by_ids(self._client, "deals", ids, (self._mapped,), kind=KIND)
            return {str(row["id"]): row.get("properties") or {} for row in rows}
        except OPTIONAL as error:
            log.warning("%s", error)
            return None

    def _neighbours(
        self, kind: str, ids: Sequence[str], properties: Sequence[str]
    ) -> dict[str, list[tuple[str, Properties]]] | None:
        """The deals' contacts or companies, the primary one first; None where they may not be read."""
        try:
            links = read_links(self._client, "deals", kind, ids, kind=KIND)
            wanted = [link.to_id for found in links.values() for link in found]
            rows = read_by_ids(self._client, kind, wanted, properties, kind=KIND)
            read = {str(row["id"]): row.get("properties") or {} for row in rows}
        except OPTIONAL as error:
            log.warning("%s", error)
            return None
        return {
            deal_id: [(one.to_id, read[one.to_id]) for one in sorted(found, key=_primary_first) if one.to_id in read]
            for deal_id, found in links.items()
        }


def _primary_first(link: Link) -> bool:
    return not link.is_primary
