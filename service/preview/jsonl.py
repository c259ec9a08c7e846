"""JSON Lines: one object in, one object out, in the same order, streaming; on every core once it is worth it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import orjson

from connectors.json_text import parse_json
from mappings.model import LostDeal
from service.cores import Job, in_order
from service.losses.rules import Rules
from service.preview.outcome import Outcome, outcome_json
from service.preview.records import RecordError, parse_record

BLOCK_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The answers to a run of lines, ready to be written, and how many of them are errors."""

    text: bytes
    lines: int
    errors: int


def _deal_of(line: bytes, number: int, today: date) -> tuple[object, LostDeal] | dict[str, Any]:
    """The id and deal of one line, or what is wrong with it. `number` counts from 1."""
    try:
        record = parse_json(line)
    except orjson.JSONDecodeError as error:
        return {"line": number, "error": f"not valid JSON: {error}"}
    if not isinstance(record, dict):
        return {"line": number, "error": "the line is no JSON object"}
    try:
        return record.get("id"), parse_record(record, today=today)
    except RecordError as error:
        known = record.get("id")
        place = {"id": known} if isinstance(known, str | int) else {"line": number}
        return {**place, "error": str(error)}


def preview_block(lines: Sequence[bytes], first: int, rules: Rules, today: date) -> Block:
    """The answers to a run of lines, of which the first has the number `first`. Blank lines are passed over."""
    read = [_deal_of(line, number, today) for number, line in enumerate(lines, start=first) if line.strip()]
    meanings = rules.apply_all((one[1], today) for one in read if not isinstance(one, dict))
    answers: list[bytes] = []
    for one in read:
        if isinstance(one, dict):
            answer = one
        else:
            classification, plan = next(meanings)
            answer = outcome_json(Outcome(deal=one[1], classification=classification, plan=plan))
            answer["id"] = one[0]
        answers.append(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
    errors = sum(isinstance(one, dict) for one in read)
    return Block(text=b"".join(answers), lines=len(lines), errors=errors)


def stream(
    blocks: Iterable[Sequence[bytes]], load_rules: Callable[[], Rules], today: date, *, processes: int
) -> Iterator[Block]:
    """The answers to blocks of lines, in order. `load_rules` must be importable by name, for other processes.

    A short block means that the input pauses: everything asked so far is answered before more is read.
    """
    job = Job(begin=partial(_begin, load_rules, today), work=_work, is_urgent=_is_urgent)
    return in_order(job, _numbered(blocks), processes=processes)


@dataclass(frozen=True, slots=True)
class _Lines:
    """A run of lines, of which the first has the number `first`."""

    first: int
    lines: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.lines)


def _numbered(blocks: Iterable[Sequence[bytes]]) -> Iterator[_Lines]:
    number = 1
    for lines in blocks:
        yield _Lines(number, lines)
        number += len(lines)


def _begin(load_rules: Callable[[], Rules], today: date) -> tuple[Rules, date]:
    return load_rules(), today


def _work(state: tuple[Rules, date], block: _Lines) -> Block:
    return preview_block(block.lines, block.first, *state)


def _is_urgent(block: _Lines) -> bool:
    return len(block) < BLOCK_LINES
