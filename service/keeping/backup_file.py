"""The file of a backup: JSON, a line at a time, compressed; its last line counts the rows and holds their checksum.

    {"rekindle_backup": 1, "schema": "0008", "made_at": ..., "keys": [fingerprints]}
    {"table": "connections", "columns": [...]}
    [1, "acme", ...]
    {"end": {"connections": 1, ...}, "sha256": ...}

The checksum covers every line before the last.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from service.errors import RekindleError, UsageFault

FORMAT = 1
LEVEL = 4  # a backup is waited for; twice the time saves an eighth of the room


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a backup says of itself. `keys` are the fingerprints of the encryption keys that its secrets need."""

    schema: str
    made_at: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableHead:
    """The rows that follow are this table's."""

    table: str
    columns: tuple[str, ...]


class Writer:
    """Writes one backup into an open file."""

    def __init__(self, target: IO[bytes], header: Header) -> None:
        self._target = gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=LEVEL, mtime=0)
        self._sum = hashlib.sha256()
        self.rows: dict[str, int] = {}
        top = {"rekindle_backup": FORMAT, "schema": header.schema, "made_at": header.made_at, "keys": header.keys}
        self._line(orjson.dumps(top))

    def table(self, name: str, columns: Iterable[str], rows: Iterable[bytes]) -> None:
        """A table and its rows, each a JSON array."""
        self._line(orjson.dumps({"table": name, "columns": list(columns)}))
        self.rows[name] = 0
        for row in rows:
            self._line(row)
            self.rows[name] += 1

    def close(self) -> None:
        """The last line. Without it the file is no backup."""
        self._line(orjson.dumps({"end": self.rows, "sha256": self._sum.hexdigest()}))
        self._target.close()

    def _line(self, content: bytes) -> None:
        line = content + b"\n"
        self._sum.update(line)
        self._target.write(line)


@contextmanager
def new_file(file: Path) -> Iterator[IO[bytes]]:
    """A file for its owner alone that is there whole at the end, or is as it was before. Raises RekindleError.

    What is no plain file (a device, a pipe) is written as it comes.
    """
    is_plain = file.is_file() or not file.exists()
    draft = file.with_name(f".{file.name}.{os.getpid()}") if is_plain else file
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target:  # noqa: PTH123 -- of a descriptor
            yield target
            if is_plain:
                target.flush()
                os.fsync(target.fileno())
        if is_plain:
            draft.replace(file)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise RekindleError(
                f"{file} cannot be written: the disk is full.", remedy="Free some room and run this again."
            ) from error
        raise UsageFault(
            f"{file} cannot be written: {error.strerror}.", remedy="Name a place that can be written."
        ) from error
    finally:
        if is_plain:
            draft.unlink(missing_ok=True)


def read_header(file: Path) -> Header:
    """What the backup says of itself. Raises UsageFault for what is no backup, or one that we cannot read."""
    with _lines(file) as lines:
        top = _document(next(lines, b""), file)
    if not isinstance(top, dict) or "rekindle_backup" not in top:
        raise UsageFault(f"{file} is no backup of Rekindle.", remedy="Name a file that `rekindle admin backup` wrote.")
    if top["rekindle_backup"] != FORMAT:
        raise UsageFault(
            f"{file} was written by a newer version of Rekindle.", remedy="Install that version, and restore with it."
        )
    return Header(schema=str(top["schema"]), made_at=str(top["made_at"]), keys=tuple(top["keys"]))


def read_whole(file: Path) -> Iterator[TableHead | list[Any]]:
    """Heads of tables, each followed by its rows. Raises UsageFault where the file is damaged or cut off."""
    digest, counts, table = hashlib.sha256(), dict[str, int](), ""
    with _lines(file) as lines:
        digest.update(next(lines, b""))
        for line in lines:
            content = _document(line, file)
            if isinstance(content, list):
                counts[table] = counts.get(table, 0) + 1
                yield content
            elif isinstance(content, dict) and "end" in content:
                if content["sha256"] == digest.hexdigest() and content["end"] == counts and not next(lines, b""):
                    return
                break
            elif isinstance(content, dict) and "table" in content:
                table = content["table"]
                counts[table] = 0
                yield TableHead(table, tuple(content["columns"]))
            digest.update(line)
    raise _damaged(file)


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[bytes]]:
    """The lines of the file, unpacked."""
    try:
        with gzip.open(file) as source:
            yield iter(source)
    except (EOFError, zlib.error) as error:
        raise _damaged(file) from error
    except gzip.BadGzipFile as error:
        raise _damaged(file, "is no backup of Rekindle, or is damaged") from error
    except OSError as error:
        raise UsageFault(f"{file} cannot be read: {error.strerror}.", remedy="Name a file that is there.") from error


def _document(line: bytes, file: Path) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _damaged(file) from error


def _damaged(file: Path, says: str = "is damaged or cut off") -> UsageFault:
    return UsageFault(f"{file} {says}; nothing was restored.", remedy="Restore another backup.")
