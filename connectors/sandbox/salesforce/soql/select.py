"""What a query answers for each record: fields in their order, parents nested, children as queries of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import orjson

from connectors.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from connectors.sandbox.salesforce.soql.fields import Scope
from connectors.sandbox.salesforce.soql.tree import Call, Path, Query, Select
from connectors.sandbox.salesforce.store import Record

Render = Callable[[Record], dict[str, Any]]
ChildRender = Callable[[Record], dict[str, Any] | None]
MakeChild = Callable[[Query, ObjectSpec], tuple[str, ChildRender]]


@dataclass(slots=True)
class _Node:
    """One object's part of the answer: names in order, each a field, a parent or a child query."""

    object: ObjectSpec
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    parents: dict[str, tuple[FieldSpec, _Node]] = field(default_factory=dict)
    children: dict[str, ChildRender] = field(default_factory=dict)
    computed: dict[str, Callable[[Record], Any]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


def bind_select(query: Query, source: ObjectSpec, scope: Scope, make_child: MakeChild) -> tuple[Render, int]:
    """How to render a record, and how many long texts that takes. Raises RefusedError."""
    root = _Node(source)
    for select in _expanded(query, source, scope):
        if isinstance(select.what, Query):
            name, render = make_child(select.what, source)
            root.children[name] = render
            root.order.append(name)
        elif isinstance(select.what, Call):
            bound = scope.bind(select.what, source, query.alias)
            name = select.alias or (bound.spec.name if bound.spec else f"expr{len(root.computed)}")
            root.computed[name] = bound.get
            root.order.append(name)
        elif select.alias is not None:
            raise scope.malformed("only aggregate expressions use field aliasing", select.what.at)
        else:
            _add_path(root, select.what, scope, query.alias)
    return _renderer(root, scope), _long_texts(root)


def _expanded(query: Query, source: ObjectSpec, scope: Scope) -> Sequence[Select]:
    selects: list[Select] = []
    for select in query.selects:
        what = select.what
        if not (isinstance(what, Call) and what.name == "FIELDS" and isinstance(what.argument, Path)):
            selects.append(select)
            continue
        group = what.argument.text.upper()
        if group in {"ALL", "CUSTOM"} and not 0 < (query.limit or 0) <= 200:
            raise scope.malformed("The SOQL FIELDS function must have a LIMIT of at most 200", what.at)
        wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}.get(group, ())
        names = [spec.name for spec in source.fields.values() if spec.is_custom in wanted]
        selects += [Select(Path((name,), what.at)) for name in names]
    return selects


def _add_path(root: _Node, path: Path, scope: Scope, alias: str | None) -> None:
    bound = scope.bind(path, root.object, alias)
    node = root
    for name in scope.steps(path, root.object, alias)[:-1]:
        reference = node.object.parent(name)
        assert reference is not None  # noqa: S101  # bind has just followed it
        key = reference.relationship or name
        if key not in node.parents:
            node.parents[key] = (reference, _Node(scope.parent_object(reference)))
            node.order.append(key)
        node = node.parents[key][1]
    assert bound.spec is not None  # noqa: S101  # only functions have none
    if bound.spec.name in node.fields:
        raise scope.invalid_field(f"duplicate field selected: {bound.spec.name}", path.at)
    node.fields[bound.spec.name] = bound.spec
    node.order.append(bound.spec.name)


def _long_texts(node: _Node) -> int:
    own = sum(spec.is_long_text for spec in node.fields.values())
    return own + sum(_long_texts(parent) for _, parent in node.parents.values())


def _renderer(node: _Node, scope: Scope) -> Render:
    """Plain fields go over in one sweep; what has to be worked out takes its place among them afterwards."""
    base = f"/services/data/v{scope.version}/sobjects/"
    kind = node.object.name
    steps = [(name, _step(node, name, scope)) for name in node.order if name not in node.fields]
    keys = ("attributes", *node.order)
    values = itemgetter("Id", *(name if name in node.fields else "Id" for name in node.order))

    def render(record: Record) -> dict[str, Any]:
        answer = dict(zip(keys, values(record), strict=True))
        seen = record["Type"] if kind == "Name" else kind
        answer["attributes"] = {"type": seen, "url": f"{base}{seen}/{record['Id']}"}
        for name, step in steps:
            answer[name] = step(record)
        return answer

    return render


def _step(node: _Node, name: str, scope: Scope) -> Callable[[Record], Any]:
    if name in node.parents:
        reference, parent = node.parents[name]
        return _parent_step(scope.parent_of(reference), reference.name, _renderer(parent, scope))
    if name in node.children:
        return node.children[name]
    return node.computed[name]


def _parent_step(follow: Callable[[Record], Record | None], field: str, render: Render) -> Callable[[Record], Any]:
    """Parents are few and shared: each is rendered once a query, for as long as it is the same record."""
    seen: dict[str, tuple[Record, orjson.Fragment]] = {}

    def nested(record: Record) -> orjson.Fragment | None:
        found = follow(record)
        if found is None:
            return None
        known = seen.get(record[field])
        if known is None or known[0] is not found:
            known = seen[record[field]] = (found, orjson.Fragment(orjson.dumps(render(found))))
        return known[1]

    return nested
