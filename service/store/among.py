"""`column IN (many values)` as one parameter.

A list of five hundred parameters is rendered, sent and parsed anew with every statement: it took a quarter of the time
of a dispatch on PostgreSQL, there and here. With a list in one parameter the statement stays the same. And a driver
keeps what it has parsed: SQLite's took half a megabyte for each number of deals that a page happened to have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Dialect, Integer, String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import Text, TypeDecorator, TypeEngine


def among(column: InstrumentedAttribute[Any] | Column[Any], values: Iterable[int | str | None]) -> ColumnElement[bool]:
    """Whether the column is one of these, which may be many."""
    kind = "text" if isinstance(column.type, String) else "long" if isinstance(column.type, BigInteger) else "number"
    return _OneOf(column, bindparam(None, sorted({*values} - {None}), type_=_Many(kind), unique=True))


_KINDS: dict[str, TypeEngine[Any]] = {"text": String(), "long": BigInteger(), "number": Integer()}


class _Many(TypeDecorator[list[Any]]):
    """A list as one parameter: an array, or JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(_KINDS[self.kind]))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else orjson.dumps(value).decode()


class _OneOf(FunctionElement[bool]):
    name = "one_of"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Any:  # noqa: ARG002 -- the protocol
        """Itself. SQLAlchemy would write `IN (...) = 1` where there are no booleans, which no index answers."""
        return self


@compiles(_OneOf, "postgresql")
def _any(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_OneOf, "sqlite")
def _listed(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 -- rendered by the compiler
