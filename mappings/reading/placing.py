"""Patterns placed on the words of a clause, and of those that compete for the same words the largest."""

from __future__ import annotations

from itertools import repeat
from operator import and_

from mappings.reading.clause import COMMA_WIDTH, Clause
from mappings.reading.lexicon import Pattern, shipped_lexicon
from mappings.values import value_type

_SKIP_COST = 0.06  # what each word that a pattern jumps over takes from its weight


@value_type(slots=True, order=True)
class Hit:
    """A pattern's place in one clause: word numbers from `first` to `last`, and a bit for each word that it `used`.

    Hits sort by their first fields: who uses more words, weighs more and stands closer goes first, then the pattern's
    own order. `weight` is lowered afterwards where it is denied.
    """

    fewer_words: int
    lighter: float
    wider: int
    rank: int
    used: int
    first: int
    last: int
    weight: float
    kind: str
    pattern: Pattern


def hits_in(clause: Clause) -> list[Hit]:
    """What the clause says before anything is denied, the largest hits first."""
    hits = _hits(clause)
    if len(hits) < 2:
        return hits
    hits.sort()
    return _keep_largest(hits, clause)


def _hits(clause: Clause) -> list[Hit]:
    """The patterns that fall on the words, looked for at the words that carry their anchors."""
    found: dict[Pattern, int] = {}  # the last place counts
    met = map(and_, clause.asked, repeat(clause.present))
    for place, (bits, patterns, alone) in enumerate(zip(met, clause.patterns, clause.alone, strict=True)):
        for pattern in patterns[bits] if bits else alone:
            found[pattern] = place
    ahead, phrases = clause.ahead, clause.phrases
    hits: list[Hit] = []
    for pattern, place in found.items():
        if pattern.is_alone and place not in phrases:
            used, first, last, count = 1 << place, place, place, 1
        elif used := _place(clause, pattern, place):
            first, last, count = (used & -used).bit_length() - 1, used.bit_length() - 1, used.bit_count()
        else:
            continue
        if clause.commas and (
            (pattern.opens_with_no and _leaves_its_no(used, clause))
            or (pattern.is_negative and _takes_the_next_no(first, last, clause))
        ):
            continue
        concept = pattern.concept
        weight = concept.strength
        if (skipped := ahead[last + 1] - ahead[first] - count) > 0:
            weight *= max(0.5, 1 - _SKIP_COST * skipped)
        hits.append(Hit(-count, -weight, last - first, pattern.rank, used, first, last, weight, concept.kind, pattern))
    return hits


def _leaves_its_no(used: int, clause: Clause) -> bool:
    """Whether a comma parts a "no" from what it would refuse: "not interested now, follow up in May"."""
    no, rest = used & -used, used & (used - 1)
    return any(no << 1 < 1 << comma <= rest & -rest for comma in clause.commas)


def _takes_the_next_no(first: int, last: int, clause: Clause) -> bool:
    """Whether the "no" that ends a pattern stands behind a comma and refuses what follows: "we wanted support, not a
    course" says nothing against the support.
    """
    if not first < last < len(clause.elements) - 1 or last not in clause.commas:
        return False
    return shipped_lexicon().opposing_no in clause.elements[last]


def _place(clause: Clause, pattern: Pattern, anchored: int) -> int:
    """The words that a pattern falls on, the last that fit: they stand closest together.

    `anchored` is the last word that carries its anchor, behind which it cannot begin.
    """
    if pattern.is_alone:
        return clause.words_at(anchored, pattern.anchor)
    element, elements = pattern.elements[0], clause.elements
    for start in range(anchored, -1, -1):
        if element in elements[start] and (used := _follow(clause, pattern, 1, clause.words_at(start, element))):
            return used
    return 0


def _follow(clause: Clause, pattern: Pattern, number: int, used: int) -> int:
    """The words used, with those that the elements from `number` on fall on; none where they do not follow."""
    element, ahead, elements = pattern.elements[number], clause.ahead, clause.elements
    after = used.bit_length()
    reach = ahead[after] + pattern.gaps[number]
    if after in clause.commas:
        reach -= COMMA_WIDTH
    for place in range(after, len(elements)):
        if ahead[place] > reach:
            return 0
        if element in elements[place]:
            found = used | clause.words_at(place, element)
            if number + 1 == len(pattern.elements) or (found := _follow(clause, pattern, number + 1, found)):
                return found
    return 0


def _keep_largest(hits: list[Hit], clause: Clause) -> list[Hit]:
    """Of hits on the same words the one that uses more of them: the specific beats the bare topic."""
    kept: list[Hit] = []
    taken = 0
    for hit in hits:
        used = hit.used
        if used | taken == taken:  # else there is a word that no larger one has
            for other in kept:
                if used | other.used == other.used and _competes(hit, other):
                    break
            else:
                kept.append(hit)
        else:
            kept.append(hit)
            taken |= used
    return _one_subject_a_no(kept, clause) if clause.noes else kept


def _competes(hit: Hit, other: Hit) -> bool:
    """Two hits are about the same thing only where both are reasons, or both are of one kind.

    A phrase of the kind `no_reason` ("don't hesitate to contact us") takes its words from any reason.
    """
    if hit.kind != "reason" or other.kind == "reason":
        return hit.kind == other.kind
    return other.kind == "no_reason" or (other.kind.startswith("denies") and hit.weight < 2)


def _one_subject_a_no(hits: list[Hit], clause: Clause) -> list[Hit]:
    """Of hits that share their "no", the nearest: "no budget at the moment" refuses the budget."""
    pairs = [hit for hit in hits if hit.used.bit_count() == 2 and hit.first in clause.noes]
    if not pairs:
        return hits
    paired = {hit.rank for hit in pairs}
    nearest: dict[int, int] = {}
    for hit in pairs:
        nearest[hit.first] = min(hit.last, nearest.get(hit.first, hit.last))
    return [hit for hit in hits if hit.rank not in paired or hit.last == nearest[hit.first] or hit.kind != "reason"]
