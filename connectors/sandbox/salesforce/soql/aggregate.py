"""COUNT, SUM and their kin, with GROUP BY."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from connectors.sandbox.salesforce.errors import RefusedError
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.soql.conditions import bind_condition
from connectors.sandbox.salesforce.soql.fields import Bound, Scope
from connectors.sandbox.salesforce.soql.tree import Call, Path, Query, Select
from connectors.sandbox.salesforce.store import Record

FUNCTIONS = {"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"}
MAX_GROUPS = 2_000
_FOLDS: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
}


def is_aggregate(query: Query) -> bool:
    """Whether the query answers groups, not records."""
    return bool(query.groups) or any(_is_function(select.what) for select in query.selects)


def is_plain_count(query: Query) -> bool:
    """SELECT COUNT() and nothing else: answered by totalSize alone."""
    what = query.selects[0].what
    return len(query.selects) == 1 and isinstance(what, Call) and what.name == "COUNT" and what.argument is None


def _is_function(what: Path | Call | Query) -> bool:
    return isinstance(what, Call) and what.name in FUNCTIONS


def aggregate(query: Query, source: ObjectSpec, scope: Scope, rows: Iterable[Record]) -> list[dict[str, Any]]:
    """One answer a group. Raises RefusedError."""
    keys = [_key(group, source, query, scope) for group in query.groups]
    outputs = [_Output(select, source, query, scope) for select in query.selects]
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault(tuple(key.get(row) for key in keys), []).append(row)
    if not keys:
        groups.setdefault((), [])
    members = list(groups.values())
    if query.having is not None:
        members = _having(query, source, scope, members)
    members = _ordered(query, source, scope, members)
    unnamed = iter(f"expr{number}" for number in range(len(outputs)))
    names = [output.alias or output.name or next(unnamed) for output in outputs]
    answers = [
        {"attributes": {"type": "AggregateResult"}, **{n: o.of(rows) for n, o in zip(names, outputs, strict=True)}}
        for rows in members[query.offset :][: query.limit]
    ]
    if len(answers) > MAX_GROUPS:
        says = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
        raise RefusedError("EXCEEDED_ID_LIMIT", says)
    return answers


def _key(group: Path | Call, source: ObjectSpec, query: Query, scope: Scope) -> Bound:
    bound = scope.bind(group, source, query.alias)
    if bound.spec is not None and not bound.spec.is_groupable:
        raise scope.malformed(f"field '{bound.spec.name}' can not be grouped in a query call", group.at)
    return bound


class _Output:
    """One selected thing of a group."""

    def __init__(self, select: Select, source: ObjectSpec, query: Query, scope: Scope) -> None:
        what = select.what
        if isinstance(what, Query):
            raise scope.malformed("Subqueries are not allowed in aggregate queries", 0)
        self.alias = select.alias
        self.name = "" if isinstance(what, Call) else what.names[-1]
        self.of = _fold(what, source, query, scope)
        if not _is_function(what) and not any(_same(what, group) for group in query.groups):
            text = what.text if isinstance(what, Path) else what.name
            raise scope.malformed(f"Field must be grouped or aggregated: {text}", what.at)


def _fold(what: Path | Call, source: ObjectSpec, query: Query, scope: Scope) -> Callable[[list[Record]], Any]:
    if isinstance(what, Call) and what.name in FUNCTIONS:
        if what.argument is None:
            return len
        get, fold = scope.bind(what.argument, source, query.alias).get, _FOLDS[what.name]
        return lambda rows: fold([value for row in rows if (value := get(row)) is not None])
    first = scope.bind(what, source, query.alias).get
    return lambda rows: first(rows[0]) if rows else None


def _same(left: Path | Call | None, right: Path | Call | None) -> bool:
    if isinstance(left, Path) and isinstance(right, Path):
        return left.text.lower() == right.text.lower()
    if isinstance(left, Call) and isinstance(right, Call):
        return left.name == right.name and _same(left.argument, right.argument)
    return False


def _having(query: Query, source: ObjectSpec, scope: Scope, members: list[list[Record]]) -> list[list[Record]]:
    def bind(what: Any) -> Bound:
        fold = _fold(what, source, query, scope)
        kind = "int" if _is_function(what) else scope.bind(what, source, query.alias).kind
        return Bound("", kind, lambda row: fold(row["rows"]), None, source)

    assert query.having is not None  # noqa: S101  # the caller looked
    test = bind_condition(query.having, scope, bind, lambda _: ())
    return [rows for rows in members if test({"rows": rows})]


def _ordered(query: Query, source: ObjectSpec, scope: Scope, members: list[list[Record]]) -> list[list[Record]]:
    for order in reversed(query.orders):
        fold = _fold(order.by, source, query, scope)

        def key(rows: list[Record], fold: Callable[[list[Record]], Any] = fold) -> tuple[bool, Any]:
            value = fold(rows)
            return (value is not None, value if value is not None else 0)

        members = sorted(members, key=key, reverse=order.is_descending)
    return members
