"""A change of the mapping set or the policy over stored deals: counts at once, and re-classifying all of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text

from mappings.documents.mapping_edits import assign_labels, put_rule
from mappings.documents.mapping_set import Meaning, WordRule
from mappings.model import Account, DealKey, LostDeal, Money, Note, StatedReason
from mappings.taxonomy import Category
from service.bootstrap import App, open_app
from service.config import Settings
from service.mapping_sets.drafts import open_draft, save_draft
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.mapping_sets.preview import build_preview, start_preview
from service.mapping_sets.publish import publish
from service.mapping_sets.reasons import count_moves, distinct_reasons
from service.pipeline import ingest
from service.store.models import ConnectionRow, DealRow
from tests.benchmarks.report import figure, heading, note
from tests.benchmarks.texts import REASONS, new_notes

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PAGE = 2000
OTHERS = 400
"""Distinct reasons beside the usual ones: half of an org's values are seen a few times only."""


def measure(folder: Path, *, counted: int, classified: int, distinct_notes: bool, database: str | None = None) -> None:
    """Both jobs, in a database of their own; `database` is an address, by default SQLite."""
    app = open_app(Settings(home=folder, database_url=database or ""), now=lambda: NOW)
    connection_id = connect_bench(app)
    lose_deals(app, connection_id, classified, distinct_notes=distinct_notes)
    name = app.store.engine.dialect.name
    texts = "every note is new" if distinct_notes else "notes repeat"
    heading(f"a change over {classified:,} stored deals, {name}, {texts}")
    for what, kind, edit in EDITS:
        _publish(app, what, kind, edit, classified)
    _copy(app, counted)
    heading(f"counts over {counted:,} stored deals, {name}")
    _count(app)


def _label(document: str) -> str:
    return assign_labels(document, ["Price"], Category.VALUE_PERCEPTION, "price_value")


def _rule(document: str) -> str:
    meaning = Meaning(category=Category.NEED, sub_reason="product_gap")
    return put_rule(document, WordRule(id="pays-not", any=("will not pay for",), meaning=meaning))


def _concept(document: str) -> str:
    return document.replace("[concepts.later]", '[concepts.later]\nsecondary = "need"', 1)


def _interval(document: str) -> str:
    return document.replace("timing = 180", "timing = 190", 1)


EDITS: tuple[tuple[str, Kind, Callable[[str], str]], ...] = (
    ("one label of a picklist", Kind.MAPPINGS, _label),
    ("one rule over the notes", Kind.MAPPINGS, _rule),
    ("what a concept means", Kind.MAPPINGS, _concept),
    ("one interval of the policy", Kind.POLICY, _interval),
)


def _publish(app: App, what: str, kind: Kind, edit: Callable[[str], str], deals: int) -> None:
    with app.store.begin() as tx:
        there = open_draft(tx, kind)
        edited = edit(there.text)
        if edited == there.text:
            raise ValueError(f"{what}: the document has changed, and the edit finds nothing in it")
        save_draft(tx, kind, edited, revision=there.revision, author="bench", now=NOW)
    started, cpu = time.monotonic(), time.process_time()
    preview = build_preview(app, start_preview(app, kind, author="bench"))
    middle, cpu_middle = time.monotonic(), time.process_time()
    done = publish(app, preview.id, author="bench", comment="")
    ended, cpu_ended = time.monotonic(), time.process_time()
    changed = preview.totals.get("changed", 0)
    figure(f"{what}: previewed", deals / (middle - started), "deals/s", cpu_rate=deals / (cpu_middle - cpu))
    figure(
        f"  published, {changed:,} change",
        deals / (ended - middle),
        "deals/s",
        cpu_rate=deals / (cpu_ended - cpu_middle),
    )
    note(f"  {middle - started:.1f} s and {ended - middle:.1f} s; {done.totals.get('arrived', 0)} arrived meanwhile")


