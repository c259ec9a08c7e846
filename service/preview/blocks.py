"""Reading lines in blocks: large ones from a file, what is there from a pipe, so that answers do not wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

READ_BYTES = 1 << 17


class Readable(Protocol):
    """A binary stream that gives what is there without waiting for more (io.BufferedReader)."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes, at least one unless the stream is over."""
        ...


def line_blocks(stream: Readable, *, most: int) -> Iterator[list[bytes]]:
    """The stream's lines in blocks of at most `most`, each as soon as it is there. A last line needs no end."""
    rest = b""
    first = True
    while chunk := stream.read1(READ_BYTES):
        if first:
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            first = False
        *lines, rest = (rest + chunk).split(b"\n")
        for start in range(0, len(lines), most):
            yield lines[start : start + most]
    if rest.strip():
        yield [rest]
