"""What orgs do that no other CRM does, over the sandbox's org."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from connectors.base import Capability, CloseTask, FieldChange, GoneDeal, OpenDeal, TaskRef, TaskStatus, WriteFailure
from connectors.errors import MissingPermission, NeedsReconnect, Rejected
from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce.settings import ValidationRule
from mappings.model import LostDeal
from tests.contract.connector_contract import ids_of, new_task, write_one
from tests.contract.crm import Breaks, DealIs
from tests.contract.salesforce_crm import FIELDS, SalesforceCrm, open_sandbox, salesforce_crm
from tests.contract.scripted_org import open_org

BOOK = make_book(deals=120, today=date(2026, 11, 20))


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[SalesforceCrm]:
    with salesforce_crm(tmp_path) as crm:
        yield crm


# --- reads -------------------------------------------------------------------------------------------------------


def test_more_deals_than_a_page_with_one_stamp_all_arrive_even_if_the_read_stops_on_each_page(
    crm: SalesforceCrm,
) -> None:
    keys = {crm.add_deal().deal_id for _ in range(9)}
    crm.shrink_pages(2)
    found: set[str] = set()
    place = None
    for _ in range(9):
        page = next(iter(crm.opened().changed_deals(place)))
        found.update(ids_of([page]))
        place = page.checkpoint
        if place is None:
            break
    assert found == keys


def test_a_read_whose_locator_expired_goes_on(crm: SalesforceCrm) -> None:
    keys = {crm.add_deal().deal_id for _ in range(5)}
    crm.shrink_pages(2)
    crm.org.settings.locator_seconds = 60
    found: list[str] = []
    for page in crm.connector.changed_deals(None):
        found += ids_of([page])
        crm.pass_time(minutes=5)
    assert set(found) == keys


def test_rows_that_become_visible_late_are_read_by_the_next_sync(crm: SalesforceCrm) -> None:
    crm.org.settings.late_seconds = 900
    late = crm.add_deal()
    crm.org.settings.late_seconds = 0
    crm.pass_time(minutes=10)
    crm.add_deal()
    first = list(crm.connector.changed_deals(None))
    crm.pass_time(minutes=10)
    second = list(crm.connector.changed_deals(first[-1].watermark))
    assert late.deal_id not in ids_of(first)
    assert late.deal_id in ids_of(second)


def test_a_deal_removed_for_good_is_known_from_the_log_of_deletions(crm: SalesforceCrm) -> None:
    key = crm.add_deal()
    mark = list(crm.connector.changed_deals(None))[-1].watermark
    crm.pass_time(minutes=90)
    crm.delete_deal(key)
    crm.org.purge("Opportunity", key.deal_id)
    crm.pass_time(minutes=90)
    deals = [deal for page in crm.connector.changed_deals(mark) for deal in page.deals]
    assert [(type(deal), deal.key) for deal in deals] == [(GoneDeal, key)]


def test_a_deal_in_the_recycle_bin_is_seen_without_the_log_of_deletions(crm: SalesforceCrm) -> None:
    key = crm.add_deal()
    mark = list(crm.connector.changed_deals(None))[-1].watermark
    crm.delete_deal(key)
    crm.server.faults.add(Fault(path="Opportunity/deleted", times=None, status=403, body=b"no"))
    deals = [deal for page in crm.connector.changed_deals(mark) for deal in page.deals]
    assert [(type(deal), deal.key) for deal in deals] == [(GoneDeal, key)]


def test_the_same_first_read_comes_by_rest_and_by_bulk(tmp_path: Path) -> None:
    with salesforce_crm(tmp_path, book=BOOK, is_multicurrency=True, has_record_types=True) as crm:
        by_rest = sorted(crm.opened(options={"bulk_threshold": "0"}).changed_deals(None).__next__().deals, key=str)
        pages = list(crm.opened(options={"bulk_threshold": "10", "bulk_page_size": "20"}).changed_deals(None))
        by_bulk = sorted((deal for page in pages for deal in page.deals), key=str)
        assert len(pages) > 2
        assert by_bulk == by_rest
        assert pages[-1].watermark


def test_an_org_with_few_fields_is_read_as_it_is(tmp_path: Path) -> None:
    hidden = frozenset({"Opportunity.Amount", "Opportunity.Loss_Notes__c", "Account.Industry", "User.ManagerId"})
    with salesforce_crm(
        tmp_path,
        book=BOOK,
        hidden_fields=hidden,
        has_last_stage_change_date=False,
        has_output_fields=False,
        has_competitor_fields=False,
    ) as crm:
        pages = list(crm.connector.changed_deals(None))
        deals = [deal for page in pages for deal in page.deals]
        assert len(deals) == len(crm.org.lost_deals())
        assert all(isinstance(deal, LostDeal) and deal.amount is None and deal.outputs == {} for deal in deals)
        assert any("Loss_Notes__c" in warning for warning in pages[0].warnings)
        assert crm.connector.describe().owners


def test_what_an_org_may_refuse_is_done_without(tmp_path: Path) -> None:
    readable = frozenset({"Opportunity", "Account", "Task", "Organization"})
    with salesforce_crm(tmp_path, book=BOOK, can_read=readable, has_bulk=False, has_limits_permission=False) as crm:
        pages = list(crm.opened(options={"bulk_threshold": "10"}).changed_deals(None))
        assert len(ids_of(pages)) == len(crm.org.lost_deals())
        assert {word for word in ("Bulk", "Contact roles") if any(word in said for said in pages[0].warnings)} == {
            "Bulk",
            "Contact roles",
        }
        assert crm.connector.describe().warnings
        assert crm.connector.check().ok


def test_a_user_who_may_only_read_syncs_and_doctor_says_what_is_lacking(tmp_path: Path) -> None:
    with salesforce_crm(tmp_path, book=BOOK, can_write=frozenset()) as crm:
        assert len(ids_of(crm.connector.changed_deals(None))) == len(crm.org.lost_deals())
        assert Capability.WRITE_TASKS not in crm.connector.describe().capabilities
        wrong = {check.check: check.says for check in crm.connector.check().checks if not check.ok}
        assert "Edit Tasks" in wrong["writing tasks"]


def test_contacts_who_want_no_word_are_known_from_their_flags(tmp_path: Path) -> None:
    with salesforce_crm(tmp_path, book=BOOK) as crm:
        lost = [row for row in crm.org.lost_deals() if row["ContactId"]]
        one, other = lost[0], next(row for row in lost if row["ContactId"] != lost[0]["ContactId"])
        crm.org.put("Contact", one["ContactId"], HasOptedOutOfEmail=True, DoNotCall=True)
        crm.org.put("Contact", other["ContactId"], HasOptedOutOfEmail=True, DoNotCall=False)
        deals = {deal.key.deal_id: deal for page in crm.connector.changed_deals(None) for deal in page.deals}
        first, second = deals[one["Id"]], deals[other["Id"]]
        assert isinstance(first, LostDeal)
        assert isinstance(second, LostDeal)
        assert (first.do_not_contact, first.contact_id) == (True, one["ContactId"])
        assert not second.do_not_contact


def test_the_stages_a_deal_reached_are_read_where_the_connection_asks_for_them(tmp_path: Path) -> None:
    with salesforce_crm(tmp_path, book=BOOK) as crm:
        (page,) = crm.opened(options={"reached_stages": "on"}).changed_deals(None)
        assert any(isinstance(deal, LostDeal) and len(deal.reached_stages) > 1 for deal in page.deals)


# --- calls -------------------------------------------------------------------------------------------------------


def test_a_first_read_a_quiet_sync_and_a_write_back_take_the_calls_that_are_written_down(tmp_path: Path) -> None:
    with salesforce_crm(tmp_path, book=BOOK, long_text_page_size=None) as crm:
        pages = list(crm.connector.changed_deals(None))
        assert crm.http.calls.by_kind == {"token": 1, "describe": 6, "read": 3}
        crm.http.calls.by_kind.clear()
        list(crm.connector.changed_deals(pages[-1].watermark))
        assert crm.http.calls.by_kind["read"] <= 3
        crm.http.calls.by_kind.clear()
        deals = [deal.key for page in pages for deal in page.deals]
        list(crm.connector.write_tasks([new_task(crm, key, f"rk-{n}") for n, key in enumerate(deals)]))
        assert crm.http.calls.by_kind == {"describe": 1, "write": 1}


# --- writes ------------------------------------------------------------------------------------------------------


def test_a_task_for_somebody_who_has_left_is_refused_in_salesforces_words(crm: SalesforceCrm) -> None:
    (outcome,) = crm.connector.write_tasks([new_task(crm, crm.add_deal(), owner_id=crm.inactive_owner_id)])
    assert isinstance(outcome, WriteFailure)
    assert isinstance(outcome.error, Rejected)
    assert "inactive" in str(outcome.error)
    assert "active user" in outcome.error.remedy


def test_a_validation_rule_refuses_its_record_alone_and_is_quoted(crm: SalesforceCrm) -> None:
    bad, good = crm.add_deal(), crm.add_deal()
    crm.org.settings.validation_rules.append(
        ValidationRule(object="Task", message="Ask Bo first.", is_broken=lambda row: row.get("WhatId") == bad.deal_id)
    )
    first, second = crm.connector.write_tasks([new_task(crm, bad, "rk-1"), new_task(crm, good, "rk-2")])
    assert isinstance(first, WriteFailure)
    assert "Ask Bo first." in str(first.error)
    assert isinstance(second, TaskRef)


def test_a_deal_that_is_locked_for_a_moment_gets_its_task(crm: SalesforceCrm) -> None:
    key = crm.add_deal()
    crm.org.settings.locked_rows[key.deal_id] = 2
    assert write_one(crm.connector, new_task(crm, key)).task_id
    assert len(crm.tasks_of(key)) == 1


def test_more_tasks_than_one_call_takes_keep_their_order(crm: SalesforceCrm) -> None:
    keys = [crm.add_deal() for _ in range(210)]
    changes = [new_task(crm, key, f"rk-{n}") for n, key in enumerate(keys)]
    outcomes = list(crm.connector.write_tasks(changes))
    assert [outcome.key for outcome in outcomes] == [change.key for change in changes]
    assert all(isinstance(outcome, TaskRef) for outcome in outcomes)


def test_two_changes_of_one_task_in_one_batch_are_both_done(crm: SalesforceCrm) -> None:
    written = write_one(crm.connector, new_task(crm, crm.add_deal()))
    close = CloseTask(key=written.key, task_id=written.task_id, note="Won.")
    outcomes = list(crm.connector.write_tasks([close, close]))
    assert all(isinstance(one, TaskRef) and one.snapshot.status is TaskStatus.COMPLETED for one in outcomes)


def test_a_task_removed_for_good_is_seen_as_deleted(crm: SalesforceCrm) -> None:
    written = write_one(crm.connector, new_task(crm, crm.add_deal()))
    crm.delete_task(written.task_id)
    crm.org.purge("Task", written.task_id)
    (state,) = crm.connector.changed_tasks(None, [written])
    assert state.status is TaskStatus.DELETED


def test_a_task_written_before_the_key_field_was_made_is_found_by_its_text(crm: SalesforceCrm) -> None:
    change = new_task(crm, crm.add_deal())
    written = write_one(crm.connector, change)
    crm.org.put("Task", written.task_id, Rekindle_Key__c=None)
    (found,) = crm.connector.find_tasks([change.key])
    assert found.task_id == written.task_id


def test_a_field_that_may_not_be_written_is_named_and_no_call_is_made(crm: SalesforceCrm) -> None:
    key = crm.add_deal()
    (outcome,) = crm.connector.write_fields([FieldChange(deal=key, values={"No_Such__c": "x"})])
    assert isinstance(outcome, WriteFailure)
    assert isinstance(outcome.error, MissingPermission)
    assert "No_Such__c" in str(outcome.error)
    assert "write" not in crm.http.calls.by_kind


def test_our_own_completed_task_is_no_activity_of_the_account(crm: SalesforceCrm) -> None:
    account = crm.add_account("Contoso")
    written = write_one(crm.connector, new_task(crm, crm.add_deal(account_id=account)))
    crm.complete_task(written.task_id)
    crm.org.put("Account", account, LastActivityDate="2026-11-19")
    crm.org.put("Task", written.task_id, ActivityDate="2026-11-19")
    (found,) = crm.connector.account_activity([account])
    assert found.last_activity_on is None


# --- sessions ----------------------------------------------------------------------------------------------------


def test_a_user_comes_in_with_a_signed_assertion(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with salesforce_crm(tmp_path, jwt_public_key_pem=public) as crm:
        who = {"client_id": crm.org.settings.client_id, "username": crm.org.settings.username, "jwt_key": private}
        right, wrong = (
            open_org(crm.server.url, crm.server.ca_file, credentials=one, now=crm.clock, account_id=crm.account_id)[0]
            for one in (who, {**who, "audience": "https://elsewhere.example"})
        )
        assert right.check().ok
        (said,) = wrong.check().checks
        assert "audience" in said.says


def test_many_threads_with_an_expired_token_ask_for_one_new_token(crm: SalesforceCrm) -> None:
    key = crm.add_deal()
    list(crm.connector.get_deals([key]))
    crm.breaks(Breaks.TOKEN_EXPIRES)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.extend(crm.connector.get_deals([key]))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert crm.http.calls.by_kind["token"] == 2
    assert crm.tokens.saves == 2


def test_new_credentials_do_not_use_the_token_of_the_old_ones(crm: SalesforceCrm) -> None:
    list(crm.connector.get_deals([crm.add_deal()]))
    other, _, _ = open_org(
        crm.server.url,
        crm.server.ca_file,
        credentials={"client_id": crm.org.settings.client_id, "client_secret": "changed"},
        tokens=crm.tokens,
        now=crm.clock,
        account_id=crm.account_id,
    )
    with pytest.raises(NeedsReconnect, match="invalid_client"):
        list(other.changed_deals(None))


def test_a_storm_of_faults_loses_and_doubles_no_deal(tmp_path: Path) -> None:
    with salesforce_crm(tmp_path, book=BOOK, page_size=10) as crm:
        crm.server.faults.seed(3)
        crm.server.faults.add(
            Fault(times=None, probability=0.1, status=503, body=b"<html>busy</html>"),
            Fault(times=None, probability=0.05, close="before"),
            Fault(times=None, probability=0.05, close="during"),
            Fault(times=None, probability=0.1, is_token_expiry=True),
        )
        connector, _, _ = open_sandbox(crm.server, crm.clock, FIELDS, {}, crm.tokens)
        found = ids_of(connector.changed_deals(None))
        assert sorted(found) == sorted(row["Id"] for row in crm.org.lost_deals())


def test_a_deal_moved_while_the_book_is_read_is_seen_by_the_next_sync(crm: SalesforceCrm) -> None:
    keys = [crm.add_deal() for _ in range(4)]
    crm.shrink_pages(2)
    crm.pass_time(minutes=1)
    mark = None
    for number, page in enumerate(crm.connector.changed_deals(None)):
        if number == 0:
            crm.pass_time(minutes=60)
            crm.move_deal(keys[0], DealIs.OPEN)
        mark = page.watermark
    assert mark is not None
    crm.pass_time(minutes=60)
    changed = {deal.key: type(deal) for page in crm.connector.changed_deals(mark) for deal in page.deals}
    assert changed[keys[0]] is OpenDeal
