"""What commands print: a table or sentences for people, one JSON document with --json; notices go to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from rich.console import Console
from rich.table import Table

F = TypeVar("F", bound=Callable[..., Any])

json_option: Callable[[F], F] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)


def console() -> Console:
    """Where people read: standard output, as wide as the terminal, plain when it is none."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def print_json(document: Any) -> None:
    """The document, indented, on standard output."""
    text = orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    click.echo(text.decode())


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table, or the sentence `empty` where there is nothing in it."""
    content = [[_cell(value) for value in row] for row in rows]
    if not content:
        console().print(empty)
        return
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in content:
        table.add_row(*row)
    console().print(table)


def say(text: str) -> None:
    """A sentence of the result."""
    console().print(text, markup=False)


def warn(text: str) -> None:
    """A notice beside the result: on stderr, so that it never mixes into JSON."""
    click.echo(text, err=True)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("[", r"\[")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
