"""Tables to download."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response


def csv_answer(name: str, text: str | Iterable[str]) -> Response:
    """A download of that file name; pieces are sent as they come."""
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text, mimetype="text/csv", headers=headers)
