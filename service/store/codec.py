"""Values of the line to and from JSON documents, and the fingerprint that says whether a deal changed.

msgspec does the work: it converts frozen dataclasses both ways at about the cost of parsing the JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from mappings.model import LostDeal
from service.store.models.text import storable_document

T = TypeVar("T")
NUL = "\\u0000"  # as JSON spells it: PostgreSQL's JSONB refuses it


def to_record(value: object) -> dict[str, Any]:
    """A value as a JSON-able dict."""
    record = msgspec.to_builtins(value, str_keys=True)
    if not isinstance(record, dict):
        raise TypeError(f"{type(value).__name__} is no record")
    return record


def from_record(record: dict[str, Any], kind: type[T]) -> T:
    """The value that `to_record` was given. Raises msgspec.ValidationError for a record of another shape."""
    return msgspec.convert(record, kind, strict=False)


def from_json(text: str | bytes, kind: type[T]) -> T:
    """The value of a record as the database holds it, without a dictionary in between."""
    return msgspec.json.decode(text, type=kind, strict=False)


def to_json(value: object) -> str:
    """Any value of the line, or a document of plain ones, as JSON: what `to_record` gives, in one step."""
    text = _ENCODER.encode(value).decode()
    if NUL not in text:
        return text
    return _ENCODER.encode(storable_document(msgspec.to_builtins(value, str_keys=True))).decode()


def fingerprint(deal: LostDeal) -> str:
    """A hash of the fields that matter: not the stamp, nor what we write ourselves, nor what only tells of the read."""
    return hashlib.sha256(_ENCODER.encode(_what_matters(deal))).hexdigest()[:32]


def reason_key(deal: LostDeal) -> int:
    """The same for deals that state the same words in the same fields; 0 for one that states none."""
    return _key_of(tuple((one.field, one.words) for one in deal.stated_reasons if one.words.strip()))


def key_of_reasons(reasons: Iterable[tuple[str, str]]) -> int:
    """The key of words by field: 64 bits of a hash, with a sign."""
    return _key_of(tuple(reasons))


@lru_cache(maxsize=1_024)
def _key_of(said: tuple[tuple[str, str], ...]) -> int:
    """Most deals state what many others state."""
    return int.from_bytes(hashlib.sha256(_ENCODER.encode(said)).digest()[:8], signed=True) if said else 0


_ENCODER = msgspec.json.Encoder()
_NO_PART = {"modified_at", "outputs", "open_until", "unread"}
_what_matters = attrgetter(*(one.name for one in fields(LostDeal) if one.name not in _NO_PART))
