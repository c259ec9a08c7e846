"""`python -m tests.corpus.leanings`: works out `mappings/data/leanings.toml` anew from our own written texts.

A logistic regression over the families and the words that a text holds, by gradient descent in a fixed order, so that
the same texts give the same table. Run it after the vocabulary or the texts have grown.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import resources
from pathlib import Path

from mappings.leaning import Leanings, shares_of, signs_of
from mappings.reading import read_text
from mappings.taxonomy import Category

WRITTEN = Path(__file__).parents[1] / "unit" / "mappings" / "written"
ROUNDS, PACE, SMALLEST = 15, 0.3, 0.1
FEWEST = 5  # texts that a word must stand in
Row = tuple[frozenset[str], Category]


def rows() -> list[Row]:
    """The signs of each written text, and its category, in an order that has nothing to do with its subject."""
    lines = [
        line.split("|", 2)
        for kind in ("labels", "notes")
        for line in (WRITTEN / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    lines.sort(key=lambda line: sha256(line[2].encode()).hexdigest())
    given = [(_signs(text), Category(gold.split()[0])) for _, gold, text in lines]
    counts = Counter(sign for signs, _ in given for sign in signs)
    known = {sign for sign, count in counts.items() if not sign.startswith("=") or count >= FEWEST}
    return [(signs & known, right) for signs, right in given]


def _signs(text: str) -> frozenset[str]:
    words = [word for word in read_text(text).words if not word[0].isdigit()]
    return frozenset(sign for word in words for sign in signs_of(word))


def work_out(given: list[Row]) -> Leanings:
    """The table that tells the rows apart best."""
    start = dict.fromkeys(Category, 0.0)
    by_sign: dict[str, dict[Category, float]] = defaultdict(lambda: dict.fromkeys(Category, 0.0))
    table = Leanings(start, by_sign)
    for turn in range(ROUNDS):
        for signs, right in given:
            step = PACE / (1 + 0.3 * turn)
            shares = shares_of(sorted(signs), table) if signs else {}
            for category, share in shares.items():
                change = step * ((category == right) - share)
                start[category] += 0.1 * change
                for sign in signs:
                    by_sign[sign][category] += change / len(signs) ** 0.5
    return table


def rendered(table: Leanings) -> Iterator[str]:
    """The table as TOML, without what hardly counts."""
    yield "# How much each family of words, and each word, speaks for each category, where no pattern decides."
    yield "# Worked out from tests/unit/mappings/written by `python -m tests.corpus.leanings`; do not edit by hand."
    yield ""
    yield "[start]"
    yield from (f"{category} = {weight:.1f}" for category, weight in table.start.items())
    yield ""
    yield "[families]"
    families = {sign: row for sign, row in table.by_sign.items() if not sign.startswith("=")}
    words = {f'"{sign[1:]}"': row for sign, row in table.by_sign.items() if sign.startswith("=")}
    yield from _rows(families)
    yield ""
    yield "[words]"
    yield from _rows(words)


def _rows(weights: Mapping[str, Mapping[Category, float]]) -> Iterator[str]:
    for name, row in sorted(weights.items()):
        told = ", ".join(f"{category} = {weight:.1f}" for category, weight in row.items() if abs(weight) > SMALLEST)
        if told:
            yield f"{name} = {{ {told} }}"


def main() -> int:
    """Writes the table."""
    file = Path(str(resources.files("mappings").joinpath("data", "leanings.toml")))
    file.write_text("\n".join(rendered(work_out(rows()))) + "\n", encoding="utf-8")
    sys.stdout.write(f"{file} written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
