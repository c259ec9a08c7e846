"""A mapping set applied to one text: labels, an admin's rules, competitor names and concepts become votes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mappings.deciding.bare_labels import bare
from mappings.deciding.competitors import names_in
from mappings.documents.mapping_set import LabelRule, MappingSet, Meaning, WordRule
from mappings.model import Evidence
from mappings.reading import read_text
from mappings.taxonomy import Category
from mappings.text import ALIKE, folded
from mappings.values import replace, value_type

DECIDES = 10.0  # more than any words can weigh
_STRONG, _WEAK = 2.5, 0.6
_CHOSEN = 2.0
NEAR_LABEL = 90  # of 100, by rapidfuzz
_LEAST_LETTERS = 6  # of a label that another may be near to
_SHIPPED_LABEL, _ADMIN_LABEL, _NEAR_LABEL, _NAME = 0.96, 0.99, 0.8, 0.92


@value_type(frozen=True, slots=True)
class Vote:
    """One sign of a category: the rule that gave it, and the words it rests on, which are `field[start:end]`.

    `confidence` is set where a rule says how sure it is; else the weight speaks.
    """

    meaning: Meaning
    weight: float
    rule: str
    text: str
    field: str
    start: int
    end: int
    concept: str = ""
    confidence: float | None = None

    @property
    def evidence(self) -> Evidence:
        """What the verdict shows of it."""
        return Evidence(rule=self.rule, text=self.text, field=self.field, start=self.start, end=self.end)

    def weighing(self, weight: float) -> Vote:
        """The same with another weight."""
        return replace(self, weight=weight)


@value_type(frozen=True, slots=True)
class Source:
    """Where a text comes from: `role` is `reasons` or `notes`, `field` the CRM's name."""

    role: str
    field: str
    connection: str | None = None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A mapping set made ready: labels by folded value, rules and names as expressions.

    `admin_labels` are the keys of those that an admin assigned, by what each says without its list's prefixes.
    `heeds_figures`: whether a rule or a name asks for certain digits; `labels_heed_figures`: whether a label does, or
    is near to what has others.
    """

    mapping_set: MappingSet
    labels: Mapping[str, tuple[LabelRule, ...]]
    admin_labels: Mapping[str, str]
    rules: tuple[tuple[WordRule, tuple[re.Pattern[str], ...]], ...]
    names: re.Pattern[str] | None
    heeds_figures: bool
    labels_heed_figures: bool


@lru_cache(maxsize=64)
def rulebook(mapping_set: MappingSet) -> Rulebook:
    """Prepared once per version."""
    labels: dict[str, tuple[LabelRule, ...]] = {}
    for label in mapping_set.labels:
        key = folded(label.value)
        labels[key] = tuple(sorted((*labels.get(key, ()), label), key=lambda one: one.source is not None))
    rules = tuple((rule, _expressions(rule)) for rule in mapping_set.rules)
    names = _names(mapping_set)
    expressions = [one for _, found in rules for one in found] + ([names] if names else [])
    return Rulebook(
        mapping_set=mapping_set,
        labels=labels,
        admin_labels=_admin_labels(mapping_set),
        rules=rules,
        names=names,
        heeds_figures=any(_asks_for_digits(one.pattern) for one in expressions),
        labels_heed_figures=any(
            label.source is None or ALIKE[label.value] != label.value for label in mapping_set.labels
        ),
    )


def _asks_for_digits(expression: str) -> bool:
    """Whether an expression names digits, or has them as the end of a range; how often something stands is no digit."""
    return any(letter.isdigit() for letter in _HOW_OFTEN.sub("", expression))


_HOW_OFTEN = re.compile(r"(?<!\\)\{[0-9]*,?[0-9]*\}")


def _admin_labels(mapping_set: MappingSet) -> Mapping[str, str]:
    own = [label.value for label in reversed(mapping_set.labels) if label.source is None]
    return {folded(bare(value)): folded(value) for value in own} | {folded(value): folded(value) for value in own}


def _expressions(rule: WordRule) -> tuple[re.Pattern[str], ...]:
    """All of these must be found; the first gives the evidence."""
    either = [_phrase(words) for words in rule.any]
    found = [re.compile("|".join(either), re.IGNORECASE)] if either else []
    found += [re.compile(_phrase(words), re.IGNORECASE) for words in rule.all]
    if rule.regex:
        found.append(re.compile("|".join(f"(?:{expression})" for expression in rule.regex), re.IGNORECASE))
    return tuple(found)


def _phrase(words: str) -> str:
    """A phrase on word boundaries; any space between its words; `*` ends a beginning of a word."""
    parts = [re.escape(part).replace(r"\*", r"\w*") for part in words.split()]
    left = r"(?<!\w)" if words[:1].isalnum() and words.isascii() else ""
    right = r"(?!\w)" if words[-1:].isalnum() and words.isascii() else ""
    return left + r"\s+".join(parts) + right


def _names(mapping_set: MappingSet) -> re.Pattern[str] | None:
    names = sorted({name for rival in mapping_set.competitors for name in (rival.name, *rival.aliases)}, key=len)
    return re.compile("|".join(_phrase(name) for name in reversed(names)), re.IGNORECASE) if names else None


def votes_of(mapping_set: MappingSet, text: str, source: Source) -> list[Vote]:
    """Every sign that a text holds, in the order of the words."""
    book = rulebook(mapping_set)
    if source.role == "reasons" and (decided := list(_label_votes(book, text, source))):
        return decided
    known = _known_parts(book, text, source) if source.role == "reasons" else []
    votes = list(_rule_votes(book, text, source)) if book.rules else []
    votes += _name_votes(book, text, source)
    votes += _chosen_votes(book, text, source)
    votes += _concept_votes(book, text, source)
    return [*known, *_outside(votes, known)] if known else votes


@lru_cache(maxsize=4_096)
def label_votes(mapping_set: MappingSet, text: str, source: Source) -> tuple[Vote, ...]:
    """What labels alone say of a reason."""
    book = rulebook(mapping_set)
    return tuple(_label_votes(book, text, source)) or tuple(_known_parts(book, text, source))


def obeys_a_rule(mapping_set: MappingSet, text: str, source: Source) -> bool:
    """Whether one of the set's rules is found in the text."""
    return any(True for _ in _rule_votes(rulebook(mapping_set), text, source))


