"""The mapping set: the editable document that says what each concept, label and rule means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from mappings.documents.toml import load_toml
from mappings.taxonomy import Category, Finality


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What something is taken to mean. `secondary` is a second category that is as honest."""

    category: Category
    sub_reason: str | None = None
    secondary: Category | None = None
    finality: Finality | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRule:
    """The meaning of one reason value, exactly. `connection` and `field` limit it to one CRM account or field."""

    value: str
    meaning: Meaning
    connection: str | None = None
    field: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRule:
    """Words, phrases or regular expressions that decide wherever they stand.

    Applies where one of `any` (or none is given), every one of `all`, and one of `regex` (or none is given) is found
    in one text. `fields` names CRM fields or `reasons` or `notes`; empty means every field.
    """

    id: str
    meaning: Meaning
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    connection: str | None = None
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Competitor:
    """A rival's name and how else people write it."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRules:
    """Which lost deals of one connection are taken; each of these goes before what was said when it was connected.

    `include` and `exclude` name values by attribute: record_type, pipeline or type. `min_amount` is a number's text.
    """

    connection: str
    include: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_amount: str | None = None
    reached_stage: str | None = None

    @property
    def record(self) -> dict[str, Any]:
        """The scope as connections keep it: nothing where nothing is said."""
        return _given(
            include={name: list(values) for name, values in self.include.items()} or None,
            exclude={name: list(values) for name, values in self.exclude.items()} or None,
            min_amount=self.min_amount,
            reached_stage=self.reached_stage,
        )


@dataclass(frozen=True, kw_only=True)
class MappingSet:
    """Everything an admin may edit about what reasons mean. `version` is the hash of its canonical content."""

    name: str = ""
    review_threshold: float = 0.6
    sub_reasons: Mapping[Category, Mapping[str, str]] = field(default_factory=dict)
    concepts: Mapping[str, Meaning] = field(default_factory=dict)
    labels: tuple[LabelRule, ...] = ()
    rules: tuple[WordRule, ...] = ()
    competitors: tuple[Competitor, ...] = ()
    scopes: tuple[ScopeRules, ...] = ()

    def scope_of(self, connection: str) -> dict[str, Any] | None:
        """The scope that the document gives a connection, by its name; None where it says nothing of it."""
        return next((one.record for one in self.scopes if one.connection == connection), None)

    @cached_property
    def version(self) -> str:
        canonical = json.dumps(to_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def __hash__(self) -> int:
        return hash(self.version)


def parse_mapping_set(text: str) -> MappingSet:
    """The mapping set of a TOML document. Raises DocumentError with every fault, its line and the remedy."""
    from mappings.documents.mapping_schema import checked

    return build_mapping_set(checked(text, load_toml(text)))


def render_mapping_set(mapping_set: MappingSet) -> str:
    """The document of a mapping set; parsing it gives an equal one."""
    import tomlkit

    return tomlkit.dumps(to_plain(mapping_set))


@lru_cache(maxsize=1)
def shipped_mapping_set() -> MappingSet:
    """The mapping set that ships with the product. Tests keep it valid, so it is built without the checks."""
    return build_mapping_set(load_toml(shipped_mapping_text()))


def shipped_mapping_text() -> str:
    """The document that ships with the product, with its comments."""
    return resources.files("mappings").joinpath("data", "mapping_set.toml").read_text(encoding="utf-8")


def build_mapping_set(document: Mapping[str, Any]) -> MappingSet:
    """The value of a document that has been checked."""
    return MappingSet(
        name=document.get("name", ""),
        review_threshold=float(document.get("review_threshold", 0.6)),
        sub_reasons=MappingProxyType(
            {Category(key): MappingProxyType(dict(rows)) for key, rows in document.get("sub_reasons", {}).items()}
        ),
        concepts=MappingProxyType({key: _meaning(row) for key, row in document.get("concepts", {}).items()}),
        labels=tuple(_label(row) for row in document.get("labels", ())),
        rules=tuple(_rule(row) for row in document.get("rules", ())),
        competitors=tuple(
            Competitor(name=row["name"], aliases=tuple(row.get("aliases", ())))
            for row in document.get("competitors", ())
        ),
        scopes=tuple(_scope(row) for row in document.get("scopes", ())),
    )


def _meaning(row: Mapping[str, Any]) -> Meaning:
    secondary, finality = row.get("secondary"), row.get("finality")
    return Meaning(
        category=Category(row["category"]),
        sub_reason=row.get("sub_reason"),
        secondary=Category(secondary) if secondary else None,
        finality=Finality(finality) if finality else None,
    )


def _label(row: Mapping[str, Any]) -> LabelRule:
    return LabelRule(
        value=row["value"],
        meaning=_meaning(row),
        connection=row.get("connection"),
        field=row.get("field"),
        source=row.get("source"),
    )


def _scope(row: Mapping[str, Any]) -> ScopeRules:
    return ScopeRules(
        connection=row["connection"],
        include={name: tuple(values) for name, values in row.get("include", {}).items()},
        exclude={name: tuple(values) for name, values in row.get("exclude", {}).items()},
        min_amount=row.get("min_amount"),
        reached_stage=row.get("reached_stage"),
    )


def _rule(row: Mapping[str, Any]) -> WordRule:
    return WordRule(
        id=row["id"],
        meaning=_meaning(row),
        any=tuple(row.get("any", ())),
        all=tuple(row.get("all", ())),
        regex=tuple(row.get("regex", ())),
        fields=tuple(row.get("fields", ())),
        connection=row.get("connection"),
        confidence=float(row.get("confidence", 0.95)),
    )


def to_plain(mapping_set: MappingSet) -> dict[str, Any]:
    """The document as plain tables, without what is not set."""
    return {
        "name": mapping_set.name,
        "review_threshold": mapping_set.review_threshold,
        "sub_reasons": {str(key): dict(rows) for key, rows in mapping_set.sub_reasons.items()},
        "concepts": {key: _plain_meaning(meaning) for key, meaning in mapping_set.concepts.items()},
        "labels": [
            _given(value=row.value, connection=row.connection, field=row.field, source=row.source)
            | _plain_meaning(row.meaning)
            for row in mapping_set.labels
        ],
        "rules": [to_plain_rule(rule) for rule in mapping_set.rules],
        "competitors": [_given(name=rival.name, aliases=list(rival.aliases)) for rival in mapping_set.competitors],
        # Only where there are any: a document without keeps its version.
        **_given(scopes=[{"connection": one.connection, **one.record} for one in mapping_set.scopes]),
    }


def to_plain_rule(rule: WordRule) -> dict[str, Any]:
    """A rule as its document writes it."""
    lists = _given(any=list(rule.any), all=list(rule.all), regex=list(rule.regex), fields=list(rule.fields))
    return {
        "id": rule.id,
        **lists,
        **_given(connection=rule.connection),
        "confidence": rule.confidence,
    } | _plain_meaning(rule.meaning)


def _plain_meaning(meaning: Meaning) -> dict[str, Any]:
    return _given(
        category=str(meaning.category),
        sub_reason=meaning.sub_reason,
        secondary=str(meaning.secondary) if meaning.secondary else None,
        finality=str(meaning.finality) if meaning.finality else None,
    )


def _given(**values: Any) -> dict[str, Any]:  # Any: whatever TOML holds
    return {key: value for key, value in values.items() if value not in (None, [], "")}
