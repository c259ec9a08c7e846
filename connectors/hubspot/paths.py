"""HubSpot's addresses. The API version stands here and nowhere else.

https://developers.hubspot.com/docs/api-reference (v3) and the date-based versions that replace it: v1 to v3 are
supported until September 2027, each dated version for 18 months.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

V3 = "v3"
VERSIONS = (V3, "2026-09", "2026-03")

# Association types that HubSpot defines, from a task to the record it hangs on.
TASK_TO_DEAL = 216
TASK_TO_CONTACT = 204
TASK_TO_COMPANY = 192

_VERSIONED = re.compile(r"^/crm/(?:(?:v3|v4)/(?P<what>\w+)|(?P<dated>\w+)/\d{4}-\d{2})(?P<rest>/.*)?$")


def is_versioned(path: str) -> bool:
    """Whether an address names an API version that can be changed for another."""
    return _VERSIONED.match(path) is not None


@dataclass(frozen=True, slots=True)
class Paths:
    """The addresses of one API version. Object types are plural names: deals, companies, contacts, tasks."""

    version: str = V3

    def objects(self, kind: str, record_id: str | None = None) -> str:
        """The list of records, or one record."""
        base = f"/crm/v3/objects/{kind}" if self._is_v3 else f"/crm/objects/{self.version}/{kind}"
        return base if record_id is None else f"{base}/{quote(record_id, safe='')}"

    def search(self, kind: str) -> str:
        """Search by properties: an index that lags, with 10,000 results at most."""
        return f"{self.objects(kind)}/search"

    def batch(self, kind: str, action: str) -> str:
        """Up to 100 records: read, create, update or archive."""
        return f"{self.objects(kind)}/batch/{action}"

    def associations(self, from_kind: str, to_kind: str, action: str = "read") -> str:
        """Association batches: up to 1,000 records read."""
        if self._is_v3:
            return f"/crm/v4/associations/{from_kind}/{to_kind}/batch/{action}"
        return f"/crm/associations/{self.version}/{from_kind}/{to_kind}/batch/{action}"

    def pipelines(self, kind: str) -> str:
        """Pipelines with their stages."""
        return f"/crm/v3/pipelines/{kind}" if self._is_v3 else f"/crm/pipelines/{self.version}/{kind}"

    def properties(self, kind: str) -> str:
        """Property definitions."""
        return f"/crm/v3/properties/{kind}" if self._is_v3 else f"/crm/properties/{self.version}/{kind}"

    def spelt(self, path: str) -> str:
        """An address of any version as this one spells it; others as they are."""
        found = _VERSIONED.match(path)
        if found is None:
            return path
        what, rest = found["what"] or found["dated"], found["rest"] or ""
        if not self._is_v3:
            return f"/crm/{what}/{self.version}{rest}"
        return f"/crm/{'v4' if what == 'associations' else 'v3'}/{what}{rest}"

    @property
    def token(self) -> str:
        """Where OAuth tokens are given out and renewed."""
        return f"/oauth/{self.version}/token"

    @property
    def owners(self) -> str:
        """People who can own records."""
        return "/crm/v3/owners" if self._is_v3 else f"/crm/owners/{self.version}"

    @property
    def account_details(self) -> tuple[str, ...]:
        """The portal's id, zone and currency: the address that is documented, and its dated likenesses."""
        return ("/account-info/v3/details", *(f"/account-info/{one}/details" for one in VERSIONS if one != V3))

    @property
    def token_info(self) -> str:
        """What the token may do, and whose it is. Private apps only."""
        return "/oauth/v2/private-apps/get/access-token-info"

    @property
    def _is_v3(self) -> bool:
        return self.version == V3
