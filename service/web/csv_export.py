"""Tables to download."""

from __future__ import annotations

from flask import Response


def csv_answer(name: str, text: str) -> Response:
    """A download of that file name."""
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text, mimetype="text/csv", headers=headers)
