"""Reading lines in blocks: full ones while there is more to read, what is there where the input pauses."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

READ_BYTES = 1 << 17


class Readable(Protocol):
    """A binary stream that gives what is there without waiting for more (io.BufferedReader)."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes, at least one unless the stream is over."""
        ...


def line_blocks(
    stream: Readable, *, most: int, is_pausing: Callable[[], bool] = lambda: False
) -> Iterator[list[bytes]]:
    """The stream's lines in blocks of `most`; a shorter one where the input pauses, and at its end.

    So a short block means that nobody should be kept waiting for the next; it is empty where the input pauses right
    behind a full one. A last line needs no end.
    """
    rest = b""
    lines: list[bytes] = []
    first, is_full = True, False
    while chunk := stream.read1(READ_BYTES):
        if first:
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            first = False
        *whole, rest = (rest + chunk).split(b"\n")
        lines += whole
        while len(lines) >= most:
            yield lines[:most]
            lines, is_full = lines[most:], True
        if (lines or is_full) and is_pausing():
            yield lines
            lines, is_full = [], False
    if rest.strip():
        lines.append(rest)
    if lines:
        yield lines


def pauses(stream: BinaryIO) -> bool:
    """Whether nothing is there to be read at the moment: a pipe whose writer is thinking, never a file."""
    try:
        return not select.select([stream.fileno()], [], [], 0)[0]
    except (OSError, ValueError):
        return False  # what cannot be asked is no pipe whose writer we would wait for
