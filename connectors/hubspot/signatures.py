"""HubSpot's signatures: what it signs, and with whose secret. Pure.

https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from connectors.hubspot.identity import is_mark
from connectors.webhooks import Refusal, WebhookRejected, WebhookSecrets, is_any, read_number, refuse_untimely

# What HubSpot decodes in the address before it signs; everything else stays as it was sent.
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ENCODED = re.compile("|".join(map(re.escape, _DECODED)))
_DIGITS_OF_MS = 15


def decoded_uri(url: str) -> str:
    """The address as HubSpot signs it."""
    return _ENCODED.sub(lambda found: _DECODED[found[0]], url)


def signature_v3(secret: str, *, url: str, body: bytes, timestamp: str, method: str = "POST") -> str:
    """What HubSpot puts into X-HubSpot-Signature-v3."""
    source = method.encode() + decoded_uri(url).encode("utf-8", "surrogatepass") + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()


def signature_v1(secret: str, *, body: bytes) -> str:
    """What HubSpot puts into X-HubSpot-Signature in its first version."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


class Signed:
    """A signature as given, to be compared with what each secret would have made."""

    def __init__(self, given: str, body: bytes, *, url: str, timestamp: str | None, method: str = "POST") -> None:
        self._given, self._body, self._url, self._timestamp, self._method = given, body, url, timestamp, method
        self._made: dict[str, str] = {}  # a body may be large, and name many portals of one secret

    def is_by(self, secrets: Iterable[str]) -> bool:
        """Whether one of the secrets made it."""
        return is_any(self._given, [self._made_with(secret) for secret in secrets])

    def _made_with(self, secret: str) -> str:
        if secret not in self._made:
            self._made[secret] = (
                signature_v1(secret, body=self._body)
                if self._timestamp is None
                else signature_v3(
                    secret, url=self._url, body=self._body, timestamp=self._timestamp, method=self._method
                )
            )
        return self._made[secret]


def read_signature(
    headers: Mapping[str, str], body: bytes, now: datetime, *, url: str, allows_v1: bool, method: str = "POST"
) -> Signed:
    """The signature to check: the third version where it is given. Raises WebhookRejected where none can be used."""
    given = headers.get("x-hubspot-signature-v3")
    if given:
        timestamp = headers.get("x-hubspot-request-timestamp", "")
        refuse_untimely(read_number(timestamp, digits=_DIGITS_OF_MS) / 1000, now)
        return Signed(given, body, url=url, timestamp=timestamp, method=method)
    given = headers.get("x-hubspot-signature")
    if not given:
        raise WebhookRejected(Refusal.UNSIGNED, "The webhook carries no signature.")
    if not allows_v1 or headers.get("x-hubspot-signature-version", "v1").lower() != "v1":
        raise WebhookRejected(Refusal.UNSUPPORTED_SIGNATURE, "Only signatures of version 3 are taken here.")
    return Signed(given, body, url=url, timestamp=None)


def signer_of(portal: str, source: Signed, secrets: WebhookSecrets) -> str | None:
    """The account that the portal is connected as, or None where the secret in force for it did not sign."""
    if source.is_by(secrets.of(portal)):
        return portal
    nameless = [one for one in secrets.by_account if is_mark(one)] if portal not in secrets.by_account else []
    return next((one for one in nameless if source.is_by(secrets.by_account[one])), None)
