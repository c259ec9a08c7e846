"""The company and the contacts of deals, read a hundred at a time and kept for the deals that share them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from connectors.errors import MissingPermission, Unsupported
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import Link, read_by_ids, read_links
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal
from connectors.hubspot.records import DealFields, DealRecord, Properties, is_lost

# So many companies, and as many contacts, are remembered; the oldest are forgotten first.
MOST_KEPT = 10_000
COMPANIES = "companies"
CONTACTS = "contacts"

Links = dict[str, dict[str, list[Link]]]


class Neighbours:
    """Completes deals with what they are associated with. Only lost deals are: the others end reminders."""

    def __init__(self, client: HubSpotClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal
        self._kept: dict[str, dict[str, Properties]] = {COMPANIES: {}, CONTACTS: {}}
        self.kinds: tuple[str, ...] = (COMPANIES, CONTACTS)

    def give_up(self, error: MissingPermission) -> None:
        """Go on without what the token may not read; without both where the error does not say which."""
        self._portal.warn(f"Companies or contacts are left out. {error}")
        named = [kind for kind in self.kinds if kind in error.scope or kind in error.what]
        self.kinds = tuple(kind for kind in self.kinds if named and kind not in named)

    def records(self, rows: Sequence[Json], fields: DealFields) -> list[DealRecord]:
        """The deals with their neighbours, in order."""
        lost = [row for row in rows if is_lost(row.get("properties") or {}, fields)]
        links = self._links(lost)
        company_of = {deal_id: _primary(found) for deal_id, found in links.get(COMPANIES, {}).items()}
        contacts_of = {deal_id: [link.to_id for link in found] for deal_id, found in links.get(CONTACTS, {}).items()}
        self._read(COMPANIES, company_of.values(), self._portal.company_properties)
        self._read(
            CONTACTS, (each for found in contacts_of.values() for each in found), self._portal.contact_properties
        )
        companies, contacts = self._kept[COMPANIES], self._kept[CONTACTS]
        records = []
        for row in rows:
            deal_id = str(row["id"])
            company_id = company_of.get(deal_id)
            records.append(
                DealRecord(
                    id=deal_id,
                    properties=row.get("properties") or {},
                    company_id=company_id,
                    company=companies.get(company_id) if company_id else None,
                    contacts=tuple((each, contacts[each]) for each in contacts_of.get(deal_id, ()) if each in contacts),
                )
            )
        return records

    def _links(self, rows: Sequence[Json]) -> Links:
        """Associations as the list gives them, else (search, batch read, a long list of them) by batch."""
        links: Links = {}
        for kind in self.kinds:
            found = {str(row["id"]): listed_links(row, kind) for row in rows}
            unknown = [deal_id for deal_id, listed in found.items() if listed is None]
            if unknown:
                found.update(self._read_links(kind, unknown))
            links[kind] = {deal_id: listed for deal_id, listed in found.items() if listed}
        return links

    def _read_links(self, kind: str, deal_ids: Sequence[str]) -> Mapping[str, list[Link]]:
        """By batch; where the server has no such endpoint the deals go on without these neighbours."""
        try:
            return read_links(self._client, "deals", kind, deal_ids)
        except Unsupported as error:
            self._portal.warn(f"The {kind} of deals are left out. {error}")
            self.kinds = tuple(one for one in self.kinds if one != kind)
            return {}

    def _read(self, kind: str, ids: Iterable[str], properties: Callable[[], Sequence[str]]) -> None:
        kept = self._kept[kind]
        for oldest in list(islice(kept, max(0, len(kept) - MOST_KEPT))):
            del kept[oldest]
        wanted = [each for each in dict.fromkeys(ids) if each and each not in kept]
        if wanted:
            names = properties()
            for row in read_by_ids(self._client, kind, wanted, names, kind="read"):
                kept[str(row["id"])] = _told(row.get("properties") or {}, names)


def _told(properties: Properties, names: Sequence[str]) -> Properties:
    """What was asked for and is there: empty properties, and those that come unasked, would take ten times the room."""
    return {name: value for name in names if (value := properties.get(name)) not in (None, "")}


def _primary(links: Sequence[Link]) -> str:
    return next((link.to_id for link in links if link.is_primary), links[0].to_id)


def listed_links(row: Json, kind: str) -> list[Link] | None:
    """The associations that stand in a list's row; None where they were not asked for, or go on elsewhere."""
    listed: Mapping[str, Json] | None = row.get("associations")
    if listed is None:
        return None
    told = listed.get(kind) or {}
    if (told.get("paging") or {}).get("next"):
        return None
    found: dict[str, Link] = {}
    for each in told.get("results") or ():
        to_id = str(each.get("id"))
        is_primary = each.get("type") == "deal_to_company" or (to_id in found and found[to_id].is_primary)
        found[to_id] = Link(to_id, is_primary)
    return list(found.values())
