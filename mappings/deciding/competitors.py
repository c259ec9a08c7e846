"""Which competitor a text names. A doubtful name is none: two names, a common word with a capital, a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

from mappings.deciding.competitor_phrases import Phrases, RivalWords, rival_words
from mappings.documents.mapping_set import MappingSet
from mappings.model import Classification, LostDeal
from mappings.reading import TextReading, read_text
from mappings.reading.lexicon import shipped_lexicon
from mappings.text import CJK, fold
from mappings.values import value_type

LONGEST_NAME = 40
_SHOUTED = 5  # letters from which a known word in capitals is no name
_CLAUSE_BREAK = re.compile(
    r"[,.;:!?()\n]|\b(?:but|instead|and|aber|sondern|und|mais|et|pero|sino|y|mas|e|maar|en|ma)\b", re.IGNORECASE
)
_ANOTHER = re.compile(r"\s*(?:/|,|\b(?:or|and|oder|und|ou|et|o|y|e|of|en)\b)\s*(?=[A-Z])")
_COMMON_NOUN = re.compile(
    r"(?:ung|heit|keit|schaft|lösung|system|anbieter|lieferant|vertrag|preis|projekt|ion|ismus|ment|ness|ity|ship|ance|ence|aphic|ative|able|ical)(?:en|e|s)?$"
)
_KANA = re.compile(f"[{CJK}]")
_DOMAIN = re.compile(r"\.(?:com|io|ai|net|app|co)$")
_OWNER = re.compile(r"['’]s\b")


@value_type(frozen=True, slots=True)
class KnownNames:
    """A mapping set's competitors: the expression that finds them, and their proper names by any folded spelling."""

    proper: Mapping[str, str]
    pattern: re.Pattern[str] | None


@lru_cache(maxsize=64)
def known_names(mapping_set: MappingSet) -> KnownNames:
    """Prepared once per version."""
    proper = {fold(name): rival.name for rival in mapping_set.competitors for name in (rival.name, *rival.aliases)}
    spelt = {name for rival in mapping_set.competitors for name in (rival.name, *rival.aliases) if name.strip()}
    either = "|".join(re.escape(name) for name in sorted(spelt, key=len, reverse=True))
    return KnownNames(proper, re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if spelt else None)


def competitor_of(deal: LostDeal, classification: Classification) -> str:
    """Whom they chose or kept, on one line: the deal's own field, else the name in the words; empty where unknown."""
    return " ".join((deal.competitor or classification.competitor or "").split())


@value_type(frozen=True, slots=True)
class Named:
    """A name as it stands at `start` of a text. `is_chosen`: the words around it say that they took this rival."""

    name: str
    start: int
    is_chosen: bool


def named_competitor(texts: Iterable[str], known: KnownNames) -> str | None:
    """The competitor that the first telling text names; for texts that speak of a competitor or a contract."""
    for text in texts:
        if (name := _named_in(text, known)) is not None:
            return name
    return None


def _named_in(text: str, known: KnownNames) -> str | None:
    found = {known.proper.get(fold(named.name), named.name): None for named in names_in(text)}
    if not found and known.pattern is not None:
        found = {known.proper[fold(match.group())]: None for match in known.pattern.finditer(text)}
    if len(found) > 1:
        found = {name: None for name in found if name in known.proper.values()}
    return next(iter(found)) if len(found) == 1 else None


@lru_cache(maxsize=4_096)
def names_in(text: str) -> tuple[Named, ...]:
    """The names that stand where a rival's name stands, in any order."""
    words = rival_words()
    reading = read_text(text)
    plain = text.replace("_", " ")
    chosen: list[re.Match[str]] = []
    kept: list[re.Match[str]] = []
    if said := words.openers.intersection(reading.words):
        chosen = _phrases_in(words.chosen, said, reading, plain)
        kept = _phrases_in(words.kept, said, reading, plain)
    if words.may_set_apart(plain) and words.apart_word.search(plain):
        chosen.extend(match for pattern in words.apart for match in pattern.finditer(plain))
    if not text.isascii() and _KANA.search(text):
        chosen.extend(match for pattern in words.japanese for match in pattern.finditer(plain))
    if not (chosen or kept):
        return ()
    return (
        *(Named(*found, True) for found in _names_at(chosen, plain, words)),
        *(Named(*found, False) for found in _names_at(kept, plain, words)),
    )


def _phrases_in(phrases: Phrases, said: AbstractSet[str], reading: TextReading, plain: str) -> list[re.Match[str]]:
    """Where any of these phrases stands: none but those with a word that was said are looked for."""
    found = []
    if not phrases.begins_with.isdisjoint(said):
        for word, start in zip(reading.words, reading.starts, strict=True):
            if word in phrases.begins_with and (match := phrases.beginning[word].match(plain, start)):
                found.append(match)
    for phrase in phrases.around:
        if not phrase.openers.isdisjoint(said) and not any(map(reading.has_none_of, phrase.others)):
            found += phrase.pattern.finditer(plain)
    return found


def _names_at(matches: Iterable[re.Match[str]], text: str, words: RivalWords) -> Iterator[tuple[str, int]]:
    for match in matches:
        start = match.start("name")
        name = _trimmed(match["name"], words)
        if name is None or _OWNER.match(text, start + len(name)) or _ANOTHER.match(text, start + len(name)):
            continue
        clause = text[: match.start()]
        breaks = [found.end() for found in _CLAUSE_BREAK.finditer(clause)]
        if not words.refusals.search(clause, breaks[-1] if breaks else 0):
            yield name, start


def _trimmed(found: str, words: RivalWords) -> str | None:
    """The leading words that can be a name; None where the first cannot."""
    kept: list[str] = []
    for part in found.split():
        goes_on = kept and (kept[-1] == "&" or fold(part).strip(".") in words.company_forms)
        if part != "&" and not goes_on and not _can_be_name(part):
            break
        kept.append(part)
    name = " ".join(kept).rstrip(" .&-/")
    return name if len(name) > 1 and len(name) <= LONGEST_NAME and not _OWNER.search(name) else None


@lru_cache(maxsize=4_096)
def _can_be_name(token: str) -> bool:
    words = rival_words()
    folded = fold(token).strip(".")
    if len(folded) < 2 or not (token[0].islower() or any(letter.isupper() or letter > "゠" for letter in token)):
        return False
    parts = [folded] if _DOMAIN.search(folded) else [folded, *re.split(r"[-/.]", folded)]
    if any(part in words.common for part in parts):
        return False
    if _COMMON_NOUN.search(token) and token[1:].islower():
        return False
    lexicon = shipped_lexicon()
    elements = lexicon.vocabulary.elements(folded)
    if not elements or lexicon.name in elements:
        return True
    if token.isupper() and len(token) >= _SHOUTED:  # a whole label in capitals
        return False
    return not token.isalpha() or any(letter.isupper() for letter in token[1:])
