"""What is denied ("price was not the issue"), negated ("did not choose a competitor") or said with a hedge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from mappings.reading.clause import Clause
from mappings.reading.lexicon import shipped_lexicon
from mappings.reading.placing import Hit

_REACH, _NO_REACH = 4, 2  # words over which a denial or a hedge works, and over which a "no" does
_LIFT, _OUTCOME = 1.4, 0.3  # what a "because" makes of the reason it names, and of the no that came of it
_OUTCOMES = frozenset({"withdrew", "unwilling", "project_cancelled"})
STATEMENT = 2  # the strength from which a hit says something, rather than names a subject


def deny(hits: Sequence[Hit], clause: Clause) -> None:
    """Weakens what is denied or negated; what is denied weighs nothing."""
    kinds = {hit.kind for hit in hits}
    may_negate = bool(clause.noes or clause.noes_after)
    if "reason" not in kinds or (len(kinds) == 1 and not may_negate):
        return
    all_denials = [hit for hit in hits if hit.kind.startswith("denies")]
    denials = [hit for hit in all_denials if not _is_reason(hit, hits, clause)]
    hedges = [hit for hit in hits if hit.kind == "hedge"]
    # "No reason" names none.
    causes = [hit for hit in hits if hit.kind == "cause" and not any(hit.used & one.used for one in all_denials)]
    turns = [hit.first for hit in hits if hit.kind == "contrast"]
    for hit in hits:
        if hit.kind != "reason" or hit.weight < 1:
            continue
        is_statement = hit.weight >= STATEMENT and not hit.pattern.is_negative
        if (denials and any(_denies(denial, hit, turns, clause) for denial in denials)) or (
            is_statement and may_negate and _is_negated(hit, denials, clause)
        ):
            hit.weight = 0
        elif hedges and any(hedge.last < hit.first and hit.first - hedge.last <= _REACH for hedge in hedges):
            hit.weight *= 0.7
        if causes:
            hit.weight *= _lift(hit, causes[0], hits, clause)
        if "our_side" in kinds and hit.pattern.concept.name != "bad_experience":
            hit.weight *= 0.6


def _lift(hit: Hit, cause: Hit, hits: Sequence[Hit], clause: Clause) -> float:
    """What a "because" makes of a reason: what stands behind it is the cause, where "the main reason" may follow it.

    A bare no behind what it names is what came of it: "due to the price they will not go ahead".
    """
    if hit.last < cause.first and shipped_lexicon().turn in clause.elements[cause.first]:
        return 1
    if hit.pattern.concept.name not in _OUTCOMES or not hit.pattern.is_negative:
        return _LIFT
    names = [other for other in hits if other.kind == "reason" and other.pattern.concept.name not in _OUTCOMES]
    return _OUTCOME if any(cause.last < other.first and other.last < hit.first for other in names) else _LIFT


def _is_reason(denial: Hit, hits: Sequence[Hit], clause: Clause) -> bool:
    """Whether a denial is all there is ("no reason"), or a reason has its words and more ("no such problem")."""
    is_part = any(hit.kind == "reason" and denial.used | hit.used == hit.used != denial.used for hit in hits)
    return is_part or denial.used.bit_count() == len(clause.elements)


def _is_negated(hit: Hit, denials: Sequence[Hit], clause: Clause) -> bool:
    taken = reduce(or_, [denial.used for denial in denials], 0)
    for place in clause.noes:
        is_inside = hit.first < place < hit.last and not hit.used >> place & 1
        is_before = place < hit.first and _is_near(place, hit.first, clause)
        if (is_inside or is_before) and not taken >> place & 1:
            return True
    return any(hit.last < place <= hit.last + 3 for place in clause.noes_after)


def _is_near(place: int, first: int, clause: Clause) -> bool:
    """Whether a "no" at `place` reaches the words from `first` on: few words between, and no comma."""
    is_parted = any(place < comma <= first for comma in clause.commas)
    return not is_parted and clause.ahead[first] - clause.ahead[place + 1] <= _NO_REACH


def _denies(denial: Hit, hit: Hit, turns: Sequence[int], clause: Clause) -> bool:
    if hit.used & denial.used:
        is_its_object = denial.kind == "denies_after" and denial.first < hit.first <= denial.last < hit.last
        return is_its_object or hit.pattern.is_negative  # "not a question of price"; else the "no" is the denial's
    low, high = sorted((hit.first, denial.first))
    if any(low < turn < high for turn in turns) or any(low < comma <= high for comma in clause.commas):
        return False
    if denial.kind == "denies_before":
        return hit.last < denial.first and denial.first - hit.last <= _REACH
    return hit.first > denial.last and hit.first - denial.last <= _REACH
