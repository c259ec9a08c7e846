"""`python -m tests.corpus.leanings`: works out `mappings/data/leanings.toml` anew from our own written texts.

A logistic regression over the families of words that a text holds, by gradient descent in a fixed order, so that the
same texts give the same table. Run it after the vocabulary or the texts have grown.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from importlib import resources
from pathlib import Path

from mappings.leaning import Leanings, families_of, shares_of
from mappings.reading import read_text
from mappings.taxonomy import Category

WRITTEN = Path(__file__).parents[1] / "unit" / "mappings" / "written"
ROUNDS, PACE, SMALLEST = 15, 0.3, 0.1
Row = tuple[frozenset[str], Category]


def rows() -> list[Row]:
    """The families of each written text, and its category, in an order that has nothing to do with its subject."""
    lines = [
        line.split("|", 2)
        for kind in ("labels", "notes")
        for line in (WRITTEN / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    lines.sort(key=lambda line: sha256(line[2].encode()).hexdigest())
    return [(_families(text), Category(gold.split()[0])) for _, gold, text in lines]


def _families(text: str) -> frozenset[str]:
    return frozenset(family for word in read_text(text).words for family in families_of(word))


def work_out(given: list[Row]) -> Leanings:
    """The table that tells the rows apart best."""
    start = dict.fromkeys(Category, 0.0)
    by_family: dict[str, dict[Category, float]] = defaultdict(lambda: dict.fromkeys(Category, 0.0))
    table = Leanings(start, by_family)
    for turn in range(ROUNDS):
        for families, right in given:
            step = PACE / (1 + 0.3 * turn)
            shares = shares_of(families, table) if families else {}
            for category, share in shares.items():
                change = step * ((category == right) - share)
                start[category] += 0.1 * change
                for family in families:
                    by_family[family][category] += change / len(families) ** 0.5
    return table


def rendered(table: Leanings) -> Iterator[str]:
    """The table as TOML, without what hardly counts."""
    yield "# How much each family of words speaks for each category, where no pattern decides."
    yield "# Worked out from tests/unit/mappings/written by `python -m tests.corpus.leanings`; do not edit by hand."
    yield ""
    yield "[start]"
    yield from (f"{category} = {weight:.1f}" for category, weight in table.start.items())
    yield ""
    yield "[families]"
    for family, weights in sorted(table.by_family.items()):
        told = ", ".join(f"{category} = {weight:.1f}" for category, weight in weights.items() if abs(weight) > SMALLEST)
        yield f"{family} = {{ {told} }}"


def main() -> int:
    """Writes the table."""
    file = Path(str(resources.files("mappings").joinpath("data", "leanings.toml")))
    file.write_text("\n".join(rendered(work_out(rows()))) + "\n", encoding="utf-8")
    sys.stdout.write(f"{file} written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
