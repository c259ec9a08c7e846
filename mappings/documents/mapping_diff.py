"""Two mapping sets -> the entries in which they differ, by their names, for a preview and for `diff`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.documents.mapping_set import LabelRule, MappingSet, Meaning, ScopeRules, WordRule


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """One entry that differs: what it says before and after; None where it is not there."""

    kind: str
    name: str
    before: str | None
    after: str | None

    @property
    def path(self) -> str:
        """The entry as people name it."""
        return f"{self.kind} {self.name}".rstrip()

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path}: added, {self.after}"
        if self.after is None:
            return f"{self.path}: removed, it was {self.before}"
        return f"{self.path}: {self.before} -> {self.after}"


def changed_entries(old: MappingSet, new: MappingSet) -> tuple[EntryChange, ...]:
    """What changed, in the document's order; what was removed stands where it was."""
    before, after = dict(_entries(old)), dict(_entries(new))
    names = [*before, *(name for name in after if name not in before)]
    found = [
        EntryChange(kind=kind, name=name, before=before.get((kind, name)), after=after.get((kind, name)))
        for kind, name in names
        if before.get((kind, name)) != after.get((kind, name))
    ]
    return (*found, *_moved_rules(old, new))


def _moved_rules(old: MappingSet, new: MappingSet) -> Iterator[EntryChange]:
    """Rules vote in their order, so another order is a change too."""
    before, after = [rule.id for rule in old.rules], [rule.id for rule in new.rules]
    kept_before = [id_ for id_ in before if id_ in after]
    kept_after = [id_ for id_ in after if id_ in before]
    if kept_before != kept_after:
        yield EntryChange(kind="order of rules", name="", before=", ".join(kept_before), after=", ".join(kept_after))


def _entries(mapping_set: MappingSet) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("name", ""), mapping_set.name
    yield ("review_threshold", ""), str(mapping_set.review_threshold)
    for category, rows in mapping_set.sub_reasons.items():
        for name, says in rows.items():
            yield ("sub-reason", f"{category}.{name}"), f'"{says}"'
    for name, meaning in mapping_set.concepts.items():
        yield ("concept", name), spell_meaning(meaning)
    yield from _labels(mapping_set)
    for rule in mapping_set.rules:
        yield ("rule", rule.id), _spell_rule(rule)
    for rival in mapping_set.competitors:
        yield ("competitor", rival.name), f"also written {', '.join(rival.aliases)}" if rival.aliases else "its name"
    for scope in mapping_set.scopes:
        yield ("scope", f"of {scope.connection}"), spell_scope(scope)


def _labels(mapping_set: MappingSet) -> Iterator[tuple[tuple[str, str], str]]:
    """Of two labels for the same value the first decides; the others are told apart by their number."""
    seen: dict[str, int] = {}
    for label in mapping_set.labels:
        name = _name_of_label(label)
        seen[name] = seen.get(name, 0) + 1
        number = f" ({seen[name]})" if seen[name] > 1 else ""
        source = f" (source {label.source})" if label.source else ""
        yield ("label", name + number), spell_meaning(label.meaning) + source


def _name_of_label(label: LabelRule) -> str:
    limits = [f"on {label.connection}"] if label.connection else []
    limits += [f"in {label.field}"] if label.field else []
    return " ".join([f'"{label.value}"', *limits])


def spell_scope(scope: ScopeRules) -> str:
    """A scope in one line: `only record_type New, Renewal; not pipeline Partners; from 5000`."""
    parts = [f"only {name} {', '.join(values)}" for name, values in scope.include.items()]
    parts += [f"not {name} {', '.join(values)}" for name, values in scope.exclude.items()]
    parts += [f"from {scope.min_amount}"] if scope.min_amount else []
    parts += [f"reached {scope.reached_stage}"] if scope.reached_stage else []
    return "; ".join(parts) or "every lost deal"


def spell_meaning(meaning: Meaning) -> str:
    """A meaning in one line: `budget.frozen, also timing, not_now`."""
    parts = [f"{meaning.category}.{meaning.sub_reason}" if meaning.sub_reason else str(meaning.category)]
    parts += [f"also {meaning.secondary}"] if meaning.secondary else []
    parts += [str(meaning.finality)] if meaning.finality else []
    return ", ".join(parts)


def _spell_rule(rule: WordRule) -> str:
    said = [
        f"{name} of {', '.join(map(repr, words))}" for name, words in (("any", rule.any), ("all", rule.all)) if words
    ]
    said += [f"matching {', '.join(rule.regex)}"] if rule.regex else []
    said += [f"in {', '.join(rule.fields)}"] if rule.fields else []
    said += [f"on {rule.connection}"] if rule.connection else []
    return f"{'; '.join(said)}: {spell_meaning(rule.meaning)}, {rule.confidence:.0%} sure"
