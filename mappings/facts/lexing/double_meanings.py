"""Words and figures that mean one thing or another, told apart by their neighbours: "sept", "dez", "Ende 27"."""

from __future__ import annotations

import re

from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BACK, BOUND, CALL, CONTRACT, EXPIRY, PERSON, REPORT, TOLD, UNLESS


def settle_numbers(lexed: Lexed, folded: str) -> None:
    """ "Fin sept", "até dez/2026": the month, where no unit follows the word for the number."""
    written, number, month = ALSO_NUMBERS[lexed.language]
    for place, value in enumerate(lexed.values):
        if lexed.shapes[place] != "N" or value != number:
            continue
        behind = lexed.shapes[place + 1 : place + 3].lstrip("&o")[:1]
        before = lexed.shapes[place - 1 : place]
        is_alone = before == "," and behind in {",", ".", ""}  # "(sept.)"
        is_beside = is_alone or before in set("ebciAUB") or behind == "Y"
        if is_beside and behind not in set("dwmqhy") and folded[lexed.starts[place] : lexed.ends[place]] == written:
            lexed.shapes = f"{lexed.shapes[:place]}M{lexed.shapes[place + 1 :]}"
            lexed.values[place] = month


ALSO_NUMBERS = {"fr": ("sept", 7, 9), "pt": ("dez", 10, 12)}


def settle_counted_weekdays(lexed: Lexed, folded: str) -> None:
    """ "Ligar na quinta" is a Thursday, "na quinta reunião" the fifth of many: Portuguese counts its weekdays."""
    for place, shape in enumerate(lexed.shapes):
        if shape != "W" or not folded.startswith(COUNTED_WEEKDAYS, lexed.starts[place]):
            continue
        ahead = lexed.shapes[place + 1 : place + 3]
        if ahead[:1] == "W":
            continue  # "quinta-feira"
        asked = place and lexed.cues[place - 1] & (CALL | REPORT)
        is_led = lexed.shapes[place - 1 : place] in set("iUABu&") or asked
        if is_led and _NOTHING_COUNTED.match(ahead):
            lexed.cues[place] &= ~UNLESS
        else:
            lexed.shapes = f"{lexed.shapes[:place]}O{lexed.shapes[place + 1 :]}"
            lexed.values[place] += 2


COUNTED_WEEKDAYS = ("segunda", "quarta", "quinta")
_NOTHING_COUNTED = re.compile(r"$|[.,AB&U]|[io](?![MSO])")


def settle_budget_year(lexed: Lexed) -> None:
    """ "The budget year" is a fiscal one."""
    for place in range(len(lexed.shapes) - 1):
        if lexed.shapes[place : place + 2] == "_y" and lexed.values[place] == _BUDGET:
            lexed.shapes = f"{lexed.shapes[:place]}oj{lexed.shapes[place + 2 :]}"


_BUDGET = 5  # the value of the English word


def settle_calls(lexed: Lexed, folded: str) -> None:
    """ "Contact center", "email address", "call volume": things, and nobody is to be called."""
    things = {found.start("word") for found in _THINGS.finditer(folded)}
    if not things:
        return
    for place, start in enumerate(lexed.starts):
        if start in things:
            lexed.cues[place] &= ~(CALL | PERSON)


def settle_could(lexed: Lexed, folded: str) -> None:
    """ "Could look at it in May" is to come; "could not" and "should have" tell what is over."""
    to_come = {found.start() for found in _COULD.finditer(folded)}
    if not to_come:
        return
    for place, start in enumerate(lexed.starts):
        if start in to_come:
            lexed.cues[place] &= ~TOLD


