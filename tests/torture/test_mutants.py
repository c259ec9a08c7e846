"""The tests are worth what they notice: each mistake made on purpose is caught by them."""

from __future__ import annotations

import pytest

from tests.torture.mutants import MUTANTS, Mutant, verdict

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name.replace(" ", "_"))
def test_a_mistake_made_on_purpose_is_caught(mutant: Mutant) -> None:
    assert verdict(mutant) == "caught"
