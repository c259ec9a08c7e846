"""The audit for a spreadsheet; no cell of it can be a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("category", "sub_reason", "deals", "amount")


def audit_csv(found: Mapping[str, Any]) -> str:
    """Categories and sub-reasons of an audit as CSV, marked as UTF-8 for spreadsheets."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in found["by_category"]:
        writer.writerow([formula_safe(row[name]) for name in COLUMNS])
    return "\ufeff" + text.getvalue()


def formula_safe(value: object) -> object:
    """A cell no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