def _applies(limit: str | None, value: str | None) -> bool:
    return limit is None or limit == value


def _label_votes(book: Rulebook, text: str, source: Source) -> Iterator[Vote]:
    """Exact labels, whole or part by part of a multi-picklist; else the nearest label that an admin assigned."""
    whole = list(_exact_votes(book, text, 0, source))
    if not whole and ";" in text:
        parts = _votes_by_part(book, text, source)
        whole = [vote for part in parts for vote in part] if all(parts) else []
    yield from whole or _near_votes(book, text, 0, source)


def _votes_by_part(book: Rulebook, text: str, source: Source) -> list[list[Vote]]:
    return [
        list(_exact_votes(book, part, start, source)) or list(_near_votes(book, part, start, source))
        for start, part in _parts(text)
    ]


def _known_parts(book: Rulebook, text: str, source: Source) -> list[Vote]:
    """What an admin's labels say of some parts of a multi-picklist, less surely than of a whole one."""
    if not book.admin_labels or ";" not in text:
        return []
    votes = [vote for part in _votes_by_part(book, text, source) for vote in part if vote.weight >= DECIDES]
    return [replace(vote, weight=_STRONG, confidence=_NEAR_LABEL) for vote in votes]


def _outside(votes: Sequence[Vote], known: Sequence[Vote]) -> list[Vote]:
    """The votes on other words than those of the parts that a label knows."""
    return [vote for vote in votes if not any(vote.start < one.end and one.start < vote.end for one in known)]


def _parts(text: str) -> list[tuple[int, str]]:
    """The values of a multi-picklist, with their places."""
    return [(found.start(), found.group()) for found in _PART.finditer(text)]


_PART = re.compile(r"[^;\s](?:[^;]*[^;\s])?")