_COULD = re.compile(r"\b(?:could|should)\b(?!\s(?:n[o']t|never|only|\w+\shave|have|'?ve|of)\b)(?!'ve|n't)")
OF_CALLS = (
    " cent", "address", "adress", "number", "volume", "list", " log", "detail", " form", "campaign", "server", "system",
    "line", "d'appels", "de llamadas", "queue", "traffic", "routing",
)  # fmt: skip
_THINGS = re.compile(
    r"""\b(?:(?P<word>call|contact|e?mail|phone|chat|appels|llamadas)(?:
      (?<=call)[\s-](?:cent(?:er|re)s?|volumes?|lists?|logs?|queues?|routing|traffic|handling)
      |(?<=contact)[\s-](?:cent(?:er|re)s?|lists?|forms?|details|data|numbers?|info\w*|database)
      |(?<=mail)[\s-](?:address\w*|adress\w*|campaigns?|servers?|systems?|lists?|client)
      |(?<=phone)[\s-](?:numbers?|systems?|lines?|bills?|plans?)
      |(?<=chat)[\s-]?bots?
      |(?<=centre\sd'appels)|(?<=centro\sde\sllamadas)))\b""",
    re.VERBOSE,
)


def settle_years(lexed: Lexed) -> None:
    """ "Bis Ende 27", "fin 28": a year in two figures, where no unit follows."""
    for found in SHORT_YEAR.finditer(lexed.shapes):
        place = found.end() - 1
        if lexed.values[place] in _SOON:
            lexed.shapes = f"{lexed.shapes[:place]}Y{lexed.shapes[place + 1 :]}"
            lexed.values[place] += 2000
    if lexed.language != "en" and "M&N" in lexed.shapes:
        _settle_months_with_years(lexed)
    if lexed.any_cue & _TIED and BOUND_YEAR.search(lexed.shapes):
        _settle_bound_years(lexed)


def _settle_months_with_years(lexed: Lexed) -> None:
    """ "Até mar/27", "dez/26"."""
    for found in _MONTH_AND_YEAR.finditer(lexed.shapes):
        place = found.end() - 1
        if lexed.values[place] in _SOON_OR_BEGUN and lexed.folded[lexed.starts[place] - 1] == "/":
            lexed.shapes = f"{lexed.shapes[:place]}Y{lexed.shapes[place + 1 :]}"
            lexed.values[place] += 2000


_MONTH_AND_YEAR = re.compile(r"M&N(?!o?[dwmqhy])")
_SOON_OR_BEGUN = range(20, 40)


def _settle_bound_years(lexed: Lexed) -> None:
    """ "Bis 28 gebunden", "locked in until 28": a year, where the word behind it is no thing to count."""
    for found in BOUND_YEAR.finditer(lexed.shapes):
        place = found.end() - 1
        behind = place + 1
        is_last = lexed.shapes[behind : behind + 1] in {"", ".", ","}
        is_open = is_last or lexed.cues[behind] & _TIED or lexed.folded[lexed.starts[behind] :].startswith(_WITH_WHOM)
        if lexed.values[place] in _SOON and is_open:
            lexed.shapes = f"{lexed.shapes[:place]}Y{lexed.shapes[place + 1 :]}"
            lexed.values[place] += 2000


BOUND_YEAR = re.compile(r"UN(?=[.,_]|$)")
_TIED = BOUND | CONTRACT | EXPIRY
_WITH_WHOM = (
    "bei ",
    "mit ",
    "with ",
    "by ",
    "to ",
    "at ",
    "chez ",
    "avec ",
    "con ",
    "com ",
    "bij ",
    "met ",
    "da ",
    "na ",
)
SHORT_YEAR = re.compile(r"[ebc]o{0,2}N(?=[.,]|$)")
_SOON = range(25, 40)


def settle_back_half(lexed: Lexed) -> None:
    """ "The back half of 2027" is the second."""
    for place in range(len(lexed.shapes) - 1):
        if lexed.shapes[place : place + 4] == "_eoM" and lexed.values[place] == _BACK and lexed.cues[place] & BACK:
            lexed.shapes = f"{lexed.shapes[:place]}oz{lexed.shapes[place + 2 :]}"  # "the back end of October"
        if lexed.shapes[place : place + 2] == "_h" and lexed.values[place] == _BACK and lexed.cues[place] & BACK:
            lexed.shapes = f"{lexed.shapes[:place]}O{lexed.shapes[place + 1 :]}"
            lexed.values[place], lexed.cues[place] = 2, 0


_BACK = 1  # the value of the English word
