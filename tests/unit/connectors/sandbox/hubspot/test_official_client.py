"""HubSpot's own client library understands the portal: a witness that shares no code and no author with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hubspot
import pytest
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.deals import ApiException, PublicObjectSearchRequest
from hubspot.crm.objects.tasks import BatchInputSimplePublicObjectBatchInputForCreate

from connectors.sandbox.hubspot import DEMO_TOKEN, HubSpotPortal
from connectors.sandbox.server import serve
from tests.unit.connectors.sandbox.hubspot.client import DEAL, NOW, TO_DEAL, condition, small_book, task_row


@pytest.fixture
def official() -> Iterator[Any]:
    """The library's client, connected to a portal with 120 deals."""
    with serve(HubSpotPortal(small_book(120)), now=lambda: NOW) as server:
        yield hubspot.Client.create(access_token=DEMO_TOKEN, host=server.url)


def test_it_lists_all_deals_with_their_companies(official: Any) -> None:
    deals = official.crm.deals.get_all(properties=["dealname", "hs_is_closed_lost"], associations=["companies"])

    assert len(deals) == 120
    assert deals[0].properties["hs_is_closed_lost"] == "true"
    assert {row.type for row in deals[0].associations["companies"].results} == {
        "deal_to_company",
        "deal_to_company_unlabeled",
    }


def test_it_searches(official: Any) -> None:
    asked = PublicObjectSearchRequest(
        filter_groups=[{"filters": [condition("hs_is_closed_lost", "EQ", "true")]}],
        sorts=["hs_lastmodifieddate"],
        properties=["dealname"],
        limit=200,
        after="0",
    )

    assert official.crm.deals.search_api.do_search(asked).total == 60


def test_it_creates_tasks_and_finds_them_by_the_deal(official: Any) -> None:
    batch = BatchInputSimplePublicObjectBatchInputForCreate(inputs=[task_row((TO_DEAL, DEAL))])
    made = official.crm.objects.tasks.batch_api.create(batch)

    read = official.crm.associations.v4.batch_api.get_page(
        "deals", "tasks", BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": str(DEAL)}])
    )

    assert made.status == "COMPLETE"
    assert [row.to_object_id for row in read.results[0].to] == [made.results[0].id]


def test_it_reads_pipelines_properties_and_owners(official: Any) -> None:
    pipelines = official.crm.pipelines.pipelines_api.get_all("deals").results
    reason = official.crm.properties.core_api.get_by_name("deals", "lost_reason")

    assert [len(pipeline.stages) for pipeline in pipelines] == [7, 6]
    assert reason.options
    assert [owner.email for owner in official.crm.owners.get_all()] == ["ann@seller.example"]


def test_it_meets_an_error_as_its_own_exception(official: Any) -> None:
    with pytest.raises(ApiException) as caught:
        official.crm.deals.basic_api.get_by_id("12")

    assert caught.value.status == 404
