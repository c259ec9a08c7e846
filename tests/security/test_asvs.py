"""The ASVS table answers every number of levels 1 and 2 once, and names tests that there are."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/security/asvs.md").read_text(encoding="utf-8")
NUMBERS = (Path(__file__).parent / "asvs_5_0_0.csv").read_text(encoding="utf-8")
ANSWERS = {"holds", "partly", "does not", "not applicable"}


def rows() -> list[list[str]]:
    """The cells of each row of the table."""
    found = [line.strip("|").split("|") for line in TABLE.splitlines() if re.match(r"\| \d+\.\d+\.\d+", line)]
    return [[cell.strip() for cell in row] for row in found]


def test_every_number_of_levels_1_and_2_is_answered_once() -> None:
    wanted = [line.partition(",")[0] for line in NUMBERS.splitlines() if line[:1].isdigit()]
    answered = Counter(number for row in rows() for number in row[0].split(", "))

    assert len(wanted) == 253
    assert {number for number, times in answered.items() if times > 1} == set()
    assert set(answered) == set(wanted)


def test_every_row_says_whether_it_holds_and_how() -> None:
    assert {len(row) for row in rows()} == {4}
    assert {row[1] for row in rows()} <= ANSWERS
    assert all(row[2] for row in rows())


def test_every_test_that_the_table_names_is_there() -> None:
    modules = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    there = set(re.findall(r"def (test_\w+)", modules))

    named = set(re.findall(r"`(test_\w+)`", TABLE))
    assert named
    assert named - there == set()


def test_the_counts_above_the_table_are_those_of_the_table() -> None:
    counted = Counter(row[1] for row in rows() for _ in row[0].split(", "))
    told = {
        words: int(number) for number, words in re.findall(r"(\d+) (holds?|partly|does not|not applicable)\b", TABLE)
    }

    assert {words.replace("hold", "holds").replace("holdss", "holds"): n for words, n in told.items()} == dict(counted)
