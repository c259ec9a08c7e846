"""Who may be contacted, by what the CRM lets us read."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from connectors.consent import Channel, ContactConsent, DealConsent, OptOut
from connectors.hubspot.records import DealFields, DealRecord, consent_of
from mappings.model import DealKey

KEY = DealKey("acme", "1")
ZONE, DAY = ZoneInfo("UTC"), date(2026, 11, 23)


def person(contact_id: str = "p1", /, **flags: bool) -> ContactConsent:
    told = (OptOut(field=name, channel=Channel(name), is_set=is_set) for name, is_set in flags.items())
    return ContactConsent(contact_id=contact_id, flags=tuple(told))


@pytest.mark.parametrize(
    ("one", "is_closed"),
    [
        (person(email=True, phone=True), True),
        (person(email=True, phone=False), False),
        (person(email=False, phone=True), False),
        (person(email=True), True),
        (person(phone=True), True),
        (person(any=True, email=False, phone=False), True),
        (person(email=False), False),
        (person(), False),
    ],
)
def test_a_person_is_closed_once_every_way_that_can_be_read_is(one: ContactConsent, is_closed: bool) -> None:
    assert one.is_closed is is_closed
    assert DealConsent(key=KEY, contacts=(one,)).is_closed is is_closed


def test_a_deal_stays_open_while_one_of_its_people_is() -> None:
    closed, open_ = person("p1", email=True, phone=True), person("p2", email=False, phone=True)
    assert not DealConsent(key=KEY, contacts=(closed, open_)).is_closed
    assert DealConsent(key=KEY, contacts=(closed, open_)).closed == {Channel.PHONE}
    assert not DealConsent(key=KEY).is_closed


def test_a_flag_of_the_deal_or_its_account_closes_it_whatever_the_people_say() -> None:
    own = (OptOut(field="Leave_Alone__c", channel=Channel.ANY, is_set=True),)
    assert DealConsent(key=KEY, own=own, contacts=(person(email=False),)).is_closed


@pytest.mark.parametrize(
    ("said", "is_closed"),
    [
        ({"hs_email_optout": "true"}, False),
        ({"hs_email_optout": "true", "do_not_call": "true"}, True),
        ({"please_do_not_contact": "true"}, True),
    ],
)
def test_a_portal_with_a_flag_for_calls_is_read_like_an_org(said: dict[str, str], is_closed: bool) -> None:
    fields = DealFields(
        account_id="1",
        zone=ZONE,
        today=DAY,
        opt_outs=("hs_email_optout", "do_not_call", "please_do_not_contact"),
    )
    record = DealRecord(id="9", properties={}, contacts=(("p1", said),))
    assert consent_of(record, fields).is_closed is is_closed
