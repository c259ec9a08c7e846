"""Votes weighed into one verdict, with a confidence that means what it says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from math import exp, log
from operator import attrgetter, itemgetter

from mappings.deciding.leaning import Texts, leading_word, leaning_of
from mappings.deciding.rules import Vote
from mappings.model import Evidence, Verdict
from mappings.taxonomy import Category, Finality
from mappings.values import replace, value_type

# What each further sign of the same category adds, of its weight, and how many do: a story says a thing many times.
_AGREEMENT, _AGREEING = 0.2, 3
STORY_WORDS, _STORY_AGREEMENT, _STORY_AGREEING = 40, 0.35, 5
_RULED = 5.0  # more than any pattern weighs, less than a label or rule does beside notes
# "Later" says when, not why: it decides only where nothing says why.
_SAYS_NOTHING = frozenset({"says_nothing", "no_rival"})
NO_WHY = frozenset({"later", "not_now"}) | _SAYS_NOTHING
_WHY_FLOOR = 1.5
# "Cancelled due to price": in a label the ending gives way to any reason that is more than a bare topic.
_WITHDREW, _TOLD_WHY = "withdrew", 1.35
# In a note a bare no says that they refused, and any statement beside it says why.
_BARE_NO, _BARE, _WHY = frozenset({"not_interested", "no_longer_interested", "withdrew"}), 0.5, 1.8
_RIVAL_FLOOR = 1.2
_COMPETITOR = Category.COMPETITOR  # a member of an enumeration takes as long to look up as ten of these names
_PRICE = frozenset({"price", "price_high", "label.over_budget"})
_CHEAPER_RIVAL, _GOES_ON = 1.1, 0.85
_TOO_MUCH, _AS_BEFORE = frozenset({"price_high", "incumbent"}), frozenset({"incumbent", "in_house", "vendor_named"})
# A label with a word that no pattern used, or of more words than its topic, is not sure (below 0.9).
# In a sentence "closed" or "other" says nothing of whether a reason is given.
_FEW_WORDS, _PASSING = 4, 0.25
# What the words of a note lean to is pooled with what its patterns say; in a story patterns fall on words by chance.
_PATTERNS, _STORY_PATTERNS, _SMALLEST_SHARE, _LEANING_SURE = 1.0, 0.3, 1e-6, 0.65
_LEAST_LEAD = 0.6  # from which the words of a label that no pattern knows are followed
# Of the first. In a label of several parts ("Price; Product fit") each of them was chosen, a bare topic too.
_SECOND_POOLED, _SECOND, _SECOND_PART = 0.2, 0.55, 0.4
# Measured on notes that the table was not worked out from; a story is never sure.
_SHORT_NOTE = 25
_DOUBT, _STORY_DOUBT, _STATEMENT, _MOST_SURE = 1.8, 2.5, 1.8, 0.96
_ALL_UNDERSTOOD, _TOPIC_WORDS, _UNSURE = 0.93, 2, 0.89
_SAYS_LITTLE, _TOPIC = 0.9, 1.0  # between them weighs a label's bare word that no pattern asks for
_WEIGHT, _SHARE = attrgetter("weight"), itemgetter(1)  # sorted in reverse by them, equal ones keep their order


@value_type(frozen=True, slots=True)
class Setting:
    """How texts are to be read: `understood` is the share of their words that were known.

    `leaning` are those of which every word counts: notes, where no edit gives a concept another category. `has_parts`
    says that a label names several things with a sign between them.
    """

    is_label: bool
    word_count: int
    understood: float
    leaning: Texts = ()
    has_words: bool = False
    is_never: bool = False
    is_for_now: bool = False
    has_parts: bool = False


def weigh(votes: Sequence[Vote], setting: Setting) -> tuple[Verdict, tuple[Category, ...]]:
    """The verdict, and the categories by weight."""
    is_story = setting.word_count > STORY_WORDS
    heard = _supporting_rival(_without_when(votes, setting))
    ranked = _ranked(heard, is_story=is_story)
    is_asked = setting.leaning and not setting.is_label and not _is_ruled(heard, ranked)
    leaning = leaning_of(setting.leaning) if is_asked else None
    if leaning is not None:
        out = (_only_says_when(votes, heard) and Category.TIMING, _says_why(heard) and Category.UNKNOWN)
        leaning = {name: share for name, share in leaning.items() if name not in out}
        if len(heard) > 1 and _COMPETITOR in leaning and Category.BUDGET in leaning and _goes_on(heard):
            leaning[_COMPETITOR] = min(leaning[_COMPETITOR], leaning[Category.BUDGET])
        ranked = _pooled(ranked, leaning, _STORY_PATTERNS if is_story else _PATTERNS)
    if not ranked:
        return _guess(setting)
    category, lead = ranked[0]
    names = tuple([name for name, _ in ranked])
    own = [vote for vote in heard if vote.meaning.category is category]
    if not own and leaning is not None:
        return _leaning_verdict(category, lead, setting), names
    own.sort(key=_WEIGHT, reverse=True)
    top = own[0]
    verdict = Verdict(
        category=category,
        sub_reason=top.meaning.sub_reason,
        confidence=_confidence(top, ranked, setting) if leaning is None else _pooled_confidence(top, lead, setting),
        finality=_finality(top, category, setting),
        secondary=_secondary(
            top, ranked, _SECOND_POOLED if leaning is not None else _SECOND_PART if setting.has_parts else _SECOND
        ),
        evidence=tuple([vote.evidence for vote in own[:3]]),
    )
    return verdict, names


def _guess(setting: Setting) -> tuple[Verdict, tuple[Category, ...]]:
    """No pattern speaks: what a label's words lean to, else its product; always for review."""
    finality = _said_finality(setting)
    if setting.is_label and setting.has_words:
        shares = leaning_of(setting.leaning) or {}
        first = max(shares, key=lambda category: shares[category], default=Category.NEED)
        if shares.get(first, 0.0) >= _LEAST_LEAD:
            return _leaning_verdict(first, _LEAST_LEAD, setting), (first, Category.NEED)
        guess = Verdict(
            category=Category.NEED, sub_reason=None, confidence=0.3, finality=finality, secondary=Category.UNKNOWN
        )
        return guess, (Category.NEED, Category.UNKNOWN)
    guess = Verdict(category=Category.UNKNOWN, sub_reason="other", confidence=0.2, finality=finality)
    return guess, (Category.UNKNOWN, Category.NEED)


