"""CSV exports: their encodings, separators, dates and amounts -> records as JSON Lines have them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, islice
from typing import Any, BinaryIO

from service.errors import UsageFault
from service.preview.columns import Columns, recognise

SAMPLE_ROWS = 2000
LONGEST_CELL = 4 << 20  # CRMs keep texts of up to 128 KiB; what is longer is a quote that was never closed
LOST = re.compile(r"lost|verlor|perdu|perdid|persa|verlies|losse?d|dead|失注|敗", re.IGNORECASE)
WON = re.compile(r"\bwon\b|gewonnen|gagn[ée]|ganad|ganh|vint[ao]|受注", re.IGNORECASE)
YES = frozenset({"true", "yes", "1", "y", "x", "ja", "oui", "si", "sí", "sim"})
NO = frozenset({"false", "no", "0", "n", "nein", "non", "não", "nao"})


NumberedRow = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RowReader:
    """How the rows of one export are read."""

    columns: Columns
    day_first: bool

    def records(self, rows: Iterable[NumberedRow], skipped: Counter[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every row that is a lost deal, as a record; the others are counted into `skipped`, by why they are none."""
        for number, row in rows:
            why = _why_not_lost(self.columns, row)
            if why:
                skipped[why] += 1
            elif any(cell.strip() for cell in row):
                yield number, _record(self.columns, row, number, day_first=self.day_first)


@dataclass(slots=True)
class Sheet:
    """An opened export: its rows with their numbers, which count from 1 with the header.

    `skipped` counts rows that are no lost deals, by why.
    """

    reader: RowReader
    rows: Iterator[NumberedRow]
    skipped: Counter[str] = field(default_factory=Counter)

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every row that is a lost deal, as a record."""
        return self.reader.records(self.rows, self.skipped)


def open_sheet(file: BinaryIO, *, named: Mapping[str, Sequence[str]], day_first: bool | None, name: str) -> Sheet:
    """Read the header, find the columns, and see how dates are written. Raises UsageFault naming what is wrong.

    `day_first` settles dates such as 03/04/2026; without it the column itself tells where some day is over 12,
    and month first is taken where none is.
    """
    lines = iter(_decoded(file, name))
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise UsageFault(f"{name} is empty.", remedy="Export the lost deals with a header row.")
    if "\0" in first:
        raise UsageFault(f"{name} is no text file.", remedy="Save it as CSV, UTF-8.")
    rows = _numbered(chain([first], lines), _delimiter(first), name)
    header = [cell.strip() for cell in next(rows)[1]]
    columns = recognise(header, named)
    sample = list(islice(rows, SAMPLE_ROWS))
    if day_first is None:
        day_first = _is_day_first(columns.cell(row, role) for _, row in sample for role in ("lost_on", "contract_end"))
    return Sheet(RowReader(columns, day_first), chain(sample, rows))


def _decoded(file: BinaryIO, name: str) -> io.TextIOWrapper:
    """The file as text: by its byte-order mark, else UTF-8 where it is valid, else Windows Western."""
    buffered = io.BufferedReader(_Raw(file), buffer_size=1 << 20)
    start = buffered.peek(1 << 20)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UsageFault(f"{name} is an Excel workbook.", remedy="Save it as CSV, UTF-8, and give that file.")
    else:
        encoding = "utf-8-sig" if _is_utf8(start) else "cp1252"
    return io.TextIOWrapper(buffered, encoding=encoding, errors="replace", newline="")


class _Raw(io.RawIOBase):
    """A binary file of any kind as the raw stream that a buffer wants."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._file.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _is_utf8(start: bytes) -> bool:
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(start) - 4  # a character cut at the end of what was looked at
    return True


def _delimiter(line: str) -> str:
    return max(",;\t|", key=line.count)


