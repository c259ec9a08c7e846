"""Webhooks as the vendors send them: HubSpot's batches of events, signed, and Salesforce's Outbound Messages.

Nothing is sent by itself: whoever changes a record says what is to be announced. Times and numbers are arguments.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import orjson

MOST_A_REQUEST = 100
TIMEOUT_S = 5.0
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a receiver answered; status 0 where no answer came."""

    status: int
    body: bytes = b""

    @property
    def is_acknowledged(self) -> bool:
        """Whether Salesforce would take it for success."""
        return self.status == 200 and b"<Ack>true</Ack>" in self.body


def hubspot_event(
    portal_id: int,
    deal_id: int,
    *,
    event_id: int,
    at: datetime,
    changes: str = "dealstage",
    value: str = "closedlost",
    **others: Any,
) -> dict[str, Any]:
    """One change of a deal's property, as a project app is told of it."""
    return {
        "eventId": event_id,
        "subscriptionId": 2_000_001,
        "portalId": portal_id,
        "appId": 3_000_001,
        "occurredAt": int(at.timestamp() * 1000),
        "subscriptionType": "object.propertyChange",
        "attemptNumber": 0,
        "objectId": deal_id,
        "objectTypeId": "0-3",
        "propertyName": changes,
        "propertyValue": value,
        "changeSource": "CRM_UI",
        "sourceId": "userId:101",
        **others,
    }


def hubspot_headers(secret: str, *, url: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers of one delivery, with both signatures. `url` holds nothing that HubSpot would decode."""
    timestamp = str(int(at.timestamp() * 1000))
    source = b"POST" + url.encode() + body + timestamp.encode()
    made = base64.b64encode(hmac.digest(secret.encode(), source, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) - Webhooks",
        "X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": made,
        "X-HubSpot-Request-Timestamp": timestamp,
    }


def hubspot_deliveries(
    events: Sequence[Mapping[str, Any]], secret: str, *, url: str, at: datetime
) -> list[tuple[Headers, bytes]]:
    """The requests that carry these events, a hundred in each."""
    batches = [events[start : start + MOST_A_REQUEST] for start in range(0, len(events), MOST_A_REQUEST)]
    bodies = [orjson.dumps(batch) for batch in batches]
    return [(hubspot_headers(secret, url=url, body=body, at=at), body) for body in bodies]


def salesforce_message(organization_id: str, opportunities: Mapping[str, str]) -> bytes:
    """One Outbound Message. `opportunities` are the records' ids by the ids of the notifications."""
    notifications = "".join(
        f'<Notification><Id>{escape(number)}</Id><sObject xsi:type="sf:Opportunity" '
        f'xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>{escape(record)}</sf:Id>'
        "<sf:StageName>Closed Lost</sf:StageName></sObject></Notification>"
        for number, record in opportunities.items()
    )
    site = "https://sandbox.my.salesforce.com/services/Soap"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{escape(organization_id)}</OrganizationId><ActionId>04k000000000001AAA</ActionId>"
        f'<SessionId xsi:nil="true"/><EnterpriseUrl>{site}/c/62.0/x</EnterpriseUrl><PartnerUrl>{site}/u/62.0/x'
        f"</PartnerUrl>{notifications}</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


SALESFORCE_HEADERS: Headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


def send(url: str, headers: Headers, body: bytes, *, timeout_s: float = TIMEOUT_S) -> Answered:
    """POST once, without a proxy and without a second try: who sends again is the caller's affair."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
        answer = connection.getresponse()
        return Answered(status=answer.status, body=answer.read())
    except (OSError, http.client.HTTPException):
        return Answered(status=0)
    finally:
        connection.close()
