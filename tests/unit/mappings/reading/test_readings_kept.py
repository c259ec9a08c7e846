"""What was read before never changes a reading: words, clauses and parts are kept, and texts do not hang together."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.deciding import leaning
from mappings.deciding.competitors import names_in
from mappings.deciding.leaning import leaning_of
from mappings.facts import read_dates
from mappings.facts.lexing import lexer
from mappings.facts.lexing.tokens import symbols_in
from mappings.kept import Kept
from mappings.reading import read_text
from mappings.reading.clause_reader import read_clause
from mappings.reading.senses import sense_of, word_reader

WORDS = (
    "price", "Preis", "no", "not", "budget", "kein", "frozen", "until", "in", "March", "März", "2027", "lost to",
    "Acme", "Globex,", "but", "because", "w/o", "O'Neil's", "l'été", "n/a", "contract", "renews", "call", "back",
    "6", "months",
    "予算", "来年3月", "más", "mas", "-", "...", "Xqzt", "competitor:", "went", "dark", "(", ")", "31.12.",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join) | st.text(max_size=40)


def _read(text: str) -> tuple[object, ...]:
    said = leaning_of((("notes", text),)) if text.strip() else None
    return read_text(text), read_dates(text), names_in(text), said


def _forget() -> None:
    for read in (read_text, read_dates, names_in, leaning_of, read_clause, sense_of, word_reader, symbols_in):
        read.cache_clear()
    for kept in (lexer._TELLING, lexer._VOTES, leaning._WORDS, leaning._CONCEPTS):
        kept.clear()


@settings(max_examples=12, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_text_is_read_the_same_whatever_was_read_before_it(texts: list[str]) -> None:
    alone = []
    for text in texts:
        _forget()
        alone.append(_read(text))

    assert [_read(text) for text in reversed(texts)] == alone[::-1]
    assert [_read(text) for text in texts] == alone


@given(st.lists(st.integers(0, 9)), st.integers(1, 4))
def test_a_table_gives_what_its_work_gives_and_never_keeps_more_than_it_may(keys: list[int], most: int) -> None:
    work: Callable[[int], int] = lambda key: key * key  # noqa: E731 -- one line says it
    kept = Kept(work, most=most)

    for key in keys:
        assert kept[key] == work(key)
        assert len(kept) <= most


def test_a_clause_that_differs_by_a_name_says_the_same_at_its_own_places() -> None:
    one = "Xabi lost the budget, and then no answer 15001"
    other = "Quorletta lost the budget, and then no answer 7"
    shift = len("Quorletta") - len("Xabi")

    said = [(signal.rule, signal.start + shift, signal.end + shift, signal.weight) for signal in read_text(one).signals]

    assert [(signal.rule, signal.start, signal.end, signal.weight) for signal in read_text(other).signals] == said


def test_a_word_of_a_phrase_is_not_heard_as_the_word_that_means_the_same_alone() -> None:
    read_text("went Xqzt on us, and not Xqzt")

    assert [signal.concept for signal in read_text("went dark on us").signals] == ["went_dark"]
