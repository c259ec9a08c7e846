"""What every connector keeps, whatever CRM is behind it. A class per CRM adds a fixture `crm` and its own traps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from connectors.base import (
    Capability,
    CloseTask,
    Connector,
    CreateTask,
    DeleteTask,
    Done,
    FieldChange,
    GoneDeal,
    OpenDeal,
    Page,
    ReopenTask,
    Role,
    TaskKey,
    TaskRef,
    TaskStatus,
    UpdateTask,
    WonDeal,
    WriteFailure,
)
from connectors.errors import ConnectorError, Gone, NeedsReconnect, RateLimited, ServerError, Unclear
from mappings.model import DealKey, LostDeal
from mappings.task_text import TaskText
from tests.contract.crm import Breaks, Crm, DealIs

DUE = date(2027, 2, 1)
LATER = date(2027, 3, 1)
TEXT = TaskText(
    subject="Contoso: the budget for April is being planned now",
    lines=('Lost on 2 Oct: "no budget" & <frozen>.', "Ask: when is the budget reviewed?"),
    deal_url="https://crm.example/deal/1",
)


def deals_of(pages: Iterable[Page]) -> list[object]:
    """All deals of a read, in order."""
    return [deal for page in pages for deal in page.deals]


def ids_of(pages: Iterable[Page]) -> list[str]:
    """The ids of all deals of a read, in order."""
    return [deal.key.deal_id for page in pages for deal in page.deals]


def new_task(crm: Crm, key: DealKey, name: str = "rk-1", *, owner_id: str | None = None) -> CreateTask:
    """A first write, by default to the active owner."""
    return CreateTask(key=TaskKey(key=name, deal=key), text=TEXT, due_on=DUE, owner_id=owner_id or crm.owner_id)


def write_one(connector: Connector, change: CreateTask) -> TaskRef:
    """The reference to a task whose write has to succeed."""
    (outcome,) = connector.write_tasks([change])
    assert isinstance(outcome, TaskRef), outcome
    return outcome


class ConnectorContract:
    """Reads, writes and errors that hold for every CRM."""

    # --- reading deals ---------------------------------------------------------------------------------------

    def test_a_first_read_gives_every_lost_deal_and_no_other(self, crm: Crm) -> None:
        lost = {crm.add_deal(DealIs.LOST).deal_id for _ in range(3)}
        crm.add_deal(DealIs.OPEN)
        crm.add_deal(DealIs.WON)
        deals = deals_of(crm.connector.changed_deals(None))
        assert all(isinstance(deal, LostDeal) for deal in deals)
        assert {deal.key.deal_id for deal in deals if isinstance(deal, LostDeal)} == lost

    def test_a_deal_is_lost_by_its_flags_whatever_its_stage_is_called(self, crm: Crm) -> None:
        key = crm.add_deal(DealIs.LOST, stage_label="9 - Archived, see you")
        assert ids_of(crm.connector.changed_deals(None)) == [key.deal_id]

    def test_an_account_without_lost_deals_gives_a_last_page_with_a_watermark(self, crm: Crm) -> None:
        pages = list(crm.connector.changed_deals(None))
        assert pages[-1].watermark is not None
        assert pages[-1].checkpoint is None
        assert deals_of(pages) == []

    def test_pages_smaller_than_asked_lose_and_double_nothing(self, crm: Crm) -> None:
        keys = [crm.add_deal() for _ in range(7)]
        crm.shrink_pages(2)
        pages = list(crm.connector.changed_deals(None))
        assert sorted(ids_of(pages)) == sorted(key.deal_id for key in keys)
        assert len(pages) > 1
        assert all(page.checkpoint and not page.watermark for page in pages[:-1])
        assert pages[-1].watermark
        assert not pages[-1].checkpoint

    def test_a_read_that_stopped_goes_on_from_its_checkpoint(self, crm: Crm) -> None:
        keys = [crm.add_deal() for _ in range(7)]
        crm.shrink_pages(2)
        first = next(iter(crm.connector.changed_deals(None)))
        assert first.checkpoint is not None
        rest = list(crm.opened().changed_deals(first.checkpoint))
        assert {*ids_of([first]), *ids_of(rest)} == {key.deal_id for key in keys}
        assert rest[-1].watermark is not None

    @pytest.mark.parametrize("is_first", [True, False])
    def test_deals_that_change_while_pages_are_read_are_told_as_they_are_in_the_end(
        self, crm: Crm, is_first: bool
    ) -> None:
        """Deals move from ahead to behind and back, so that pages shift: this read and the next tell of all of them."""
        keys = [crm.add_deal() for _ in range(12)]
        crm.pass_time(minutes=60)
        mark = None if is_first else list(crm.connector.changed_deals(None))[-1].watermark
        for key in keys:
            crm.move_deal(key, DealIs.LOST)
        crm.shrink_pages(2)
        told: dict[str, type] = {}
        turns = iter(((keys[11], DealIs.WON), (keys[0], DealIs.OPEN), (keys[5], DealIs.OPEN), (keys[10], DealIs.LOST)))
        for page in crm.connector.changed_deals(mark):
            told |= {deal.key.deal_id: type(deal) for deal in page.deals}
            crm.pass_time(minutes=1)
            if turn := next(turns, None):
                crm.move_deal(*turn)
            mark = page.watermark
        crm.pass_time(minutes=1)
        for page in crm.connector.changed_deals(mark):
            told |= {deal.key.deal_id: type(deal) for deal in page.deals}
        lost = dict.fromkeys((key.deal_id for key in keys), LostDeal)
        assert told == lost | {keys[11].deal_id: WonDeal, keys[0].deal_id: OpenDeal, keys[5].deal_id: OpenDeal}

    def test_a_deal_changed_at_the_watermark_is_read_again(self, crm: Crm) -> None:
        key = crm.add_deal()
        mark = list(crm.connector.changed_deals(None))[-1].watermark
        assert key.deal_id in ids_of(crm.connector.changed_deals(mark))

    def test_a_deal_less_than_half_an_hour_older_than_the_watermark_is_read_again(self, crm: Crm) -> None:
        crm.add_deal()
        late = crm.add_deal()
        crm.pass_time(minutes=20)
        crm.add_deal()
        mark = list(crm.connector.changed_deals(None))[-1].watermark
        crm.pass_time(minutes=5)
        assert late.deal_id in ids_of(crm.connector.changed_deals(mark))

    def test_reopened_won_and_deleted_deals_are_seen_as_such(self, crm: Crm) -> None:
        reopened, won, deleted = (crm.add_deal() for _ in range(3))
        mark = list(crm.connector.changed_deals(None))[-1].watermark
        crm.pass_time(minutes=60)
        crm.move_deal(reopened, DealIs.OPEN)
        crm.move_deal(won, DealIs.WON)
        crm.delete_deal(deleted)
        states = {deal.key: type(deal) for deal in crm.connector.get_deals([reopened, won, deleted])}
        assert states == {reopened: OpenDeal, won: WonDeal, deleted: GoneDeal}
        changed = {deal.key.deal_id: type(deal) for page in crm.connector.changed_deals(mark) for deal in page.deals}
        assert changed[reopened.deal_id] is OpenDeal
        assert changed[won.deal_id] is WonDeal

    def test_the_reason_is_told_word_for_word(self, crm: Crm) -> None:
        key = crm.add_deal(reason="Price")
        (deal,) = crm.connector.get_deals([key])
        assert isinstance(deal, LostDeal)
        assert [reason.value for reason in deal.stated_reasons] == ["Price"]

    def test_a_mapped_field_that_is_not_there_is_a_warning_and_no_failure(self, crm: Crm) -> None:
        key = crm.add_deal(reason="Price")
        fields = {**crm.fields, Role.COMPETITOR: ("no_such_field__c",)}
        pages = list(crm.opened(fields=fields).changed_deals(None))
        assert ids_of(pages) == [key.deal_id]
        assert any("no_such_field__c" in warning for page in pages for warning in page.warnings)

    def test_deals_asked_for_come_once_each_and_the_missing_are_gone(self, crm: Crm) -> None:
        here, deleted = crm.add_deal(), crm.add_deal()
        crm.delete_deal(deleted)
        deals = list(crm.connector.get_deals([here, deleted, here]))
        assert sorted(deal.key for deal in deals) == sorted([here, deleted])
        assert [type(deal) for deal in deals if deal.key == deleted] == [GoneDeal]

    def test_the_ledger_counts_lost_deals_by_the_month_of_their_close_date(self, crm: Crm) -> None:
        crm.add_deal(closed_on=date(2026, 1, 31))
        crm.add_deal(closed_on=date(2026, 1, 1))
        crm.add_deal(closed_on=date(2026, 3, 1))
        crm.add_deal(DealIs.WON, closed_on=date(2026, 3, 1))
        counts = {count.month: count.count for count in crm.connector.count_lost() if count.count}
        assert crm.connector.count_lost_total() in {None, sum(counts.values())}
        assert counts == {"2026-01": 2, "2026-03": 1}

    def test_an_account_tells_its_open_deals_and_its_latest_win(self, crm: Crm) -> None:
        account = crm.add_account("Contoso")
        crm.add_deal(account_id=account)
        opened = crm.add_deal(DealIs.OPEN, account_id=account)
        crm.add_deal(DealIs.WON, account_id=account, closed_on=date(2026, 2, 3))
        found = {one.account_id: one for one in crm.connector.account_activity([account])}
        assert found[account].open_deal_ids == (opened.deal_id,)
        assert found[account].won_on is not None

    def test_an_opt_out_is_seen_at_once_with_the_field_that_says_it(self, crm: Crm) -> None:
        first, second, alone = crm.add_deal(), crm.add_deal(), crm.add_deal()
        people = {first: crm.add_contact(first), second: crm.add_contact(second)}
        asked = [first, second, alone]
        before = {one.key: one for one in crm.connector.read_consent(asked)}
        crm.opt_out(people[first])
        after = {one.key: one for one in crm.connector.read_consent(asked)}
        assert not any(one.is_closed for one in before.values())
        assert [after[key].is_closed for key in asked] == [True, False, False]
        assert [one.contact_id for one in after[first].contacts] == [people[first]]
        assert all(one.is_known for one in after.values())
        flags = after[first].contacts[0].flags
        assert flags
        assert all(flag.field and flag.is_set for flag in flags)
        (deal,) = crm.connector.get_deals([first])
        assert isinstance(deal, LostDeal)
        assert deal.do_not_contact

    def test_nobody_asked_about_is_no_call(self, crm: Crm) -> None:
        assert list(crm.connector.read_consent([])) == []

    def test_describe_tells_stages_by_their_flags_and_who_has_left(self, crm: Crm) -> None:
        described = crm.connector.describe()
        assert described.account_id == crm.account_id
        assert any(stage.is_lost for stage in described.stages)
        assert any(stage.is_won for stage in described.stages)
        active = {owner.id: owner.is_active for owner in described.owners}
        assert active[crm.owner_id]
        assert not active.get(crm.inactive_owner_id, False)

    def test_check_holds_on_a_healthy_account(self, crm: Crm) -> None:
        health = crm.connector.check()
        assert health.ok, health
        assert health.account_id == crm.account_id

    # --- writing tasks ---------------------------------------------------------------------------------------

    def test_a_task_written_is_found_by_its_key_and_reads_back_the_same(self, crm: Crm) -> None:
        change = new_task(crm, crm.add_deal())
        written = write_one(crm.connector, change)
        (found,) = crm.connector.find_tasks([change.key])
        (state,) = crm.connector.changed_tasks(None, [written])
        assert found.task_id == written.task_id
        assert found.snapshot == written.snapshot == state.snapshot
        assert (written.snapshot.subject, written.snapshot.due_on) == (TEXT.subject, DUE)
        assert written.snapshot.owner_id == crm.owner_id
        assert change.key.key in written.snapshot.body.splitlines()[-1]

    def test_the_second_write_with_the_same_key_makes_no_second_task(self, crm: Crm) -> None:
        change = new_task(crm, crm.add_deal())
        first = write_one(crm.connector, change)
        if Capability.TASK_KEY_FIELD not in crm.connector.describe().capabilities:
            pytest.skip("without a key field only a look before the write keeps tasks single")
        assert write_one(crm.opened(), change).task_id == first.task_id
        assert len(crm.tasks_of(change.key.deal)) == 1

    def test_a_key_nobody_wrote_is_not_found(self, crm: Crm) -> None:
        deal = crm.add_deal()
        write_one(crm.connector, new_task(crm, deal, "rk-11"))
        unknown = [TaskKey(key="rk-1", deal=deal), TaskKey(key="rk-111", deal=deal)]
        assert list(crm.connector.find_tasks(unknown)) == []

    def test_one_refused_record_does_not_hold_up_the_others(self, crm: Crm) -> None:
        deals = [crm.add_deal() for _ in range(3)]
        changes = [new_task(crm, deal, f"rk-{n}") for n, deal in enumerate(deals)]
        gone = DealKey(crm.account_id, deals[1].deal_id)
        crm.delete_deal(gone)
        outcomes = list(crm.connector.write_tasks(changes))
        assert [outcome.key for outcome in outcomes] == [change.key for change in changes]
        assert isinstance(outcomes[0], TaskRef)
        assert isinstance(outcomes[1], WriteFailure)
        assert isinstance(outcomes[2], TaskRef)

    def test_a_connection_cut_after_the_write_is_unclear_and_the_task_is_found(self, crm: Crm) -> None:
        change = new_task(crm, crm.add_deal())
        list(crm.connector.find_tasks([change.key]))
        crm.breaks(Breaks.CUT_AFTER_WRITE)
        (outcome,) = crm.connector.write_tasks([change])
        assert isinstance(outcome, WriteFailure)
        assert isinstance(outcome.error, Unclear)
        assert [ref.key for ref in crm.connector.find_tasks([change.key])] == [change.key]
        assert len(crm.tasks_of(change.key.deal)) == 1

    def test_an_update_changes_what_it_names_and_leaves_the_rest(self, crm: Crm) -> None:
        written = write_one(crm.connector, new_task(crm, crm.add_deal()))
        (moved,) = crm.connector.write_tasks([UpdateTask(key=written.key, task_id=written.task_id, due_on=LATER)])
        (state,) = crm.connector.changed_tasks(None, [written])
        assert isinstance(moved, TaskRef)
        assert moved.snapshot == state.snapshot
        assert state.snapshot is not None
        assert (state.snapshot.due_on, state.snapshot.body) == (LATER, written.snapshot.body)

    def test_a_task_is_closed_with_a_note_and_opened_again(self, crm: Crm) -> None:
        written = write_one(crm.connector, new_task(crm, crm.add_deal()))
        (closed,) = crm.connector.write_tasks(
            [CloseTask(key=written.key, task_id=written.task_id, note="Closed: the deal was won.")]
        )
        assert isinstance(closed, TaskRef)
        assert closed.snapshot.status is TaskStatus.COMPLETED
        assert closed.snapshot.body.startswith("Closed: the deal was won.")
        (opened,) = crm.connector.write_tasks(
            [ReopenTask(key=written.key, task_id=written.task_id, text=TEXT, due_on=LATER)]
        )
        (state,) = crm.connector.changed_tasks(None, [written])
        assert isinstance(opened, TaskRef)
        assert state.status is TaskStatus.OPEN
        assert opened.snapshot == state.snapshot

    def test_a_task_is_removed_once_and_removing_it_again_is_no_failure(self, crm: Crm) -> None:
        change = new_task(crm, crm.add_deal())
        written = write_one(crm.connector, change)
        for _ in range(2):
            (removed,) = crm.connector.write_tasks([DeleteTask(key=change.key, task_id=written.task_id)])
            assert isinstance(removed, TaskRef)
            assert removed.snapshot.status is TaskStatus.DELETED
        assert crm.tasks_of(change.key.deal) == ()
        assert list(crm.connector.find_tasks([change.key])) == []

    def test_what_a_person_did_to_a_task_is_read_back(self, crm: Crm) -> None:
        deals = [crm.add_deal() for _ in range(3)]
        refs = [write_one(crm.connector, new_task(crm, deal, f"rk-{n}")) for n, deal in enumerate(deals)]
        crm.complete_task(refs[0].task_id)
        crm.delete_task(refs[1].task_id)
        states = {state.task_id: state.status for state in crm.connector.changed_tasks(None, refs)}
        assert states[refs[0].task_id] is TaskStatus.COMPLETED
        assert states[refs[1].task_id] is TaskStatus.DELETED
        assert states[refs[2].task_id] is TaskStatus.OPEN

    def test_changing_a_task_that_a_person_deleted_is_gone(self, crm: Crm) -> None:
        written = write_one(crm.connector, new_task(crm, crm.add_deal()))
        crm.delete_task(written.task_id)
        (outcome,) = crm.connector.write_tasks([UpdateTask(key=written.key, task_id=written.task_id, due_on=LATER)])
        assert isinstance(outcome, WriteFailure)
        assert isinstance(outcome.error, Gone)

    def test_fields_of_a_deal_are_written_read_back_and_cleared(self, crm: Crm) -> None:
        key = crm.add_deal()
        (name,) = crm.fields[Role.NEXT_FOLLOW_UP_OUT]
        for value in ("2027-02-01", None):
            assert list(crm.connector.write_fields([FieldChange(deal=key, values={name: value})])) == [Done(deal=key)]
            (deal,) = crm.connector.get_deals([key])
            assert isinstance(deal, LostDeal)
            assert deal.outputs[name] == value

    # --- when things go wrong --------------------------------------------------------------------------------

    def test_an_expired_token_is_renewed_and_the_call_repeated(self, crm: Crm) -> None:
        key = crm.add_deal()
        list(crm.connector.get_deals([key]))
        crm.breaks(Breaks.TOKEN_EXPIRES)
        assert [deal.key for deal in crm.connector.get_deals([key])] == [key]

    def test_a_refused_login_needs_a_person_and_is_not_tried_in_a_loop(self, crm: Crm) -> None:
        key = crm.add_deal()
        list(crm.connector.get_deals([key]))
        crm.breaks(Breaks.LOGIN_IS_REFUSED)
        before = crm.http.calls.total
        with pytest.raises(NeedsReconnect):
            list(crm.connector.get_deals([key]))
        assert crm.http.calls.total - before <= 4

    def test_a_page_of_html_is_a_failure_of_the_server_and_the_read_goes_on(self, crm: Crm) -> None:
        key = crm.add_deal()
        crm.breaks(Breaks.HTML_ON_READ)
        assert [deal.key for deal in crm.connector.get_deals([key])] == [key]

    def test_pages_of_html_without_end_are_an_error_and_never_an_empty_list(self, crm: Crm) -> None:
        key = crm.add_deal()
        list(crm.connector.get_deals([key]))
        crm.breaks(Breaks.HTML_ON_EVERY_READ)
        with pytest.raises(ServerError):
            list(crm.connector.get_deals([key]))
        with pytest.raises(ServerError):
            list(crm.connector.changed_deals(None))

    def test_a_long_limit_is_told_at_once(self, crm: Crm) -> None:
        key = crm.add_deal()
        list(crm.connector.get_deals([key]))
        crm.breaks(Breaks.LIMIT_FOR_LONG)
        with pytest.raises(RateLimited) as caught:
            list(crm.connector.get_deals([key]))
        assert caught.value.retry_after_s is not None
        assert caught.value.retry_after_s > crm.http.settings.max_wait_s

    def test_an_error_never_tells_a_query_an_address_or_a_token(self, crm: Crm) -> None:
        key = crm.add_deal()
        list(crm.connector.get_deals([key]))
        crm.breaks(Breaks.HTML_ON_EVERY_READ)
        with pytest.raises(ConnectorError) as caught:
            list(crm.connector.get_deals([key]))
        said = str(caught.value)
        assert "SELECT" not in said
        assert "http" not in said.replace("HTTP", "")
        assert "Bearer" not in said
