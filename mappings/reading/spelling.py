"""Misspelt words of short labels, brought to the nearest word of the vocabulary."""

from __future__ import annotations

from functools import lru_cache

from mappings.reading.lexicon import shipped_lexicon

SHORTEST = 5  # letters; shorter words have too many neighbours
NEAR = 85  # of 100, by rapidfuzz


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[str, ...]:
    words = shipped_lexicon().vocabulary
    known = {*words.exact, *words.beginnings, *words.phrases}
    return tuple(sorted(word for word in known if len(word) >= SHORTEST and word.isalpha()))


@lru_cache(maxsize=16_384)
def corrected(word: str) -> str | None:
    """The word of the vocabulary that a folded word stands for; None where none is near."""
    if len(word) < SHORTEST or not word.isascii():
        return None
    from rapidfuzz import fuzz, process

    near = process.extractOne(word, _vocabulary(), scorer=fuzz.ratio, score_cutoff=NEAR)
    is_near = near is not None and near[0][0] == word[0] and abs(len(near[0]) - len(word)) <= 1
    return near[0] if near and is_near else None
