"""A label without what a list puts before it: numbers, a language's mark, "Lost - ", "Kunde:", "失注理由:"."""

from __future__ import annotations

import re

_MOST_HEADS = 4  # "[DE] 03_Closed Lost - Customer: "
_HEADS = (
    "closed[ _-]*lost|lost[ _-]*reason|loss[ _-]*reason|lost|closed|reason|customer|client|cl|lr"
    "|geschlossen|verloren|verlustgrund|grund|kunde|perdue?|motif|raison|perdid[oa]|cliente|motivo|raz[oó]n|raz[aã]o"
    "|klant|reden|pers[oa]|失注理由|失注|理由|顧客|お客様"
)
_NUMBER = r"[(\[]?[A-Za-z]{0,3}\d{1,3}(?:[.-]\d{1,2})*(?:[)\]:|]|[._](?=\s|[^\W\d])|\s+[-–—|](?=\s))"
_BEFORE = re.compile(
    rf"[\s.]*(?:{_NUMBER}|\[\w{{1,6}}\]|\([A-Za-z]\)|[A-Za-z]\)|【(?:{_HEADS})】|(?:{_HEADS})\s*[-–—:：_|/>]+)\s*",
    re.IGNORECASE,
)


def bare(label: str) -> str:
    """What a label says behind its list's prefixes; all of it where nothing stands behind them."""
    start = 0
    for _ in range(_MOST_HEADS):
        found = _BEFORE.match(label, start)
        if found is None or not any(letter.isalnum() for letter in label[found.end() :]):
            break
        start = found.end()
    return label[start:]
