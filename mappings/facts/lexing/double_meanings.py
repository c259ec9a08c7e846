"""Words and figures that mean one thing or another, told apart by their neighbours: "sept", "dez", "Ende 27"."""

from __future__ import annotations

import re

from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BACK,
    BOUND,
    CALL,
    CONTRACT,
    ENDS,
    EXPIRY,
    LATER,
    PERSON,
    REPORT,
    STARTS,
    TOLD,
    UNLESS,
)


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


def settle_some_time(lexed: Lexed, folded: str) -> None:
    """ "Until some time in 2028" is "until sometime in 2028"."""
    for found in _SOME_TIME.finditer(lexed.shapes):
        place = found.start()
        if folded.startswith("some time ", lexed.starts[place]):
            lexed.shapes = f"{lexed.shapes[:place]}Zo{lexed.shapes[place + 2 :]}"
            lexed.cues[place + 1] = 0


_SOME_TIME = re.compile(r"ko(?=i)")


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
    "line", "d'appels", "de llamadas", "queue", "traffic", "routing", "connect ", "revert to", "hear",
)  # fmt: skip
_THINGS = re.compile(
    r"""\b(?:(?P<word>call|contact|e?mail|phone|chat|appels|llamadas|connect|revert|hear)(?:
      (?<=connect)\s(?:(?:it|this|that|them|these|the|their|our|all)\s(?:\w+\s){0,2})?to\s(?!discuss|talk|review|go\s|see\s|explore)
      |(?<=revert)\sto\b
      |(?<=hear)\b(?!\s(?:more\s|back\s|again\s)?from\s(?:us|you|me)\b)
      |(?<=call)[\s-](?:cent(?:er|re)s?|volumes?|lists?|logs?|queues?|routing|traffic|handling)
      |(?<=contact)[\s-](?:cent(?:er|re)s?|lists?|forms?|details|data|numbers?|info\w*|database)
      |(?<=mail)[\s-](?:address\w*|adress\w*|campaigns?|servers?|systems?|lists?|client)
      |(?<=phone)[\s-](?:numbers?|systems?|lines?|bills?|plans?)
      |(?<=chat)[\s-]?bots?
      |(?<=centre\sd'appels)|(?<=centro\sde\sllamadas)))\b""",
    re.VERBOSE,
)


def settle_order_of_figures(lexed: Lexed) -> None:
    """ "3-19-26 not ready, call 4-1-26": who writes the month first once does so in the whole text."""
    dates = [
        place for place, shape in enumerate(lexed.shapes) if shape == "D" and len(lexed.values[place]) == _IN_FIGURES
    ]
    for sign in {lexed.values[place][3] for place in dates} & {"-", "/"}:
        written = [place for place in dates if lexed.values[place][3] == sign]
        orders = {order for place in written if (order := _order_of(*lexed.values[place][:2]))}
        for place in written if len(orders) == 1 else ():
            lexed.values[place] = (*lexed.values[place][:3], *orders)


_IN_FIGURES = 4  # first, second, year and the sign between them


def _order_of(first: int, second: int) -> str:
    """The order that two figures leave no choice about."""
    if first > _MONTHS >= second:
        return "dm"
    return "md" if second > _MONTHS >= first else ""


_MONTHS = 12


def settle_spans_of_years(lexed: Lexed) -> None:
    """ "Fiscal year: 1 April – 31 March", "July – June fiscal year": the dash is a "to", and parts no clauses."""
    _settle_dashes(lexed, _SPAN_OF_A_YEAR)


def settle_spans_of_contracts(lexed: Lexed) -> None:
    """ "Contract period 1 Apr 2025 - 31 Mar 2028": the same."""
    _settle_dashes(lexed, _SPAN_OF_A_CONTRACT)


def _settle_dashes(lexed: Lexed, span: re.Pattern[str]) -> None:
    for found in span.finditer(lexed.shapes):
        place = found.start("dash")
        if lexed.folded[lexed.starts[place]] in _DASHES:
            lexed.shapes = f"{lexed.shapes[:place]}U{lexed.shapes[place + 1 :]}"


_DASHES = "-–—"
_SPAN_OF_A_YEAR = re.compile(
    r"(?:j[^.]{0,8}(?:M[NO]?|D)|(?:M[NO]?|D)(?=[^.]{1,5}j))(?P<dash>,)"
    r"(?=(?:[NO]?M[NO]?|D)(?:[.,&]|$|o{0,2}j))"
)


_DAY_OF_A_YEAR = r"(?:D|L|[NO]?o?MY|MN,?Y)"
_SPAN_OF_A_CONTRACT = re.compile(rf"{_DAY_OF_A_YEAR}(?P<dash>,)(?={_DAY_OF_A_YEAR})")


def settle_business_year(lexed: Lexed) -> None:
    """ "Their year runs Feb to Jan": the fiscal one."""
    for found in _YEAR_FROM_TO.finditer(lexed.shapes):
        place = found.start()
        if lexed.cues[place + 1] & (ENDS | STARTS):
            lexed.shapes = f"{lexed.shapes[:place]}j{lexed.shapes[place + 1 :]}"


_MONTH_OR_DAY = r"(?:[NO]?o?M[NO]?|D)"
_YEAR_FROM_TO = re.compile(rf"(?<![Nkantl])y(?=_[io]{{0,2}}{_MONTH_OR_DAY}U{_MONTH_OR_DAY})")


def settle_onward(lexed: Lexed, folded: str) -> None:
    """ "Seguir adelante", "andare avanti": to go on, at no later time, where the text names none ("in May")."""
    if not _NAMED_TIME.isdisjoint(lexed.shapes):
        return
    onward = {found.start("on") for found in _ONWARD.finditer(folded)}
    for place, start in enumerate(lexed.starts):
        if start in onward:
            lexed.shapes = f"{lexed.shapes[:place]}_{lexed.shapes[place + 1 :]}"
            lexed.cues[place] &= ~(LATER | BACK)


GOES_ONWARD = frozenset({"es", "it"})
_NAMED_TIME = frozenset("MSWYNDLQHFJECVKdwmqhyn")
_ONWARD = re.compile(
    r"\b(?:segu\w+|sig(?:ue|uen|uio|amos)|ir|salir|sali\w*|llev\w+|sacar\w*|continu\w+|and(?:are|iamo|at[oi])|va|vanno"
    r"|port\w+|mand\w+|tir\w+)\s(?P<on>adelante|avanti)\b"
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
