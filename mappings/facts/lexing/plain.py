"""A text as it stands -> the same without what only looks different: doubled blanks, quotes, markup, wrapped lines.

Notes come out of e-mails, HTML fields and telephones: "am 31.  März", "« Rappeler en mai »", "Note: <b>Q3</b>", letters
with their accents apart, a line that breaks behind "until".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mappings.facts.lexing.lexicon import is_german_digraph
from mappings.text import has_any

_BLANK = " \t\u00a0\u2007\u2009\u202f\u3000"
_QUOTES = '"\u00ab\u00bb\u201c\u201d\u201e\u201f'
_HEADINGS = r"(?:call |meeting )?notes?|notiz(?:en)?|notas?|notities?|appunti|memo|updates?|comments?|kommentar|メモ"
# What a figure with a stop counts: "1. Quartal", "15. Mai". Before any other word it numbers a line.
_COUNTED = r"""
(?:quart|trim|hj|halb|half|h[aä]lft|semest|woche|week|kw|q|jan|ene|gen|feb|fev|fév|m[aä]r|maa|apr|abr|avr|mai|may|mei|mag
|jun|jui|giu|jul|lug|aug|ao|ago|sep|set|oct|okt|out|ott|nov|dec|dez|dic|déc)""".replace("\n", "")
_NUMBERING = rf"(?:\A|(?<=\n))[{_BLANK}]*\d{{1,2}}[.)][{_BLANK}]+(?!{_COUNTED})(?=[^\W\d])"
_NOISE = re.compile(
    rf"""(?P<numbering>{_NUMBERING})
    | (?P<heading>(?:\A|(?<=\n))[{_BLANK}]*(?:{_HEADINGS})[{_BLANK}]?[:：][{_BLANK}]*)
    | (?P<block></?(?:p|br|div|li|ul|ol|tr|td|table|tbody|h[1-6]|blockquote)\b[^<>]{{0,200}}>)
    | (?P<inline></?(?:b|i|u|em|strong|span|font|a|small)\b[^<>]{{0,200}}>)
    | (?P<apart>\w[\u0300-\u036f\u3099\u309a]+)
    | [{_BLANK}]*(?:[{_QUOTES}]|&(?:nbsp|quot);)[{_BLANK}{_QUOTES}]*
    | [{_BLANK}]*\r?\n[{_BLANK}]*(?=\S) | [{_BLANK}]{{2,}} | [{_BLANK[1:]}]""",
    re.VERBOSE | re.IGNORECASE,
)
_QUIET = re.compile(
    rf"[\n<&\"\u0300-\u036f\u3099\u309a{_BLANK[1:]}{_QUOTES}]|  |\A\s*(?:(?:{_HEADINGS})\s?[:：]|\d\d?[.)]\s)",
    re.IGNORECASE,
)
_GOES_ON_BEHIND = """
in on at by until till after before from to for the of and im am bis ab nach vor zum des und en le au de du jusqu et el
del hasta y em do até e op tot na het il dal fino
"""
_OPEN_ENDS = frozenset(_GOES_ON_BEHIND.split())
_BETWEEN_FIGURES = re.compile(r"(?<=\d)_(?=\d)")  # "06_2027"
_BETWEEN_WORDS = re.compile(r"(?<=[^\W_])_(?=[^\W_])")  # "____" is a gap left to fill
_LONG_LINE = 60  # characters at which mail programs begin to wrap


class Plain(NamedTuple):
    """A text and, where it differs from what was written, the place of each of its letters in that."""

    text: str
    places: Sequence[int] | None


def plain(written: str) -> Plain:
    """The text to read; an underscore parts words, as in the names of picklist values ("LATER_Q2_2027")."""
    places = None
    if "_" in written:
        written, places = _BETWEEN_WORDS.sub(" ", _BETWEEN_FIGURES.sub("/", written)), range(len(written))
    said = Plain(written, places) if _is_quiet(written) else _without_noise(written)
    words = list(_german_digraphs(said.text))
    return _without_digraphs(said, words) if words else said


def _german_digraphs(text: str) -> Iterator[re.Match[str]]:
    """The German words with two letters that stand for one with dots; looked for where two such letters stand."""
    reached = 0
    for pair in _PAIR.finditer(text):
        if pair.start() < reached:
            continue
        reached = text.find(" ", pair.end())
        reached = len(text) if reached < 0 else reached
        for word in _DIGRAPH.finditer(text, text.rfind(" ", 0, pair.start()) + 1, reached):
            if is_german_digraph(word[0]):
                yield word


def _without_digraphs(said: Plain, words: Sequence[re.Match[str]]) -> Plain:
    """ "Spaetsommer", "frueh": without the "e" that stands for two dots."""
    lost = {
        word.start() + at + 1
        for word in words
        for at in range(len(word[0]) - 1)
        if word[0][at : at + 2].lower() in {"ae", "oe", "ue"}
    }
    kept = [at for at in range(len(said.text)) if at not in lost]
    places = said.places
    return Plain("".join([said.text[at] for at in kept]), [places[at] for at in kept] if places else kept)


_PAIR = re.compile("[aouAOU][eE]")
_DIGRAPH = re.compile(r"\b[a-zA-Z]*[aouAOU][eE][a-zA-Z]*")


def _without_noise(written: str) -> Plain:
    letters: list[str] = []
    places: list[int] = []
    for start, end, kept in _pieces(written):
        letters.append(written[start:end] if kept is None else kept)
        places += range(start, end) if kept is None else [start] * len(kept)
    return Plain("".join(letters), places)


def _is_quiet(written: str) -> bool:
    """Whether there is nothing to take out: most texts are plain, and this is asked of every one."""
    head = written[:_HEAD]
    if ":" in head or "：" in head or head[:1].isdigit() or not written.isascii():
        return _QUIET.search(written) is None
    return not has_any(written, _LOUD)


_HEAD = 18
_LOUD = ("  ", "\n", '"', "<", "&", "\t")


def _pieces(written: str) -> Iterator[tuple[int, int, str | None]]:
    """The text in pieces: where each stands, and what takes its place, None for the piece itself."""
    reached = 0
    for noise in _NOISE.finditer(written):
        yield reached, noise.start(), None
        yield *noise.span(), _instead_of(written, noise)
        reached = noise.end()
    yield reached, len(written), None


def _instead_of(written: str, noise: re.Match[str]) -> str:
    match noise.lastgroup:
        case "heading" | "numbering" | "inline":
            return ""
        case "block":
            return "\n"
        case "apart":
            return unicodedata.normalize("NFC", noise[0])
        case _:
            if "\n" in noise[0] and not _is_wrapped(written, noise):
                return "\n"
            return " " if "&nbsp" in noise[0] or any(sign.isspace() for sign in noise[0]) else ""


def _is_wrapped(written: str, noise: re.Match[str]) -> bool:
    """Whether the sentence goes on in the next line."""
    line = written[written.rfind("\n", 0, noise.start()) + 1 : noise.start()]
    if line.rpartition(" ")[2].lower() in _OPEN_ENDS:
        return True
    is_cut = len(line) >= _LONG_LINE and line[-1:].isalpha()
    return is_cut and written[noise.end() : noise.end() + 1].islower()
