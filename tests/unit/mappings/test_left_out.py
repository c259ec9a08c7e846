"""What a new organisation would see is measured with its own words really unknown."""

from __future__ import annotations

from mappings.reading import read_text
from tests.corpus.left_out import Line, shares_left_out

LINES = {
    1: Line("Funding frozen", source="one", n_sources=1),
    2: Line("Budget frozen", source="two", n_sources=1),
    3: Line("Budget frozen", source="three", n_sources=1),
}


def is_understood(number: int) -> bool:
    return read_text(LINES[number].text).known == 1


def test_a_word_of_one_source_alone_is_hidden_from_it_and_known_again_after() -> None:
    before = [is_understood(number) for number in LINES]
    left_out = shares_left_out(LINES, is_understood)

    assert before == [True, True, True]
    assert left_out == {"one": [False], "two": [True], "three": [True]}
    assert [is_understood(number) for number in LINES] == before
