"""What has bitten others with HubSpot: reading, and the errors met on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.base import (
    GoneDeal,
    GoneHow,
    Role,
    Watermark,
)
from connectors.errors import MissingPermission, RateLimited
from connectors.fields import propose_fields
from connectors.hubspot.spec import HUBSPOT
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.settings import ALL_SCOPES, DEMO_TOKEN, PortalSettings, RateLimits
from mappings.model import LostDeal, LostOnSource
from tests.contract.connector_contract import deals_of, ids_of
from tests.contract.crm import Breaks
from tests.contract.hubspot_crm import HubSpotCrm, bulk_edited, hubspot_crm


@pytest.fixture
def crm() -> Iterator[HubSpotCrm]:
    with hubspot_crm() as crm:
        yield crm


@pytest.mark.parametrize("count", [450, pytest.param(10_300, marks=pytest.mark.slow)])
def test_deals_of_one_stamp_all_arrive_though_they_fill_more_than_a_page(crm: HubSpotCrm, count: int) -> None:
    ids = bulk_edited(crm, count)
    crm.clock.time += timedelta(seconds=5)
    later = crm.add_deal()
    mark = Watermark(stamp=crm.clock.time)
    assert set(ids_of(crm.opened(options={"search_rate": "0"}).changed_deals(mark))) == {*ids, later.deal_id}


@pytest.mark.parametrize("is_first", [True, False])
def test_what_changes_after_a_read_is_met_though_our_clock_was_hours_ahead(crm: HubSpotCrm, is_first: bool) -> None:
    fast = crm.opened(clock=lambda: crm.clock.now() + timedelta(hours=3))
    since = None if is_first else Watermark(stamp=crm.clock.time)
    *_, last = fast.changed_deals(since)
    crm.pass_time(minutes=60)
    changed = crm.add_deal()
    crm.pass_time(minutes=60)
    assert changed.deal_id in ids_of(crm.connector.changed_deals(last.watermark))


def test_what_changed_is_met_at_once_though_our_clock_is_days_behind(crm: HubSpotCrm) -> None:
    slow = crm.opened(clock=lambda: crm.clock.now() - timedelta(days=2))
    *_, last = slow.changed_deals(None)
    crm.pass_time(minutes=1)
    changed = crm.add_deal()
    crm.pass_time(minutes=1)
    assert changed.deal_id in ids_of(slow.changed_deals(last.watermark))


def test_a_change_feed_longer_than_the_search_cap_is_read_to_its_end() -> None:
    with hubspot_crm(PortalSettings(search_result_limit=300)) as crm:
        keys = []
        for _ in range(10):
            crm.clock.time += timedelta(seconds=1)
            keys += [crm.add_deal().deal_id for _ in range(70)]
        assert set(ids_of(crm.connector.changed_deals(Watermark(stamp=crm.clock.time)))) == set(keys)


def test_a_feed_read_in_tiny_pages_resumes_inside_one_stamp(crm: HubSpotCrm) -> None:
    ids = bulk_edited(crm, 23)
    crm.shrink_pages(4)
    crm.clock.time += timedelta(seconds=5)
    seen: set[str] = set()
    place: Any = Watermark(stamp=crm.clock.time)
    while True:
        page = next(iter(crm.opened(options={"search_rate": "0"}).changed_deals(place)))
        seen |= set(ids_of([page]))
        if page.checkpoint is None:
            break
        place = page.checkpoint
    assert seen == ids


def test_a_deal_deleted_or_merged_between_two_reads_is_said_to_be_gone(crm: HubSpotCrm) -> None:
    deleted, absorbed, survivor = (crm.add_deal() for _ in range(3))
    mark = list(crm.connector.changed_deals(None))[-1].watermark
    crm.pass_time(minutes=90)
    crm.delete_deal(deleted)
    crm.post("/crm/v3/objects/deals/merge", {"primaryObjectId": survivor.deal_id, "objectIdToMerge": absorbed.deal_id})
    gone = {deal.key: deal for deal in deals_of(crm.connector.changed_deals(mark)) if isinstance(deal, GoneDeal)}
    assert gone[deleted].how is GoneHow.DELETED
    assert (gone[absorbed].how, gone[absorbed].merged_into) == (GoneHow.MERGED, survivor.deal_id)
    asked = {deal.key: deal for deal in crm.connector.get_deals([deleted, absorbed, survivor])}
    assert asked[absorbed] == gone[absorbed]
    assert asked[deleted] == gone[deleted]
    assert isinstance(asked[survivor], LostDeal)


def test_a_stage_made_after_the_first_read_is_learnt_when_a_deal_is_in_it(crm: HubSpotCrm) -> None:
    list(crm.connector.changed_deals(None))
    crm.portal.state.pipelines = tuple(_with_stage(pipeline) for pipeline in crm.portal.state.pipelines)
    _allow_stage(crm, "777")
    key = crm.add_deal(dealstage="777")
    (deal,) = crm.connector.get_deals([key])
    assert isinstance(deal, LostDeal)
    assert deal.stage == "Nurture"


def _with_stage(pipeline: Any) -> Any:
    from dataclasses import replace

    from connectors.sandbox.hubspot.definitions import Stage

    if pipeline.id != "default":
        return pipeline
    new = Stage(id="777", label="Nurture", probability="0.0", is_closed=True)
    return replace(pipeline, stages=(*pipeline.stages, new))


def _allow_stage(crm: HubSpotCrm, stage_id: str) -> None:
    from connectors.sandbox.hubspot.definitions import Option
    from connectors.sandbox.hubspot.state import with_options

    known = crm.portal.state.properties["deals"]
    options = (*known["dealstage"].options, Option(value=stage_id, label="Nurture", display_order=99))
    known["dealstage"] = with_options(known["dealstage"], options)


def test_the_day_of_the_loss_is_the_stages_day_in_the_portals_zone(crm: HubSpotCrm) -> None:
    crm.clock.time = crm.clock.time.replace(hour=23, minute=30)  # already tomorrow in Berlin
    key = crm.add_deal(closed_on=date(2026, 12, 24))
    (deal,) = crm.connector.get_deals([key])
    assert isinstance(deal, LostDeal)
    assert (deal.lost_on, deal.lost_on_source) == (date(2026, 11, 22), LostOnSource.STAGE_HISTORY)
    assert deal.close_date == date(2026, 12, 24)


def test_the_company_and_the_contacts_opt_out_come_with_the_deal(crm: HubSpotCrm) -> None:
    company = crm.post(
        "/crm/v3/objects/companies",
        {"properties": {"name": "Contoso", "country": "Vereinigte Staaten", "state": "Texas"}},
    )["id"]
    contact = crm.post("/crm/v3/objects/contacts", {"properties": {"email": "kim@contoso.example"}})["id"]
    crm.portal.state.table("contacts").records[int(contact)].properties["hs_email_optout"] = "true"
    key = crm.add_deal(account_id=company)
    ends = [{"from": {"id": key.deal_id}, "to": {"id": contact}}]
    crm.post("/crm/v4/associations/deals/contacts/batch/associate/default", {"inputs": ends})
    (deal,) = deals_of(crm.connector.changed_deals(None))
    assert isinstance(deal, LostDeal)
    assert (deal.account.id, deal.account.name, deal.account.country, deal.account.region) == (
        company,
        "Contoso",
        "US",
        "TX",
    )
    assert (deal.contact_id, deal.do_not_contact) == (contact, True)


def test_a_token_that_may_not_read_companies_still_reads_deals() -> None:
    scopes = frozenset(scope for scope in ALL_SCOPES if "companies" not in scope)
    with hubspot_crm(PortalSettings(tokens={DEMO_TOKEN: scopes})) as crm:
        key = crm.add_deal(account_id=crm.add_account("Contoso"))
        pages = list(crm.connector.changed_deals(None))
        assert ids_of(pages) == [key.deal_id]
        assert any("companies" in warning for page in pages for warning in page.warnings)


def test_account_details_that_may_not_be_read_are_done_without(crm: HubSpotCrm) -> None:
    crm.server.faults.add(Fault(path="account-info", status=403, body="{}", times=None))
    described = crm.opened().describe()
    assert described.account_id == crm.account_id
    assert described.zone == "Europe/Berlin"
    assert any("details" in warning for warning in described.warnings)


def test_the_portals_own_enumeration_comes_before_the_free_text_reason() -> None:
    with hubspot_crm(PortalSettings(reason_property="lost_reason")) as crm:
        bulk_edited(crm, 1)
        found = propose_fields(crm.connector.describe().fields, HUBSPOT.likely_fields)
    assert found[Role.REASON][-1] == "closed_lost_reason"
    assert found[Role.NEXT_FOLLOW_UP_OUT] == ("next_follow_up",)


def test_a_403_names_the_scope_that_is_missing() -> None:
    scopes = frozenset({"crm.objects.contacts.read"})
    with hubspot_crm(PortalSettings(tokens={DEMO_TOKEN: scopes})) as crm, pytest.raises(MissingPermission) as caught:
        list(crm.connector.changed_deals(None))
    assert "crm.objects.deals.read" in caught.value.scope
    assert "crm.objects.deals.read" in str(caught.value)


def test_check_says_which_scope_is_missing_and_what_it_costs() -> None:
    scopes = ALL_SCOPES - {"crm.objects.contacts.write"}
    with hubspot_crm(PortalSettings(tokens={DEMO_TOKEN: scopes})) as crm:
        health = crm.connector.check()
    (bad,) = [check for check in health.checks if not check.ok]
    assert "crm.objects.contacts.write" in bad.check
    assert "no task can be written" in bad.says


def test_check_on_a_refused_token_is_one_line_that_says_what_to_do(crm: HubSpotCrm) -> None:
    health = crm.opened(token="pat-na1-wrong").check()
    assert [check.check for check in health.checks] == ["token"]
    assert "rekindle connect" in health.checks[0].says
    assert "pat-na1-wrong" not in health.checks[0].says


LIMITS = [
    ({"message": "x", "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}, 10.0),
    ({"message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}, 1.0),
    ({"message": "x", "policyName": "SECONDLY"}, 1.0),
]


@pytest.mark.parametrize(("body", "window_s"), LIMITS)
def test_a_429_that_names_no_time_is_waited_for_longer_each_time_up_to_its_window(
    crm: HubSpotCrm, body: dict[str, str], window_s: float
) -> None:
    key = crm.add_deal()
    crm.server.faults.add(Fault(path="/crm/", status=429, body=body, times=5))
    assert [deal.key for deal in crm.connector.get_deals([key])] == [key]
    waits = crm.clock.slept[:5]
    assert waits == sorted(waits), waits
    assert waits[-1] > 1.5 * waits[0], "longer each time"
    assert window_s / 8 <= waits[0] <= window_s / 4 + 1, "a part of the window is often free again soon"
    assert max(waits) <= window_s + 1
    assert sum(waits) >= window_s, "in the end the whole window is free again"


def test_an_answer_in_between_begins_the_waits_anew(crm: HubSpotCrm) -> None:
    key = crm.add_deal()
    body = {"policyName": "TEN_SECONDLY_ROLLING"}
    for _ in range(8):
        crm.server.faults.add(Fault(path="/crm/", status=429, body=body))
        list(crm.connector.get_deals([key]))
    assert max(crm.clock.slept) < 3


def test_a_day_used_up_is_asked_about_after_an_hour_at_most(crm: HubSpotCrm) -> None:
    key = crm.add_deal()
    crm.breaks(Breaks.LIMIT_FOR_LONG)
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            list(crm.connector.get_deals([key]))
    asked = crm.server.calls.count()
    assert 60 < (caught.value.retry_after_s or 0) <= 3600
    crm.server.faults.clear()
    crm.clock.time += timedelta(hours=1)
    assert [deal.key for deal in crm.connector.get_deals([key])] == [key]
    assert asked <= 4, "and not before"


def test_a_day_without_calls_left_is_told_and_nothing_more_is_sent(crm: HubSpotCrm) -> None:
    key = crm.add_deal()
    crm.breaks(Breaks.LIMIT_FOR_LONG)
    with pytest.raises(RateLimited) as caught:
        list(crm.connector.get_deals([key]))
    assert caught.value.policy == "DAILY"
    assert crm.clock.slept == []


def test_no_limit_of_the_portal_is_ever_passed() -> None:
    with hubspot_crm(PortalSettings(limits=RateLimits(burst=30))) as crm:
        for _ in range(20):
            crm.add_deal(account_id=crm.add_account("Contoso"))
        crm.clock.time += timedelta(seconds=20)
        crm.shrink_pages(1)
        list(crm.opened(options={"burst_rate": "30/10"}).changed_deals(None))
        mark = Watermark(stamp=crm.clock.time)
        list(crm.connector.changed_deals(mark))
        assert not [call for call in crm.server.calls.last() if call.status == 429]


def test_waiting_for_a_locked_record_is_named_by_the_server(crm: HubSpotCrm) -> None:
    key = crm.add_deal()
    crm.server.faults.add(Fault(path="/crm/", status=477, headers={"Retry-After": "40"}, body="{}"))
    assert [deal.key for deal in crm.connector.get_deals([key])] == [key]
    assert 40 <= crm.clock.slept[0] < 41
