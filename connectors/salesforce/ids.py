"""Salesforce record ids: 15 characters where case matters, or 18 where it does not."""

from __future__ import annotations

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(record_id: str) -> str:
    """The 18-character form of an id; anything that is not a 15-character id is returned as it is.

    https://help.salesforce.com/s/articleView?id=000385585 : each of the three last characters tells which letters of
    five are capitals.
    """
    if len(record_id) != 15 or not record_id.isascii() or not record_id.isalnum():
        return record_id
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(record_id[start : start + 5]) if char.isupper())
        suffix += _SUFFIX[bits]
    return record_id + suffix
