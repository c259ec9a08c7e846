"""Runs a query: which records, in which order, and how each is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, ValuesView
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from connectors.sandbox.salesforce.errors import RefusedError
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.soql import aggregate
from connectors.sandbox.salesforce.soql.conditions import Test, bind_condition, equal_ids, source_binder
from connectors.sandbox.salesforce.soql.fields import Getter, Scope
from connectors.sandbox.salesforce.soql.parse import located, parse
from connectors.sandbox.salesforce.soql.select import ChildRender, Render, bind_select
from connectors.sandbox.salesforce.soql.tree import Both, Call, Order, Path, Query
from connectors.sandbox.salesforce.store import Record

MAX_OFFSET = 2_000
Sorter = Callable[[list[Record]], list[Record]]
MakePage = Callable[[Sequence[Record], Render], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Result:
    """The records that answer a query, rendered when a page of them is sent."""

    object: str
    total: int
    rows: Sequence[Record]
    render: Render
    long_texts: int = 0
    query: Query | None = None
    columns: tuple[tuple[str, Getter], ...] = ()  # the plain fields selected, for a table


def run(text: str, scope: Scope, *, make_page: MakePage) -> Result:
    """The query's result. `make_page(rows, render)` answers child queries. Raises RefusedError."""
    return _Runner(scope, make_page).run(parse(text))


