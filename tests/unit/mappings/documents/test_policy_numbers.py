"""No number decides a date but those of the policy document, and each of those says where it comes from."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

DATA = resources.files("mappings.data")
POLICY = DATA.joinpath("policy.toml").read_text("utf-8")
SOURCES = DATA.joinpath("SOURCES.md").read_text("utf-8").split("## Reasons")[0]
ROOT = Path(__file__).parents[4]
GRADED = re.compile(r'^"?([\w.]+)"? = (\d+)\s+# ([ABCMO])\b', re.MULTILINE)

NO_DEFAULTS: dict[str, dict[int, str]] = {
    "mappings/plan.py": {},
    "mappings/calendars.py": {
        5: "Saturday and Sunday where no country is known",
        12: "months of a year",
        28: "days that every month has",
        400: "a search longer than a year",
        512: "values kept", 1024: "values kept", 4096: "values kept",
        9999: "the calendar's last year",
    },
    "mappings/fiscal_weeks.py": {3: "half a week", 6: "half a year", 7: "a week", 12: "months"},
    "mappings/timing/known.py": {12: "months", 1900: "days before are none", 9000: "days from here are none"},
    "mappings/timing/rules.py": {12: "months of a year", 365: "days of a year"},
    "mappings/timing/settle.py": {12: "December"},
    "mappings/timing/because.py": {5: "the year in a written date", 2024: "a leap year, for a date without one"},
    "service/reminders/spread.py": {3660: "bounds a search"},
    "service/reminders/backlog.py": {},
    "service/reminders/sense.py": {},
    "service/reminders/desk.py": {},
    "service/golive/report.py": {},
}  # fmt: skip


def shipped_numbers() -> dict[str, int]:
    """Every number of the tables that decide days, by its name."""
    policy = tomllib.loads(POLICY)
    tables = (policy["timing"], policy["timing"]["intervals"], policy["spread"], policy["writing"])
    return {name: value for table in tables for name, value in table.items() if type(value) is int}


def documented() -> dict[str, int]:
    """The defaults that the tables of the sources name."""
    found: dict[str, int] = {}
    for row in SOURCES.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        names = [name.rsplit("spread.", 1)[-1] for name in re.findall(r"`([\w.]+)`", cells[0])]
        values = [int(value) for value in re.findall(r"\d+", cells[1])] if len(cells) > 1 and names else []
        found |= dict(zip(names, values * len(names) if len(values) == 1 else values, strict=False))
    return found


def test_every_default_number_is_documented_as_it_is_shipped() -> None:
    shipped = shipped_numbers()
    assert len(shipped) > 30
    assert {name: documented().get(name) for name in shipped} == shipped


def test_every_default_number_has_a_grade() -> None:
    assert shipped_numbers().keys() <= {name for name, _, _ in GRADED.findall(POLICY)}


def test_the_grades_of_both_documents_agree() -> None:
    in_policy = {name: grade for name, _, grade in GRADED.findall(POLICY)}
    rows = re.findall(r"^\| (`.+?`) \| [\d, ]+ \| ([ABCMO]) \|", SOURCES, re.MULTILINE)
    assert len(rows) > 10
    for names, grade in rows:
        for name in re.findall(r"`(?:spread\.)?([\w.]+)`", names):
            assert in_policy[name] == grade, name


@pytest.mark.parametrize("module", NO_DEFAULTS, ids=str)
def test_no_other_number_stands_in_the_code_that_decides_a_day(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text("utf-8"))
    numbers = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) > 2
    }
    assert numbers - NO_DEFAULTS[module].keys() == set()
