"""Country and US state codes from what people type into a CRM.

CRMs hold countries as free text, in the user's language and spelling. Only an exact name counts, with case, accents
and punctuation folded: a near miss stays unknown, because a wrong country gives a wrong fiscal year.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files


def country_code(text: str | None) -> str | None:
    """ISO 3166-1 alpha-2 in capitals for a country's name or code (alpha-2, or a common alpha-3), else None."""
    if not text:
        return None
    folded = _fold(text)
    if len(folded) == 2 and folded.isascii():
        code = folded.upper()
        if code in _codes():
            return code
    return _names().get(folded) or _ALPHA_3.get(folded)


def region_code(text: str | None) -> str | None:
    """Two letters for a US state, district or territory, given by name or letters, else None."""
    if not text:
        return None
    folded = _fold(text)
    if folded.upper() in _STATES.values():
        return folded.upper()
    return _STATES.get(folded)


def _fold(text: str) -> str:
    """Lower case without accents; punctuation inside abbreviations vanishes (U.S.A.), other runs become a space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"[^\w]+", " ", re.sub(r"(?<=\b\w)\.\s?(?=\w?\b)", "", bare)).strip()


@cache
def _names() -> dict[str, str]:
    table: dict[str, str] = {}
    for code, names in _rows():
        for name in names:
            table.setdefault(_fold(name), code)
    return table


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _ in _rows())


@cache
def _rows() -> tuple[tuple[str, tuple[str, ...]], ...]:
    text = files("connectors").joinpath("country_names.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((code, tuple(names.split("|"))) for code, names in lines)


_ALPHA_3 = {
    "are": "AE", "arg": "AR", "aus": "AU", "aut": "AT", "bel": "BE", "bra": "BR", "can": "CA", "che": "CH",
    "chl": "CL", "chn": "CN", "col": "CO", "cze": "CZ", "deu": "DE", "dnk": "DK", "esp": "ES", "fin": "FI",
    "fra": "FR", "gbr": "GB", "grc": "GR", "hun": "HU", "ind": "IN", "irl": "IE", "isr": "IL", "ita": "IT",
    "jpn": "JP", "kor": "KR", "kwt": "KW", "lux": "LU", "mex": "MX", "nld": "NL", "nor": "NO", "npl": "NP",
    "nzl": "NZ", "pol": "PL", "prt": "PT", "qat": "QA", "rou": "RO", "sau": "SA", "sgp": "SG", "swe": "SE",
    "tur": "TR", "twn": "TW", "ukr": "UA", "zaf": "ZA",
}  # fmt: skip

# United States Postal Service, Publication 28, appendix B.
_STATES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "washington dc": "DC",
    "washington d c": "DC", "florida": "FL", "georgia": "GA", "hawaii": "HI", "idaho": "ID", "illinois": "IL",
    "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY", "louisiana": "LA", "maine": "ME",
    "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN", "mississippi": "MS",
    "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH", "new jersey": "NJ",
    "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND", "ohio": "OH",
    "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "rhode island": "RI", "south carolina": "SC",
    "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT", "virginia": "VA",
    "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY", "puerto rico": "PR",
    "guam": "GU", "american samoa": "AS", "virgin islands": "VI", "northern mariana islands": "MP",
}  # fmt: skip
