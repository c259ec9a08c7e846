"""SOQL in a small way: parse a query into a tree, and answer it from tables of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

Record = dict[str, Any]
TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:\\.|[^'\\])*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>-?\d+(?:\.\d+)?)
  | (?P<op><=|>=|!=|<>|=|<|>)
  | (?P<punct>[(),])
  | (?P<word>[A-Za-z_][A-Za-z0-9_.]*(?::\d+)?)
    )""",
    re.VERBOSE,
)
WORDS_OF_TIME = {"today": 0, "yesterday": -1, "tomorrow": 1}


class SoqlError(Exception):
    """A query that this org would refuse."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Org(Protocol):
    """What a query is answered from."""

    def rows(self, kind: str, *, with_deleted: bool) -> list[Record]:
        """Every record of one object, or SoqlError INVALID_TYPE."""

    def field_type(self, kind: str, name: str) -> str:
        """The field's type, or SoqlError INVALID_FIELD."""

    def field_name(self, kind: str, name: str) -> str:
        """The field's name in its own spelling."""

    def parent(self, kind: str, record: Record, relation: str) -> tuple[str, Record | None]:
        """The object and the record that a relationship leads to, or SoqlError."""

    def children(self, kind: str, record: Record, relation: str) -> tuple[str, str]:
        """The child object and its foreign key, or SoqlError."""


