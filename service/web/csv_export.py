"""Downloads for spreadsheets."""

from __future__ import annotations

from flask import Response


def csv_answer(name: str, text: str) -> Response:
    """A download of that file name."""
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"})
