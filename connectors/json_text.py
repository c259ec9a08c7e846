"""Reading a CRM's JSON, also where its texts were cut through the middle of a character. Pure."""

from __future__ import annotations

import re
from typing import Any

import orjson

# An escaped backslash, a whole surrogate pair, or half of one: only the last is mended.
_ESCAPES = re.compile(
    rb"(\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def parse_json(body: bytes | str) -> Any:
    """The content of a JSON text. Raises orjson.JSONDecodeError for what is none.

    CRMs cut long texts by UTF-16 units, which leaves half an emoji, and imports leave bytes that are no UTF-8: strict
    readers refuse the whole answer for either, so that one note would keep every deal from being read.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raw = body.encode("utf-8", "replace") if isinstance(body, str) else body
        whole = _ESCAPES.sub(lambda found: found[1] or b"\\ufffd", raw).decode("utf-8", "replace")
        return orjson.loads(whole)
