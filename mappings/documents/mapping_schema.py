"""What a mapping set's document may hold, with complaints that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from rapidfuzz import process

from mappings.documents.toml import DocumentError, Problem, line_of, schema_problems
from mappings.taxonomy import Category, Finality


def _one_of(allowed: Iterable[str], what: str) -> Any:  # Any: marshmallow's validator protocol
    names = sorted(allowed)

    def check(value: str) -> None:
        if value not in names:
            raise ValidationError(
                f"unknown {what} '{value}'{_did_you_mean(value, names)}; use one of: {', '.join(names)}"
            )

    return check


def _did_you_mean(value: str, names: list[str]) -> str:
    near = process.extractOne(str(value), names, score_cutoff=70)
    return f" (did you mean '{near[0]}'?)" if near else ""


_category = _one_of([str(category) for category in Category], "category")
_finality = _one_of([str(finality) for finality in Finality], "finality")
_MAPPED = ("reason", "topic")
"""Kinds of concepts that mean a category; the others shape how those are read."""


def _regex(value: str) -> None:
    try:
        re.compile(value)
    except re.error as error:
        raise ValidationError(f"not a regular expression: {error}") from error


class _Document(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "no such setting here; remove it or correct its name"}  # noqa: RUF012  # marshmallow reads it so


class MeaningSchema(_Document):
    category = fields.String(required=True, validate=_category)
    sub_reason = fields.String()
    secondary = fields.String(validate=_category)
    finality = fields.String(validate=_finality)


class LabelSchema(MeaningSchema):
    value = fields.String(required=True, validate=validate.Length(min=1, error="give the reason value, word for word"))
    connection = fields.String()
    field = fields.String()
    source = fields.String()


SCOPED_BY = ("record_type", "pipeline", "type")
_VALUES = fields.List(fields.String(validate=validate.Length(min=1)), validate=validate.Length(min=1))


def _attribute(name: str) -> None:
    if name not in SCOPED_BY:
        raise ValidationError(f"'{name}' is nothing to choose deals by; use one of: {', '.join(SCOPED_BY)}")


class RuleSchema(MeaningSchema):
    id = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9_.-]+$", error="use letters, digits, '.', '_' and '-' only"),
    )
    any = fields.List(fields.String(validate=validate.Length(min=1)))
    all = fields.List(fields.String(validate=validate.Length(min=1)))
    regex = fields.List(fields.String(validate=_regex))
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    connection = fields.String()
    confidence = fields.Float(validate=validate.Range(min=0, max=1, error="a confidence lies between 0 and 1"))


class CompetitorSchema(_Document):
    name = fields.String(required=True, validate=validate.Length(min=1))
    aliases = fields.List(fields.String(validate=validate.Length(min=1)))


class ScopeSchema(_Document):
    """A min_amount is written in quotes, so that no digit is lost."""

    connection = fields.String(required=True, validate=validate.Length(min=1))
    include = fields.Dict(keys=fields.String(validate=_attribute), values=_VALUES)
    exclude_ = fields.Dict(
        keys=fields.String(validate=_attribute), values=_VALUES, data_key="exclude", attribute="exclude"
    )
    min_amount = fields.String(
        validate=validate.Regexp(r"^[0-9]{1,15}([.][0-9]{1,4})?$", error='write an amount in quotes, such as "5000"')
    )
    reached_stage = fields.String(validate=validate.Length(min=1))


class MappingSetSchema(_Document):
    name = fields.String()
    review_threshold = fields.Float(validate=validate.Range(min=0, max=1, error="a threshold lies between 0 and 1"))
    sub_reasons = fields.Dict(
        keys=fields.String(validate=_category), values=fields.Dict(fields.String(), fields.String())
    )
    concepts = fields.Dict(keys=fields.String(), values=fields.Nested(MeaningSchema))
    labels = fields.List(fields.Nested(LabelSchema))
    rules = fields.List(fields.Nested(RuleSchema))
    competitors = fields.List(fields.Nested(CompetitorSchema))
    scopes = fields.List(fields.Nested(ScopeSchema))


def checked(text: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document if it is valid. Raises DocumentError with every fault."""
    messages = MappingSetSchema(unknown=RAISE).validate(dict(document))
    if messages:
        raise DocumentError(schema_problems(text, _without_dict_layers(messages)))
    problems = [
        *_unknown_sub_reasons(text, document),
        *_unknown_concepts(text, document),
        *_rule_faults(text, document),
        *_scope_faults(text, document),
    ]
    if problems:
        raise DocumentError(problems)
    return dict(document)


def _without_dict_layers(messages: Any) -> Any:  # Any: marshmallow's nested messages
    """marshmallow's `Dict` field puts a `key` or `value` between a key and its message."""
    if not isinstance(messages, dict):
        return messages
    if messages and set(messages) <= {"key", "value"}:
        merged = [_without_dict_layers(part) for part in messages.values()]
        return merged[0] if len(merged) == 1 else [str(part) for part in merged]
    return {key: _without_dict_layers(part) for key, part in messages.items()}


def _meanings(document: Mapping[str, Any]) -> Iterable[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    for name, row in document.get("concepts", {}).items():
        yield ("concepts", name), row
    for kind in ("labels", "rules"):
        for number, row in enumerate(document.get(kind, ())):
            yield (kind, number), row


def _unknown_sub_reasons(text: str, document: Mapping[str, Any]) -> Iterable[Problem]:
    known = document.get("sub_reasons", {})
    for path, row in _meanings(document):
        allowed = sorted(known.get(row["category"], {}))
        sub_reason = row.get("sub_reason")
        if sub_reason and sub_reason not in allowed:
            says = f"unknown sub-reason '{sub_reason}' under {row['category']}{_did_you_mean(sub_reason, allowed)}; "
            says += f"use one of: {', '.join(allowed)}, or add it to [sub_reasons.{row['category']}]"
            yield Problem(line=line_of(text, (*path, "sub_reason")), path=_spell((*path, "sub_reason")), says=says)


def _unknown_concepts(text: str, document: Mapping[str, Any]) -> Iterable[Problem]:
    from mappings.reading.lexicon import shipped_concepts

    names = sorted(name for name, concept in shipped_concepts().items() if concept.kind in _MAPPED)
    for name in document.get("concepts", {}):
        if name not in names:
            says = f"unknown concept '{name}'{_did_you_mean(name, names)}; use one of: {', '.join(names)}"
            yield Problem(line=line_of(text, ("concepts", name)), path=f"concepts.{name}", says=says)


def _rule_faults(text: str, document: Mapping[str, Any]) -> Iterable[Problem]:
    seen: set[str] = set()
    for number, row in enumerate(document.get("rules", ())):
        path = ("rules", number)
        if not (row.get("any") or row.get("all") or row.get("regex")):
            yield Problem(line=line_of(text, path), path=_spell(path), says="a rule needs words in any, all or regex")
        if row["id"] in seen:
            yield Problem(
                line=line_of(text, (*path, "id")), path=_spell((*path, "id")), says=f"id '{row['id']}' is used twice"
            )
        seen.add(row["id"])


def _scope_faults(text: str, document: Mapping[str, Any]) -> Iterable[Problem]:
    seen: set[str] = set()
    for number, row in enumerate(document.get("scopes", ())):
        path = ("scopes", number, "connection")
        if row["connection"] in seen:
            says = f"connection '{row['connection']}' has a scope already; one is enough"
            yield Problem(line=line_of(text, path), path=_spell(path), says=says)
        seen.add(row["connection"])


def _spell(path: Iterable[str | int]) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
