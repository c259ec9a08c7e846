"""`rekindle preview`: what an export would come to, offline and with nothing set up."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from mappings.documents.mapping_set import parse_mapping_set, shipped_mapping_set
from mappings.documents.policy import parse_policy, shipped_policy
from service import clock
from service.cli.context import Day, parsed, writing
from service.cli.output import json_option, print_json, print_table, say, warn
from service.cores import YOUNG_VALUES, cores, quieten_collector
from service.errors import UsageFault
from service.losses.rules import Rules
from service.preview.blocks import line_blocks, pauses
from service.preview.columns import parse_named
from service.preview.jsonl import BLOCK_LINES, stream
from service.preview.run import OUT_COLUMNS, SheetBlock, Shown, csv_rows, preview_sheet
from service.preview.spreadsheet import open_sheet
from service.preview.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Which documents decide: files, or the shipped ones. Other processes load them by this value."""

    mappings: Path | None
    policy: Path | None

    def load(self) -> Rules:
        """The rules. Raises DocumentError naming the line."""
        return Rules(
            mapping_set=parsed(self.mappings, parse_mapping_set) if self.mappings else shipped_mapping_set(),
            policy=parsed(self.policy, parse_policy) if self.policy else shipped_policy(),
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), help="What FILE holds; default: by its name, else csv."
)
@click.option("--today", type=Day(), help="Plan as if on this day.")
@click.option(
    "--columns",
    multiple=True,
    metavar="ROLE=HEADER",
    help="What a CSV column stands for, such as stated_reason=Grund; repeatable.",
)
@click.option(
    "--day-first/--month-first",
    default=None,
    help="How dates such as 03/04/2026 are meant; default: as the column itself shows.",
)
@click.option("--csv-out", type=click.Path(path_type=Path, dir_okay=False), help="Write every deal to this CSV file.")
@click.option("--no-summary", is_flag=True, help="Print the deals, and no summary.")
@click.option(
    "--mappings", type=click.Path(path_type=Path), help="Classify by this mapping document instead of the shipped one."
)
@click.option(
    "--policy", type=click.Path(path_type=Path), help="Plan by this policy document instead of the shipped one."
)
@click.option("--processes", type=click.IntRange(1, 64), help="How many processes work on it; default: one a core.")
@json_option
def preview(
    file: Path,
    form: str | None,
    today: date | None,
    columns: tuple[str, ...],
    day_first: bool | None,
    csv_out: Path | None,
    no_summary: bool,
    mappings: Path | None,
    policy: Path | None,
    processes: int | None,
    as_json: bool,
) -> int:
    """Classify and plan a CRM export (CSV) or JSON Lines. FILE may be - for standard input."""
    documents = Documents(mappings=mappings, policy=policy)
    day = today or clock.now().astimezone().date()
    quieten_collector(young=YOUNG_VALUES)
    if (form or _form(file)) == "jsonl":
        with _opened(file) as source:
            return _jsonl(source, documents, day, processes or cores())
    with _opened(file) as source:
        sheet = open_sheet(source, named=parse_named(columns), day_first=day_first, name=str(file))
        out = writing(csv_out) if csv_out else nullcontext()
        with out as target:
            show = Shown.CSV if csv_out else Shown.OBJECTS if as_json else Shown.NOTHING
            if no_summary and not as_json:
                show |= Shown.LINES
            rules = partial(Documents.load, documents)
            blocks = preview_sheet(sheet, rules, day, show=show, processes=processes or cores())
            summary, bad, kept = _each(blocks, target)
    if as_json:
        told = {} if csv_out else {"deals": kept}
        whole = None if no_summary else {**summary.as_json(), "skipped": sheet.skipped}
        print_json({"summary": whole, **told, "errors": bad})
    elif not no_summary:
        _show(summary, sheet.skipped, csv_out)
    return 1 if summary.errors else 0


def _jsonl(source: BinaryIO, documents: Documents, today: date, processes: int) -> int:
    errors = 0
    blocks = line_blocks(
        source,  # type: ignore[arg-type] # a buffered reader has read1
        most=BLOCK_LINES,
        is_pausing=partial(pauses, source),
    )
    for block in stream(blocks, partial(Documents.load, documents), today, processes=processes):
        sys.stdout.buffer.write(block.text)
        sys.stdout.buffer.flush()
        errors += block.errors
    return 1 if errors else 0


def _each(
    blocks: Iterable[SheetBlock], target: TextIO | None
) -> tuple[Summary, list[dict[str, Any]], list[dict[str, Any]]]:
    """Write or print the deals as they come; objects are kept for the one JSON document."""
    summary = Summary()
    bad: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    if target:
        target.write(csv_rows([OUT_COLUMNS]))
    for block in blocks:
        summary.merge(block.summary)
        for row in block.bad:
            warn(f"row {row.row} ({row.id}): {row.error}")
            bad.append({"id": row.id, "line": row.row, "error": row.error})
        kept += block.objects
        if target:
            target.write(block.csv)
        for line in block.lines:
            say(line)
    return summary, bad, kept


def _show(summary: Summary, skipped: dict[str, int], csv_out: Path | None) -> None:
    found = summary.as_json()
    left_out = "".join(f", {count} left out ({why})" for why, count in skipped.items())
    say(
        f"{found['deals']} lost deals, {found['errors']} unreadable{left_out}. {found['needs_review']} need a review.\n"
    )
    print_table(
        "Reasons before",
        ("deals", "reason in the CRM", "is taken to mean"),
        [(one["deals"], one["reason"], _shares(one["becomes"])) for one in found["reasons_before"]],
        empty="No reasons.",
    )
    say("")
    after = [(one["deals"], one["category"], one["sub_reason"]) for one in found["reasons_after"]]
    print_table("Reasons after", ("deals", "category", "sub-reason"), after, empty="No deals.")
    say("")
    print_table(
        "Next follow-ups",
        ("due", "account", "why"),
        [(one["due_on"], one["account"], one["why"]) for one in found["next_follow_ups"]],
        empty="No follow-up is planned.",
    )
    missed = found["deadlines_missed"]
    amounts = ", ".join(f"{amount:,.0f} {currency}".strip() for currency, amount in missed["amounts"].items())
    say(f"\nNotice deadlines missed: {missed['deals']}" + (f", worth {amounts}" if amounts else "") + ".\n")
    tasks = [(one["owner"], one["month"], one["tasks"]) for one in found["tasks"]]
    print_table("Tasks per owner and month", ("owner", "month", "tasks"), tasks, empty="No tasks.")
    for why, count in list(found["no_plan"].items())[:5]:
        say(f"No follow-up for {count}: {why}")
    if csv_out:
        say(f"\nEvery deal is in {csv_out}.")


def _shares(becomes: dict[str, int]) -> str:
    if len(becomes) == 1:
        return next(iter(becomes))
    return ", ".join(f"{category} {count}" for category, count in becomes.items())


def _form(file: Path) -> str:
    return "jsonl" if file.suffix.lower() in (".jsonl", ".ndjson", ".json") else "csv"


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = file.open("rb")
    except OSError as error:
        raise UsageFault(f"{file} cannot be read: {error.strerror}.", remedy="Name an export that is there.") from error
    with source:
        yield source


COMMANDS = (preview,)
