"""The one door in: what reads of a deal do to what is stored, from the loss to the win-back, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from connectors.base import DealState as ReadDeal
from connectors.base import GoneDeal, GoneHow, MonthCount, OpenDeal, WonDeal
from mappings.documents.mapping_set import parse_mapping_set, render_mapping_set, shipped_mapping_set
from mappings.documents.policy import shipped_policy
from mappings.model import Account, DealKey, LostDeal, Money, Note, StatedReason
from service.audit.ledger import ledger
from service.audit.lens import Lens, Period
from service.audit.report import audit
from service.losses.rules import Rules
from service.pipeline import IngestCounts, ingest, replan
from service.store.codec import from_record
from service.store.deals import deals_in_force, stored_records
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    DealRow,
    EpisodeRow,
    EventRow,
    FieldWriteRow,
    PlanRow,
    ReminderRow,
)
from service.store.session import Store

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = DealKey("00D", "006A")
RULES = Rules(mapping_set=shipped_mapping_set(), policy=shipped_policy())
FIELD = "Next_Follow_Up__c"


def lost(**values: Any) -> LostDeal:
    fields: dict[str, Any] = {
        "key": KEY,
        "name": "Service desk",
        "lost_on": date(2026, 11, 2),
        "close_date": date(2026, 10, 30),
        "account": Account(id="001A", name="Contoso", country="DE"),
        "stated_reasons": (StatedReason(field="Loss_Reason__c", value="No budget"),),
        "amount": Money(amount=Decimal("1200.50"), currency="EUR"),
        "owner_id": "005A",
        "contact_id": "003A",
        "modified_at": NOW - timedelta(days=1),
    }
    return LostDeal(**{**fields, **values})


@dataclass
class Line:
    """The pipeline with one connection on hold."""

    store: Store
    connection_id: int = 0

    def __post_init__(self) -> None:
        row = {
            "name": "acme", "crm": "salesforce", "account_id": "00D", "account_name": "Acme", "state": "hold",
            "url": "https://acme.example", "zone": "Europe/Berlin", "auth": "token", "scope": {}, "options": {},
            "described": {}, "health": [], "created_at": NOW, "notes": "full",
            "fields": {"next_follow_up_out": [FIELD]},
        }  # fmt: skip
        with self.store.begin() as tx:
            self.connection_id = tx.scalars(insert(ConnectionRow).returning(ConnectionRow.id), [row]).one()

    def set(self, **values: Any) -> None:
        with self.store.begin() as tx:
            tx.execute(update(ConnectionRow).values(**values))

    def read(
        self, *deals: ReadDeal, rules: Rules = RULES, today: date = TODAY, run_id: int | None = None
    ) -> IngestCounts:
        with self.store.begin() as tx:
            connection = tx.get_one(ConnectionRow, self.connection_id)
            return ingest(tx, connection, deals, rules, today=today, now=NOW, run_id=run_id)

    def all(self, kind: Any) -> Sequence[Any]:
        with self.store.read() as tx:
            return tx.scalars(select(kind)).all()

    def one(self, kind: Any) -> Any:
        (row,) = self.all(kind)
        return row

    def states(self) -> list[str]:
        return [row.state for row in self.all(ReminderRow)]


@pytest.fixture
def line(store: Store) -> Line:
    return Line(store)


def test_a_new_loss_is_stored_understood_and_planned(line: Line) -> None:
    counts = line.read(lost())

    assert (counts.read, counts.new, counts.planned) == (1, 1, 1)
    deal, meaning = line.one(DealRow), line.one(ClassificationRow)
    assert (deal.state, deal.close_month, deal.amount) == ("lost", "2026-10", Decimal("1200.5"))
    assert (meaning.category, meaning.mapping_version) == ("budget", RULES.mapping_set.version)
    assert line.one(PlanRow).made_on == TODAY
    assert set(line.states()) == {"held"}


def test_the_stored_deal_is_the_deal_that_was_read(line: Line) -> None:
    deal = lost(notes=(Note(field="Loss_Notes__c", text="Wir haben kein Geld – später."),))
    line.read(deal)

    assert from_record(line.one(DealRow).record, LostDeal) == deal


def test_the_same_page_twice_changes_nothing(line: Line) -> None:
    line.read(lost())
    events = len(line.all(EventRow))

    counts = line.read(lost())

    assert (counts.unchanged, counts.new, counts.changed, counts.planned) == (1, 0, 0, 0)
    assert len(line.all(EventRow)) == events


def test_another_reason_makes_another_plan_with_the_first_days_today(line: Line) -> None:
    line.read(lost())

    counts = line.read(lost(stated_reasons=(StatedReason(field="r", value="No ROI"),)), today=TODAY + timedelta(days=9))

    assert counts.changed == 1
    assert line.one(ClassificationRow).category == "value_perception"
    assert line.one(PlanRow).made_on == TODAY


def test_a_reopened_deal_ends_its_episode_and_its_reminders(line: Line) -> None:
    line.read(lost())

    counts = line.read(OpenDeal(key=KEY, modified_at=NOW))

    assert counts.reopened == 1
    assert (line.one(DealRow).state, line.one(EpisodeRow).ended_as) == ("open", "reopened")
    assert set(line.states()) == {"cancelled"}


def test_a_deal_lost_again_begins_a_new_episode_with_reminders_of_its_own(line: Line) -> None:
    line.read(lost())
    line.read(OpenDeal(key=KEY, modified_at=NOW))

    line.read(lost(lost_on=TODAY, modified_at=NOW + timedelta(hours=1)))

    assert [(row.number, row.ended_as) for row in line.all(EpisodeRow)] == [(1, "reopened"), (2, None)]
    assert sorted(set(line.states())) == ["cancelled", "held"]
    assert len({row.key for row in line.all(ReminderRow)}) == len(line.all(ReminderRow))


def test_a_win_after_the_loss_is_a_win_back_in_the_audit(line: Line) -> None:
    line.read(lost())
    line.read(WonDeal(key=KEY, won_on=TODAY, modified_at=NOW))

    with line.store.read() as tx:
        found = audit(tx, Lens(period=Period(start=date(2026, 10, 1), end=TODAY)))

    assert [(won["account"], won["category"], won["won_on"]) for won in found["won_back"]] == [
        ("Contoso", "budget", TODAY)
    ]


@pytest.mark.parametrize(("how", "ended_as"), [(GoneHow.DELETED, "deleted"), (GoneHow.MERGED, "merged")])
def test_a_deal_that_is_gone_ends_as_what_happened_to_it(line: Line, how: GoneHow, ended_as: str) -> None:
    line.read(lost())

    line.read(GoneDeal(key=KEY, how=how, merged_into="006B"))

    assert (line.one(DealRow).state, line.one(EpisodeRow).ended_as) == ("gone", ended_as)
    assert set(line.states()) == {"cancelled"}


def test_a_deal_that_leaves_the_scope_loses_its_follow_ups_and_gets_them_back_with_it(line: Line) -> None:
    line.read(lost())
    keys = {row.key for row in line.all(ReminderRow)}
    line.set(scope={"min_amount": "5000"})
    line.read(lost())
    left_out = (line.one(DealRow).excluded_by, set(line.states()))
    line.set(scope={})
    line.read(lost())

    assert left_out == ("min_amount 5000", {"skipped"})
    assert (line.one(DealRow).excluded_by, set(line.states())) == (None, {"held"})
    assert {row.key for row in line.all(ReminderRow)} == keys


def test_the_ledger_balances_with_each_exclusion_under_its_rule(line: Line) -> None:
    line.set(scope={"min_amount": "1000"})
    small = Money(amount=Decimal(10), currency="EUR")
    line.read(lost(), lost(key=DealKey("00D", "006B"), amount=small), lost(key=DealKey("00D", "006C"), close_date=None))

    with line.store.read() as tx:
        connection = tx.get_one(ConnectionRow, line.connection_id)
        lines = ledger(tx, connection, [MonthCount(month="2026-10", count=3), MonthCount(month="", count=1)])

    assert [(one.month, one.crm, one.stored, one.excluded, one.difference) for one in lines] == [
        ("", 1, 1, {}, 0),
        ("2026-10", 3, 1, {"min_amount 1000": 1}, 1),
    ]


SAID = "They were very friendly. The CFO froze all spend until April. Regards to Ines."


@pytest.mark.parametrize(("mode", "kept"), [("full", SAID), ("off", None)])
def test_notes_are_kept_as_the_connection_says(line: Line, mode: str, kept: str | None) -> None:
    line.set(notes=mode)
    line.read(lost(notes=(Note(field="n", text=SAID),)))

    notes = from_record(line.one(DealRow).record, LostDeal).notes
    assert [note.text for note in notes] == ([kept] if kept else [])


def test_of_notes_only_the_words_that_decided_are_kept_where_facts_are_asked_for(line: Line) -> None:
    line.set(notes="facts")
    line.read(lost(notes=(Note(field="n", text=SAID),)))

    (note,) = from_record(line.one(DealRow).record, LostDeal).notes
    assert "Ines" not in note.text
    assert "friendly" not in note.text
    assert "spend" in note.text


def test_a_date_a_person_enters_is_when_to_come_back_and_our_own_is_not(line: Line) -> None:
    line.read(lost(outputs={FIELD: "2027-02-10"}))
    stated = line.one(DealRow).stated_follow_up
    with line.store.begin() as tx:
        ours = {
            "connection_id": line.connection_id, "deal_id": line.one(DealRow).id, "field": FIELD,
            "former": "2027-02-10", "written": "2027-02-11", "first_written_at": NOW, "written_at": NOW,
        }  # fmt: skip
        tx.execute(insert(FieldWriteRow), [ours])

    counts = line.read(lost(outputs={FIELD: "2027-02-11"}, modified_at=NOW))

    assert (stated, line.one(ReminderRow).planned_on) == (date(2027, 2, 10), date(2027, 2, 10))
    assert counts.unchanged == 1

    line.read(lost(outputs={FIELD: "2027-05-03"}, modified_at=NOW + timedelta(hours=1)))

    assert line.one(DealRow).stated_follow_up == date(2027, 5, 3)
    assert line.one(ReminderRow).planned_on == date(2027, 5, 3)


def test_an_older_read_that_arrives_late_overwrites_nothing(line: Line) -> None:
    line.read(lost(name="New name", modified_at=NOW))

    line.read(lost(name="Old name", modified_at=NOW - timedelta(hours=2)))

    assert line.one(DealRow).name == "New name"


def test_new_mappings_apply_to_stored_deals_without_reading_the_crm(line: Line) -> None:
    line.read(lost())
    text = render_mapping_set(RULES.mapping_set)
    label = '\n[[labels]]\nvalue = "No budget"\ncategory = "timing"\nsub_reason = "postponed"\n'
    newer = Rules(mapping_set=parse_mapping_set(text + label), policy=RULES.policy)

    with line.store.begin() as tx:
        connection = tx.get_one(ConnectionRow, line.connection_id)
        stored = stored_records(tx, line.connection_id, deals_in_force(tx, line.connection_id, after_id=0, limit=10))
        deals = [(from_record(record, LostDeal), known) for _, record, known in stored]
        count = replan(tx, connection, deals, newer, today=TODAY, now=NOW)

    assert count == 1
    assert line.one(ClassificationRow).category == "timing"
    assert line.read(lost(), rules=newer).unchanged == 1


def test_a_complete_read_remembers_whom_it_met(line: Line) -> None:
    line.read(lost(), run_id=7)
    line.read(replace(lost(), key=DealKey("00D", "006B")), run_id=8)

    assert [row.seen_in_run for row in line.all(DealRow)] == [7, 8]


def test_a_page_of_another_size_needs_no_statements_of_its_own(line: Line) -> None:
    """The driver keeps what it has parsed: with a statement for each size, that grew by megabytes with every page."""
    told: set[str] = set()
    event.listen(line.store.engine, "before_cursor_execute", lambda _one, _two, sql, *_: told.add(sql))
    books = [[lost(key=DealKey("00D", f"{size}-{number}")) for number in range(size)] for size in (2, 3, 5, 7)]
    for book in books[:2]:
        line.read(*book, run_id=3)
        line.read(*book, run_id=3)
        line.read(*[replace(deal, name="Other") for deal in book], run_id=3)
    before = set(told)

    for book in books[2:]:
        line.read(*book, run_id=3)
        line.read(*book, run_id=3)
        line.read(*[replace(deal, name="Other") for deal in book], run_id=3)

    assert told == before
