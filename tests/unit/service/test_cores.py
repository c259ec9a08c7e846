"""Work spread over processes: the same results in the same order, whatever becomes of the processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from service import cores
from service.cores import Beside, Job, in_order

BLOCKS = [list(range(start, start + 200)) for start in range(0, 6000, 200)]


def begin() -> int:
    return 1000


def add(state: int, block: list[int]) -> tuple[list[int], int]:
    return [state + one for one in block], os.getpid()


def die_once(mark: Path, state: int, block: list[int]) -> tuple[list[int], int]:
    if block[0] == 5000 and multiprocessing.parent_process() is not None and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return add(state, block)


def fail(state: int, block: list[int]) -> tuple[list[int], int]:
    if block[0] == 5000:
        raise ValueError("no such block")
    return add(state, block)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_number_of_processes_gives_the_same_in_the_same_order(processes: int) -> None:
    found = list(in_order(Job(begin=begin, work=add), BLOCKS, processes=processes))

    assert [one for numbers, _ in found for one in numbers] == list(range(1000, 7000))
    workers = {worker for _, worker in found}
    assert workers == {os.getpid()} if processes == 1 else len(workers) > 1


def test_a_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "ProcessPoolExecutor", _refused)

    found = list(in_order(Job(begin=begin, work=add), BLOCKS[:2], processes=8))

    assert [worker for _, worker in found] == [os.getpid()] * 2


def test_where_no_process_can_be_started_this_one_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "ProcessPoolExecutor", _refused)

    found = list(in_order(Job(begin=begin, work=add), BLOCKS, processes=2))

    assert [one for numbers, _ in found for one in numbers] == list(range(1000, 7000))


def test_what_a_killed_process_was_at_is_done_here(tmp_path: Path) -> None:
    job = Job(begin=begin, work=partial(die_once, tmp_path / "died"))

    found = list(in_order(job, BLOCKS, processes=2))

    assert (tmp_path / "died").exists()
    assert [one for numbers, _ in found for one in numbers] == list(range(1000, 7000))


def test_an_error_of_the_work_is_the_callers() -> None:
    with pytest.raises(ValueError, match="no such block"):
        list(in_order(Job(begin=begin, work=fail), BLOCKS, processes=2))


def test_only_a_few_blocks_are_under_way_at_a_time() -> None:
    asked = 0

    def blocks() -> Iterator[list[int]]:
        nonlocal asked
        for block in BLOCKS:
            asked += 1
            yield block

    ahead = [asked - place for place, _ in enumerate(in_order(Job(begin=begin, work=add), blocks(), processes=2))]

    assert max(ahead) <= 6


def test_what_is_urgent_is_answered_before_more_is_asked_for() -> None:
    asked: list[int] = []

    def blocks() -> Iterator[list[int]]:
        for block in BLOCKS:
            asked.append(block[0])
            yield block

    job = Job(begin=begin, work=add, is_urgent=lambda _: True)

    for place, (numbers, _) in enumerate(in_order(job, blocks(), processes=2)):
        assert numbers[0] - 1000 == asked[-1] == BLOCKS[place][0]


def test_what_is_handed_over_is_worked_off_in_one_other_process(tmp_path: Path) -> None:
    job = Job(begin=begin, work=partial(die_once, tmp_path / "died"))
    with closing(Beside(job)) as other:
        waiting = [other.begin(block) for block in BLOCKS[:3]]
        found = [answer() for answer in waiting]

        assert [one[0] for one in found if one] == [[1000 + each for each in block] for block in BLOCKS[:3]]
        assert len({one[1] for one in found if one} - {os.getpid()}) == 1

        assert other.begin(BLOCKS[25])() is None, "the process died of this one"
        assert other.begin(BLOCKS[0])() is None


@pytest.mark.parametrize("place", ["service.cores.ProcessPoolExecutor", "service.cores.ProcessPoolExecutor.submit"])
def test_where_there_is_no_other_process_nothing_comes_of_it(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(place, _refused)

    with closing(Beside(Job(begin=begin, work=add))) as other:
        assert other.begin(BLOCKS[0])() is None


def _refused(*_: Any, **__: Any) -> ProcessPoolExecutor:
    raise OSError("no room for processes")