def _exact_votes(book: Rulebook, text: str, start: int, source: Source) -> Iterator[Vote]:
    for label in book.labels.get(folded(text), ()):
        if _applies(label.connection, source.connection) and _applies(label.field, source.field):
            sure = _SHIPPED_LABEL if label.source else _ADMIN_LABEL
            yield _label_vote(label, text, start, source, sure)
            return


def _near_votes(book: Rulebook, text: str, start: int, source: Source) -> Iterator[Vote]:
    if not book.admin_labels:
        return
    for label in book.labels[key] if (key := _nearest(book, text)) else ():
        if (
            label.source is None
            and _applies(label.connection, source.connection)
            and _applies(label.field, source.field)
        ):
            yield _label_vote(label, text, start, source, _NEAR_LABEL)
            return


def _nearest(book: Rulebook, text: str) -> str | None:
    """The admin's label that a text is nearly, as it stands or without its list's prefixes."""
    from rapidfuzz import fuzz, process

    for words in (folded(text), folded(bare(text))):
        if words in book.admin_labels:
            return book.admin_labels[words]
        if len(words) < _LEAST_LETTERS:
            continue
        near = process.extractOne(words, book.admin_labels.keys(), scorer=fuzz.ratio, score_cutoff=NEAR_LABEL)
        if near and _refuses(words) == _refuses(near[0]):
            return book.admin_labels[near[0]]
    return None


def _refuses(text: str) -> frozenset[str]:
    """The words that turn a label round: "interested" is not near "not interested"."""
    return frozenset(word for word in folded(text).split() if len(word) <= 4)


def _label_vote(label: LabelRule, text: str, start: int, source: Source, confidence: float) -> Vote:
    weight, concept = _STRONG if label.source else DECIDES, f"label.{label.meaning.sub_reason}"
    if label.meaning.category == Category.UNKNOWN and label.source:
        weight, concept = _WEAK, "says_nothing"
    rule, end = f"label:{label.value}", start + len(text)
    return Vote(label.meaning, weight, rule, text, source.field, start, end, concept, confidence)


def _rule_votes(book: Rulebook, text: str, source: Source) -> Iterator[Vote]:
    for rule, expressions in book.rules:
        if not _applies(rule.connection, source.connection):
            continue
        if rule.fields and source.field not in rule.fields and source.role not in rule.fields:
            continue
        found = [expression.search(text) for expression in expressions]
        if found and found[0] and all(found):
            start, end = found[0].span()
            said = found[0].group()
            yield Vote(
                rule.meaning, DECIDES, f"rule:{rule.id}", said, source.field, start, end, "rule", rule.confidence
            )


def _name_votes(book: Rulebook, text: str, source: Source) -> Sequence[Vote]:
    found = book.names.search(text) if book.names else None
    if not found:
        return ()
    meaning = book.mapping_set.concepts.get(
        "chose_competitor", Meaning(category=Category.COMPETITOR, sub_reason="chose_competitor")
    )
    sure = _NAME if source.role == "reasons" else None
    return (Vote(meaning, 1.5, "competitor", found.group(), source.field, found.start(), found.end(), "name", sure),)


def _chosen_votes(book: Rulebook, text: str, source: Source) -> Sequence[Vote]:
    """A name that stands where a chosen rival's stands: "lost to Globex"."""
    for named in names_in(text):
        if named.is_chosen and (meaning := book.mapping_set.concepts.get("chose_competitor")) is not None:
            start, end = named.start, named.start + len(named.name)
            said = text[start:end]
            return (Vote(meaning, _CHOSEN, "rival_named", said, source.field, start, end, "rival_chosen"),)
    return ()


def _concept_votes(book: Rulebook, text: str, source: Source) -> Sequence[Vote]:
    meanings, field = book.mapping_set.concepts, source.field
    return [
        Vote(meaning, weight, rule, text[start:end], field, start, end, concept)
        for concept, rule, start, end, weight, kind in read_text(text).signals
        if kind == "reason" and (meaning := meanings.get(concept)) is not None
    ]
