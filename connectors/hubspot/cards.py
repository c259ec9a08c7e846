"""Who asks by a card on a HubSpot page. Pure.

HubSpot carries the card's request to us, signs it, and adds to the address who looks at the card:
https://developers.hubspot.com/docs/apps/developer-platform/add-features/ui-extensions/fetching-data
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from connectors.cards import CardCaller
from connectors.hubspot.signatures import read_signature, signer_of
from connectors.webhooks import Refusal, WebhookRejected, WebhookSecrets

_PORTAL, _EMAIL = "portalId", "userEmail"
_LONGEST_EMAIL = 255


def parse_card_call(
    headers: Mapping[str, str],
    body: bytes,
    secrets: WebhookSecrets,
    now: datetime,
    /,
    *,
    method: str,
    url: str,
) -> CardCaller:
    """The portal and the person. See connectors.cards.ParseCardCall.

    Each has to be named once: what a card writes into an address itself stands beside what HubSpot adds.
    """
    source = read_signature(headers, body, now, url=url, allows_v1=False, method=method)
    named = _named(url)
    portals, emails = named.get(_PORTAL, []), named.get(_EMAIL, [])
    account = signer_of(portals[0], source, secrets) if len(portals) == 1 and portals[0].isdigit() else None
    if account is None:
        raise WebhookRejected(Refusal.BAD_SIGNATURE, "The call is not signed with the secret of its portal.")
    if len(emails) != 1 or not _is_address(emails[0]):
        raise WebhookRejected(Refusal.MALFORMED, "The call does not say in whose name it is made.")
    return CardCaller(account_id=account, email=emails[0])


def _named(url: str) -> dict[str, list[str]]:
    """The values in the address by name. A plus sign is one: addresses have them, and blanks they have not."""
    found: dict[str, list[str]] = {}
    for part in url.partition("?")[2].partition("#")[0].split("&"):
        name, _, value = part.partition("=")
        found.setdefault(unquote(name), []).append(unquote(value))
    return found


def _is_address(text: str) -> bool:
    return "@" in text and text.isprintable() and len(text) <= _LONGEST_EMAIL
