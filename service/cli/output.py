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

PIPE_WIDTH = 10_000
"""Wider than any row: a program that reads tables wants each row on one line."""

LONGEST_WORD = 12

F = TypeVar("F", bound=Callable[..., Any])

json_option: Callable[[F], F] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)


def console() -> Console:
    """Where people read: standard output, as wide as the terminal; plain, and a line a row, when it is none."""
    if sys.stdout.isatty():
        return Console(file=sys.stdout, highlight=False)
    return Console(file=sys.stdout, highlight=False, soft_wrap=True, width=PIPE_WIDTH)


def print_json(document: Any) -> None:
    """The document, indented, on standard output; UTF-8 whatever the terminal speaks."""
    click.echo(orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table, or the sentence `empty` where there is nothing in it."""
    content = [[_cell(value) for value in row] for row in rows]
    if not content:
        say(empty)
        return
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        # Only the last column, where the sentences stand, gives way on a narrow terminal; then the others fold.
        table.add_column(column, overflow="fold", ratio=None, no_wrap=False, min_width=_least(content, place, column))
    for row in content:
        table.add_row(*row)
    console().print(table)


def _least(content: Sequence[Sequence[str]], place: int, column: str) -> int:
    """The width below which a column is not squeezed: its longest word, within reason."""
    words = [word for row in content for word in row[place].split()]
    return max(len(column), min(max(map(len, words), default=0), LONGEST_WORD))


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