class _Runner:
    def __init__(self, scope: Scope, make_page: MakePage) -> None:
        self.scope = scope
        self.make_page = make_page

    def run(self, query: Query) -> Result:
        source = self._source(query)
        if aggregate.is_plain_count(query) and not query.groups:
            count = len(self.matching(query, source)[query.offset :][: query.limit])
            return Result(source.name, count, (), dict)
        if aggregate.is_aggregate(query):
            answers = aggregate.aggregate(query, source, self.scope, self.matching(query, source))
            return Result("AggregateResult", len(answers), answers, dict)
        if query.offset > MAX_OFFSET:
            raise RefusedError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        render, long_texts = bind_select(query, source, self.scope, self._child)
        end = None if query.limit is None else query.offset + query.limit
        rows = list(islice(self._in_order(query, source), query.offset, end))
        return Result(source.name, len(rows), rows, render, long_texts, query, self._columns(query, source))

    def _columns(self, query: Query, source: ObjectSpec) -> tuple[tuple[str, Getter], ...]:
        paths = [select.what for select in query.selects if isinstance(select.what, Path)]
        return tuple((path.text, self.scope.bind(path, source, query.alias).get) for path in paths)

    def _source(self, query: Query) -> ObjectSpec:
        wanted = query.source.lower()
        for spec in self.scope.schema.values():
            if spec.name.lower() == wanted:
                return spec
        says = (
            f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, be sure to "
            "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names."
        )
        raise RefusedError("INVALID_TYPE", located(says, self.scope.text, query.source_at))

    def matching(self, query: Query, source: ObjectSpec) -> list[Record]:
        """The records a query is about, in no order."""
        tests = self._tests(query, source)
        return _filtered(self._candidates(query, source), tests)

    def _in_order(self, query: Query, source: ObjectSpec) -> Iterable[Record]:
        tests, sorters = self._tests(query, source), self._sorters(query, source)
        rows = self._candidates(query, source)
        is_own = all(isinstance(order.by, Path) and len(order.by.names) == 1 for order in query.orders)
        if not (sorters and is_own and isinstance(rows, ValuesView)):
            return _ordered(_filtered(rows, tests), sorters)
        # A whole table: put in order once for all who read it in steps, and searched only as far as the limit.
        key = tuple((order.by, order.is_descending, order.nulls_last) for order in _placeless(query.orders))
        return _sifted(self.scope.store.in_order(source.name, key, lambda all_: _ordered(all_, sorters)), tests)

    def _tests(self, query: Query, source: ObjectSpec) -> list[Test]:
        """The conditions one by one: the first usually leaves few."""
        tests: list[Test] = []
        if not self.scope.is_all and "IsDeleted" in source.fields:
            tests.append(_is_live)
        if query.where is None:
            return tests
        bind = source_binder(self.scope, source, query.alias)
        condition = query.where
        is_and = isinstance(condition, Both) and condition.word == "and"
        parts = condition.parts if is_and and isinstance(condition, Both) else (condition,)
        return [*tests, *(bind_condition(part, self.scope, bind, self._inner) for part in parts)]

    def _candidates(self, query: Query, source: ObjectSpec) -> Iterable[Record]:
        rows = self.scope.store.rows(source.name, self.scope.now)
        found = equal_ids(query.where)
        if found is None or not isinstance(rows, ValuesView):
            return rows
        name, ids = found
        field = source.find(name)
        table = self.scope.store.tables[source.name]
        if field is not None and field.name == "Id":
            return [table[one] for one in sorted(ids) if one in table]
        if field is not None and field.type == "reference" and not self.scope.is_all:
            return [row for one in sorted(ids) for row in self.scope.store.children(source.name, field.name, one)]
        return rows

    def _sorters(self, query: Query, source: ObjectSpec) -> list[Sorter]:
        """What brings records into the order asked for, the last key first."""
        return [self._sorter(order, query, source) for order in reversed(query.orders)]

    def _sorter(self, order: Order, query: Query, source: ObjectSpec) -> Sorter:
        bound = self.scope.bind(order.by, source, query.alias)
        if bound.spec is not None and bound.spec.is_long_text:
            raise self.scope.malformed(f"field '{bound.spec.name}' can not be sorted in a query call", order.by.at)
        get = bound.get
        folds = bound.kind in {"string", "picklist", "textarea", "email", "combobox", "phone", "url"}
        key = (lambda row: str(get(row)).lower()) if folds else get

        def sort(rows: list[Record]) -> list[Record]:
            nulls = [row for row in rows if get(row) is None]
            others = [row for row in rows if get(row) is not None] if nulls else rows
            others = sorted(others, key=key, reverse=order.is_descending)
            return [*others, *nulls] if order.nulls_last else [*nulls, *others]

        return sort

    def _inner(self, query: Query) -> Sequence[Any]:
        """A query inside a condition: the values of the one field it selects."""
        source = self._source(query)
        what = query.selects[0].what
        if len(query.selects) != 1 or not isinstance(what, Path):
            raise self.scope.malformed("Semi join sub-selects can only select one field", query.source_at)
        get = self.scope.bind(what, source, query.alias).get
        return [get(row) for row in self.matching(query, source)]

    def _child(self, query: Query, parent: ObjectSpec) -> tuple[str, ChildRender]:
        child = next((one for one in parent.children if one.relationship.lower() == query.source.lower()), None)
        if child is None or child.object not in self.scope.schema:
            says = f"Didn't understand relationship '{query.source}' in FROM part of query call."
            raise RefusedError("INVALID_TYPE", located(says, self.scope.text, query.source_at))
        source = self.scope.schema[child.object]
        if any(isinstance(select.what, Query | Call) for select in query.selects):
            raise self.scope.malformed("Only root queries support aggregate expressions", query.source_at)
        render, _ = bind_select(query, source, self.scope, self._child)
        index = self.scope.store.child_index(child.object, child.field)  # of live records
        tests = [test for test in self._tests(query, source) if test is not _is_live]
        sorters = self._sorters(query, source)

        def answer(record: Record) -> dict[str, Any] | None:
            found = index.get(record["Id"])
            rows = _ordered(_filtered(list(found.values()), tests), sorters) if found else None
            return self.make_page(rows[: query.limit], render) if rows else None

        return child.relationship, answer


def _is_live(record: Record) -> bool:
    return not record.get("IsDeleted")


def _filtered(rows: Iterable[Record], tests: Sequence[Test]) -> list[Record]:
    return list(_sifted(rows, tests))


def _sifted(rows: Iterable[Record], tests: Sequence[Test]) -> Iterable[Record]:
    for test in tests:
        rows = filter(test, rows)
    return rows


def _placeless(orders: Sequence[Order]) -> list[Order]:
    """The same keys, wherever in a query they stood."""
    return [replace(order, by=Path(order.by.names, 0)) for order in orders if isinstance(order.by, Path)]


def _ordered(rows: list[Record], sorters: Sequence[Sorter]) -> list[Record]:
    for sort in sorters:
        rows = sort(rows)
    return rows
