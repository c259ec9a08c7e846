"""Two mapping sets over the reasons that are there: what moves, and which deals an edit can touch at all. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from mappings.classify import HINTS, stated_verdict
from mappings.deciding.rules import Source, label_votes, obeys_a_rule
from mappings.documents.mapping_set import MappingSet, to_plain
from mappings.documents.policy import Policy
from mappings.documents.policy_diff import changed_settings
from mappings.facts import read_dates
from mappings.model import FactKind, LostDeal, Note, StatedReason, Verdict
from mappings.reading import read_text
from mappings.taxonomy import Category

WORDLESS = frozenset({"name", "sub_reasons", "scopes"})
"""Parts of a document that no reading of a deal rests on."""
TRACEABLE = frozenset({"labels", "rules", "concepts"})
"""Parts whose effect can be told from a deal's own words."""
NAMED = "chose_competitor"
"""The concept that a name stands for, wherever one is found: an edit of it can touch any deal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedReason:
    """One distinct stated reason: the words by field, and how many deals of a connection state it."""

    texts: tuple[tuple[str, str], ...]
    count: int
    connection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonMove:
    """A reason that is taken to mean something else."""

    reason: CountedReason
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonDiff:
    """Deals by stated category, before and after, and the reasons that move, the most frequent first."""

    before: Counter[Category] = field(default_factory=Counter)
    after: Counter[Category] = field(default_factory=Counter)
    moves: tuple[ReasonMove, ...] = ()


def diff_reasons(old: MappingSet, new: MappingSet, reasons: Iterable[CountedReason]) -> ReasonDiff:
    """What becomes of the reasons when `new` takes the place of `old`."""
    before: Counter[Category] = Counter()
    after: Counter[Category] = Counter()
    moves = []
    for reason in reasons:
        was = stated_verdict(reason.texts, old, reason.connection)
        will = stated_verdict(reason.texts, new, reason.connection)
        before[was.category] += reason.count
        after[will.category] += reason.count
        if (was.category, was.sub_reason) != (will.category, will.sub_reason):
            moves.append(ReasonMove(reason=reason, before=was, after=will))
    return ReasonDiff(before=before, after=after, moves=tuple(sorted(moves, key=lambda one: -one.reason.count)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a deal says, without the rest of it: fields of a LostDeal by their names there."""

    stated_reasons: tuple[StatedReason, ...] = ()
    notes: tuple[Note, ...] = ()
    contract_end: date | None = None
    stated_follow_up: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """Which deals the step from `old` to `new` can touch. A deal it does not touch keeps its classification.

    Labels, rules and concepts are traced to the words of a deal; any other edit that bears on readings can touch every
    deal.
    """

    old: MappingSet
    new: MappingSet
    is_everything: bool
    has_labels: bool
    changed_rules: tuple[MappingSet, ...]
    changed_concepts: frozenset[str] = frozenset()

    @property
    def is_by_reason(self) -> bool:
        """Whether the stated reasons alone tell which deals are touched."""
        return not (self.is_everything or self.changed_rules or self.changed_concepts)

    def relabels(self, texts: Iterable[tuple[str, str]], connection: str | None = None) -> bool:
        """Whether labels say something else of one of these words by field."""
        return self.has_labels and any(self._relabels(words, field, connection) for field, words in texts)

    def touches(self, deal: LostDeal | Words, connection: str | None = None) -> bool:
        """Whether the deal could be taken to mean something else."""
        if self.is_everything or self._is_entered(deal):
            return True
        return any(
            _is_text_touched(self, "reasons", one.field, one.words, connection)
            for one in deal.stated_reasons
            if one.words.strip()
        ) or any(_is_text_touched(self, "notes", one.field, one.text, connection) for one in deal.notes)

    @property
    def hinted(self) -> frozenset[FactKind]:
        """Kinds of dates that support a changed concept."""
        return frozenset(kind for kind, (concept, _, _) in HINTS.items() if concept in self.changed_concepts)

    def _is_entered(self, deal: LostDeal | Words) -> bool:
        """Whether a field of the CRM holds a date that supports a changed concept."""
        if not self.changed_concepts:
            return False
        entered = {FactKind.CONTRACT_END: deal.contract_end, FactKind.REVISIT: deal.stated_follow_up}
        return any(entered.get(kind) is not None for kind in self.hinted)

    def touches_text(self, text: str, source: Source) -> bool:
        """Whether a text could be taken to mean something else."""
        if source.role == "reasons" and self.has_labels and self._relabels(text, source.field, source.connection):
            return True
        if self.changed_concepts and self._means_otherwise(text):
            return True
        return any(obeys_a_rule(rules, text, source) for rules in self.changed_rules)

    def _means_otherwise(self, text: str) -> bool:
        """Whether a changed concept is found in the words, or a date in them, whenever it was said, supports it."""
        if not self.changed_concepts.isdisjoint(concepts_in(text)):
            return True
        hinted = self.hinted
        return bool(hinted) and any(mention.kind in hinted for mention in read_dates(text))

    def _relabels(self, words: str, field: str, connection: str | None) -> bool:
        source = Source("reasons", field, connection)
        return label_votes(self.old, words, source) != label_votes(self.new, words, source)


