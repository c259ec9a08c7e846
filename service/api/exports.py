"""The call that reads an export of lost deals and says what is in it. Nothing of it is stored."""

from __future__ import annotations

import io
from typing import Any

from flask import abort, request

from service.api import audit_schemas as schemas
from service.api.routes import Routes
from service.api.who import product
from service.preview.run import summary_of
from service.preview.spreadsheet import open_sheet

calls = Routes("exports", "An export of lost deals, read without connecting anything.")
MOST_UPLOADED = 32 * 1024 * 1024


@calls.call("POST", "/exports/preview", (), gives=schemas.ExportPart, also=(413, 415))
@calls.doc(requestBody={"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}})
def preview() -> Any:
    """What `rekindle preview` tells of a CSV: reasons before and after, next follow-ups with why, missed deadlines."""
    if request.mimetype not in ("text/csv", "application/csv", "text/plain"):
        abort(415, "Send the export itself as text/csv.")
    request.max_content_length = MOST_UPLOADED
    app = product()
    with app.reading() as tx:
        rules = app.rules(tx)
    sheet = open_sheet(io.BytesIO(request.get_data()), named={}, day_first=None, name="the export")
    return {**summary_of(sheet, rules, app.now().date()), "skipped": sheet.skipped}