def _is_ruled(votes: Sequence[Vote], ranked: list[tuple[Category, float]]) -> bool:
    """Whether an admin's label or rule decides, or what weighs most refuses for good."""
    if not ranked:
        return False
    top = max(votes, key=_WEIGHT)
    return top.weight >= _RULED or (top.meaning.finality == Finality.NEVER and top.meaning.category == ranked[0][0])


def _pooled(
    ranked: list[tuple[Category, float]], leaning: Mapping[Category, float], patterns: float
) -> list[tuple[Category, float]]:
    """The shares of the categories by patterns and words together, which add up to 1."""
    powers = dict(leaning)
    if min(powers.values()) < _SMALLEST_SHARE:
        powers = {category: max(share, _SMALLEST_SHARE) for category, share in powers.items()}
    for category, score in ranked:
        if category in powers:
            powers[category] *= exp(patterns * score)
    whole = sum(powers.values())
    shares = [(category, power / whole) for category, power in powers.items()]
    shares.sort(key=_SHARE, reverse=True)
    return shares


def _leaning_verdict(category: Category, share: float, setting: Setting) -> Verdict:
    """No pattern speaks for it, only the words taken one by one: mostly for review."""
    place = leading_word(setting.leaning, category)
    return Verdict(
        category=category,
        sub_reason=None,
        confidence=round(min(_LEANING_SURE, 0.2 + 0.5 * share), 3),
        finality=_said_finality(setting),
        evidence=(Evidence(rule="leaning", text=place.text, field=place.field, start=place.start, end=place.end),),
    )


def _said_finality(setting: Setting) -> Finality:
    """What the words say of it, whatever the category."""
    if setting.is_never:
        return Finality.NEVER
    return Finality.NOT_NOW if setting.is_for_now else Finality.OPEN


def _without_when(votes: Sequence[Vote], setting: Setting) -> Sequence[Vote]:
    why = [vote for vote in votes if vote.concept not in NO_WHY]
    strongest = max([vote.weight for vote in why], default=0.0)
    heard = votes
    if len(why) < len(votes):
        floor = 0.9 if setting.is_label else _WHY_FLOOR
        left_out = NO_WHY if strongest >= floor else _SAYS_NOTHING if why else frozenset()
        heard = [vote for vote in votes if vote.concept not in left_out]
    if setting.is_label:
        tells_why = any(vote.weight >= _TOLD_WHY and vote.concept != _WITHDREW for vote in why)
        return [vote for vote in heard if vote.concept != _WITHDREW] if tells_why else heard
    if not why and setting.word_count > _FEW_WORDS:
        heard = [vote.weighing(_PASSING) if vote.concept in _SAYS_NOTHING else vote for vote in heard]
    if any(vote.weight >= _WHY and vote.concept not in _BARE_NO for vote in why):
        heard = [vote.weighing(vote.weight * _BARE) if vote.concept in _BARE_NO else vote for vote in heard]
    if strongest >= 2 and setting.word_count > 25:
        heard = [vote for vote in heard if vote.weight >= 1.2]
    return heard


def _only_says_when(votes: Sequence[Vote], heard: Sequence[Vote]) -> bool:
    """Whether all that is said of time is when to come back, beside a reason: then no word leans to `timing`."""
    has_when = len(heard) < len(votes) and any(vote.concept == "later" for vote in votes)
    return has_when and not any(vote.meaning.category == Category.TIMING for vote in heard)