@lru_cache(maxsize=16)
def reach_of(old: MappingSet, new: MappingSet) -> Reach:
    """Prepared once for each pair of documents."""
    before, after = to_plain(old), to_plain(new)
    changed = {part for part in {*before, *after} if before.get(part) != after.get(part)} - WORDLESS
    concepts = frozenset(
        name for name in {*old.concepts, *new.concepts} if old.concepts.get(name) != new.concepts.get(name)
    )
    return Reach(
        old=old,
        new=new,
        is_everything=bool(changed - TRACEABLE) or NAMED in concepts or _are_reordered(old, new),
        has_labels="labels" in changed,
        changed_rules=_changed_rules(old, new) if "rules" in changed else (),
        changed_concepts=concepts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReach:
    """Which plans the step between two policies can touch: those of some `categories`, or (None) any."""

    categories: frozenset[str] | None

    def touches(self, category: str) -> bool:
        """Whether a loss taken to be of that category could be planned otherwise."""
        return self.categories is None or category in self.categories


@lru_cache(maxsize=16)
def policy_reach_of(old: Policy, new: Policy) -> PolicyReach:
    """Prepared once for each pair of documents. An interval is one category's; words and room are no part of a plan."""
    paths = [change.path for change in changed_settings(old, new)]
    bearing = [path for path in paths if not path.startswith(PLANLESS)]
    if not all(path.startswith(INTERVALS) for path in bearing):
        return PolicyReach(categories=None)
    return PolicyReach(categories=frozenset(path.removeprefix(INTERVALS).split(".")[0] for path in bearing))


INTERVALS = "timing.intervals."
PLANLESS = ("task[", "spread.", "writing.", "contact_law[")
"""Settings that no plan rests on: what tasks say, and how they are spread and written."""


@lru_cache(maxsize=4_096)
def _is_text_touched(reach: Reach, role: str, field: str, text: str, connection: str | None) -> bool:
    """As `touches_text`, once for each distinct text: reasons repeat, and so do many notes."""
    return reach.touches_text(text, Source(role, field, connection))


@lru_cache(maxsize=4_096)
def concepts_in(words: str) -> frozenset[str]:
    """The concepts that a text holds."""
    return frozenset(signal.concept for signal in read_text(words).signals)


def _are_reordered(old: MappingSet, new: MappingSet) -> bool:
    """Rules that stay vote in their order."""
    kept = {rule.id for rule in old.rules} & {rule.id for rule in new.rules}
    before, after = ([rule.id for rule in one.rules if rule.id in kept] for one in (old, new))
    return before != after


def _changed_rules(old: MappingSet, new: MappingSet) -> tuple[MappingSet, ...]:
    """The rules that only one of the two has, as sets of their own."""
    only_old = replace(old, labels=(), rules=tuple(rule for rule in old.rules if rule not in new.rules))
    only_new = replace(new, labels=(), rules=tuple(rule for rule in new.rules if rule not in old.rules))
    return tuple(one for one in (only_old, only_new) if one.rules)
