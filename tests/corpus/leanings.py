"""`python -m tests.corpus.leanings`: works out `mappings/data/leanings.toml` anew from our own written texts.

A logistic regression over the families, concepts and words of each sentence, by gradient descent in a fixed order, so
that the same texts give the same table. Run it after the vocabulary or the texts have grown.
"""

from __future__ import annotations

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
    """The table as TOML, without what hardly counts."""
    yield "# How much each family of words, each concept and each word speaks for each category."
    yield "# Worked out from tests/unit/mappings/written by `python -m tests.corpus.leanings`; do not edit by hand."
    yield ""
    yield "[start]"
    yield from (f"{category} = {weight:.1f}" for category, weight in zip(CATEGORIES, start, strict=True))
    for title, mark in (("families", ""), ("concepts", "!"), ("words", "=")):
        yield ""
        yield f"[{title}]"
        yield from _rows({sign: row for sign, row in by_sign.items() if _mark(sign) == mark})


def _mark(sign: str) -> str:
    return sign[0] if sign[0] in "!=" else ""


def _rows(weights: Mapping[str, list[float]]) -> Iterator[str]:
    for sign, row in sorted(weights.items()):
        pairs = zip(CATEGORIES, row, strict=True)
        told = ", ".join(f"{category} = {weight:.1f}" for category, weight in pairs if abs(weight) > SMALLEST)
        name = f'"{sign[1:]}"' if sign[0] == "=" else sign.lstrip("!")
        if told:
            yield f"{name} = {{ {told} }}"


def main() -> int:
    """Writes the table."""
    file = Path(str(resources.files("mappings").joinpath("data", "leanings.toml")))
    file.write_text("\n".join(rendered(*work_out(rows()))) + "\n", encoding="utf-8")
    sys.stdout.write(f"{file} written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
