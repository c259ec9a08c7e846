"""Who is surely gone, and whose lease has to run out: numbers and host names come again after a restart."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from service.processes.life import Process, is_dead, started_at, this_process


def held_by(process: Process) -> str:
    return f"{process}|0123456789abcdef"


def test_this_process_is_alive() -> None:
    assert not is_dead(held_by(this_process()))


def test_a_process_that_ended_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    pid, started = child.pid, started_at(child.pid) or ""
    child.wait()
    assert is_dead(held_by(replace(this_process(), pid=str(pid), started=started)))


@pytest.mark.skipif(not this_process().started, reason="this machine does not tell when a process started")
def test_a_process_that_was_killed_is_gone_although_its_parent_has_not_looked() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = started_at(child.pid) or ""
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has asked how

    assert is_dead(held_by(replace(this_process(), pid=str(child.pid), started=started)))
    child.communicate()


@pytest.mark.skipif(not this_process().started, reason="this machine does not tell when a process started")
def test_an_earlier_process_of_the_same_number_is_gone() -> None:
    """As in a container that was started again: same host, same number, another life."""
    assert is_dead(held_by(replace(this_process(), started="1")))


@pytest.mark.parametrize("other", [{"host": "elsewhere"}, {"boot": "another"}, {"space": "pid:[1]"}])
def test_of_a_process_elsewhere_nobody_here_can_tell(other: dict[str, str]) -> None:
    """A number that is free here may be at work in another container, or on another machine of the same name."""
    assert not is_dead(held_by(replace(this_process(), pid="999999999", started="1", **other)))


@pytest.mark.parametrize("holder", ["", "host:123:456", "a|b|c"])
def test_a_holder_of_another_make_is_left_to_run_out(holder: str) -> None:
    assert not is_dead(holder)
