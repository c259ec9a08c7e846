"""The faults that are worded as the real CRM words them."""

from __future__ import annotations

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import troubles
from tests.unit.connectors.sandbox.salesforce.client import Client


@pytest.mark.parametrize(
    ("trouble", "refusal"),
    [
        (troubles.expired_session(), (401, "INVALID_SESSION_ID")),
        (troubles.session_not_for_rest(), (401, "INVALID_SESSION_ID")),
        (troubles.daily_limit(), (403, "REQUEST_LIMIT_EXCEEDED")),
        (troubles.concurrent_limit(), (403, "REQUEST_LIMIT_EXCEEDED")),
        (troubles.api_disabled(), (403, "API_DISABLED_FOR_ORG")),
        (troubles.row_lock(), (400, "UNABLE_TO_LOCK_ROW")),
        (troubles.query_timeout(), (400, "QUERY_TIMEOUT")),
        (troubles.server_error(), (500, "UNKNOWN_EXCEPTION")),
    ],
)
def test_a_trouble_hits_one_request_in_the_crms_own_form(crm: Client, trouble: Fault, refusal: tuple[int, str]) -> None:
    crm.faults.add(trouble)

    assert crm.refusal(crm.call("GET", "/limits")) == refusal
    crm.log_in()
    assert crm.call("GET", "/limits").status_code == 200


@pytest.mark.parametrize(("trouble", "status"), [(troubles.maintenance_page(), 503), (troubles.edge_refusal(), 420)])
def test_some_troubles_are_pages_for_people(crm: Client, trouble: Fault, status: int) -> None:
    crm.faults.add(trouble)

    answer = crm.call("GET", "/limits")

    assert answer.status_code == status
    assert answer.text.startswith("<html>")


def test_one_trouble_is_an_object_where_an_array_is_the_rule(crm: Client) -> None:
    crm.faults.add(troubles.error_as_object())

    assert crm.call("GET", "/limits").json()["errorCode"] == "INTERNAL_ERROR"
