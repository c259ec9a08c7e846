"""How many seeds: TORTURE_SEEDS, a number or a range such as 10-30."""

from __future__ import annotations

import os

import pytest

NAME = "TORTURE_SEEDS"


def seeds() -> list[int]:
    """The seeds of this run."""
    text = os.environ.get(NAME, "1")
    first, _, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if last else list(range(1, int(first) + 1))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a `seed` runs once for each."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", seeds())
