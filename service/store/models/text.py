"""Text columns for words of people and CRMs, and what no database of ours takes.

PostgreSQL refuses a NUL in text and in JSONB, no database takes half of a surrogate pair, and only PostgreSQL checks
a column's length. One such value must not stop the read of a whole account, so words are fitted here: a NUL goes, half
a pair becomes the replacement character, and what is longer than its column is cut. Ids and keys are never fitted.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Dialect, String, Text, TypeDecorator

_REFUSED = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without what a database refuses."""
    if text.isascii() and "\x00" not in text:
        return text
    return _REFUSED.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text) if _REFUSED.search(text) else text


class Words(TypeDecorator[str]):
    """Words of at most `length` characters: longer ones are cut."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- the protocol
        """The words as they can be kept."""
        return None if value is None else storable(value[: self.length])


class LongWords(TypeDecorator[str]):
    """Words of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- the protocol
        """The words as they can be kept."""
        return None if value is None else storable(value)


class Sealed(TypeDecorator[str]):
    """Ciphertext of the keyring. A secret in a column of another type is one that a change of keys would lose."""

    impl = Text
    cache_ok = True


def storable_document(value: Any) -> Any:
    """A document of plain values without what a database refuses."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable_document(key): storable_document(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [storable_document(part) for part in value]
    return value
