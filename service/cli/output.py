"""What commands print: a table or sentences for people, one JSON document with --json; notices go to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import orjson

if TYPE_CHECKING:  # loaded with the first sentence or table that is shown: many commands print none
    from rich.console import Console

LONGEST_WORD = 12

F = TypeVar("F", bound=Callable[..., Any])

json_option: Callable[[F], F] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)


def console() -> Console:
    """Where people read: standard output, as wide as the terminal; plain, and never folded, when it is none."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def print_json(document: Any) -> None:
    """The document, indented, on standard output; UTF-8 whatever the terminal speaks."""
    click.echo(orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table, or the sentence `empty` where there is nothing in it.

    On a terminal it fits the width, and becomes a list of `column: value` where that is too narrow; for a program
    each row is one line.
    """
    content = [["" if value is None else " ".join(str(value).split()) for value in row] for row in rows]
    if not content:
        say(empty)
        return
    if not sys.stdout.isatty():
        click.echo("\n".join(_lines(title, columns, content)))
        return
    out = console()
    if sum(_least(content, place, column) + 2 for place, column in enumerate(columns)) > out.width:
        _print_list(title, columns, content)
    else:
        _print_folded(out, title, columns, content)


def _lines(title: str, columns: Sequence[str], content: Sequence[Sequence[str]]) -> Iterable[str]:
    """The table as text, as wide as its content; the last column is not padded."""
    if title:
        yield title
    widths = [max(len(row[place]) for row in (columns, *content)) for place in range(len(columns))]
    for row in (columns, *content):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _print_list(title: str, columns: Sequence[str], content: Sequence[Sequence[str]]) -> None:
    if title:
        say(title)
    for row in content:
        say("")
        for column, cell in zip(columns, row, strict=True):
            if cell:
                say(f"{column}: {cell}" if column else cell)


def _print_folded(out: Console, title: str, columns: Sequence[str], content: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", min_width=_least(content, place, column))
    for row in content:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    out.print(table)


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
