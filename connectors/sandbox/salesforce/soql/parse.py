"""Reads a query's text, and refuses what the real parser refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from connectors.sandbox.salesforce.errors import RefusedError
from connectors.sandbox.salesforce.soql.tree import (
    Both,
    Call,
    Compare,
    Condition,
    Literal,
    Not,
    Order,
    Path,
    Query,
    Select,
)

MAX_CHARS = 100_000
MAX_STRING = 4_000
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d(?![\dTt]))
    |(?P<number>[+-]?\d+(?:\.\d+)?(?![\w-]))
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<range>[A-Za-z_]+:\d+)
    |(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
    |(?P<mark><=|>=|!=|<>|[=<>(),])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_WORDS = {"select", "from", "where", "and", "or", "not", "in", "like", "order", "group", "limit", "having", "offset"}
RANGES = {
    "today", "yesterday", "tomorrow", "this_month", "last_month", "next_month", "this_year", "last_year", "next_year",
    "this_week", "last_week", "next_week", "last_90_days", "next_90_days",
}  # fmt: skip
NUMBERED_RANGES = {"last_n_days", "next_n_days", "last_n_months", "next_n_months", "last_n_years", "next_n_years"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "name" and self.text.lower() in words


def located(message: str, text: str, at: int) -> str:
    """The message with the piece of the query it is about, as this CRM puts it."""
    start = max(0, at - 40)
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    piece = text[start : at + 40].replace("\n", " ")
    return f"\n{piece}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"


def malformed(message: str, text: str, at: int) -> RefusedError:
    """The query is no query."""
    return RefusedError("MALFORMED_QUERY", located(message, text, at))


def parse(text: str) -> Query:
    """The query as a tree. Raises RefusedError with MALFORMED_QUERY."""
    if len(text) > MAX_CHARS:
        raise RefusedError("MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_CHARS} characters.")
    parser = _Parser(text)
    query = parser.query()
    parser.end()
    return query


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise malformed(f"unexpected token: '{text[at]}'", text, at)
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_Token(kind, match.group(), at))
        at = match.end()
    tokens.append(_Token("end", "<EOF>", len(text)))
    return tokens


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.place = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        token = self.token
        self.place += 1
        return token

    def fail(self, token: _Token | None = None) -> NoReturn:
        token = token or self.token
        word = "unexpected token: <EOF>" if token.kind == "end" else f"unexpected token: '{token.text}'"
        raise malformed(word, self.text, token.at)

    def accept(self, *words: str) -> bool:
        if self.token.is_word(*words):
            self.place += 1
            return True
        return False

    def expect_word(self, word: str) -> None:
        if not self.accept(word):
            self.fail()

    def accept_mark(self, mark: str) -> bool:
        if self.token.kind == "mark" and self.token.text == mark:
            self.place += 1
            return True
        return False

    def expect_mark(self, mark: str) -> None:
        if not self.accept_mark(mark):
            self.fail()

    def end(self) -> None:
        if self.token.kind != "end":
            self.fail()

    def query(self) -> Query:
        self.expect_word("select")
        selects = [self.select()]
        while self.accept_mark(","):
            selects.append(self.select())
        self.expect_word("from")
        source = self.name()
        alias = self.alias()
        where = self.condition() if self.accept("where") else None
        groups = self.keys() if self._by("group") else ()
        having = self.condition() if groups and self.accept("having") else None
        orders = self.orders() if self._by("order") else ()
        limit = self.whole() if self.accept("limit") else None
        offset = self.whole() if self.accept("offset") else 0
        return Query(tuple(selects), source.text, source.at, alias, where, tuple(groups), having, orders, limit, offset)

    def _by(self, word: str) -> bool:
        if not self.accept(word):
            return False
        self.expect_word("by")
        return True

    def name(self) -> _Token:
        if self.token.kind != "name" or self.token.text.lower() in _WORDS:
            self.fail()
        return self.take()

    def alias(self) -> str | None:
        if self.token.kind == "name" and not self.token.is_word(*_WORDS, "for", "all", "with", "using"):
            return self.take().text
        return None

    def select(self) -> Select:
        if self.accept_mark("("):
            inner = self.query()
            self.expect_mark(")")
            return Select(inner)
        what = self.operand()
        return Select(what, self.alias())

    def operand(self) -> Path | Call:
        token = self.name()
        if self.accept_mark("("):
            argument = None if self.token.text == ")" else self.operand()
            self.expect_mark(")")
            return Call(token.text.upper(), argument, token.at)
        return Path(tuple(token.text.split(".")), token.at)

    def keys(self) -> Sequence[Path | Call]:
        keys = [self.operand()]
        while self.accept_mark(","):
            keys.append(self.operand())
        return keys

    def orders(self) -> tuple[Order, ...]:
        orders = [self.order()]
        while self.accept_mark(","):
            orders.append(self.order())
        return tuple(orders)

    def order(self) -> Order:
        by = self.operand()
        is_descending = self.accept("desc") or (self.accept("asc") and False)
        nulls_last = False
        if self.accept("nulls"):
            nulls_last = self.token.is_word("last")
            if not self.accept("first", "last"):
                self.fail()
        return Order(by, is_descending, nulls_last)

    def whole(self) -> int:
        if self.token.kind != "number" or not self.token.text.isdigit():
            self.fail()
        return int(self.take().text)

    def condition(self) -> Condition:
        """Conditions joined by one word: where AND and OR meet, the parser wants parentheses."""
        if self.accept("not"):
            return Not(self.simple())
        parts = [self.simple()]
        word = ""
        while self.token.is_word("and", "or"):
            token = self.take()
            if word and token.text.lower() != word:
                self.fail(token)
            word = token.text.lower()
            parts.append(self.simple())
        return parts[0] if len(parts) == 1 else Both(word, tuple(parts))

    def simple(self) -> Condition:
        if self.accept_mark("("):
            inner = self.condition()
            self.expect_mark(")")
            return inner
        return self.comparison()

    def comparison(self) -> Compare:
        left = self.operand()
        token = self.take()
        op = token.text.lower()
        if op == "not":
            if not self.accept("in"):
                self.fail()
            op = "not in"
        if op in {"in", "not in", "includes", "excludes"} and token.kind == "name":
            return Compare(left, op, self.list_or_query(), left.at)
        if op not in {"=", "!=", "<>", "<", ">", "<=", ">=", "like"}:
            self.fail(token)
        return Compare(left, "!=" if op == "<>" else op, self.literal(), left.at)

    def list_or_query(self) -> tuple[Literal, ...] | Query:
        self.expect_mark("(")
        if self.token.is_word("select"):
            inner = self.query()
            self.expect_mark(")")
            return inner
        values = [self.literal()]
        while self.accept_mark(","):
            values.append(self.literal())
        self.expect_mark(")")
        return tuple(values)

    def literal(self) -> Literal:
        token = self.take()
        if token.kind == "string":
            return Literal("string", self._unescaped(token), token.at)
        if token.kind == "number":
            return Literal("number", float(token.text), token.at)
        if token.kind in {"date", "datetime"}:
            return Literal(token.kind, token.text, token.at)
        word = token.text.lower()
        if token.kind == "name" and word in {"true", "false"}:
            return Literal("boolean", word == "true", token.at)
        if token.kind == "name" and word == "null":
            return Literal("null", None, token.at)
        if token.kind == "name" and word in RANGES:
            return Literal("range", (word, 1), token.at)
        if token.kind == "range" and word.partition(":")[0] in NUMBERED_RANGES:
            name, _, count = word.partition(":")
            return Literal("range", (name, int(count)), token.at)
        return self.fail(token)

    def _unescaped(self, token: _Token) -> str:
        parts: list[str] = []
        chars = iter(token.text[1:-1])
        for char in chars:
            if char != "\\":
                parts.append(char)
                continue
            escaped = next(chars)
            if escaped in "%_":  # kept for LIKE, which gives them their meaning
                parts.append("\\" + escaped)
            elif escaped.lower() in _ESCAPES:
                parts.append(_ESCAPES[escaped.lower()])
            else:
                raise malformed(f"Invalid string literal {token.text}. Illegal character sequence", self.text, token.at)
        value = "".join(parts)
        if len(value) > MAX_STRING:
            raise malformed("String literal exceeds the maximum length", self.text, token.at)
        return value
