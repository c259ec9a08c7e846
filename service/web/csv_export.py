"""Tables for spreadsheets: no cell of them can be a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from service.store.models.text import storable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Signs a cell must not begin with, full-width ones among them (OWASP, CSV injection)."""


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download of that file name."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([formula_safe(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


def formula_safe(value: object) -> object:
    """A cell no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    text = storable(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
