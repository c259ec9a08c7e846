"""The words of one clause side by side: what each means here, how far it is from the others, what is a phrase.

Most of the time that a text takes is spent here and in `placing.py`, so what is asked of every word stands in a column
of its own and is worked on by functions that loop in C.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import accumulate, compress
from operator import contains, or_

from mappings.reading.lexicon import NOES, Lexicon, Pattern, shipped_lexicon
from mappings.reading.senses import FALSE_FRIENDS, Sense, sense_of
from mappings.reading.vocabulary import Phrase
from mappings.values import value_type

COMMA_WIDTH = 2  # words that a comma counts for
_NO_PLACES: Sequence[int] = ()

Phrases = dict[int, tuple[int, frozenset[int]]]


@value_type(slots=True)
class Clause:
    """Columns of what `Sense` says of each word.

    `present` holds the bits of all elements together. `ahead` says how many words that count stand before each place; a
    comma counts as two, a "but" as more. `commas` are the places behind one. `phrases` gives the last word and the
    elements of a phrase by its first word. `noes` and `noes_after` are the places of words that negate.
    """

    elements: Sequence[frozenset[int]]
    asked: Sequence[int]
    patterns: Sequence[Mapping[int, tuple[Pattern, ...]]]
    alone: Sequence[tuple[Pattern, ...]]
    familiar: Sequence[float | None]
    present: int
    ahead: list[int]
    commas: frozenset[int]
    phrases: Phrases
    noes: Sequence[int]
    noes_after: Sequence[int]

    def words_at(self, place: int, element: int) -> int:
        """The words that stand for an element, as bits: one, or those of a phrase."""
        if place in self.phrases:
            last, elements = self.phrases[place]
            if element in elements:
                return (2 << last) - (1 << place)
        return 1 << place


def clause_of(senses: Sequence[Sense], commas: frozenset[int]) -> Clause:
    """The clause whose words have these senses, with commas before these places."""
    lexicon = shipped_lexicon()
    _, _, _, _, _, _, _, words, nexts, _ = zip(*senses, strict=True)
    read_as = list(senses)
    if not FALSE_FRIENDS.isdisjoint(words):
        _read_by_neighbours(read_as, words, lexicon)
    phrases = _joined(read_as, words, nexts, lexicon)
    elements, given, asked, patterns, alone, widths, familiar, _, _, _ = zip(*read_as, strict=True)
    present = reduce(or_, given)
    noes = noes_after = _NO_PLACES
    if present & NOES:
        noes = [place for place, own in enumerate(elements) if lexicon.no_before in own]
        noes_after = [place for place, own in enumerate(elements) if lexicon.no_after in own]
    ahead = list(accumulate(_with_commas(widths, commas) if commas else widths, initial=0))
    return Clause(elements, asked, patterns, alone, familiar, present, ahead, commas, phrases, noes, noes_after)


def _read_by_neighbours(senses: list[Sense], words: Sequence[str | None], lexicon: Lexicon) -> None:
    """Beside words of one language "no" is "in the", "mas" is "más", and "mais" is "more", not the French "but"."""
    present: frozenset[int] = frozenset().union(*[sense.elements for sense in senses])
    for place, word in enumerate(words):
        if (word == "no" and lexicon.portuguese in present) or (word == "mas" and lexicon.spanish in present):
            senses[place] = sense_of(lexicon.fillers)
        elif word == "mais" and lexicon.portuguese in present:
            senses[place] = sense_of(senses[place].elements - lexicon.turning)


def _joined(
    senses: list[Sense],
    words: tuple[str | None, ...],
    nexts: Sequence[Mapping[str | None, tuple[Phrase, ...]]],
    lexicon: Lexicon,
) -> Phrases:
    """A phrase adds its meaning to its first word; "not only" takes away that of its words."""
    found: Phrases = {}
    seconds = words[1:]
    for place in compress(range(len(seconds)), map(contains, nexts, seconds)):
        for phrase in nexts[place][seconds[place]]:
            last = place + len(phrase.rest)
            if words[place + 1 : last + 1] == phrase.rest:
                if lexicon.neutral in phrase.elements:
                    senses[place : last + 1] = [sense_of(lexicon.fillers)] * (last + 1 - place)
                else:
                    senses[place] = senses[place].joined[phrase]
                    found[place] = (last, phrase.elements)
                break
    return found


def _with_commas(widths: Sequence[int], commas: frozenset[int]) -> list[int]:
    wider = list(widths)
    for place in commas:
        if place < len(wider):
            wider[place] += COMMA_WIDTH
    return wider
