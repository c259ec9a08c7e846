"""The phrases that a competitor's name stands in, compiled from `data/rival_words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

_WORD = (
    r"(?:[A-ZÀ-ÖØ-Þ0-9][\w&+]*(?:[-.'’/][\w&+]+)*"  # Acme, S/4HANA, 8x8, Booking.com
    r"|[a-z]{1,3}[A-Z]\w+"  # eBay, iManage
    r"|[a-z][\w-]+\.(?:com|io|ai|net|app|co|de|fr|jp|nl|it|es)\b)"
)
NAME = rf"(?P<name>{_WORD}(?:\s(?:&\s)?{_WORD}){{0,3}})"
"""Up to four words with capitals; which of them are a name is decided afterwards."""

_JAPANESE_NAME = r"(?P<name>[A-Za-z][A-Za-z0-9&+.-]+|[゠-ヿ]{3,})(?:社|さん|様)?"
_JAPANESE_VERB = "決定|決め|決ま|採用|選定|選択|選ば|乗り換え|切り替え|切替|流れ|敗|負け|発注|契約|導入"
_SET_APART = r"\s*(?:\([^)]*\)\s*)?(?:[-–—:/|>：／、]+\s*|[(\[（]\s*)"


@dataclass(frozen=True, slots=True)
class RivalWords:
    """Expressions with a group `name`: `chosen` say by themselves that a rival was taken, `kept` only say whose.

    `common` are folded words that no capital makes a name.
    """

    chosen: tuple[re.Pattern[str], ...]
    kept: tuple[re.Pattern[str], ...]
    refusals: re.Pattern[str]
    common: frozenset[str]
    company_forms: frozenset[str]


@lru_cache(maxsize=1)
def rival_words() -> RivalWords:
    """The shipped phrases; read when first needed."""
    file = resources.files("mappings").joinpath("data", "rival_words.toml")
    return _compiled(tomllib.loads(file.read_text(encoding="utf-8")))


def _compiled(document: Mapping[str, Any]) -> RivalWords:
    from mappings.text import fold

    apart = rf"(?<!\w)(?i:{_either(document['apart']['words'].split())})\w*"
    return RivalWords(
        chosen=(
            *_expressions(document["chosen"]),
            re.compile(rf"{apart}{_SET_APART}{NAME}"),
            re.compile(rf"{apart}\s+{NAME}\s*$"),
            re.compile(rf"(?:競合|他社)(?:他社|先|名)*{_SET_APART}{_JAPANESE_NAME}"),
            re.compile(rf"{_JAPANESE_NAME}[にをへと](?:{_JAPANESE_VERB})"),
        ),
        kept=_expressions(document["kept"]),
        refusals=re.compile(rf"(?<!\w)(?:{_either(document['refusals']['words'].split())})(?!\w)", re.IGNORECASE),
        common=frozenset(fold(word) for words in document["common"].values() for word in words.split()),
        company_forms=frozenset(document["company_forms"]["words"].split()),
    )


def _expressions(languages: Mapping[str, str]) -> tuple[re.Pattern[str], ...]:
    """One expression for all that stands before a name, and one for each phrase around it."""
    lines = [line.strip() for text in languages.values() for line in text.splitlines() if line.strip()]
    before = "|".join(_phrase(line) for line in lines if "{name}" not in line)
    around = [line.split("{name}") for line in lines if "{name}" in line]
    return (
        re.compile(rf"(?<!\w)(?i:{before})\s+(?:['\"„“«]\s*)?{NAME}"),
        *(
            re.compile(
                rf"(?<!\w){f'(?i:{_phrase(head)})' + '[ ]' if head.strip() else ''}{NAME}\s+(?i:{_phrase(tail)})(?!\w)"
            )
            for head, tail in around
        ),
    )


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
