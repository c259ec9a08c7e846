"""`python -m tests.corpus.leanings`: works out `mappings/data/leanings.json` anew from our own written texts.

A logistic regression over the families, concepts and words of each sentence, by gradient descent in a fixed order, so
that the same texts give the same table. Run it after the vocabulary or the texts have grown.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import resources
from pathlib import Path

from mappings.deciding.leaning import sentences_of, signs_of
from mappings.taxonomy import Category

WRITTEN = Path(__file__).parents[1] / "unit" / "mappings" / "written"
ROUNDS, PACE, SLOWING, SMALLEST = 15, 0.3, 0.3, 0.1
START_PACE = 0.1  # the categories' own weights move slower than those of the signs
ABOUT = (
    "How much each family of words, each !concept and each =word speaks for each category. Worked out from "
    "tests/unit/mappings/written by `python -m tests.corpus.leanings`; do not edit by hand."
)
FEWEST = 5  # texts that a word must stand in
CATEGORIES = tuple(Category)
Row = tuple[list[Counter[str]], int]  # the signs of each sentence, and the number of the category


def rows() -> list[Row]:
    """The signs of each written text, and its category, in an order that has nothing to do with its subject."""
    lines = [
        line.split("|", 2)
        for kind in ("labels", "notes")
        for line in (WRITTEN / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    lines.sort(key=lambda line: sha256(line[2].encode()).hexdigest())
    given = [(_sentences(text), CATEGORIES.index(Category(gold.split()[0]))) for _, gold, text in lines]
    counts = Counter(sign for sentences, _ in given for sign in {sign for counted in sentences for sign in counted})
    rare = {sign for sign, count in counts.items() if sign.startswith("=") and count < FEWEST}
    for sentences, _ in given:
        for counted in sentences:
            for sign in counted.keys() & rare:
                del counted[sign]
    return given


def _sentences(text: str) -> list[Counter[str]]:
    return [
        Counter([sign for word in words for sign in signs_of(word)] + [f"!{concept}" for concept in concepts])
        for words, concepts in sentences_of(text)
    ]


def work_out(given: list[Row]) -> tuple[list[float], dict[str, list[float]]]:
    """What each category has to begin with, and what each sign adds, so that the rows are told apart best."""
    start = [0.0] * len(CATEGORIES)
    by_sign: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(CATEGORIES))
    for turn in range(ROUNDS):
        step = PACE / (1 + SLOWING * turn)
        for sentences, right in given:
            scaled = [(counted, 1 / math.sqrt(counted.total())) for counted in sentences if counted]
            sums = list(start)
            for counted, scale in scaled:
                for sign, times in counted.items():
                    row, weight = by_sign[sign], scale * times
                    for number, value in enumerate(row):
                        sums[number] += weight * value
            changes = _changes(sums, right, step)
            for number, change in enumerate(changes):
                start[number] += START_PACE * change
            for counted, scale in scaled:
                for sign, times in counted.items():
                    row, weight = by_sign[sign], scale * times
                    for number, change in enumerate(changes):
                        row[number] += weight * change
    return start, by_sign


def _changes(sums: list[float], right: int, step: float) -> list[float]:
    most = max(sums)
    powers = [math.exp(value - most) for value in sums]
    whole = sum(powers)
    return [step * ((number == right) - power / whole) for number, power in enumerate(powers)]


def rendered(start: list[float], by_sign: Mapping[str, list[float]]) -> Iterator[str]:
    """The table as JSON, a sign a line, without what hardly counts."""
    yield "{"
    yield f'"about": {json.dumps(ABOUT)},'
    yield f'"categories": {json.dumps([str(category) for category in CATEGORIES])},'
    yield f'"start": {_numbers(start)},'
    yield '"signs": {'
    told = [(sign, row) for sign, row in sorted(by_sign.items()) if any(abs(weight) > SMALLEST for weight in row)]
    for number, (sign, row) in enumerate(told, start=1):
        counting = [weight if abs(weight) > SMALLEST else 0.0 for weight in row]
        comma = "," if number < len(told) else ""
        yield f"{json.dumps(sign, ensure_ascii=False)}: {_numbers(counting)}{comma}"
    yield "}}"


def _numbers(row: list[float]) -> str:
    return json.dumps([round(weight, 1) + 0.0 for weight in row])  # + 0.0: there is one zero


def main() -> int:
    """Writes the table."""
    file = Path(str(resources.files("mappings").joinpath("data", "leanings.json")))
    file.write_text("\n".join(rendered(*work_out(rows()))) + "\n", encoding="utf-8")
    sys.stdout.write(f"{file} written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
