"""Work that fills a core, spread over all of them: blocks in, results out, in the same order, streaming.

The first blocks are worked off in this process: starting others pays only beyond. Where others cannot be started, or
one of them dies, this process goes on alone, so that a result never depends on how many there were.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

State = TypeVar("State")
Block = TypeVar("Block", bound=Sized)
Result = TypeVar("Result")

ALONE = {"fork": 500, "spawn": 4000}
"""So many deals are worked off in this process, by how others are started."""

_YOUNG_OBJECTS = 50_000
"""The collector looks for cycles after so many new objects: there are hardly any, and its looks cost time."""

YOUNG_VALUES = 250_000
"""The same where nothing but values is made, which never make a cycle: a twenty-fifth of the time was its looks."""


_M_MMAP_THRESHOLD = -3  # glibc's number for it, malloc.h
_LARGE_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[State, Block, Result]):
    """What to do with a block. Both functions must be importable by name, for other processes.

    `begin` makes what all blocks need, once a process. `is_urgent` says that nobody should be kept waiting for what
    was asked so far.
    """

    begin: Callable[[], State]
    work: Callable[[State, Block], Result]
    is_urgent: Callable[[Block], bool] = lambda _: False


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(job: Job[State, Block, Result], blocks: Iterable[Block], *, processes: int) -> Iterator[Result]:
    """The result of each block, in the order of the blocks. A few blocks are under way at a time, never all."""
    state = job.begin()
    waiting: deque[tuple[Block, Future[Result] | None]] = deque()
    pool: ProcessPoolExecutor | None = None
    method, done = _start_method(), 0
    try:
        for block in blocks:
            if pool is None and processes > 1 and done >= ALONE[method]:
                pool = _pool(job, state, method, processes)
                processes = processes if pool else 1
            done += len(block)
            waiting.append((block, _submit(pool, block)))
            while waiting and (pool is None or len(waiting) > 2 * processes or job.is_urgent(block)):
                yield _result(job, state, *waiting.popleft())
        while waiting:
            yield _result(job, state, *waiting.popleft())
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


class Beside(Generic[State, Block, Result]):
    """One other process that works blocks off while this one goes on; it starts with the first block."""

    def __init__(self, job: Job[State, Block, Result]) -> None:
        self._job = job
        self._pool: ProcessPoolExecutor | None = None
        self._is_begun = False

    def begin(self, block: Block) -> Callable[[], Result | None]:
        """Hand over a block. What is given back waits for its result: None where there is no process to have it."""
        if not self._is_begun:
            # Never a copy of this process: it has threads, connections, and memory that the other does not need.
            self._pool, self._is_begun = _pool(self._job, None, "spawn", 1), True
        future = _submit(self._pool, block)
        return lambda: _answer(future)

    def close(self) -> None:
        """End the process after the block at hand."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def quieten_collector(*, young: int = _YOUNG_OBJECTS) -> None:
    """For a process that lives for one job: what is there stays for good, and what comes makes no cycles."""
    gc.freeze()  # looking at it again and again would also copy its pages from a parent's
    gc.set_threshold(young)


def give_memory_back() -> None:
    """For a process that handles many large answers: what they took goes back to the system with each of them.

    The allocator would take ever larger ones from its heap, which then keeps the size of the worst moment.
    """
    with suppress(OSError, AttributeError, TypeError):  # where the system's library has no such call
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _submit(pool: ProcessPoolExecutor | None, block: Block) -> Future[Any] | None:
    try:
        return pool.submit(_in_worker, block) if pool is not None else None
    except (BrokenExecutor, OSError):  # the first block starts the process, for which there may be no room
        return None


def _result(job: Job[State, Block, Result], state: State, block: Block, future: Future[Result] | None) -> Result:
    """The worker's result; ours where there is no worker, or where it died of something, such as want of memory."""
    if (answer := _answer(future)) is not None:
        return answer
    return job.work(state, block)


def _answer(future: Future[Result] | None) -> Result | None:
    try:
        return future.result() if future is not None else None
    except BrokenExecutor:
        return None


def _start_method() -> str:
    """A copy of this process has everything loaded; only one without threads is copied safely, and only on Linux."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _pool(
    job: Job[State, Block, Result], state: State | None, method: str, processes: int
) -> ProcessPoolExecutor | None:
    begin = (lambda: state) if method == "fork" else job.begin
    gc.freeze()
    try:
        return ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context(method),
            initializer=_begin,
            initargs=(begin, job.work),
        )
    except (OSError, ImportError, NotImplementedError):
        return None  # no semaphores, no room for processes: this one does it all


_worker: dict[str, Any] = {}


def _begin(begin: Callable[[], Any], work: Callable[[Any, Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and says so once
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker["state"], _worker["work"] = begin(), work
    quieten_collector(young=YOUNG_VALUES)


def _end_with_parent() -> None:
    """A parent that was killed can end nobody: its workers would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_worker(block: Any) -> Any:
    return _worker["work"](_worker["state"], block)
