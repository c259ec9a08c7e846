"""A HubSpot record becomes a lost deal as the CRM tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import OpenDeal, Role, WonDeal
from connectors.hubspot.definitions import labels_of, stages_of
from connectors.hubspot.neighbours import listed_links
from connectors.hubspot.records import DealFields, DealRecord, to_deal_state, to_lost_deal
from connectors.hubspot.values import day_of, instant_of, month_of, plain_day_of, text_of_html
from mappings.model import DealKey, LostDeal, LostOnSource, Money
from tests.unit.connectors.hubspot.samples import sample

FIELDS = DealFields(
    account_id="62515",
    zone=ZoneInfo("Europe/Berlin"),
    today=date(2026, 11, 21),
    roles={
        Role.REASON: ("loss_reason", "closed_lost_reason"),
        Role.CONTRACT_END: ("competitor_contract_end",),
        Role.FISCAL_YEAR_START_MONTH: ("company.fy_start",),
        Role.CATEGORY_OUT: ("rejection_category",),
    },
    stages=stages_of(sample("lost_deal", "pipelines")["results"]),
    pipelines={"77": "Renewals"},
    entered={stage: f"hs_v2_date_entered_{stage}" for stage in ("134288", "134290")},
    labels={"loss_reason": {"no_budget": "No budget", "timing": "Bad timing"}},
    plain_days=frozenset({"competitor_contract_end"}),
    opt_outs=("hs_email_optout",),
    currency="EUR",
)
COMPANY = {"name": "Contoso", "country": "Japan", "state": "Tokyo", "hubspot_owner_id": "60002", "fy_start": "April"}


def record(**changes: Any) -> DealRecord:
    """The documented deal with its company, changed as said."""
    row = sample("lost_deal", "deal")
    return DealRecord(
        id=row["id"],
        properties={**row["properties"], **changes},
        company_id="701",
        company=COMPANY,
        contacts=(("501", {"hs_email_optout": "true"}), ("502", {"hs_email_optout": None})),
    )


def test_a_lost_deal_is_told_in_full() -> None:
    deal = to_lost_deal(record(), FIELDS)
    assert deal.key == DealKey("62515", "9145")
    assert (deal.lost_on, deal.lost_on_source) == (date(2026, 4, 1), LostOnSource.STAGE_HISTORY)
    assert deal.close_date == date(2026, 4, 1)  # 22:30 UTC is the next day in Berlin
    assert [(reason.field, reason.value, reason.label) for reason in deal.stated_reasons] == [
        ("loss_reason", "no_budget;timing", "No budget; Bad timing"),
        ("closed_lost_reason", "  CFO froze all spend. ", None),
    ]
    assert (deal.account.name, deal.account.country, deal.account.region) == ("Contoso", "JP", None)
    assert deal.account.fiscal_year_start_month == 4
    assert deal.contract_end == date(2027, 1, 31)
    assert deal.amount == Money(amount=Decimal("12000.50"), currency="EUR")
    assert (deal.stage, deal.pipeline, deal.reached_stages) == (
        "Not this year",
        "Renewals",
        ("Offer sent", "Not this year"),
    )
    assert (deal.owner_id, deal.account_owner_id) == ("60001", "60002")
    assert deal.modified_at == datetime(2026, 4, 2, 8, 15, 30, 123000, tzinfo=UTC)
    assert deal.outputs == {"rejection_category": None}


def test_an_amount_is_in_the_deals_own_currency_before_the_portals() -> None:
    assert to_lost_deal(record(deal_currency_code="CHF"), FIELDS).amount == Money(
        amount=Decimal("12000.50"), currency="CHF"
    )
    assert to_lost_deal(record(deal_currency_code=""), FIELDS).amount == Money(
        amount=Decimal("12000.50"), currency="EUR"
    )


def test_an_option_that_was_hidden_since_keeps_its_label() -> None:
    options = [
        {"value": "r17", "label": "Went quiet", "hidden": True},
        {"value": "r18", "label": "Too dear", "hidden": False},
    ]
    fields = replace(FIELDS, labels={"loss_reason": labels_of({"name": "loss_reason", "options": options})})

    stated = to_lost_deal(record(loss_reason="r17"), fields).stated_reasons[0]

    assert (stated.value, stated.label) == ("r17", "Went quiet")


def test_a_stage_called_closed_lost_that_is_open_makes_no_lost_deal() -> None:
    assert isinstance(to_deal_state(record(dealstage="134289"), FIELDS), OpenDeal)
    assert isinstance(to_deal_state(record(dealstage="134291"), FIELDS), WonDeal)
    assert isinstance(to_deal_state(record(dealstage="134290"), FIELDS), LostDeal)


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ({"hs_is_closed_lost": "true"}, LostDeal),
        ({"hs_is_closed_lost": "false", "hs_is_closed_won": "true"}, WonDeal),
        ({"hs_is_closed_lost": None, "hs_is_closed_won": None}, OpenDeal),
    ],
)
def test_a_deal_in_a_stage_nobody_knows_goes_by_hubspots_own_flags(flags: dict[str, str | None], kind: type) -> None:
    assert isinstance(to_deal_state(record(dealstage="999", **flags), FIELDS), kind)


def test_without_the_stages_day_the_close_date_stands_and_is_never_later_than_today() -> None:
    bare: dict[str, Any] = {"hs_v2_date_entered_134290": None}
    deal = to_lost_deal(record(**bare), FIELDS)
    assert (deal.lost_on, deal.lost_on_source) == (date(2026, 4, 1), LostOnSource.CLOSE_DATE)
    deal = to_lost_deal(record(**bare, closedate="2027-01-01T00:00:00Z"), FIELDS)
    assert (deal.lost_on, deal.close_date) == (date(2026, 11, 21), date(2027, 1, 1))
    deal = to_lost_deal(record(**bare, closedate=None), FIELDS)
    assert (deal.lost_on, deal.lost_on_source) == (date(2026, 11, 21), LostOnSource.TODAY)


def test_a_contact_who_may_be_written_to_is_chosen_before_one_who_opted_out() -> None:
    deal = to_lost_deal(record(), FIELDS)
    assert (deal.contact_id, deal.do_not_contact) == ("502", False)
    alone = replace(record(), contacts=(("501", {"hs_email_optout": "true"}),))
    deal = to_lost_deal(alone, FIELDS)
    assert (deal.contact_id, deal.do_not_contact) == ("501", True)


def test_a_deal_without_anything_is_still_a_lost_deal() -> None:
    bare = DealRecord(id="1", properties={"dealstage": "134290"})
    deal = to_lost_deal(bare, FIELDS)
    assert (deal.name, deal.amount, deal.stated_reasons, deal.account.id) == ("", None, (), None)


def test_the_primary_company_is_found_though_another_is_listed_first() -> None:
    links = listed_links(sample("lost_deal", "deal"), "companies")
    assert links is not None
    assert [(link.to_id, link.is_primary) for link in links] == [("700", False), ("701", True)]


def test_associations_that_go_on_elsewhere_are_not_taken_for_all() -> None:
    row = {"id": "1", "associations": {"companies": {"results": [{"id": "7"}], "paging": {"next": {"after": "7"}}}}}
    assert listed_links(row, "companies") is None
    assert listed_links(row, "contacts") == []


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.5Z", datetime(2026, 1, 1, 0, 0, 0, 500000, tzinfo=UTC)),
        ("1767225600000", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_instants_come_in_every_documented_spelling(text: str | None, instant: datetime | None) -> None:
    assert instant_of(text) == instant


def test_a_plain_date_has_no_zone() -> None:
    west = ZoneInfo("America/Los_Angeles")
    assert day_of("2026-01-31", west) == date(2026, 1, 31)
    assert plain_day_of("1769817600000") == date(2026, 1, 31)
    assert day_of("1769817600000", west) == date(2026, 1, 30)


@pytest.mark.parametrize(("text", "month"), [("4", 4), ("04", 4), ("April", 4), ("13", None), ("", None), ("4.0", 4)])
def test_a_fiscal_month_is_a_number_or_a_name(text: str, month: int | None) -> None:
    assert month_of(text) == month


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a &amp; b</p><p>c</p>", "a & b\nc"),
        ('<div dir="auto" data-x><p style="margin:0;">a&nbsp;&amp;  b</p>\n<p>c<br></p></div>', "a & b\nc"),
        ("plain 1 < 2", "plain 1 < 2"),
        ("<p>&lt;b&gt;</p>", "<b>"),
        ("<style>p{}</style>x<script>y</script>", "x"),
    ],
)
def test_the_words_of_html_survive_what_a_server_does_to_it(markup: str, text: str) -> None:
    assert text_of_html(markup) == text
