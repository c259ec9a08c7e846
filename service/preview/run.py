"""Running a preview over a spreadsheet: outcome by outcome, with its summary."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TextIO

from service.losses.rules import Rules
from service.preview.outcome import Outcome
from service.preview.records import RecordError, parse_record
from service.preview.spreadsheet import Sheet
from service.preview.summary import Summary

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


def preview_sheet(sheet: Sheet, rules: Rules, today: date, summary: Summary) -> Iterator[Outcome | BadRow]:
    """Each lost deal of the export with its meaning and plan, counted into the summary."""
    for number, record in sheet.records():
        try:
            deal = parse_record(record, today=today)
        except RecordError as error:
            summary.errors += 1
            yield BadRow(row=number, id=str(record["id"]), error=str(error))
            continue
        classification, plan = rules.apply(deal, today)
        outcome = Outcome(deal=deal, classification=classification, plan=plan)
        summary.add(outcome)
        yield outcome


class CsvOut:
    """The preview as a spreadsheet; a cell that a spreadsheet would run as a formula is made text."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(OUT_COLUMNS)

    def write(self, one: Outcome) -> None:
        """One row."""
        steps = one.plan.steps
        verdict = one.classification.underlying
        row: list[Any] = [
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
        self._writer.writerow([_harmless(value) for value in row])


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and re.match(r"[=+\-@\t\r]", value) else value
