"""Files that people choose on a page."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage

from service.errors import UsageFault


def chosen_file(endings: tuple[str, ...], *, remedy: str) -> FileStorage:
    """The file of the form, whose content is still to be looked at.

    Raises UsageFault where none was chosen, or its name says that it is something else.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise UsageFault("No file was chosen.", remedy=remedy)
    if not file.filename.lower().endswith(endings):
        raise UsageFault(f"{file.filename[:80]} does not end in {' or '.join(endings)}.", remedy=remedy)
    return file
