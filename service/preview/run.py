"""Running a preview over a spreadsheet: block by block, on every core once it is worth it, with its summary."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Flag, auto
from functools import partial
from itertools import islice
from typing import Any

from mappings.model import LostDeal
from service.cores import Job, in_order
from service.losses.rules import Rules
from service.preview.outcome import Outcome, outcome_json, outcome_line
from service.preview.records import RecordError, parse_record
from service.preview.spreadsheet import NumberedRow, RowReader, Sheet
from service.preview.summary import Summary

BLOCK_ROWS = 500
_FORMULA_OPENS = ("=", "+", "-", "@", "\t", "\r")
OUT_COLUMNS = (
    "id", "name", "account", "stated_reason", "category", "sub_reason", "confidence", "needs_review",
    "next_follow_up", "next_why", "later_follow_ups", "no_plan",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that could not be understood; the others go on."""

    row: int
    id: str
    error: str


class Shown(Flag):
    """What is kept of each deal beside the summary."""

    NOTHING = 0
    OBJECTS = auto()
    LINES = auto()
    CSV = auto()


@dataclass(slots=True, kw_only=True)
class SheetBlock:
    """What a run of rows comes to, and its deals as asked for: objects, lines for people, rows of CSV."""

    summary: Summary = field(default_factory=Summary)
    skipped: Counter[str] = field(default_factory=Counter)
    bad: list[BadRow] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    csv: str = ""


def preview_sheet(
    sheet: Sheet, load_rules: Callable[[], Rules], today: date, *, show: Shown = Shown.NOTHING, processes: int = 1
) -> Iterator[SheetBlock]:
    """The rows of an export in blocks, in order; what they leave out is counted in `sheet.skipped`.

    `load_rules` must be importable by name, for other processes.
    """
    job = Job(begin=partial(_Reading.begin, load_rules, sheet.reader, today, show), work=_work)
    blocks = iter(lambda: list(islice(sheet.rows, BLOCK_ROWS)), [])
    for block in in_order(job, blocks, processes=processes):
        sheet.skipped.update(block.skipped)
        yield block


def summary_of(sheet: Sheet, rules: Rules, today: date) -> dict[str, Any]:
    """What a whole export comes to, read here and now, in this process."""
    summary = Summary()
    for block in preview_sheet(sheet, lambda: rules, today):
        summary.merge(block.summary)
    return summary.as_json()


@dataclass(frozen=True, slots=True)
class _Reading:
    """What every process needs to read rows."""

    rules: Rules
    reader: RowReader
    today: date
    show: Shown

    @classmethod
    def begin(cls, load_rules: Callable[[], Rules], reader: RowReader, today: date, show: Shown) -> _Reading:
        return cls(load_rules(), reader, today, show)


def _work(reading: _Reading, rows: Sequence[NumberedRow]) -> SheetBlock:
    block = SheetBlock()
    deals = _deals(reading, rows, block)
    meanings = reading.rules.apply_all((deal, reading.today) for deal in deals)
    objects, lines, cells = (one in reading.show for one in (Shown.OBJECTS, Shown.LINES, Shown.CSV))
    rows_out: list[list[Any]] = []
    for deal, (classification, plan) in zip(deals, meanings, strict=True):
        outcome = Outcome(deal=deal, classification=classification, plan=plan)
        block.summary.add(outcome, reading.rules.policy, reading.today)
        if objects:
            block.objects.append(outcome_json(outcome))
        if lines:
            block.lines.append(outcome_line(outcome))
        if cells:
            rows_out.append(_out_row(outcome))
    block.csv = csv_rows(rows_out)
    return block


def _deals(reading: _Reading, rows: Sequence[NumberedRow], block: SheetBlock) -> list[LostDeal]:
    deals: list[LostDeal] = []
    for number, record in reading.reader.records(rows, block.skipped):
        try:
            deals.append(parse_record(record, today=reading.today))
        except RecordError as error:
            block.summary.errors += 1
            block.bad.append(BadRow(row=number, id=str(record["id"]), error=str(error)))
    return deals


def csv_rows(rows: Iterable[Sequence[Any]]) -> str:
    """Rows of a spreadsheet; a cell that a spreadsheet would run as a formula is made text."""
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(value) for value in row] for row in rows])
    return text.getvalue()


def _out_row(one: Outcome) -> list[Any]:
    steps = one.plan.steps
    verdict = one.classification.underlying
    return [
        one.deal.key.deal_id,
        one.deal.name,
        one.deal.account.name,
        "; ".join(reason.words for reason in one.deal.stated_reasons),
        verdict.category,
        verdict.sub_reason or "",
        round(verdict.confidence, 3),
        "yes" if one.classification.needs_review else "",
        steps[0].due_on.isoformat() if steps else "",
        steps[0].why if steps else "",
        " ".join(step.due_on.isoformat() for step in steps[1:]),
        one.plan.why_none or "",
    ]


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_OPENS) else value