def _says_why(heard: Sequence[Vote]) -> bool:
    """Whether a reason is stated, and nothing says that there is none: then no word leans to `unknown`."""
    unsaid = Category.UNKNOWN
    if any(vote.concept not in _BARE_NO for vote in heard if vote.meaning.category is unsaid):
        return False
    return any(vote.weight >= _WHY for vote in heard if vote.meaning.category is not unsaid)


def _ranked(votes: Sequence[Vote], *, is_story: bool) -> list[tuple[Category, float]]:
    weights: dict[Category, dict[str, float]] = {}
    for vote in votes:
        own = weights.setdefault(vote.meaning.category, {})
        if vote.weight > own.get(vote.concept, -1.0):
            own[vote.concept] = vote.weight
    scores = {category: _score(list(own.values()), is_story=is_story) for category, own in weights.items()}
    rival = weights.get(_COMPETITOR)
    if rival and max(rival.values()) >= _WHY_FLOOR and weights.get(Category.BUDGET, {}).keys() <= _PRICE:
        # Lost to a cheaper rival is a competitor's win first, by the conventions of SOURCES.md.
        if _goes_on(votes):
            scores[_COMPETITOR] = min(scores[_COMPETITOR], _GOES_ON * scores[Category.BUDGET])
        else:
            scores[_COMPETITOR] *= _CHEAPER_RIVAL
    return sorted(scores.items(), key=_SHARE, reverse=True)


def _supporting_rival(votes: Sequence[Vote]) -> Sequence[Vote]:
    """With a rival named, a contract speaks of the rival: it supports that category rather than `timing`."""
    rivals = [vote for vote in votes if vote.weight >= _RIVAL_FLOOR and vote.meaning.category is _COMPETITOR]
    if not rivals:
        return votes
    meaning = dataclasses.replace(max(rivals, key=_WEIGHT).meaning, secondary=Category.TIMING)
    return [replace(vote, meaning=meaning) if vote.concept == "contract_locked" else vote for vote in votes]


def _goes_on(votes: Sequence[Vote]) -> bool:
    """Whether the price was too much and they go on as before ("double their budget, they keep using paper"): what
    they have is no rival then, but what is left.
    """
    if not {vote.concept for vote in votes} >= _TOO_MUCH:
        return False
    concepts = {vote.concept for vote in votes if vote.meaning.category in (_COMPETITOR, Category.BUDGET)}
    return _TOO_MUCH <= concepts <= _PRICE | _AS_BEFORE


def _score(weights: list[float], *, is_story: bool) -> float:
    if len(weights) == 1:
        return weights[0]
    first, *rest = sorted(weights, reverse=True)
    share, count = (_STORY_AGREEMENT, _STORY_AGREEING) if is_story else (_AGREEMENT, _AGREEING)
    return first + share * sum(rest[:count])


def _confidence(top: Vote, ranked: list[tuple[Category, float]], setting: Setting) -> float:
    if top.confidence is not None:
        return top.confidence
    if setting.is_label:
        sure = 0.96 if top.weight >= 2 else 0.94
        sure *= 0.55 + 0.45 * setting.understood
        is_topic_of_more = top.weight < 2 and setting.word_count > _TOPIC_WORDS
        is_bare = _SAYS_LITTLE < top.weight < _TOPIC
        if setting.understood < _ALL_UNDERSTOOD or is_topic_of_more or is_bare:
            sure = min(sure, _UNSURE)
    else:
        sure = 0.95 if top.weight >= 2.5 else 0.93 if top.weight >= 2 else 0.78 if top.weight >= 1.2 else 0.6
        sure *= 0.8 + 0.2 * setting.understood
    if len(ranked) > 1:
        margin = 1 - ranked[1][1] / ranked[0][1]
        sure *= 0.8 + 0.2 * min(1.0, margin / 0.4)
    return round(sure, 3)


def _pooled_confidence(top: Vote, share: float, setting: Setting) -> float:
    """The share, drawn nearer to even odds: signs of one text are not independent, those of a story least of all."""
    if top.confidence is not None:
        return top.confidence
    is_story = setting.word_count > _SHORT_NOTE
    odds = log(max(share, _SMALLEST_SHARE) / max(1 - share, _SMALLEST_SHARE))
    sure = 1 / (1 + exp(-odds / (_STORY_DOUBT if is_story else _DOUBT)))
    most = _UNSURE if is_story or top.weight < _STATEMENT else _MOST_SURE
    return round(min(sure, most), 3)


def _secondary(top: Vote, ranked: list[tuple[Category, float]], least: float) -> Category | None:
    if len(ranked) > 1 and ranked[1][1] >= least * ranked[0][1] and ranked[1][0] != Category.UNKNOWN:
        return ranked[1][0]
    return top.meaning.secondary


def _finality(top: Vote, category: Category, setting: Setting) -> Finality:
    if top.meaning.finality == Finality.NEVER or (setting.is_never and category != Category.UNRESPONSIVE):
        return Finality.NEVER
    if top.meaning.finality is not None and top.meaning.finality != Finality.OPEN:
        return top.meaning.finality
    return Finality.NOT_NOW if setting.is_for_now else Finality.OPEN
