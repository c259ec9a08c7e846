"""Tables for spreadsheets, the audit's among them; no cell of one can be a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from service.store.models.text import storable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Signs a cell must not begin with, full-width ones among them (OWASP, CSV injection)."""
COLUMNS = ("category", "sub_reason", "deals", "amount")


def audit_csv(found: Mapping[str, Any]) -> str:
    """Categories and sub-reasons of an audit."""
    return as_table(COLUMNS, ([row[name] for name in COLUMNS] for row in found["by_category"]))


def as_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV, marked as UTF-8 for spreadsheets."""
    return "".join(table_parts(header, [rows]))


def table_parts(header: Sequence[str], parts: Iterable[Iterable[Sequence[object]]]) -> Iterator[str]:
    """The same, piece by piece: each is written when it is wanted, so that no export is too long for memory."""
    yield "\ufeff" + _lines([header])
    for rows in parts:
        yield _lines([formula_safe(cell) for cell in row] for row in rows)


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def formula_safe(value: object) -> object:
    """A cell no spreadsheet takes for a formula. Amounts have two decimals, and more only where they need them."""
    if isinstance(value, Decimal):
        whole, _, decimals = f"{value:.4f}".partition(".")
        return f"{whole}.{decimals.rstrip('0'):0<2}"
    if not isinstance(value, str):
        return value
    text = storable(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