def _count(app: App) -> None:
    with app.store.begin() as tx:
        old = app.rules(tx).mapping_set
        draft = assign_labels(open_draft(tx, Kind.MAPPINGS).text, ["Timing"], Category.NEED, "no_need")
    new = mapping_set_of(draft)
    for what in ("the first time", "again"):
        with app.store.read() as tx:
            started, cpu = time.monotonic(), time.process_time()
            found = count_moves(tx, old, new)
            seconds = time.monotonic() - started
            note(f"counts by stated category, {what}: {seconds:.2f} s, {time.process_time() - cpu:.2f} s of processor")
    note(f"  {sum(found.before.values()):,} deals counted")
    with app.store.read() as tx:
        started = time.monotonic()
        page = distinct_reasons(tx, old, limit=50)
        note(f"the first page of {page.total:,} distinct reasons: {time.monotonic() - started:.2f} s")


def connect_bench(app: App) -> int:
    row = {
        "name": "bench", "crm": "salesforce", "account_id": "00D", "state": "hold", "zone": "UTC",
        "url": "https://bench.example", "auth": "none", "fields": {}, "scope": {}, "options": {}, "described": {},
        "health": [], "created_at": NOW,
    }  # fmt: skip
    with app.store.begin() as tx:
        app.rules(tx)
        return tx.scalars(insert(ConnectionRow).returning(ConnectionRow.id), [row]).one()


def lose_deals(app: App, connection_id: int, count: int, *, distinct_notes: bool) -> None:
    for page in pages_of(deals_lost(count, distinct_notes=distinct_notes)):
        with app.store.begin() as tx:
            connection = tx.get_one(ConnectionRow, connection_id)
            ingest(tx, connection, page, app.rules(tx), today=NOW.date(), now=NOW)


def pages_of(deals: Iterator[LostDeal]) -> Iterator[Sequence[LostDeal]]:
    page: list[LostDeal] = []
    for deal in deals:
        page.append(deal)
        if len(page) == PAGE:
            yield page
            page = []
    yield page


def deals_lost(count: int, *, distinct_notes: bool) -> Iterator[LostDeal]:
    dice = random.Random(20261123)
    new = new_notes(dice)
    notes = [] if distinct_notes else [next(new) for _ in range(400)]
    others = [f"{dice.choice(REASONS)} - variant {number}" for number in range(OTHERS)]
    for number in range(count):
        reason = dice.choice(others) if dice.random() < 0.1 else dice.choice(REASONS)
        said = next(new) if distinct_notes else dice.choice(notes)
        yield LostDeal(
            key=DealKey("00D", f"006{number:012}"),
            name=f"Deal {number}",
            lost_on=date(2026, 11, 20) - timedelta(days=dice.randrange(500)),
            account=Account(id=f"001{number % 9000:06}", name=f"Account {number % 9000}", country="DE"),
            stated_reasons=(StatedReason(field="Loss_Reason__c", value=reason),),
            notes=(Note(field="Loss_Notes__c", text=said),),
            owner_id=f"005{number % 40:03}",
            amount=Money(amount=Decimal(dice.randrange(1, 200) * 500), currency="EUR"),
        )


def _copy(app: App, count: int) -> None:
    """More deals by SQL: copies of those there are, under other ids. Counting looks at nothing else of them."""
    columns = [column.name for column in DealRow.__table__.columns if column.name not in {"id", "crm_deal_id"}]
    names = ", ".join(columns)
    with app.store.begin() as tx:
        there = tx.scalar(select(func.count()).select_from(DealRow)) or 0
        while there < count:
            more: dict[str, Any] = {"top": count - there, "mark": f"c{there}-"}
            tx.execute(
                text(
                    f"INSERT INTO deals (crm_deal_id, {names}) "
                    f"SELECT :mark || id, {names} FROM deals ORDER BY id LIMIT :top"
                ),
                more,
            )
            there = tx.scalar(select(func.count()).select_from(DealRow)) or 0
    with app.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE deals" if connection.dialect.name == "postgresql" else "ANALYZE"))
