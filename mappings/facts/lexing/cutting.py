"""A text -> its parts: what stands between two spaces, or belongs together across one ("12 March 2027").

Such parts repeat where texts do not, so each is read once (`mappings.facts.lexing.tokens`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mappings.text import has_any

_FIGURE = re.compile(r"\d")
_PLACEHOLDERS = ("[", "{", "<")
_DASHES = ("-", "*")
_DASH_APART = re.compile(r"[-*](?:(?!\S)|(?<!\S[-*]))")
_SENTENCE_END = re.compile(r"[.!?](?<=[^\W\d_]{3}.) (?!(?:de|del|di|of) )(?=[^\W\d_])")
# Signs that stand alone, and a stop before what may go on ("nov. de 2027"): then more is read with a figure.
_REACHES_FARTHER = re.compile(r"(?:^| )[\W_]*(?: |$)|\. (?:[\W_]|(?:de|del|of|di)\b)")
_BEFORE, _BEHIND = 2, 1  # words beside a figure that may be read with it: "until Nov. 3", "24 hours"


def parts_of(folded: str) -> list[str]:
    """The text cut at the spaces that no symbol goes across; with spaces between them the parts are the text again."""
    has_figures = _FIGURE.search(folded) is not None
    if not has_figures and _is_loose(folded):
        return folded.split(" ")
    parts: list[str] = []
    at = 0
    for end in [*[found.end() for found in _SENTENCE_END.finditer(folded)], len(folded) + 1]:
        parts += _parts_of_sentence(folded[at : end - 1])
        at = end
    return parts


def _parts_of_sentence(sentence: str) -> Sequence[str]:
    if not _is_loose(sentence):
        return [sentence]
    words = sentence.split(" ")
    figures = [place for place, word in enumerate(words) if not word.isalpha() and _FIGURE.search(word)]
    if not figures:
        return words
    return [sentence] if _REACHES_FARTHER.search(sentence) else list(_joined(words, figures))


def _is_loose(text: str) -> bool:
    """Whether symbols go across spaces beside figures only: without placeholders and dashes that stand alone."""
    return not has_any(text, _PLACEHOLDERS) and not (has_any(text, _DASHES) and _DASH_APART.search(text))


def _joined(words: Sequence[str], figures: Sequence[int]) -> Iterator[str]:
    """The words, those around figures as one."""
    at = 0
    group: tuple[int, int] | None = None
    for place in figures:
        first, last = max(place - _BEFORE, 0), place + 1 + _BEHIND
        if group is not None and first < group[1]:
            first = group[0]
        elif group is not None:
            yield from words[at : group[0]]
            yield " ".join(words[slice(*group)])
            at = group[1]
        group = first, last
    if group is not None:
        yield from words[at : group[0]]
        yield " ".join(words[slice(*group)])
        yield from words[group[1] :]
