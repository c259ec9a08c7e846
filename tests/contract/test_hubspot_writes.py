"""What has bitten others with HubSpot: writing, sensing, counting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from connectors.base import (
    CloseTask,
    CreateTask,
    DeleteTask,
    Done,
    FieldChange,
    TaskKey,
    TaskRef,
    UpdateTask,
    Watermark,
    WonDeal,
    WriteFailure,
)
from connectors.errors import NeedsReconnect, Rejected, Unclear
from connectors.sandbox.faults import Fault
from mappings.model import DealKey
from mappings.task_text import TaskText
from tests.contract.connector_contract import deals_of, ids_of, new_task, write_one
from tests.contract.crm import Breaks, DealIs
from tests.contract.hubspot_crm import HTML, HubSpotCrm, bulk_edited, hubspot_crm


@pytest.fixture
def crm() -> Iterator[HubSpotCrm]:
    with hubspot_crm() as crm:
        yield crm


def test_one_bad_row_of_a_batch_fails_alone_with_hubspots_words(crm: HubSpotCrm) -> None:
    changes = [new_task(crm, crm.add_deal(), f"rk-{n}") for n in range(3)]
    changes[1] = new_task(crm, changes[1].key.deal, "rk-1", owner_id=crm.inactive_owner_id)
    good, bad, also_good = crm.connector.write_tasks(changes)
    assert isinstance(good, TaskRef)
    assert isinstance(also_good, TaskRef)
    assert isinstance(bad, WriteFailure)
    assert isinstance(bad.error, Rejected)
    assert "hubspot_owner_id" in str(bad.error)
    assert crm.server.calls.count("tasks/batch/create") == 1


def test_what_a_task_says_is_escaped_and_reads_back_in_plain_words(crm: HubSpotCrm) -> None:
    text = TaskText(
        subject="A & B", lines=("<script>1 < 2 & 3</script>", "Öffnen …"), deal_url="https://x.example/?a=1&b=2"
    )
    key = TaskKey(key="rk-1", deal=crm.add_deal())
    ref = write_one(crm.connector, CreateTask(key=key, text=text, due_on=date(2027, 3, 28), owner_id=None))
    assert ref.snapshot.body.splitlines() == [
        "<script>1 < 2 & 3</script>",
        "Öffnen …",
        "https://x.example/?a=1&b=2",
        "rk-1",
    ]
    stored = crm.portal.record("tasks", ref.task_id)["properties"]
    assert "<script>" not in stored["hs_task_body"]
    assert stored["hs_task_status"] == "NOT_STARTED"
    assert ref.snapshot.due_on == date(2027, 3, 28)


@pytest.mark.parametrize("how", ["after", "during"])
def test_a_creation_whose_answer_is_lost_is_never_sent_twice(crm: HubSpotCrm, how: str) -> None:
    deals = [crm.add_deal() for _ in range(3)]
    crm.server.faults.add(Fault(path="tasks/batch/create", close=how))  # type: ignore[arg-type]
    outcomes = list(crm.connector.write_tasks([new_task(crm, deal, f"rk-{n}") for n, deal in enumerate(deals)]))
    assert all(isinstance(one, WriteFailure) and isinstance(one.error, Unclear) for one in outcomes)
    assert len(crm.portal.tasks()) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 524])
def test_a_server_failure_after_sending_a_creation_is_unclear(crm: HubSpotCrm, status: int) -> None:
    change = new_task(crm, crm.add_deal())
    crm.server.faults.add(Fault(path="tasks/batch/create", status=status, body=HTML, is_handled=True))
    (outcome,) = crm.connector.write_tasks([change])
    assert isinstance(outcome, WriteFailure)
    assert isinstance(outcome.error, Unclear)
    assert len(crm.tasks_of(change.key.deal)) == 1


def test_a_creation_turned_away_by_a_limit_is_sent_again(crm: HubSpotCrm) -> None:
    change = new_task(crm, crm.add_deal())
    crm.server.faults.add(Fault(path="tasks/batch/create", status=429, body={"policyName": "TEN_SECONDLY_ROLLING"}))
    write_one(crm.connector, change)
    assert len(crm.tasks_of(change.key.deal)) == 1


def test_a_task_that_hubspot_did_not_tie_to_its_deal_is_tied(crm: HubSpotCrm) -> None:
    change = new_task(crm, crm.add_deal())
    crm.server.app.forgets_associations = True
    written = write_one(crm.connector, change)
    assert [ref.task_id for ref in crm.connector.find_tasks([change.key])] == [written.task_id]


def test_a_double_gives_both_tasks(crm: HubSpotCrm) -> None:
    change = new_task(crm, crm.add_deal())
    first, second = write_one(crm.connector, change), write_one(crm.connector, change)
    assert {ref.task_id for ref in crm.connector.find_tasks([change.key])} == {first.task_id, second.task_id}


def test_a_note_stands_in_front_once_though_the_closing_is_repeated(crm: HubSpotCrm) -> None:
    ref = write_one(crm.connector, new_task(crm, crm.add_deal()))
    for _ in range(2):
        (closed,) = crm.connector.write_tasks([CloseTask(key=ref.key, task_id=ref.task_id, note="Won, well done.")])
    assert isinstance(closed, TaskRef)
    assert closed.snapshot.body.count("Won, well done.") == 1
    assert closed.snapshot.body.endswith(ref.snapshot.body)


def test_one_task_changed_twice_in_a_row_ends_as_the_last_change_says(crm: HubSpotCrm) -> None:
    ref = write_one(crm.connector, new_task(crm, crm.add_deal()))
    days = [date(2027, 5, 3), date(2027, 5, 4)]
    outcomes = list(
        crm.connector.write_tasks([UpdateTask(key=ref.key, task_id=ref.task_id, due_on=day) for day in days])
    )
    assert [one.snapshot.due_on for one in outcomes if isinstance(one, TaskRef)] == days


def test_a_field_refused_for_one_deal_is_written_to_the_others(crm: HubSpotCrm) -> None:
    keys = [crm.add_deal() for _ in range(8)]
    changes = [FieldChange(deal=key, values={"next_follow_up": "2027-01-05"}) for key in keys]
    changes[2] = FieldChange(deal=keys[2], values={"next_follow_up": "soon"})
    changes[5] = FieldChange(deal=keys[5], values={"no_such_property": "x"})
    outcomes = list(crm.connector.write_fields(changes))
    failed = {one.deal: one.error for one in outcomes if isinstance(one, WriteFailure)}
    assert set(failed) == {keys[2], keys[5]}
    assert all(isinstance(error, Rejected) for error in failed.values())
    assert "next_follow_up" in str(failed[keys[2]])
    assert "no_such_property" in str(failed[keys[5]])
    assert sum(isinstance(one, Done) for one in outcomes) == 6


def test_a_hundred_rows_with_one_unknown_property_cost_few_requests(crm: HubSpotCrm) -> None:
    ids = sorted(bulk_edited(crm, 100))
    changes = [FieldChange(deal=DealKey(crm.account_id, each), values={"no_such_property": "x"}) for each in ids]
    outcomes = list(crm.connector.write_fields(changes))
    assert all(isinstance(one, WriteFailure) for one in outcomes)
    assert crm.server.calls.count("deals/batch/update") <= 10


def test_a_label_is_written_as_its_options_value(crm: HubSpotCrm) -> None:
    key = crm.add_deal()
    definition = crm.portal.state.properties["deals"]["dealtype"]
    option = definition.options[0]
    assert list(crm.connector.write_fields([FieldChange(deal=key, values={"dealtype": option.label.upper()})])) == [
        Done(deal=key)
    ]
    assert crm.portal.record("deals", key.deal_id)["properties"]["dealtype"] == option.value


def test_a_refused_token_fails_every_change_and_is_tried_once(crm: HubSpotCrm) -> None:
    keys = [crm.add_deal() for _ in range(2)]
    crm.breaks(Breaks.LOGIN_IS_REFUSED)
    outcomes = list(crm.connector.write_tasks([new_task(crm, keys[n % 2], f"rk-{n}") for n in range(250)]))
    assert len(outcomes) == 250
    assert all(isinstance(one, WriteFailure) and isinstance(one.error, NeedsReconnect) for one in outcomes)
    assert crm.http.calls.total <= 2


def test_our_own_tasks_are_no_activity_of_the_account(crm: HubSpotCrm) -> None:
    account = crm.add_account("Contoso")
    key = crm.add_deal(account_id=account)
    change = new_task(crm, key, "k" * 40)
    linked = CreateTask(
        key=change.key, text=change.text, due_on=crm.clock.time.date(), owner_id=None, account_id=account
    )
    write_one(crm.connector, linked)
    crm.pass_time(minutes=60 * 24)
    (found,) = crm.connector.account_activity([account])
    assert found.last_activity_on is None


def test_removing_our_own_task_is_no_activity_and_a_persons_note_is(crm: HubSpotCrm) -> None:
    account = crm.add_account("Contoso")
    change = new_task(crm, crm.add_deal(account_id=account), "k" * 40)
    linked = CreateTask(
        key=change.key, text=change.text, due_on=crm.clock.time.date(), owner_id=None, account_id=account
    )
    written = write_one(crm.connector, linked)
    crm.pass_time(minutes=60)
    list(crm.connector.write_tasks([DeleteTask(key=written.key, task_id=written.task_id)]))
    crm.pass_time(minutes=60)
    assert [one.last_activity_on for one in crm.connector.account_activity([account])] == [None]
    company = crm.portal.state.table("companies").records[int(account)]
    crm.portal.state.touch("companies", company, company.modified_ms)
    company.properties["notes_last_updated"] = "2026-11-21T10:30:00Z"
    assert [one.last_activity_on for one in crm.connector.account_activity([account])] == [date(2026, 11, 21)]


def test_a_won_deal_tells_when_and_for_whom(crm: HubSpotCrm) -> None:
    account = crm.add_account("Contoso")
    crm.add_deal(DealIs.WON, account_id=account)
    (won,) = deals_of(crm.connector.changed_deals(Watermark(stamp=crm.clock.time)))
    assert isinstance(won, WonDeal)
    assert won.won_on is not None


def test_a_deal_lost_in_a_pipeline_that_was_archived_is_read_and_counted(crm: HubSpotCrm) -> None:
    key = crm.add_deal(closed_on=date(2026, 5, 5))
    crm.portal.state.pipelines = tuple(one for one in crm.portal.state.pipelines if one.id != "default")
    assert ids_of(crm.connector.changed_deals(None)) == [key.deal_id]
    assert [(one.month, one.count) for one in crm.connector.count_lost()] == [("2026-05", 1)]


def test_requests_are_counted_by_what_they_are_for(crm: HubSpotCrm) -> None:
    change = new_task(crm, crm.add_deal(account_id=crm.add_account("Contoso")))
    list(crm.connector.changed_deals(None))
    write_one(crm.connector, change)
    list(crm.connector.count_lost())
    kinds = crm.http.calls.by_kind
    assert kinds["read"] == 2
    assert kinds["write"] == 1
    assert set(kinds) == {"describe", "read", "write", "readback", "ledger"}
