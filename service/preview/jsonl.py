"""JSON Lines: one object in, one object out, in the same order, streaming; on every core once it is worth it."""

from __future__ import annotations

import gc
import multiprocessing
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from mappings.model import LostDeal
from service.losses.rules import Rules
from service.preview.outcome import Outcome, outcome_json
from service.preview.records import RecordError, parse_record

BLOCK_LINES = 500
ALONE_LINES = {"fork": 500, "spawn": 4000}
"""So many lines are worked off in this process, by how others are started; starting them pays only beyond."""

_YOUNG_OBJECTS = 50_000
"""The collector looks for cycles after so many new objects: there are hardly any, and its looks cost time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The answers to a run of lines, ready to be written, and how many of them are errors."""

    text: bytes
    lines: int
    errors: int


def _deal_of(line: bytes, number: int, today: date) -> tuple[object, LostDeal] | dict[str, Any]:
    """The id and deal of one line, or what is wrong with it. `number` counts from 1."""
    try:
        record = orjson.loads(line)
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
    rules = load_rules()
    method = _start_method()
    number = 1
    pool: ProcessPoolExecutor | None = None
    waiting: deque[Future[Block]] = deque()
    try:
        for lines in blocks:
            if pool is None and number > ALONE_LINES[method] and processes > 1:
                pool = _pool(method, (lambda: rules) if method == "fork" else load_rules, today, processes)
            if pool is None:
                yield preview_block(lines, number, rules, today)
            else:
                waiting.append(pool.submit(_in_worker, lines, number))
                while waiting and (len(waiting) > 2 * processes or len(lines) < BLOCK_LINES):
                    yield waiting.popleft().result()
            number += len(lines)
        while waiting:
            yield waiting.popleft().result()
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


_worker: dict[str, Any] = {}


def _start_method() -> str:
    """A copy of this process has everything loaded; only one without threads is copied safely, and only on Linux."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _pool(method: str, load_rules: Callable[[], Rules], today: date, processes: int) -> ProcessPoolExecutor:
    gc.freeze()  # what is there stays for good: looking at it again and again would also copy its pages
    context = multiprocessing.get_context(method)
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(load_rules, today))


def _begin(load_rules: Callable[[], Rules], today: date) -> None:
    _worker["rules"], _worker["today"] = load_rules(), today
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)


def _in_worker(lines: Sequence[bytes], first: int) -> Block:
    return preview_block(lines, first, _worker["rules"], _worker["today"])