def _numbered(lines: Iterable[str], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its last line, one row late: a quote that is never closed shows only at the end."""
    csv.field_size_limit(LONGEST_CELL)
    latest = [""]
    reader = csv.reader(_watched(lines, latest), delimiter=delimiter)
    held: tuple[int, list[str]] | None = None
    begins = 1
    try:
        for row in reader:
            if held:
                yield held
                begins = held[0] + 1
            held = reader.line_num, row
    except csv.Error as error:
        raise _unclosed(name, reader.line_num) from error
    if held and "\n" in "".join(held[1][-1:]) and not latest[0].rstrip().endswith('"'):
        raise _unclosed(name, begins)
    if held:
        yield held


def _watched(lines: Iterable[str], latest: list[str]) -> Iterator[str]:
    """The lines, each kept in `latest` as it passes."""
    for line in lines:
        latest[0] = line
        yield line


def _unclosed(name: str, line: int) -> UsageFault:
    return UsageFault(
        f"{name} cannot be read from line {line} on: a quote that opens there is never closed.",
        remedy="Close it, or export the file again.",
    )


def _why_not_lost(columns: Columns, row: Sequence[str]) -> str | None:
    """Why a row of an export that also holds other deals is left out, by its flags first, else by its stage."""
    flags = {role: columns.cell(row, role).strip().casefold() for role in ("is_lost", "is_won", "is_closed")}
    if flags["is_lost"] in YES:
        return None
    if flags["is_won"] in YES:
        return "won"
    if flags["is_lost"] in NO or flags["is_closed"] in NO:
        return "not closed"
    stage = columns.cell(row, "stage")
    if not stage or LOST.search(stage) or flags["is_closed"] in YES:
        return None
    if WON.search(stage):
        return "won"
    return None if columns.cells(row, "stated_reason") else "not lost by its stage"


def _record(columns: Columns, row: Sequence[str], number: int, *, day_first: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        role: columns.cell(row, role).strip()
        for role in ("id", "name", "account", "country", "region", "industry", "competitor", "owner", "currency")
    }
    record["id"] = record["id"] or f"row {number}"
    record["stated_reason"] = columns.cells(row, "stated_reason")
    record["notes"] = columns.cells(row, "notes")
    record["lost_on"] = iso_day(columns.cell(row, "lost_on"), day_first=day_first)
    record["contract_end"] = iso_day(columns.cell(row, "contract_end"), day_first=day_first)
    record["amount"] = plain_number(columns.cell(row, "amount"))
    record["public_sector"] = _flag(columns.cell(row, "public_sector"))
    record["do_not_contact"] = _flag(columns.cell(row, "do_not_contact"))
    record["fiscal_year_start_month"] = columns.cell(row, "fiscal_year_start_month").strip()
    return record


@lru_cache(maxsize=4096)  # exports hold each day many times
def iso_day(text: str, *, day_first: bool) -> str:
    """A spreadsheet's date as an ISO day, or the text as it is where it is none (and is then refused by name)."""
    text = text.strip()
    if not text:
        return ""
    parts = re.match(r"(\d{1,4})[./\-](\d{1,2})[./\-](\d{1,4})(?!\d)", text)
    if not parts:
        return _spelt_day(text)
    first, second, third = (int(part) for part in parts.groups())
    if len(parts.group(1)) == 4:
        year, month, day = first, second, third
    else:
        year = third if third > 99 else 2000 + third
        is_day_first = "." in parts.group(0) or first > 12 or (day_first and second <= 12)
        day, month = (first, second) if is_day_first else (second, first)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _spelt_day(text: str) -> str:
    for pattern in ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y"):
        try:
            return datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 -- a day, not an instant
        except ValueError:
            continue
    return text


@lru_cache(maxsize=4096)
def plain_number(text: str) -> str:
    """An amount without its currency and grouping: "1.234,56 €" and "$1,234.56" are 1234.56."""
    digits = re.sub(r"[^\d,.\-]", "", text)
    if not digits.strip(",.-"):
        return ""
    comma, point = digits.rfind(","), digits.rfind(".")
    mark = "," if comma > point else "."
    whole, _, decimals = digits.rpartition(mark)
    if not whole or (len(decimals) == 3 and digits.count(mark) >= 1 and min(comma, point) < 0):
        whole, decimals = digits, ""  # the only mark groups thousands, or there is none
    return re.sub(r"[,.]", "", whole) + (f".{decimals}" if decimals else "")


def _flag(text: str) -> bool | None:
    word = text.strip().casefold()
    return True if word in YES else False if word in NO else None


def _is_day_first(values: Iterable[str]) -> bool:
    """Whether some date of the column can only be read with the day first, and none with the month first."""
    pairs = [re.match(r"\s*(\d{1,2})[/\-](\d{1,2})[/\-]\d{2,4}", value) for value in values]
    firsts = [int(pair.group(1)) for pair in pairs if pair]
    seconds = [int(pair.group(2)) for pair in pairs if pair]
    return any(first > 12 for first in firsts) and not any(second > 12 for second in seconds)
