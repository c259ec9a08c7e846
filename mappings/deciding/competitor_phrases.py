"""The phrases that a competitor's name stands in, compiled from `data/rival_words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import resources
from typing import Any

from mappings.kept import Kept
from mappings.text import fold

_WORD = (
    r"(?:[A-ZÀ-ÖØ-Þ0-9][\w&+]*(?:[-.'’/][\w&+]+)*"  # Acme, S/4HANA, 8x8, Booking.com
    r"|[a-z]{1,3}[A-Z]\w+"  # eBay, iManage
    r"|[a-z][\w-]+\.(?:com|io|ai|net|app|co|de|fr|jp|nl|it|es)\b)"
)
NAME = rf"(?P<name>{_WORD}(?:\s(?:&\s)?{_WORD}){{0,3}})"
"""Up to four words with capitals; which of them are a name is decided afterwards."""

_JAPANESE_NAME = r"(?P<name>[A-Za-z][A-Za-z0-9&+.-]+|[゠-ヿ]{3,})(?:社|さん|様)?"
_JAPANESE_VERB = "決定|決め|決ま|採用|選定|選択|選ば|乗り換え|切り替え|切替|流れ|敗|負け|発注|契約|導入|購入|稼働|移行"
_UNLIKE_SMALL = ("ſ", "ı")  # letters that an expression takes for "s" and "i" although they are small already
_MOST_OPENERS = 2_048
_SET_APART = r"\s*(?:\([^)]*\)\s*)?(?:[-–—:/|>：／、]+\s*|[(\[（]\s*)"


@dataclass(frozen=True, slots=True)
class Around:
    """An expression around a group `name`.

    A text need not be searched without any of the folded words `openers`, nor without one of each of the sets `others`.
    """

    openers: frozenset[str]
    others: tuple[frozenset[str], ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """What stands before a name, by the folded words that it begins with, and what stands around one.

    `beginning` gives for each of the words `begins_with` an expression with a group `name`, to be tried at that word.
    """

    begins_with: frozenset[str]
    beginning: Mapping[str, re.Pattern[str]]
    around: tuple[Around, ...]

    @property
    def openers(self) -> frozenset[str]:
        """A text without any of these folded words holds no such phrase."""
        return self.begins_with.union(*[phrase.openers for phrase in self.around])


@dataclass(frozen=True, slots=True)
class RivalWords:
    """Phrases that say by themselves that a rival was taken (`chosen`), and those that only say whose (`kept`).

    `openers` are those of all phrases. `apart` sets a name apart behind an `apart_word`; `japanese` needs no word.
    `common` are folded words that no capital makes a name.
    """

    chosen: Phrases
    kept: Phrases
    openers: frozenset[str]
    apart_word: re.Pattern[str]
    apart_stems: tuple[str, ...]
    apart: tuple[re.Pattern[str], ...]
    japanese: tuple[re.Pattern[str], ...]
    refusals: re.Pattern[str]
    common: frozenset[str]
    company_forms: frozenset[str]

    def may_set_apart(self, text: str) -> bool:
        """Whether an `apart_word` can stand in a text: a quick look, without the rules of small and capital letters."""
        has_stem = any(map(text.lower().__contains__, self.apart_stems))
        return has_stem or (not text.isascii() and any(map(text.__contains__, _UNLIKE_SMALL)))


@lru_cache(maxsize=1)
def rival_words() -> RivalWords:
    """The shipped phrases; read when first needed."""
    file = resources.files("mappings").joinpath("data", "rival_words.toml")
    return _compiled(tomllib.loads(file.read_text(encoding="utf-8")))


def _compiled(document: Mapping[str, Any]) -> RivalWords:
    apart_words = document["apart"]["words"].split()
    apart = rf"(?<!\w)(?i:{_either(apart_words)})\w*"
    apart_won = rf"{apart}(?:\s*(?i:{_either(document['apart']['won'].split())})(?!\w))?"
    chosen, kept = _phrases(document["chosen"]), _phrases(document["kept"])
    return RivalWords(
        chosen=chosen,
        kept=kept,
        openers=chosen.openers | kept.openers,
        apart_word=re.compile(apart),
        apart_stems=tuple(
            word for word in apart_words if not any(word.startswith(one) for one in apart_words if one != word)
        ),
        apart=(re.compile(rf"{apart_won}{_SET_APART}{NAME}"), re.compile(rf"{apart}\s+{NAME}\s*$")),
        japanese=(
            re.compile(rf"(?:競合|他社)(?:他社|先|名|勝ち|負け|決定)*{_SET_APART}{_JAPANESE_NAME}"),
            re.compile(rf"{_JAPANESE_NAME}[にをへとで](?:{_JAPANESE_VERB})"),
        ),
        refusals=re.compile(rf"(?<!\w)(?:{_either(document['refusals']['words'].split())})(?!\w)", re.IGNORECASE),
        common=frozenset(fold(word) for words in document["common"].values() for word in words.split()),
        company_forms=frozenset(document["company_forms"]["words"].split()),
    )


def _phrases(languages: Mapping[str, str]) -> Phrases:
    lines = [line.strip() for text in languages.values() for line in text.splitlines() if line.strip()]
    before = [line for line in lines if "{name}" not in line]
    return Phrases(
        begins_with=_openers(before),
        beginning=Kept(partial(_beginning_with, before), most=_MOST_OPENERS),
        around=tuple([_around(line) for line in lines if "{name}" in line]),
    )


def _beginning_with(before: Iterable[str], word: str) -> re.Pattern[str]:
    """The phrases that may begin with a word: all of them together take ten times as long to fail."""
    either = [_phrase(line) for line in before if any(opener.startswith(word) for opener in _openers([line]))]
    return re.compile(rf"(?<!\w)(?i:{'|'.join(either)})\s+(?:['\"„“«]\s*)?{NAME}")


def _around(line: str) -> Around:
    head, _, tail = line.partition("{name}")
    opening = rf"(?i:{_phrase(head)})\s" if head else ""
    pattern = re.compile(rf"(?<!\w){opening}{NAME}\s+(?i:{_phrase(tail)})(?!\w)")
    either = [frozenset(word.split("|")) for word in [*head.split(), *tail.split()[1:]] if word[-1] not in "?*"]
    others = [frozenset(map(fold, words)) for words in either if all(map(str.isalnum, words))]
    return Around(_openers([tail]), tuple(others), pattern)


def _openers(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(word) for line in lines for word in line.split()[0].split("|"))


def _phrase(line: str) -> str:
    """Words in order with any space between; `a|b?` may be left out, `*` is one to three words."""
    parts: list[str] = []
    for word in line.split():
        either = f"(?:{_either(word.rstrip('?').split('|'))})"
        if word == "*":
            parts.append(r"(?:\s+\S+){1,3}?")
        elif not parts:
            parts.append(either)
        else:
            parts.append(rf"(?:\s+{either})?" if word.endswith("?") else rf"\s+{either}")
    return "".join(parts)


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))
