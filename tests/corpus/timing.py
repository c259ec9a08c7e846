"""How many of the labelled sentences about time are read as their label says, and how many dates are invented.

    python -m tests.corpus.timing FILE

Each line: `text`, `expected` ("kind=revisit; month_of_year=4"), and where known `reference_month` (said on its 15th)
and `due_month`. Lines without a reference month are read as said on `SAID_ON`. A date is invented where the label
says that none is stated and a fact has one.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mappings.facts import read_dates, resolve
from mappings.facts.arithmetic import add_months
from mappings.model import Account, Fact

SAID_ON = date(2026, 2, 15)
FLOOR = 0.95
_FIELD = re.compile(r"^(?:(revisit|budget_cycle|contract_end)\s+)?(\w+)\s*=\s*(.+)$")
_YEAR = re.compile(r"(?:FY)?(?:20)?(\d\d)\b")
_BEGAN = re.compile(r"from (\d{4})-(\d\d)")
_DAYS_ON_TOP = re.compile(r"P\d+[YM](\d+)D")
_DURATION = re.compile(r"P(\d+)([DWMY])")


@dataclass(slots=True)
class Measure:
    """Counts over one file, and the lines that were read otherwise."""

    total: int = 0
    right: int = 0
    invented: int = 0
    by_language: Counter[str] = field(default_factory=Counter)
    right_by_language: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Share of lines read as labelled."""
        return self.right / self.total if self.total else 0.0

    @property
    def faults(self) -> tuple[str, ...]:
        """The floors that are missed, in words."""
        missed = []
        if self.share < FLOOR:
            missed.append(f"timing sentences read as labelled: {self.share:.1%}, wanted {FLOOR:.0%}")
        if self.invented:
            missed.append(f"timing sentences with an invented date: {self.invented}, wanted none")
        return tuple(missed)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The measure as text."""
        yield f"timing: {self.right} of {self.total} right ({self.share:.1%}), {self.invented} invented dates"
        for language, total in sorted(self.by_language.items()):
            yield f"  {language}: {self.right_by_language[language]} of {total}"
        yield from self.wrong


def measure(path: Path | str) -> Measure:
    """Read every line of a labelled file."""
    result = Measure()
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.strip():
            _count(result, json.loads(line))
    return result


def _count(result: Measure, row: Mapping[str, Any]) -> None:
    said_on = date.fromisoformat(f"{row['reference_month']}-15") if row.get("reference_month") else SAID_ON
    facts = resolve(read_dates(row["text"]), field="notes", said_on=said_on, account=Account())
    faults = list(_faults(row, facts, said_on))
    result.total += 1
    result.by_language[row["lang"]] += 1
    if not faults:
        result.right += 1
        result.right_by_language[row["lang"]] += 1
    else:
        result.invented += "invented" in faults
        read = [(str(fact.kind), str(fact.on), fact.text) for fact in facts]
        result.wrong.append(f"  {faults} {row['text']!r} expected {row['expected']!r} read {read}")


def _faults(row: Mapping[str, Any], facts: tuple[Fact, ...], said_on: date) -> Iterator[str]:
    kind = named = ""
    wanted: dict[str, dict[str, str]] = {}
    for part in (part.strip() for part in row["expected"].split(";")):
        matched = _FIELD.match(part)
        if matched is None:
            continue
        of, name, value = matched.groups()
        if name == "kind":
            kind = value.split()[0]
        else:
            named = of or named or kind
            wanted.setdefault(named, {})[name] = value
    if kind == "none":
        yield from ("invented" if any(fact.on for fact in facts) else "a fact" for _ in facts[:1])
        return
    for of, fields in {kind: {}, **wanted}.items():
        yield from _kind_faults(of, fields, [fact for fact in facts if fact.kind == of], said_on)
    checked = {*_CHECKS, "event", "week"} if "no date" not in row["expected"] else _CHECKS.keys()
    is_undated = not any(set(fields) & checked for fields in wanted.values())
    if is_undated and any(fact.on for fact in facts):
        yield "invented"
    chosen = [fact.on for fact in facts if fact.kind == kind and fact.on]
    if row.get("due_month") and chosen and f"{chosen[-1]:%Y-%m}" != row["due_month"]:
        yield f"due {chosen[-1]:%Y-%m}"


def _kind_faults(of: str, fields: Mapping[str, str], facts: list[Fact], said_on: date) -> Iterator[str]:
    if not facts:
        yield f"no {of}"
        return
    for name, value in fields.items():
        check = _CHECKS.get(name)
        if check and not any(check(fact, value, said_on) for fact in facts):
            yield f"{name}={value}"


def _month_of_year(fact: Fact, value: str, _: date) -> bool:
    wanted = int(value.split(maxsplit=1)[0])
    return wanted == fact.fiscal_year_start_month or (fact.on is not None and fact.on.month == wanted)


def _quarter(fact: Fact, value: str, _: date) -> bool:
    return fact.on is not None and (fact.on.month - 1) // 3 == int(value[1]) - 1


def _half(fact: Fact, value: str, _: date) -> bool:
    return fact.on is not None and (fact.on.month - 1) // 6 == int(value[1]) - 1


def _year(fact: Fact, value: str, said_on: date) -> bool:
    named = _YEAR.search(value)
    wanted = {"next": said_on.year + 1, "this": said_on.year}.get(value.split(maxsplit=1)[0])
    if wanted is None and named is None:
        return True
    year = wanted or 2000 + int(named[1] if named else 0)
    return fact.on is not None and fact.on.year in ({year, year - 1} if value.startswith("FY") else {year})


def _day(fact: Fact, value: str, _: date) -> bool:
    day = value.split(maxsplit=1)[0]
    if fact.fiscal_year_start_month:  # the start of a year, whichever
        return str(fact.fiscal_year_start_day) == day
    return fact.on is not None and str(fact.on.day) == day


def _relative(fact: Fact, value: str, said_on: date) -> bool:
    if "fiscal" in value:
        return fact.on is None
    if fact.on is None:
        return False
    if value.startswith("next_year"):
        return fact.on == date(said_on.year + 1, 1, 1)
    if value.startswith("next_quarter"):
        return fact.on == add_months(date(said_on.year, 1, 1), 3 * ((said_on.month - 1) // 3 + 1))
    if matched := _DURATION.search(value):
        count, unit = int(matched[1]), matched[2]
        if began := _BEGAN.search(value):
            wanted = add_months(date(int(began[1]), int(began[2]), 1), count * (12 if unit == "Y" else 1))
            return (fact.on.year, fact.on.month) == (wanted.year, wanted.month)
        if unit in "DW":
            next_monday = 7 - said_on.weekday()  # of "next week"
            away = (fact.on - said_on).days
            return away == count * (7 if unit == "W" else 1) or (value == "P1W" and away == next_monday)
        wanted = add_months(said_on, count * (12 if unit == "Y" else 1))
        if days := _DAYS_ON_TOP.search(value):
            return fact.on == wanted + timedelta(days=int(days[1]))
        return fact.on == wanted or (count == 1 and fact.on == wanted.replace(day=1))
    return False


_CHECKS: dict[str, Callable[[Fact, str, date], bool]] = {
    "date": lambda fact, value, _: str(fact.on) == value[:10],
    "month": lambda fact, value, _: fact.on is not None and f"{fact.on:%Y-%m}" == value[:7],
    "month_of_year": _month_of_year,
    "planning_month": _month_of_year,
    "quarter": _quarter,
    "half": _half,
    "year": _year,
    "day": _day,
    "relative": _relative,
    "season": lambda fact, *_: fact.on is not None,
}


def main(arguments: list[str]) -> int:
    """Print the measure of a file."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.corpus.timing FILE\n")
        return 2
    measured = measure(arguments[0])
    sys.stdout.write(f"{measured}\n")
    return 1 if measured.faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
