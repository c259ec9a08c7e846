"""Loss reasons against their labels: picklist values as stated reasons, free texts as notes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mappings.classify import classify
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.model import DealKey, LostDeal, Note, StatedReason
from tests.corpus import left_out

Row = dict[str, object]
FLOORS = {"picklist": 0.95, "freetext": 0.90}
MOST_REVIEW = 0.15
SURE, SURE_FLOOR = 0.9, 0.95
SLICE_FLOOR, SLICE_SIZE = 0.80, 20  # a category or language with fewer lines proves nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """One labelled text and what was made of it."""

    text: str
    kind: str
    lang: str
    source: str
    gold: tuple[str, ...]
    certain: bool
    category: str
    confidence: float
    needs_review: bool
    rules: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return self.category in self.gold


def load(path: Path) -> list[Row]:
    """The rows of a labelled file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _outcome(row: Row) -> Outcome:
    text = str(row["text"])
    is_picklist = row["kind"] == "picklist"
    deal = LostDeal(
        key=DealKey("corpus", "1"),
        lost_on=date(2026, 6, 15),
        stated_reasons=(StatedReason(field="reason", value=text),) if is_picklist else (),
        notes=() if is_picklist else (Note(field="notes", text=text),),
    )
    found = classify(deal, shipped_mapping_set())
    gold = row["gold"]
    return Outcome(
        text=text,
        kind=str(row["kind"]),
        lang=str(row["lang"]),
        source=str(row.get("source", "")),
        gold=tuple(map(str, gold if isinstance(gold, list) else [gold])),
        certain=bool(row.get("certain", True)),
        category=str(found.underlying.category),
        confidence=found.underlying.confidence,
        needs_review=found.needs_review,
        rules=tuple(evidence.rule for evidence in found.underlying.evidence),
    )


def report(path: Path, *, show_wrong: bool) -> tuple[list[str], list[str]]:
    """The table's lines, and what falls short of the floors."""
    rows = load(path)
    every = [_outcome(row) for row in rows]
    lines: list[str] = []
    faults: list[str] = []
    for title, chosen in (("all", every), ("certain", [one for one in every if one.certain])):
        told, missed = _totals(title, chosen)
        lines += told
        faults += missed
    lines += [
        "",
        *_table("category", every, lambda one: one.gold[0]),
        "",
        *_table("language", every, lambda one: one.lang),
    ]
    faults += _slices("category", every, lambda one: one.gold[0]) + _slices("language", every, lambda one: one.lang)
    lines += ["", _left_out(rows)]
    if show_wrong:
        lines += ["", *(_wrong_line(one) for one in every if not one.is_right or one.needs_review)]
    return lines, faults


def _totals(title: str, chosen: Sequence[Outcome]) -> tuple[list[str], list[str]]:
    lines: list[str] = []
    faults: list[str] = []
    for kind, floor in FLOORS.items():
        group = [one for one in chosen if one.kind == kind]
        if group:
            right = _share(one.is_right for one in group)
            lines.append(f"{title:8} {kind:9} {len(group):5} right {right:6.1%} (floor {floor:.0%})")
            if right < floor:
                faults.append(f"{title} {kind}: {right:.1%} right, floor {floor:.0%}")
    review = _share(one.needs_review for one in chosen)
    sure = [one for one in chosen if one.confidence >= SURE]
    sure_right = _share(one.is_right for one in sure)
    lines.append(
        f"{title:8} review {review:.1%} (at most {MOST_REVIEW:.0%}); sure of {len(sure)}, right {sure_right:.1%}"
    )
    if review > MOST_REVIEW:
        faults.append(f"{title}: {review:.1%} for review, at most {MOST_REVIEW:.0%}")
    if sure and sure_right < SURE_FLOOR:
        faults.append(f"{title}: of the sure {sure_right:.1%} right, floor {SURE_FLOOR:.0%}")
    return lines, faults


def _groups(every: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in every:
        groups[key(one)].append(one)
    return dict(sorted(groups.items()))


def _table(title: str, every: Sequence[Outcome], key: Callable[[Outcome], str]) -> Iterator[str]:
    yield f"{title:18} {'n':>5} {'right':>7} {'review':>7}"
    for name, group in _groups(every, key).items():
        right, review = _share(one.is_right for one in group), _share(one.needs_review for one in group)
        yield f"{name:18} {len(group):5} {right:7.1%} {review:7.1%}"


def _slices(title: str, every: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[str]:
    return [
        f"{title} {name}: {_share(one.is_right for one in group):.1%} right, floor {SLICE_FLOOR:.0%}"
        for name, group in _groups(every, key).items()
        if len(group) >= SLICE_SIZE and _share(one.is_right for one in group) < SLICE_FLOOR
    ]


def _left_out(rows: Sequence[Row]) -> str:
    """What a new organisation would see, with the spread over the sources."""
    lines = {number: _line(row) for number, row in enumerate(rows)}
    found = left_out.shares_left_out(lines, lambda number: _outcome(rows[number]).is_right)
    return left_out.told(found)


def _line(row: Row) -> left_out.Line:
    n_sources = row.get("n_sources", 1)
    return left_out.Line(str(row["text"]), str(row.get("source", "")), n_sources if isinstance(n_sources, int) else 1)


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0


def _wrong_line(one: Outcome) -> str:
    mark = "review" if one.is_right else "WRONG"
    sure = "" if one.certain else "?"
    return f"{mark}{sure} {one.lang} {one.text[:90]!r}: {one.category} {one.confidence} {one.rules} gold {one.gold}"
