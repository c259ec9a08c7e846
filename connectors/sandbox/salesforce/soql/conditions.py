"""Conditions turned into functions over records."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from connectors.sandbox.salesforce.errors import RefusedError
from connectors.sandbox.salesforce.ids import to_18
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.soql import days
from connectors.sandbox.salesforce.soql.fields import Bound, Getter, Scope
from connectors.sandbox.salesforce.soql.parse import located
from connectors.sandbox.salesforce.soql.tree import Both, Call, Compare, Condition, Literal, Not, Query
from connectors.sandbox.salesforce.store import Record

Test = Callable[[Record], bool]
InnerQuery = Callable[[Query], Sequence[Any]]
Binder = Callable[[Any], Bound]

_NUMBERS = {"int", "double", "currency", "percent", "long"}
_IDS = {"id", "reference"}
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}  # fmt: skip
_WANTED = {
    "boolean": "boolean", "date": "date", "datetime": "dateTime", "currency": "currency", "double": "double",
    "int": "int", "percent": "percent",
}  # fmt: skip


def bind_condition(condition: Condition, scope: Scope, bind: Binder, inner: InnerQuery) -> Test:
    """The condition as a test of one record. Raises RefusedError."""
    if isinstance(condition, Both):
        tests = [bind_condition(part, scope, bind, inner) for part in condition.parts]
        if condition.word == "and":
            return lambda record: all(test(record) for test in tests)
        return lambda record: any(test(record) for test in tests)
    if isinstance(condition, Not):
        test = bind_condition(condition.part, scope, bind, inner)
        return lambda record: not test(record)
    return _Comparison(condition, scope, bind(condition.left), inner).test()


def source_binder(scope: Scope, source: ObjectSpec, alias: str | None) -> Binder:
    """Binds what stands in WHERE, where long texts may not."""

    def bind(what: Any) -> Bound:
        bound = scope.bind(what, source, alias)
        if bound.spec is not None and bound.spec.is_long_text:
            raise scope.invalid_field(f"field '{bound.spec.name}' can not be filtered in a query call", what.at)
        return bound

    return bind


class _Comparison:
    def __init__(self, compare: Compare, scope: Scope, bound: Bound, inner: InnerQuery) -> None:
        self.compare = compare
        self.scope = scope
        self.bound = bound
        self.inner = inner

    def test(self) -> Test:
        op, right, get = self.compare.op, self.compare.right, self.bound.get
        if op in {"in", "not in"}:
            return _member(get, self._values(right), wanted=op == "in", folds=self._folds())
        if op in {"includes", "excludes"}:
            return self._includes(right, wanted=op == "includes")
        assert isinstance(right, Literal)  # noqa: S101  # the parser gives lists to the words above only
        if right.kind == "range":
            return self._range(right)
        value = self._value(right)
        if op == "like":
            return self._like(str(value))
        if op in {"=", "!="}:
            return _equal(get, value, wanted=op == "=", folds=self._folds())
        return self._ordered(value)

    def _folds(self) -> bool:
        return self.bound.kind not in _NUMBERS | _IDS | {"boolean", "date", "datetime"}

    def _values(self, right: Literal | tuple[Literal, ...] | Query) -> set[Any]:
        if isinstance(right, Query):
            return set(self.inner(right))
        assert isinstance(right, tuple)  # noqa: S101  # the parser gives nothing else to IN
        return {self._value(literal) for literal in right}

    def _value(self, literal: Literal) -> Any:
        kind = self.bound.kind
        if literal.kind == "null":
            return None
        if kind in _IDS:
            found = to_18(literal.value) if literal.kind == "string" else None
            if found is None:
                message = located(f"invalid ID field: {literal.value}", self.scope.text, literal.at)
                raise RefusedError("INVALID_QUERY_FILTER_OPERATOR", message)
            return found
        if not self._fits(literal.kind):
            raise self._wrong_type(literal)
        if literal.kind == "datetime":
            try:
                return days.moment_text(literal.value)
            except ValueError:
                raise self.scope.malformed(f"Invalid datetime: {literal.value}", literal.at) from None
        if literal.kind == "string":
            return literal.value.lower()
        return literal.value

    def _fits(self, literal_kind: str) -> bool:
        kind = self.bound.kind
        if kind in _NUMBERS:
            return literal_kind == "number"
        if kind in {"boolean", "date", "datetime"}:
            return literal_kind == kind
        return literal_kind == "string"

    def _wrong_type(self, literal: Literal) -> RefusedError:
        wanted = _WANTED.get(self.bound.kind)
        ends = "and should not be enclosed in quotes" if wanted else "and should be enclosed in quotes"
        says = f"value of filter criterion for field '{self.bound.name}' must be of type {wanted or 'string'} {ends}"
        return self.scope.invalid_field(says, literal.at)

    def _operator_refused(self) -> RefusedError:
        message = located("invalid operator on " + self.bound.kind + " field", self.scope.text, self.compare.at)
        return RefusedError("INVALID_QUERY_FILTER_OPERATOR", message)

    def _ordered(self, value: Any) -> Test:
        if self.bound.kind == "boolean" or value is None:
            raise self._operator_refused()
        get, holds, folds = self.bound.get, _ORDERED[self.compare.op], self._folds()

        def test(record: Record) -> bool:
            seen = get(record)
            if seen is None:
                return False
            return holds(seen.lower() if folds else seen, value)

        return test

    def _like(self, pattern: str) -> Test:
        if not self._folds():
            raise self._operator_refused()
        match, get = _like_pattern(pattern), self.bound.get
        return lambda record: match.fullmatch(str(get(record) or "")) is not None

    def _includes(self, right: Any, *, wanted: bool) -> Test:
        if self.bound.kind != "multipicklist":
            raise self._operator_refused()
        groups = [set(str(value).split(";")) for value in self._values(right)]
        get = self.bound.get

        def test(record: Record) -> bool:
            seen = set(str(get(record) or "").lower().split(";"))
            return any(group <= seen for group in groups) is wanted

        return test

    def _range(self, literal: Literal) -> Test:
        kind = self.bound.kind
        if kind not in {"date", "datetime"}:
            raise self._wrong_type(literal)
        today = self.scope.now.astimezone(self.scope.zone).date()
        word, count = literal.value
        first, last = days.date_range(word, count, today)
        start, end = days.day_texts(first, last) if kind == "date" else days.moment_texts(first, last, self.scope.zone)
        return _within(self.bound.get, self.compare.op, start, end)


def _member(get: Getter, values: set[Any], *, wanted: bool, folds: bool) -> Test:
    if folds:
        return lambda record: ((value.lower() if isinstance(value := get(record), str) else value) in values) is wanted
    return lambda record: (get(record) in values) is wanted


def _equal(get: Getter, value: Any, *, wanted: bool, folds: bool) -> Test:
    if value is None:
        return lambda record: (get(record) in {None, ""}) is wanted
    if not folds:
        return lambda record: (get(record) == value) is wanted
    return lambda record: (str(get(record) or "").lower() == value) is wanted


def _within(get: Getter, op: str, start: str, end: str) -> Test:
    def test(record: Record) -> bool:
        seen = get(record)
        if seen is None:
            return op == "!="
        table = {
            "=": start <= seen < end, "!=": not start <= seen < end, "<": seen < start, "<=": seen < end,
            ">": seen >= end, ">=": seen >= start,
        }  # fmt: skip
        return bool(table[op])

    return test


def _like_pattern(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\\[%_]|%|_)", pattern)
    table = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_"}
    return re.compile("".join(table.get(part, re.escape(part)) for part in parts), re.IGNORECASE | re.DOTALL)


def equal_ids(condition: Condition | None) -> tuple[str, set[str]] | None:
    """A field and the ids it must be one of, where the condition says so: those records are looked up, not searched."""
    parts = condition.parts if isinstance(condition, Both) and condition.word == "and" else (condition,)
    for part in parts:
        if not isinstance(part, Compare) or isinstance(part.left, Call) or len(part.left.names) != 1:
            continue
        literals = (part.right,) if part.op == "=" else part.right if part.op == "in" else None
        if isinstance(literals, tuple) and all(isinstance(one, Literal) and one.kind == "string" for one in literals):
            ids = {to_18(one.value) for one in literals if isinstance(one, Literal)}
            if None not in ids:
                return part.left.names[0], {one for one in ids if one is not None}
    return None
