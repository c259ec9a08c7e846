"""Who may be contacted, read again before a task is written: a query a batch for people, one for mapped fields."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.base import DealConsent, Role
from connectors.salesforce.children import ChildReader
from connectors.salesforce.ids import long_id
from connectors.salesforce.org import NOT_HERE, Org
from connectors.salesforce.queries import in_lists, is_in, select
from connectors.salesforce.records import CONTACT_ROLES, consent_of
from connectors.salesforce.schema import OPPORTUNITY
from connectors.salesforce.values import Record, as_text
from mappings.model import DealKey

log = logging.getLogger(__name__)


def read_consent(org: Org, keys: Sequence[DealKey]) -> Iterator[DealConsent]:
    """See Connector.read_consent."""
    if not keys:
        return
    fields, children, warnings = org.deal_fields(org.layout()), ChildReader(org), list[str]()
    mapped = fields.first(Role.DO_NOT_CONTACT)
    for ids in in_lists(list(dict.fromkeys(long_id(key.deal_id) for key in keys))):
        roles = children.roles(ids, warnings, kind="activity")
        own = _mapped(org, ids, mapped) if mapped else {}
        for deal_id in ids:
            held = own.get(deal_id, {}) if own is not None else {}
            consent = consent_of({"Id": deal_id, **held, CONTACT_ROLES: {"records": roles.get(deal_id, [])}}, fields)
            # A flag that was not read is none: it neither closes nor opens.
            told = consent if held or not mapped else replace(consent, own=())
            yield replace(told, is_known=not warnings and own is not None)


def _mapped(org: Org, ids: Sequence[str], name: str) -> dict[str, Record] | None:
    """The mapped field by deal; None where it can no longer be read, which the next read of deals tells of."""
    try:
        found = org.records(
            select(("Id", name), OPPORTUNITY, is_in("Id", ids)), kind="activity", doing="reading consent"
        )
        return {long_id(as_text(record.get("Id")) or ""): record for record in found}
    except NOT_HERE as error:
        log.warning("%s", error)
        return None
