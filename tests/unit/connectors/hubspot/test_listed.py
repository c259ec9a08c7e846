"""Pages of the list on the way to a page of ours."""

from __future__ import annotations

from connectors.hubspot.listed import Listed


def test_ten_pages_are_enough_or_fewer_at_the_end_of_the_list() -> None:
    few = [{"id": "1"}]
    read = Listed.of("", [])
    for after in "abcdefghi":
        read, _ = read.with_page(few, [], after)
        assert not read.is_enough
    assert read.with_page(few, [], "j")[0].is_enough
    assert Listed.of("", []).with_page(few, [], "")[0].is_enough


def test_it_goes_on_from_the_parts_that_were_kept() -> None:
    one, first = Listed.of("0", []).with_page([{"id": "1"}], [("7", "1")], "1")
    two, second = one.with_page([{"id": "2"}], [], "2")
    assert Listed.of("0", [first, second]) == two


def test_parts_that_do_not_go_on_from_there_are_of_no_use() -> None:
    one, first = Listed.of("0", []).with_page([{"id": "1"}], [], "1")
    _, second = one.with_page([{"id": "2"}], [], "2")
    assert Listed.of("0", [second]) == Listed.of("0", [])
    assert Listed.of("0", [first, first, b"odd"]) == one