@dataclass
class Select:
    """A parsed query."""

    kind: str = ""
    paths: list[str] = field(default_factory=list)
    calls: list[tuple[str, str | None, str]] = field(default_factory=list)
    subqueries: list[Select] = field(default_factory=list)
    where: Callable[[Org, str, Record], bool] | None = None
    group: list[tuple[str, str, str]] = field(default_factory=list)
    order: list[tuple[str, bool, bool]] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        text, place = text.rstrip(), 0
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found:
                raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{text[place : place + 12]}'")
            self.tokens.append((found.lastgroup or "", found.group(found.lastgroup or 0)))
            place = found.end()
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][1].lower() if place < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        if self.at >= len(self.tokens):
            raise SoqlError("MALFORMED_QUERY", "unexpected end of query")
        word = self.tokens[self.at][1]
        if expected and word.lower() not in expected:
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{word}', expecting {expected}")
        self.at += 1
        return word

    def accept(self, *words: str) -> bool:
        if all(self.peek(place) == word for place, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def select(self) -> Select:
        query = Select()
        self.take("select")
        while True:
            self._item(query)
            if not self.accept(","):
                break
        self.take("from")
        query.kind = self.take()
        if self.accept("where"):
            query.where = self.condition()
        if self.accept("with"):
            raise SoqlError("MALFORMED_QUERY", "WITH is not spoken here")
        if self.accept("group", "by"):
            while True:
                path, fn = self.take(), ""
                if self.accept("("):
                    fn, path = path, self.take()
                    self.take(")")
                query.group.append((path, fn, path))
                if not self.accept(","):
                    break
        if self.accept("order", "by"):
            self._order(query)
        if self.accept("limit"):
            query.limit = int(self.take())
        if self.accept("offset"):
            query.offset = int(self.take())
        return query

    def _item(self, query: Select) -> None:
        if self.accept("("):
            query.subqueries.append(self.select())
            self.take(")")
            return
        name = self.take()
        if not self.accept("("):
            query.paths.append(name)
            return
        argument = None if self.peek() == ")" else self.take()
        self.take(")")
        alias = ""
        if self.peek() not in {",", "from", ""}:
            alias = self.take()
        if name.lower() in {"tolabel", "format", "convertcurrency"} and argument:
            query.paths.append(argument)
        else:
            query.calls.append((name.lower(), argument, alias))

    def _order(self, query: Select) -> None:
        while True:
            path = self.take()
            if self.accept("("):
                path = f"{path}({self.take()})"
                self.take(")")
            down = self.accept("desc") or (self.accept("asc") and False)
            nulls_last = False
            if self.accept("nulls"):
                nulls_last = self.take("first", "last").lower() == "last"
            query.order.append((path, down, nulls_last))
            if not self.accept(","):
                return

    def condition(self) -> Callable[[Org, str, Record], bool]:
        first = self._factor()
        joined = self.peek()
        if joined not in {"and", "or"}:
            return first
        parts = [first]
        while self.peek() in {"and", "or"}:
            if self.peek() != joined:
                raise SoqlError("MALFORMED_QUERY", f"unexpected token: {self.peek()} (mix AND and OR with parentheses)")
            self.at += 1
            parts.append(self._factor())
        every = joined == "and"
        return lambda org, kind, record: (all if every else any)([part(org, kind, record) for part in parts])

    def _factor(self) -> Callable[[Org, str, Record], bool]:
        if self.accept("not"):
            inner = self._factor()
            return lambda org, kind, record: not inner(org, kind, record)
        if self.accept("("):
            inside = self.condition()
            self.take(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Callable[[Org, str, Record], bool]:
        path, fn = self.take(), ""
        if self.accept("("):
            fn, path = path.lower(), self.take()
            self.take(")")
        operator = "not in" if self.accept("not", "in") else self.take().lower()
        if operator in {"in", "not in", "includes", "excludes"}:
            self.take("(")
            if self.peek() == "select":
                inner = self.select()
                self.take(")")
                return lambda org, kind, record: _semi_join(org, kind, record, path, operator, inner)
            values = [self._literal()]
            while self.accept(","):
                values.append(self._literal())
            self.take(")")
            if operator in {"in", "not in"}:
                return _Among(path, fn, operator, values)
            return lambda org, kind, record: _matches(org, kind, record, path, fn, operator, values)
        if operator not in {"=", "!=", "<>", "<", ">", "<=", ">=", "like"}:
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{operator}'")
        value = self._literal()
        return lambda org, kind, record: _matches(org, kind, record, path, fn, operator, [value])

    def _literal(self) -> tuple[str, Any]:
        if self.at >= len(self.tokens):
            raise SoqlError("MALFORMED_QUERY", "unexpected end of query")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "string":
            return "string", re.sub(
                r"\\(.)", lambda hit: {"n": "\n", "r": "\r", "t": "\t"}.get(hit[1], hit[1]), text[1:-1]
            )
        if kind == "number":
            return "number", float(text)
        if kind == "date":
            return "date", date.fromisoformat(text)
        if kind == "datetime":
            return "datetime", parse_instant(text)
        word = text.lower()
        if word in {"true", "false"}:
            return "boolean", word == "true"
        if word == "null":
            return "null", None
        if word in WORDS_OF_TIME or word.startswith(("last_n_days:", "next_n_days:")):
            return "relative", word
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{text}'")


def parse_instant(text: str) -> datetime:
    """An instant as SOQL or JSON writes it."""
    text = text.replace("Z", "+00:00")
    if re.search(r"[+-]\d{4}$", text):
        text = text[:-2] + ":" + text[-2:]
    return datetime.fromisoformat(text).astimezone(UTC)


def parse(text: str) -> Select:
    """The query's tree. Raises SoqlError MALFORMED_QUERY."""
    parser = _Parser(text)
    found = parser.select()
    if parser.at < len(parser.tokens):
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{parser.tokens[parser.at][1]}'")
    return found


def value_at(org: Org, kind: str, record: Record, path: str) -> tuple[str, Any]:
    """The type and value at a dotted path."""
    *relations, name = path.split(".")
    here: Record | None = record
    if relations and relations[0].lower() == kind.lower():
        relations = relations[1:]
    for relation in relations:
        kind, here = org.parent(kind, here or {}, relation)
    sort = org.field_type(kind, name)
    return sort, None if here is None else here.get(org.field_name(kind, name))


class _Among:
    """`IN` with a list of values. A list may hold hundreds, and is asked of every record: it becomes a set once."""

    def __init__(self, path: str, fn: str, operator: str, values: Sequence[tuple[str, Any]]) -> None:
        self.path, self.fn, self.operator, self.values = path, fn, operator, values
        self.sets: dict[str, frozenset[str] | None] = {}

    def __call__(self, org: Org, kind: str, record: Record) -> bool:
        sort, value = value_at(org, kind, record, self.path)
        if sort not in self.sets:
            self.sets[sort] = self._set(sort)
        known = self.sets[sort]
        if known is None or value is None:
            return _matches(org, kind, record, self.path, self.fn, self.operator, self.values)
        found = (str(value)[:15] if sort in {"id", "reference"} else str(value).lower()) in known
        return found == (self.operator == "in")

    def _set(self, sort: str) -> frozenset[str] | None:
        """What `_equal` would compare with, where all of it is text."""
        _check_types(self.path, sort, self.values)
        if self.fn or any(kind != "string" or value is None for kind, value in self.values):
            return None
        cut = sort in {"id", "reference"}
        return frozenset(str(value)[:15] if cut else str(value).lower() for _, value in self.values)


def _semi_join(org: Org, kind: str, record: Record, path: str, operator: str, inner: Select) -> bool:
    values = set()
    for row in _chosen(org, inner, with_deleted=False):
        values.add(value_at(org, inner.kind, row, inner.paths[0])[1])
    found = value_at(org, kind, record, path)[1] in values
    return found == (operator == "in")


def _matches(
    org: Org, kind: str, record: Record, path: str, fn: str, operator: str, literals: Sequence[tuple[str, Any]]
) -> bool:
    sort, value = value_at(org, kind, record, path)
    if fn in {"calendar_year", "calendar_month"} and value is not None:
        day = date.fromisoformat(value[:10])
        sort, value = "double", day.year if fn == "calendar_year" else day.month
    _check_types(path, sort, literals)
    if operator in {"in", "not in"}:
        return any(_equal(sort, value, one) for one in literals) == (operator == "in")
    if operator in {"includes", "excludes"}:
        have = set((value or "").split(";"))
        return any(set(str(text).split(";")) <= have for _, text in literals) == (operator == "includes")
    if operator in {"=", "!=", "<>"}:
        return _equal(sort, value, literals[0]) == (operator == "=")
    if value is None:
        return False
    if operator == "like":
        pattern = re.escape(str(literals[0][1])).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, str(value), re.IGNORECASE | re.DOTALL) is not None
    left, right = _comparable(sort, value), _literal_value(sort, literals[0])
    if right is None:
        return False
    ordered: dict[str, bool] = {
        "<": left < right,
        ">": left > right,
        "<=": left <= right,
        ">=": left >= right,
    }
    return ordered[operator]


def _check_types(path: str, sort: str, literals: Sequence[tuple[str, Any]]) -> None:
    if sort == "textarea":
        raise SoqlError("INVALID_FIELD", f"field '{path}' can not be filtered in a query call")
    allowed = {
        "date": {"date", "null", "relative"},
        "datetime": {"datetime", "null", "relative"},
        "boolean": {"boolean", "null"},
        "double": {"number", "null"},
        "int": {"number", "null"},
        "currency": {"number", "null"},
        "percent": {"number", "null"},
    }.get(sort, {"string", "null"})
    for kind, _ in literals:
        if kind not in allowed:
            raise SoqlError("INVALID_FIELD", f"value of filter criterion for field '{path}' must be of type {sort}")


def _equal(sort: str, value: Any, literal: tuple[str, Any]) -> bool:
    kind, wanted = literal
    if wanted is None or value is None:
        return value is None and (wanted is None or wanted == "")
    if sort in {"id", "reference"}:
        return bool(str(value)[:15] == str(wanted)[:15])
    if kind == "string":
        return str(value).lower() == str(wanted).lower()
    return bool(_comparable(sort, value) == _literal_value(sort, literal))


def _comparable(sort: str, value: Any) -> Any:
    if sort == "datetime":
        return parse_instant(value)
    if sort == "date":
        return date.fromisoformat(value)
    if sort in {"double", "currency", "percent", "int"}:
        return float(value)
    return str(value).lower() if sort not in {"id", "reference", "boolean"} else value


def _literal_value(sort: str, literal: tuple[str, Any]) -> Any:
    kind, value = literal
    if kind == "relative":
        from tests.torture.emulators.wire import now

        days = WORDS_OF_TIME.get(value)
        if days is None:
            days = int(value.split(":")[1]) * (-1 if value.startswith("last") else 1)
        start = now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
        return start.date() if sort == "date" else start
    if kind == "string" and sort not in {"id", "reference"}:
        return str(value).lower()
    return value


def _chosen(org: Org, query: Select, *, with_deleted: bool, rows: list[Record] | None = None) -> list[Record]:
    found = org.rows(query.kind, with_deleted=with_deleted) if rows is None else rows
    if query.where is not None:
        if not found:
            query.where(org, query.kind, {})  # a bad field is refused even where there is nothing to find
        found = [row for row in found if query.where(org, query.kind, row)]
    return found


def _sort_key(sort: str, value: Any, *, nulls_last: bool) -> tuple[bool, Any]:
    if value is None:
        return nulls_last, 0
    comparable = _comparable(sort, value)
    if sort == "boolean":
        comparable = int(comparable)
    return not nulls_last, comparable


def _ordered(org: Org, query: Select, rows: list[Record]) -> list[Record]:
    for path, down, nulls_last in reversed(query.order):
        sort = org.field_type(query.kind, path) if "." not in path else ""
        if sort == "textarea":
            raise SoqlError("MALFORMED_QUERY", f"field '{path}' can not be sorted in a query call")

        def key(row: Record, path: str = path, nulls_last: bool = nulls_last, down: bool = down) -> tuple[bool, Any]:
            kind, value = value_at(org, query.kind, row, path)
            return _sort_key(kind, value, nulls_last=nulls_last != down)

        rows = sorted(rows, key=key, reverse=down)
    return rows


def run(org: Org, query: Select, *, version: str, with_deleted: bool) -> tuple[int, list[Record]]:
    """The total and the records, as they stand in an answer."""
    rows = _chosen(org, query, with_deleted=with_deleted)
    if query.calls == [("count", None, "")] and not query.group:
        return len(rows), []
    if query.calls or query.group:
        found = list(_aggregated(org, query, rows))
        return len(found), found
    rows = _ordered(org, query, rows)[query.offset :]
    if query.limit is not None:
        rows = rows[: query.limit]
    if not rows:
        for path in query.paths:
            value_at(org, query.kind, {}, path)
    return len(rows), [rendered(org, query, row, version=version) for row in rows]


def rendered(org: Org, query: Select, row: Record, *, version: str) -> Record:
    """One record with its parents and children, as REST shows it."""
    kind = query.kind
    shown: Record = {"attributes": _attributes(kind, row, version)}
    for path in query.paths:
        _show(org, kind, row, path.split("."), shown, version)
    for child in query.subqueries:
        child_kind, key = org.children(kind, row, child.kind)
        inner = Select(**{**child.__dict__, "kind": child_kind})
        rows = [one for one in org.rows(child_kind, with_deleted=False) if one.get(key) == row.get("Id")]
        rows = _ordered(org, inner, _chosen(org, inner, with_deleted=False, rows=rows))[: inner.limit or None]
        shown[child.kind] = (
            {
                "totalSize": len(rows),
                "done": True,
                "records": [rendered(org, inner, one, version=version) for one in rows],
            }
            if rows
            else None
        )
    return shown


def _attributes(kind: str, row: Record, version: str) -> Record:
    return {"type": kind, "url": f"/services/data/v{version}/sobjects/{kind}/{row.get('Id')}"}


def _show(org: Org, kind: str, row: Record, path: list[str], shown: Record, version: str) -> None:
    if len(path) == 1:
        name = org.field_name(kind, path[0])
        org.field_type(kind, name)
        shown[name] = row.get(name)
        return
    if path[0].lower() == kind.lower():
        _show(org, kind, row, path[1:], shown, version)
        return
    parent_kind, parent = org.parent(kind, row, path[0])
    name = path[0][0].upper() + path[0][1:]
    if parent is None:
        value_at(org, parent_kind, {}, ".".join(path[1:]))
        shown.setdefault(name, None)
        return
    inside = shown.setdefault(name, {"attributes": _attributes(parent_kind, parent, version)})
    _show(org, parent_kind, parent, path[1:], inside, version)


def _group_value(org: Org, kind: str, row: Record, path: str, fn: str) -> Any:
    value = value_at(org, kind, row, path)[1]
    if fn and value is not None:
        day = date.fromisoformat(value[:10])
        return {"calendar_year": day.year, "calendar_month": day.month, "day_only": value[:10]}[fn.lower()]
    return value


def _aggregated(org: Org, query: Select, rows: list[Record]) -> Iterator[Record]:
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for row in rows:
        key = tuple(_group_value(org, query.kind, row, path, fn) for path, fn, _ in query.group)
        groups.setdefault(key, []).append(row)
    if not query.group:
        groups.setdefault((), [])
    for key in sorted(groups, key=repr):
        shown: Record = {"attributes": {"type": "AggregateResult"}}
        for (path, fn, _), value in zip(query.group, key, strict=True):
            if not fn and path in query.paths:
                shown[path.split(".")[-1]] = value
        unnamed = 0
        for fn, argument, alias in query.calls:
            name = alias or f"expr{unnamed}"
            unnamed += not alias
            grouped = [
                value
                for (path, one, _), value in zip(query.group, key, strict=True)
                if one.lower() == fn and path == argument
            ]
            shown[name] = grouped[0] if grouped else _aggregate(org, query.kind, fn, argument, groups[key])
        yield shown


def _aggregate(org: Org, kind: str, fn: str, argument: str | None, rows: list[Record]) -> Any:
    if argument is None:
        return len(rows)
    values = [value for row in rows if (value := value_at(org, kind, row, argument)[1]) is not None]
    if fn == "count":
        return len(values)
    if fn == "count_distinct":
        return len(set(values))
    if not values:
        return None
    if fn in {"min", "max"}:
        return min(values) if fn == "min" else max(values)
    if fn in {"sum", "avg"}:
        return sum(values) / (len(values) if fn == "avg" else 1)
    raise SoqlError("MALFORMED_QUERY", f"unexpected function {fn}")
