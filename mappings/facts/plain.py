"""A text as it stands -> the same without doubled blanks, quotation marks and wrapped lines.

Notes come out of e-mails and HTML: "am 31.  März", "« Rappeler en mai »", a line that breaks behind "until".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_BLANK = " \t\u00a0\u2007\u2009\u202f\u3000"
_QUOTES = '"\u00ab\u00bb\u201c\u201d\u201e\u201f'
_NOISE = re.compile(
    rf"[{_BLANK}]*[{_QUOTES}][{_BLANK}{_QUOTES}]*|[{_BLANK}]*\r?\n[{_BLANK}]*(?=\S)|[{_BLANK}]{{2,}}|[{_BLANK[1:]}]"
)
_GOES_ON_BEHIND = """
in on at by until till after before from to for the of and im am bis ab nach vor zum des und en le au de du jusqu et el
del hasta y em do até e op tot na het il dal fino
"""
_OPEN_ENDS = frozenset(_GOES_ON_BEHIND.split())
_LONG_LINE = 60  # characters at which mail programs begin to wrap


class Plain(NamedTuple):
    """A text and, where it differs from what was written, the place of each of its letters in that."""

    text: str
    places: Sequence[int] | None


def plain(written: str) -> Plain:
    """The text to read."""
    if _NOISE.search(written) is None:
        return Plain(written, None)
    letters: list[str] = []
    places: list[int] = []
    reached = 0
    for noise in _NOISE.finditer(written):
        kept = _instead_of(written, noise)
        letters += [written[reached : noise.start()], kept]
        places += [*range(reached, noise.start()), *[noise.start()] * len(kept)]
        reached = noise.end()
    letters.append(written[reached:])
    places += range(reached, len(written))
    return Plain("".join(letters), places)


def _instead_of(written: str, noise: re.Match[str]) -> str:
    if "\n" in noise[0] and not _is_wrapped(written, noise):
        return "\n"
    return " " if any(sign.isspace() for sign in noise[0]) else ""


def _is_wrapped(written: str, noise: re.Match[str]) -> bool:
    """Whether the sentence goes on in the next line."""
    line = written[written.rfind("\n", 0, noise.start()) + 1 : noise.start()]
    if line.rpartition(" ")[2].lower() in _OPEN_ENDS:
        return True
    is_cut = len(line) >= _LONG_LINE and line[-1:].isalpha()
    return is_cut and written[noise.end() : noise.end() + 1].islower()
