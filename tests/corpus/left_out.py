"""What a new organisation would see: each source's texts read without the vocabulary that no other source needs.

Every word, phrase and pattern which only one source's texts use is hidden while that source is read. This is
pessimistic: a word may be common in the language and still stand in one source of a small sample.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mappings import classify
from mappings.deciding import competitors, rules
from mappings.reading import clause_reader, lexicon, read_text, senses, spelling, text_reader
from mappings.text import folded

Entry = tuple[str, str]  # where in the vocabulary, and the word; ("pattern", its rule) for a pattern
MANY = "many sources"
_TABLES = ("exact", "beginnings", "ends", "parts", "phrases")


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled text. `n_sources`: in how many sources it was seen, of which `source` is one."""

    text: str
    source: str
    n_sources: int


def shares_left_out(lines: Mapping[int, Line], is_right: Callable[[int], bool]) -> dict[str, list[bool]]:
    """Which lines of each source are right, by their numbers, where that source's own vocabulary is hidden."""
    by_source: dict[str, list[int]] = defaultdict(list)
    for number, line in lines.items():
        by_source[line.source].append(number)
    own = _own_entries(lines.values())
    found = {}
    for source, numbers in by_source.items():
        with _hidden(own.get(source, set())):
            found[source] = [is_right(number) for number in numbers]
    return found


def told(found: dict[str, list[bool]]) -> str:
    """The figure with its spread, in one line."""
    flags = [flag for group in found.values() for flag in group]
    shares = sorted(sum(group) / len(group) for group in found.values())
    large = [sum(group) / len(group) for group in found.values() if len(group) >= 10]
    return (
        f"a new org (each source read without the vocabulary that only it uses): {sum(flags) / len(flags):.1%}; "
        f"{len(shares)} sources, median {statistics.median(shares):.1%}, quarter below {shares[len(shares) // 4]:.1%}, "
        f"worst of those with 10 lines {min(large, default=shares[0]):.1%}"
    )


def _own_entries(lines: Iterable[Line]) -> dict[str, set[Entry]]:
    """The entries that one source's texts alone use, by source. What the vocabulary lacks cannot be hidden."""
    users: dict[Entry, set[str]] = defaultdict(set)
    for line in lines:
        for entry in _used(line.text):
            users[entry].add(line.source)
            if line.n_sources > 1:
                users[entry].add(MANY)
    own: dict[str, set[Entry]] = defaultdict(set)
    for entry, sources in users.items():
        if len(sources) == 1:
            own[next(iter(sources))].add(entry)
    return own


def _used(text: str) -> Iterator[Entry]:
    vocabulary = lexicon.shipped_lexicon().vocabulary
    for signal in read_text(text).signals:
        yield "pattern", signal.rule
    for word in {*read_text(text).words, *folded(text).split()}:
        yield "exact", word
        yield "phrases", word
        for length in range(1, len(word) + 1):
            yield "beginnings", word[:length]
            yield "ends", word[-length:]
        yield from (("parts", part) for part in vocabulary.parts if part in word)


@contextmanager
def _hidden(entries: set[Entry]) -> Iterator[None]:
    """The shipped lexicon without these entries, for as long as the block runs."""
    shipped = lexicon.shipped_lexicon()
    kept = {name: dict(getattr(shipped.vocabulary, name)) for name in _TABLES}
    patterns = dict(shipped.by_anchor)
    by_anchor = shipped.by_anchor
    assert isinstance(by_anchor, dict)
    hidden_rules = {word for where, word in entries if where == "pattern"}
    for where, word in entries:
        if where != "pattern":
            getattr(shipped.vocabulary, where).pop(word, None)
    for anchor, found in patterns.items():
        by_anchor[anchor] = tuple(pattern for pattern in found if pattern.rule not in hidden_rules)
    _forget()
    try:
        yield
    finally:
        for name, table in kept.items():
            getattr(shipped.vocabulary, name).update(table)
        by_anchor.update(patterns)
        _forget()


def _forget() -> None:
    """Empties every cache that a reading may stand in."""
    lexicon.shipped_lexicon().vocabulary.forget_words()
    for module in (classify, clause_reader, competitors, text_reader, rules, senses, spelling):
        for value in vars(module).values():
            clear = getattr(value, "cache_clear", None)
            if (
                clear is not None
                and value is not lexicon.shipped_lexicon
                and getattr(value, "__module__", "").startswith("mappings")
            ):
                clear()
