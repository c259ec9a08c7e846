"""What one clause says: patterns placed on words, the largest kept, what is denied weakened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, compress
from operator import add, attrgetter, itemgetter

from mappings.reading.clause import clause_of
from mappings.reading.denying import deny
from mappings.reading.placing import hits_in
from mappings.reading.senses import ReadWord, Sense, WordReader
from mappings.reading.signals import thousandths
from mappings.text import COMMAS, places_of
from mappings.values import value_type

_OTHER_COMMAS = frozenset(COMMAS) - {","}
_NO_COMMAS: frozenset[int] = frozenset()
_START, _IS_COMMA = itemgetter(0), itemgetter(-1)  # of a ReadWord
_FIRST = attrgetter("first")


@value_type(frozen=True, slots=True)
class Heard:
    """Concepts by the numbers of their first and last words: concept, rule, first, last, weight, kind.

    `counted` is the number of words that are no fillers, `known` how many of them were understood.
    """

    said: Sequence[tuple[str, str, int, int, float, str]]
    known: float
    counted: int


@value_type(frozen=True, slots=True)
class ClauseReading:
    """What one clause says, with places counted from its beginning; the signals' fields are those of `Signal`."""

    signals: Sequence[tuple[str, str, int, int, float, str]]
    folded: Sequence[str]
    starts: Sequence[int]
    known: float
    counted: int


@lru_cache(maxsize=4_096)
def read_clause(stretch: str, words_of: WordReader, opens_sentence: bool) -> ClauseReading:
    """The concepts of a stretch of text without breaks; equal ones are read once, since people repeat themselves."""
    written = stretch.split()
    read = list(map(words_of, written))
    words = list(chain.from_iterable(read))
    places = places_of(stretch, written)
    if len(words) != len(written) or () in read:  # a comma, an elided article, a word in two, a sign alone
        places = [at for at, part in zip(places, read, strict=False) for _ in part]
    starts = list(map(add, places, map(_START, words)))
    commas = _NO_COMMAS
    if "," in stretch or not (stretch.isascii() or _OTHER_COMMAS.isdisjoint(stretch)):
        commas = _take_commas_out(words, starts)
    _, lengths, folded, senses, _, _ = zip(*words, strict=True)
    if opens_sentence and words[0].opening is not senses[0]:
        senses = (words[0].opening, *senses[1:])
    heard = _hear(senses, commas)
    signals = [
        (concept, rule, starts[first], starts[last] + lengths[last], weight, kind)
        for concept, rule, first, last, weight, kind in heard.said
    ]
    return ClauseReading(signals, folded, starts, heard.known, heard.counted)


def _take_commas_out(words: list[ReadWord], starts: list[int]) -> frozenset[int]:
    """The places of the words behind commas, once these are gone."""
    found = list(compress(range(len(words)), map(_IS_COMMA, words)))
    for place in reversed(found):
        del words[place], starts[place]
    return frozenset([place - before for before, place in enumerate(found)])


@lru_cache(maxsize=4_096)
def _hear(senses: tuple[Sense, ...], commas: frozenset[int]) -> Heard:
    """What words with these senses say: names and numbers differ from note to note where what is said does not."""
    clause = clause_of(senses, commas)
    hits = hits_in(clause)
    deny(hits, clause)
    hits.sort(key=_FIRST)
    covered = 0
    for hit in hits:
        covered |= hit.used
    understood = [
        1.0 if covered >> place & 1 else familiar
        for place, familiar in enumerate(clause.familiar)
        if familiar is not None
    ]
    said = [
        (hit.pattern.concept.name, hit.pattern.rule, hit.first, hit.last, thousandths(hit.weight), hit.kind)
        for hit in hits
        if hit.weight > 0
    ]
    return Heard(said, sum(understood), len(understood))
