"""Salesforce's Outbound Messages: the envelope, the token in the address, the organisation, and hostile XML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.salesforce.webhooks import parse_webhook
from connectors.sandbox.webhooks import salesforce_message
from connectors.webhooks import Refusal, Webhook, WebhookRejected, WebhookSecrets

ORG = "00Dxx0000001gPLEAY"
TOKEN = "a-token-nobody-guesses"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECRETS = WebhookSecrets(by_account={ORG: (TOKEN, "former")})
URL = f"https://r.example/webhooks/salesforce/acme/{TOKEN}"
# The shape of messages captured in public code, with ids made up.
CAPTURED = b"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
 <notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00Dxx0000001gPLEAY</OrganizationId>
 <ActionId>04kxx00000000ZeEAI</ActionId><SessionId>00Dxx!SESSION-OF-SOMEBODY</SessionId>
 <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/59.0/00Dxx0000001gPL</EnterpriseUrl>
 <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/59.0/00Dxx0000001gPL</PartnerUrl>
 <Notification><Id>04lxx0000008yZDEAY</Id>
  <sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>006xx000003GYkJAAW</sf:Id>
   <sf:Amount>120000.0</sf:Amount><sf:StageName>Closed &lt;Lost&gt; &#38; gone</sf:StageName></sObject></Notification>
 <Notification><Id>04lxx0000008yZEEAY</Id>
  <sObject xsi:type="sf:Task" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
   <sf:Id>00Txx000003GYkJAAW</sf:Id></sObject>
 </Notification></notifications></soapenv:Body></soapenv:Envelope>"""


def parsed(body: bytes, *, url: str = URL, secrets: WebhookSecrets = SECRETS) -> Webhook:
    return parse_webhook({}, body, secrets, NOW, url=url)


def refusal(body: bytes, *, url: str = URL, secrets: WebhookSecrets = SECRETS) -> Refusal:
    with pytest.raises(WebhookRejected) as error:
        parsed(body, url=url, secrets=secrets)
    assert TOKEN not in error.value.says
    return error.value.reason


def test_a_message_names_its_opportunities_and_is_acknowledged_whole() -> None:
    found = parsed(CAPTURED)
    assert [(one.key.account_id, one.key.deal_id, one.mark) for one in found.events] == [
        (ORG, "006xx000003GYkJAAW", "04lxx0000008yZDEAY")
    ]
    assert found.left_out == {"other_object": 1}
    assert "<Ack>true</Ack>" in found.answer
    assert found.answer_type.startswith("text/xml")


def test_nothing_of_the_session_is_kept() -> None:
    assert "SESSION" not in repr(parsed(CAPTURED))


def test_a_hundred_notifications_are_read() -> None:
    named = {f"04lxx000000{number:04}AAA": f"006xx000000{number:04}AAA" for number in range(100)}
    assert [one.key.deal_id for one in parsed(salesforce_message(ORG, named)).events] == list(named.values())


def test_ids_of_fifteen_characters_are_those_of_eighteen() -> None:
    found = parsed(salesforce_message(ORG[:15], {"04lxx0000008yZD": "006xx000003GYkJ"}))
    assert [(one.key.deal_id, one.mark) for one in found.events] == [("006xx000003GYkJAAW", "04lxx0000008yZDAAY")]
    short = WebhookSecrets(by_account={ORG[:15]: (TOKEN,)})
    assert parsed(CAPTURED, secrets=short).events[0].key.account_id == ORG[:15]


def test_another_organisation_is_refused_whatever_its_letters_case() -> None:
    assert (
        refusal(salesforce_message("00Dxx0000001gPlEAI", {"04lxx0000008yZD": "006xx000003GYkJ"}))
        is Refusal.WRONG_ACCOUNT
    )


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "%00", TOKEN + "?"])
def test_another_token_is_refused_before_anything_is_read(token: str) -> None:
    if token == TOKEN + "?":
        assert parsed(CAPTURED, url=URL + "?x=1").events  # a query is no part of the token
        return
    assert refusal(b"no xml", url=URL.replace(TOKEN, token)) is Refusal.BAD_TOKEN


def test_every_flipped_bit_of_the_token_is_refused() -> None:
    for place in range(8 * len(TOKEN)):
        flipped = bytearray(TOKEN, "ascii")
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(WebhookRejected):
            parsed(CAPTURED, url=URL.replace(TOKEN, flipped.decode("latin-1")))


def test_the_former_token_counts_while_it_is_rotated() -> None:
    assert parsed(CAPTURED, url=URL.replace(TOKEN, "former")).events


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]><a>&d;</a>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"no xml", b"<a>", b"<a/>", BOMB, OUTSIDE, CAPTURED[:-20], b"\x00" * 10, b"<a>" * 100_000,
        CAPTURED.replace(b"<?xml", b"<!DOCTYPE x><?xml"), CAPTURED.replace(b"UTF-8", b"no-such-one"),
        CAPTURED.replace(b"<Notification>", b"<Other>").replace(b"</Notification>", b"</Other>"),
        CAPTURED.replace(b"OrganizationId", b"Organisation"),
        CAPTURED.replace(b"gone", b"&undefined;"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_message_is_malformed(body: bytes) -> None:
    assert refusal(body) is Refusal.MALFORMED


def test_a_notification_without_a_usable_id_does_not_fail_the_others() -> None:
    body = salesforce_message(ORG, {"04lxx0000008yZD": "006xx000003GYkJ", "04lxx0000008yZE": "no id at all"})
    found = parsed(body)
    assert (len(found.events), found.left_out) == (1, {"unreadable": 1})


@settings(deadline=None)
@given(body=st.binary(max_size=200) | st.binary(max_size=40).map(lambda piece: CAPTURED[:600] + piece + CAPTURED[600:]))
def test_any_bytes_give_keys_or_a_rejection(body: bytes) -> None:
    try:
        found = parsed(body)
    except WebhookRejected:
        return
    assert all(len(one.key.deal_id) == 18 for one in found.events)


@settings(deadline=None)
@given(url=st.text())
def test_any_address_gives_a_rejection(url: str) -> None:
    assert refusal(CAPTURED, url=url) is Refusal.BAD_TOKEN
