"""Salesforce's Outbound Messages: whose they are, and which opportunities they name.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm

They carry no signature. What proves them is the token in the address, which nobody else knows, and the organisation's
id. Nothing of the record is used but its id; the SessionId is not even read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from connectors.salesforce.ids import long_id
from connectors.webhooks import Refusal, Webhook, WebhookEvent, WebhookRejected, WebhookSecrets, is_any
from mappings.model import DealKey

KIND = "outbound_message"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_DEEPEST = 20
_MOST_NOTIFICATIONS = 1000  # ten times what the WSDL allows
_ID_LENGTHS = (15, 18)
_LONGEST_TEXT = 100
_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


def parse_webhook(
    headers: Mapping[str, str],  # noqa: ARG001 -- the protocol
    body: bytes,
    secrets: WebhookSecrets,
    now: datetime,  # noqa: ARG001 -- the protocol; a message has no time of its own
    /,
    *,
    url: str,
) -> Webhook:
    """The opportunities named by an Outbound Message. See connectors.webhooks.ParseWebhook.

    The last part of the address is the token. One acknowledgement covers the whole message.
    """
    token = urlsplit_path(url).rpartition("/")[2]
    accounts = {account for account, tokens in secrets.by_account.items() if is_any(token, tokens)}
    if not accounts:
        raise WebhookRejected(Refusal.BAD_TOKEN, "The token in the address is not that of a connection.")
    message = _read(body)
    if not message.organization_id or not message.notifications:
        raise WebhookRejected(Refusal.MALFORMED, "The message is no Outbound Message.")
    # The first 15 characters are the whole id; the last three only make up for lost capitals.
    account = next((one for one in accounts if one[:15] == message.organization_id[:15]), None)
    if account is None:
        raise WebhookRejected(Refusal.WRONG_ACCOUNT, "The message comes from another organisation.")
    return _webhook(account, message)


def deal_id_of(text: str) -> str | None:
    """An opportunity's id in its long form, or None for what can be none."""
    return long_id(text) if text.isascii() and text.isalnum() and len(text) in _ID_LENGTHS else None


def urlsplit_path(url: str) -> str:
    """The path of an address; empty where it is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


@dataclass(slots=True)
class _Notification:
    id: str = ""
    record_type: str = ""
    record_id: str = ""


class _Message:
    """What is needed of a message, gathered while it is read: no tree of it is ever built.

    Elements are known by their place and local name; the namespaces of partner and enterprise messages differ.
    """

    def __init__(self) -> None:
        self.organization_id = ""
        self.notifications: list[_Notification] = []
        self._path: list[str] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        self._path.append(tag.rpartition("}")[2])
        self._text = []
        if len(self._path) > _DEEPEST:
            raise ValueError("too deep")
        if self._below() == ["Notification"]:
            if len(self.notifications) == _MOST_NOTIFICATIONS:
                raise ValueError("too many notifications")
            self.notifications.append(_Notification())
        elif self._below() == ["Notification", "sObject"]:
            self.notifications[-1].record_type = attributes.get(_TYPE, "").rpartition(":")[2]

    def data(self, text: str) -> None:
        """Text; a value comes in pieces."""
        if len(self._text) < _LONGEST_TEXT:
            self._text.append(text)

    def end(self, tag: str) -> None:  # noqa: ARG002 -- the parser's protocol
        """An element closes."""
        below = self._below()
        value = "".join(self._text).strip()[:_LONGEST_TEXT]
        if below == ["OrganizationId"]:
            self.organization_id = value
        elif below == ["Notification", "Id"]:
            self.notifications[-1].id = value
        elif below == ["Notification", "sObject", "Id"]:
            self.notifications[-1].record_id = value
        self._path.pop()
        self._text = []

    def close(self) -> None:
        """The end of the message."""

    def _below(self) -> list[str]:
        """The place below `notifications`; nothing elsewhere."""
        return self._path[3:] if self._path[:3] == ["Envelope", "Body", "notifications"] else []


def _read(body: bytes) -> _Message:
    """The message. Raises WebhookRejected for what is none, and for document types and entities of any kind."""
    message = _Message()
    parser: Any = defusedxml.ElementTree.DefusedXMLParser(
        target=message, forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    try:
        parser.feed(body)
        parser.close()
    except (DefusedXmlException, SyntaxError, ValueError, LookupError) as error:  # ParseError is a SyntaxError
        raise WebhookRejected(Refusal.MALFORMED, "The message is not the XML that Salesforce sends.") from error
    return message


def _webhook(account: str, message: _Message) -> Webhook:
    events: list[WebhookEvent] = []
    left_out: Counter[str] = Counter()
    for one in message.notifications:
        deal_id, number = deal_id_of(one.record_id), deal_id_of(one.id)
        if one.record_type not in ("Opportunity", "sObject", ""):
            left_out["other_object"] += 1
        elif deal_id is None or number is None:
            left_out["unreadable"] += 1
        else:
            events.append(WebhookEvent(key=DealKey(account, deal_id), kind=KIND, mark=number))
    return Webhook(events=tuple(events), left_out=dict(left_out), answer=_ACK, answer_type="text/xml; charset=utf-8")
