"""What a person does in the portal, from a test's side."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.sandbox.hubspot.problems import Problem
from tests.unit.connectors.sandbox.hubspot.client import COMPANY, CONTACT, DEAL, NOW, TO_DEAL, client, task_row


def test_a_person_makes_an_open_deal_at_the_account() -> None:
    crm = client()
    made = crm.portal.add(
        "deals",
        {"dealname": "New", "dealstage": "qualifiedtobuy"},
        to=[("companies", COMPANY), ("contacts", CONTACT)],
        at=NOW,
    )

    row = crm.get(f"/crm/v3/objects/deals/{made}", associations="companies", properties="hs_is_closed,pipeline").json

    assert row["properties"]["hs_is_closed"] == "false"
    assert row["properties"]["pipeline"] == "default"
    assert row["associations"]["companies"]["results"][0] == {"id": str(COMPANY), "type": "deal_to_company"}


def test_a_persons_edit_is_at_the_last_request_unless_a_time_is_given() -> None:
    crm = client()
    crm.get("/crm/v3/owners")
    crm.portal.edit("deals", DEAL, amount="5")
    crm.portal.edit("deals", DEAL + 1, amount="5", at=NOW + timedelta(hours=1))

    stamps = [crm.portal.record("deals", DEAL + n)["properties"]["hs_lastmodifieddate"] for n in (0, 1)]

    assert stamps == ["2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z"]


def test_a_person_is_held_to_the_same_values() -> None:
    with pytest.raises(Problem):
        client().portal.edit("deals", DEAL, lost_reason="nonsense")


def test_activity_counts_as_contact_where_a_task_does_not() -> None:
    crm = client()
    crm.create_tasks(task_row((TO_DEAL, DEAL)))
    crm.portal.log_activity("companies", COMPANY, at=NOW)

    deal, company = (
        crm.portal.record("deals", DEAL)["properties"],
        crm.portal.record("companies", COMPANY)["properties"],
    )

    assert "notes_last_contacted" not in deal
    assert company["notes_last_contacted"] == company["notes_last_updated"] == "2026-11-20T09:00:00Z"


def test_a_snapshot_shows_every_live_record_and_stays_as_it_was() -> None:
    crm = client()
    before = crm.portal.snapshot()
    crm.portal.delete("deals", DEAL)
    crm.portal.merge("deals", DEAL + 1, DEAL + 2)

    after = crm.portal.snapshot()

    assert len(before["deals"]) == 8
    assert len(after["deals"]) == 6
    assert set(after) == {"deals", "companies", "contacts", "tasks"}


def test_a_revoked_token_is_unknown_from_then_on() -> None:
    crm = client()
    crm.portal.access.revoke(crm.token)

    assert crm.get("/crm/v3/owners").status == 401


def test_the_same_requests_at_the_same_times_give_the_same_portal() -> None:
    def worked() -> dict[str, object]:
        crm = client()
        crm.create_tasks(task_row((TO_DEAL, DEAL), trace="a"), task_row(trace="b"))
        crm.now += timedelta(minutes=1)
        crm.send("PATCH", f"/crm/v3/objects/deals/{DEAL}", {"properties": {"dealstage": "qualifiedtobuy"}})
        return {**crm.portal.snapshot()}

    assert worked() == worked()
