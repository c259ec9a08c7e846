"""The API keeps to its own document, whoever asks and whatever is sent: no failure of ours, no answer untold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.api.fuzz import CALLERS, Fuzzed, ask

MOST = int(os.environ.get("FUZZ_EXAMPLES", "8"))
IS_RANDOM = "FUZZ_EXAMPLES" in os.environ
FEWER = 3
"""For those who are refused nearly everywhere."""


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    made = Fuzzed(Path(tmp_path_factory.mktemp("fuzz")))
    yield made
    made.world.store.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLERS)
def test_every_answer_is_one_that_the_document_tells_of(fuzzed: Fuzzed, name: str) -> None:
    wrong = {}
    for operation in fuzzed.operations():
        most = MOST if name == "admin" or IS_RANDOM else min(MOST, FEWER)
        try:
            ask(fuzzed, operation, fuzzed.callers[name], most=most, is_random=IS_RANDOM)
        except Exception as error:  # noqa: BLE001 -- every call is tried, then all that was wrong is told at once
            parts = getattr(error, "exceptions", [error])
            wrong[operation.label] = "\n".join(str(part)[:1500] for part in parts)
    assert not wrong, "\n\n".join(f"{label}: {says}" for label, says in wrong.items())
