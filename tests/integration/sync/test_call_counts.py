"""How many requests reach the CRM, counted by the sandbox: within a twentieth of the formula for each job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from service import operations
from service.golive.report import GoLiveRequest
from tests.benchmarks import formulae
from tests.integration.people_world import Office, make_book_of, office

LOST = 450  # several pages, batches and lists of ids
PAGE = 200  # the sandbox's largest page where two long texts are asked for


@pytest.fixture(params=["salesforce", "hubspot"])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fresh(crm: str, tmp_path: Path) -> Iterator[Office]:
    book = make_book_of(dict.fromkeys(range(1, LOST + 1), "Timing"))
    with office(crm, tmp_path, book, is_live=False) as found:
        yield found


def test_calls_are_within_a_twentieth_of_the_formula(crm: str, fresh: Office) -> None:
    salesforce = formulae.salesforce_rest(LOST, page=PAGE)
    each = formulae.Shared(named=LOST, different=LOST)
    hubspot = formulae.hubspot(LOST, LOST, companies=each, contacts=each)
    first = salesforce if crm == "salesforce" else hubspot
    assert syncing(fresh) == pytest.approx(first, rel=0.05)

    writes = formulae.salesforce_writes if crm == "salesforce" else formulae.hubspot_writes
    fresh.pass_time(hours=2)
    before, consent = writing(fresh), asking_people(fresh)
    report, _ = operations.go_live(fresh.app, "acme", GoLiveRequest())
    assert report.tasks == LOST
    expected = formulae.salesforce_consent(LOST) if crm == "salesforce" else formulae.hubspot_consent(LOST, LOST)
    assert asking_people(fresh) - consent == expected
    assert writing(fresh) - before == pytest.approx(writes(report.tasks, report.fields), rel=0.05)

    fresh.pass_time(hours=2)
    fresh.hands.touch(1)
    fresh.sync()
    fresh.pass_time(hours=2)
    quiet = formulae.salesforce_quiet if crm == "salesforce" else formulae.hubspot_quiet
    assert syncing(fresh) == pytest.approx(quiet(LOST, again=1), rel=0.05)


def test_deals_that_are_not_lost_cost_a_list_and_no_more(tmp_path: Path) -> None:
    listed = dict.fromkeys(range(1, 2 * LOST + 1), "Timing")
    book = make_book_of(listed)
    deals = tuple(replace(deal, state="open", lost_on=None) if deal.number % 2 else deal for deal in book.deals)
    each = formulae.Shared(named=LOST, different=LOST)
    with office("hubspot", tmp_path, replace(book, deals=deals), is_live=False) as found:
        expected = formulae.hubspot(len(deals), LOST, companies=each, contacts=each)
        assert syncing(found) == pytest.approx(expected, rel=0.05)


def syncing(found: Office) -> int:
    """What a sync asks, the ledger's own calls apart."""
    before = found.asked.count()
    report = found.sync()
    asked = found.asked.count() - before
    assert asked == report.calls + report.ledger_calls, "what is reported is what the CRM counted"
    return asked - report.ledger_calls


def asking_people(found: Office) -> int:
    """Requests that ask who may be contacted, so far."""
    wanted = re.compile(r"FROM.OpportunityContactRole|deals/contacts/batch/read|objects/contacts/batch/read")
    return sum(bool(wanted.search(f"{one.path}?{unquote(one.query)}")) for one in found.asked.last())


def writing(found: Office) -> int:
    """Requests that change something, so far."""
    return found.asked.count(r"composite/sobjects|batch/(create|update|archive)")
