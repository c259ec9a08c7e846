"""Writing many rows at once: one statement on the table itself, which the driver is given in one go.

SQLAlchemy spells the statement, once for a table and its columns, and says how each type is bound; the rows then go to
the driver column by column. Its own way of executing many makes a dictionary of each row several times over, which took
twice as long as the database; the same statements on the mapped classes, five times. And `INSERT ... RETURNING` in
parameter order costs ten times the insert itself, so ids are drawn first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar, cast

from sqlalchemy import JSON, Insert, Table, Update, bindparam, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from service.store.models.base import Base, Numbered
from service.store.session import COPY

Row = Mapping[str, Any]
Bind = Callable[[Any], Any] | None
Value = TypeVar("Value")
AT_ONCE = 500
"""Rows on their way to the driver, which gets as much room as they take once more: more at once is no faster."""


def insert_rows(tx: Session, kind: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows; all have the same columns."""
    _insert(tx, table_of(kind), rows, None)


def insert_numbered(tx: Session, kind: type[Numbered], rows: Sequence[Row]) -> list[int]:
    """Insert the rows, all with the same columns; their ids in the same order."""
    ids = draw_ids(tx, kind, len(rows)) if rows else []
    _insert(tx, table_of(kind), rows, ids)
    return ids


def update_rows(tx: Session, kind: type[Base], rows: Sequence[Row], *, key: str = "id") -> None:
    """Set the other columns of the rows by their `key`; all have the same columns."""
    for some in _parts(rows):
        _execute(tx, _updating(table_of(kind), tuple(some[0]), key, _dialect(tx)), some, {})


def upsert(tx: Session, kind: type[Base], rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert the rows; where `key` exists already, set the row's other columns. All rows have the same columns."""
    table = table_of(kind)
    for some in _parts(rows):
        defaults = _defaults(table, some)
        given = tuple(name for name in some[0] if name not in key)
        spelt = _upserting(table, (*some[0], *defaults), tuple(key), given, _dialect(tx))
        _execute(tx, spelt, some, defaults)


def draw_ids(tx: Session, kind: type[Numbered], count: int) -> list[int]:
    """That many ids nobody else gets. SQLite's writers are alone until they commit; PostgreSQL has its sequence."""
    if tx.get_bind().dialect.name == "postgresql":
        # A scratch copy of a table has no sequence of its own, and draws from the table's.
        drawn = text(
            "SELECT nextval(CAST(coalesce(pg_get_serial_sequence(:table, 'id'), :table || '_id_seq') AS regclass))"
            " FROM generate_series(1, :count)"
        )
        return list(tx.scalars(drawn, {"table": kind.__tablename__, "count": count}))
    first = (tx.scalar(select(func.max(kind.id))) or 0) + 1
    return list(range(first, first + count))


def table_of(kind: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast("Table", kind.__table__)


@dataclass(frozen=True, slots=True)
class _Spelt:
    """A statement as the driver takes it, and for each of its parameters the column and how its values are bound."""

    sql: str
    parameters: tuple[tuple[str, Bind, bool], ...]


def _insert(tx: Session, table: Table, rows: Sequence[Row], ids: Sequence[int] | None) -> None:
    dialect = _dialect(tx)
    for place, some in enumerate(_parts(rows)):
        is_copied = dialect.name == "postgresql" and len(some) > 1  # a single row goes to the driver as a statement
        others = _defaults(table, some)
        if ids is not None:
            others["id"] = ids[place * AT_ONCE : (place + 1) * AT_ONCE]
        spelt = (_copying if is_copied else _inserting)(table, (*some[0], *others), dialect)
        _execute(tx, spelt, some, others)


def _execute(tx: Session, spelt: _Spelt, rows: Sequence[Row], others: Mapping[str, Sequence[Any]]) -> None:
    """Run it with the rows, and with values of `others` for columns that no row gives."""
    columns = [
        _bound(others[name] if name in others else list(map(itemgetter(name), rows)), bind, repeats)
        for name, bind, repeats in spelt.parameters
    ]
    tx.connection().exec_driver_sql(spelt.sql, list(zip(*columns, strict=True)))


def _parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def _bound(values: Sequence[Any], bind: Bind, repeats: bool) -> Iterable[Any]:
    """The values as the driver takes them; days, instants and words come again and again, and are bound once."""
    if bind is None:
        return values
    if not repeats:
        return map(bind, values)
    bound = {value: bind(value) for value in set(values)}
    return map(bound.__getitem__, values)


def _defaults(table: Table, rows: Sequence[Row]) -> dict[str, Sequence[Any]]:
    """The values of columns that have a default of ours and are not given."""
    return {name: [value] * len(rows) for name, value in _defaults_of(table).items() if name not in rows[0]}


@lru_cache(maxsize=100)
def _defaults_of(table: Table) -> dict[str, Any]:
    """Plain values: none of our columns has a function."""
    return {column.name: getattr(column.default, "arg", None) for column in table.columns if column.default is not None}


@lru_cache(maxsize=100)
def _inserting(table: Table, columns: tuple[str, ...], dialect: Dialect) -> _Spelt:
    return _spelt(insert(table), columns, dialect)


@lru_cache(maxsize=100)
def _copying(table: Table, columns: tuple[str, ...], dialect: Dialect) -> _Spelt:
    """PostgreSQL takes many rows in with half the work, on both sides, where it is not given a statement for each."""
    parameters = _inserting(table, columns, dialect).parameters
    quote = dialect.identifier_preparer
    names = ", ".join(quote.quote(name) for name, _, _ in parameters)
    return _Spelt(sql=f"{COPY}{quote.format_table(table)} ({names}) FROM STDIN", parameters=parameters)


@lru_cache(maxsize=100)
def _upserting(
    table: Table, columns: tuple[str, ...], key: tuple[str, ...], given: tuple[str, ...], dialect: Dialect
) -> _Spelt:
    statement = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(table)
    others = {name: statement.excluded[name] for name in given}
    return _spelt(statement.on_conflict_do_update(index_elements=list(key), set_=others), columns, dialect)


@lru_cache(maxsize=100)
def _updating(table: Table, columns: tuple[str, ...], key: str, dialect: Dialect) -> _Spelt:
    others = [name for name in columns if name != key]
    values: dict[str, Any] = {name: bindparam(name) for name in others}
    # The key's parameter has another name: a column's own is taken for a value to set.
    found = table.c[key] == bindparam("row_key", type_=table.c[key].type)
    return _spelt(update(table).where(found).values(values), tuple(others), dialect, {"row_key": key})


def _spelt(
    statement: Insert | Update,
    columns: tuple[str, ...],
    dialect: Dialect,
    names: Mapping[str, str] | None = None,
) -> _Spelt:
    style = "format" if dialect.name == "postgresql" else "qmark"
    by_place = cast("Any", type(dialect))(paramstyle=style)
    compiled = cast("Any", statement.compile(dialect=by_place, column_keys=list(columns)))
    parameters = []
    for name in compiled.positiontup:
        kind = compiled.binds[name].type.dialect_impl(dialect)
        is_hashable = not isinstance(getattr(kind, "impl", kind), JSON)
        parameters.append(((names or {}).get(name, name), kind.bind_processor(dialect), is_hashable))
    return _Spelt(sql=compiled.string, parameters=tuple(parameters))


def _dialect(tx: Session) -> Dialect:
    return tx.get_bind().dialect
