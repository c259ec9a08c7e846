"""Facts without a date: "contact at renewal", "once the merger is through", "check back later". None is given a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import reduce
from operator import or_

from mappings.facts.grammar.times import Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BACK,
    BOUND,
    BUDGET,
    CALL,
    CONTRACT,
    EVENT,
    EXPIRY,
    HAVE,
    LATER,
    NOT,
    PAST,
    TOLD,
    WAIT,
)
from mappings.facts.meaning.still_bound import still_bound
from mappings.facts.mention import DateMention
from mappings.model import FactKind

_ANY = WAIT | EXPIRY | BOUND | BACK | EVENT | BUDGET | CONTRACT
_FOR_THE_YEAR = re.compile(r"[uiUo]o{0,2}[yj](?!o?[nt])")
_CLAUSE = re.compile(r"[^.,]+")
_AWAITED = CALL | LATER | EVENT | BUDGET


def read_undated(text: str, lexed: Lexed, times: Sequence[Found], dated: AbstractSet[FactKind]) -> list[DateMention]:
    """What each sentence says of a time that it does not name, for kinds that have no dated fact in the text."""
    if not lexed.any_cue & _ANY:
        return []
    spans = [found.span() for found in _CLAUSE.finditer(lexed.shapes)]
    clauses = [(first, last, _union(lexed, first, last)) for first, last in spans]
    mentions = []
    for kind, asked, reader in _READERS:
        if kind in dated:
            continue
        for first, last, cues in clauses:
            if cues & asked and (span := reader(lexed, first, last, times)) is not None:
                start, end = lexed.starts[span[0]], lexed.ends[span[1] - 1]
                mentions.append(DateMention(kind=kind, text=text[start:end], start=start, end=end))
                break
    is_told = FactKind.CONTRACT_END in dated or any(mention.kind is FactKind.CONTRACT_END for mention in mentions)
    if not is_told and (bound := still_bound(lexed)):
        start, end = bound
        mentions.append(DateMention(kind=FactKind.CONTRACT_END, text=text[start:end], start=start, end=end))
    return mentions


def _union(lexed: Lexed, first: int, last: int) -> int:
    return reduce(or_, lexed.cues[max(first, 0) : last], 0)


def _contract(lexed: Lexed, first: int, last: int, _: Sequence[Found]) -> tuple[int, int] | None:
    """Under contract, or something waits for the renewal."""
    for place in range(first, last):
        cue = lexed.cues[place]
        if cue & (EXPIRY | CONTRACT):
            beside = place + 4 if lexed.language == "ja" else place
            before = _union(lexed, max(first, place - 7), beside)
            is_yearly = (
                cue & EXPIRY and "v" in lexed.shapes[place : place + 3] and _union(lexed, first, place) & CONTRACT
            )
            led = is_yearly or any(shape in "iAUBeu" for shape in lexed.shapes[max(first, place - 3) : place])
            if before & NOT:
                continue
            if (cue & EXPIRY and (led or before & (WAIT | CALL | LATER))) or (
                cue & CONTRACT
                and (
                    (before | cue | _union(lexed, place, min(last, place + 3))) & BOUND
                    or before & WAIT
                    or _is_ended(lexed, first, place)
                )
            ):
                return max(first, place - 2), place + 1
    return None


def _is_ended(lexed: Lexed, first: int, place: int) -> bool:
    """The end of a contract."""
    return "e" in lexed.shapes[max(first, place - 3) : place]


def _budget(lexed: Lexed, first: int, last: int, times: Sequence[Found]) -> tuple[int, int] | None:
    """The next budget, one that has to be approved first, or one that is spent for the year."""
    if _union(lexed, first, last) & EVENT:
        return None
    spent = _FOR_THE_YEAR.search(lexed.shapes, first, last) is not None
    for place in range(first, last):
        if lexed.cues[place] & BUDGET and not any(found.first <= place < found.last for found in times):
            before = lexed.shapes[max(first, place - 2) : place]
            if spent or "n" in before or _union(lexed, max(first, place - 3), place) & WAIT:
                return max(first, place - 2), place + 1
    return None


def _revisit(lexed: Lexed, first: int, last: int, times: Sequence[Found]) -> tuple[int, int] | None:
    """They named an event to wait for, or asked to be asked again."""
    if any(first <= found.first < last for found in times):
        return None
    cues = _union(lexed, first, last)
    if (cues & PAST and not _awaits_its_end(lexed, first, last)) or _is_left_to_them(lexed):
        return None
    is_opened = lexed.cues[first] & WAIT and lexed.shapes[first] == "_"
    is_new = "*" in lexed.shapes[first:last]
    is_named = cues & _AWAITED or ((is_opened or is_new) and last - first > 1)  # "TBD" alone says nothing
    if cues & WAIT and is_named and last - first <= 12:
        place = next(place for place in range(first, last) if lexed.cues[place] & WAIT)
        if _is_counted(lexed, place) or _is_no_wait(lexed, first, place) or _is_without_answer(lexed, place):
            return None
        if lexed.shapes[place] != "A" or len(lexed.shapes) <= 16:  # long stories tell what came after what
            return place, last
    if _is_only_a_wait(lexed, first, last):
        return first, last
    if not cues & (BACK | EVENT):
        return None
    for place in range(first, last):
        cue = lexed.cues[place]
        is_denied = cues & NOT and lexed.shapes[place] != "Z"  # "plus tard"
        is_asked = cue & BACK and _union(lexed, place - 4, place + 3) & (CALL | LATER)
        if is_asked and not is_denied and not _is_back_to_nothing(lexed, place):
            return max(first, place - 2), place + 1
        if cue & EVENT and "n" in lexed.shapes[max(first, place - 2) : place]:
            return max(first, place - 1), place + 1
    return None


def _is_back_to_nothing(lexed: Lexed, place: int) -> bool:
    return _is_thanks(lexed, place) or _came_back(lexed, place) or _is_too_late(lexed, place)


def _is_thanks(lexed: Lexed, place: int) -> bool:
    """ "Thanks again for the call"."""
    start, end = lexed.starts[place], lexed.ends[place]
    return bool(_THANKS.search(lexed.folded, max(start - 20, 0), start) or _THANKS_BEHIND.match(lexed.folded, end))


_THANKS = re.compile(
    r"\b(?:thanks|thanx|thx|thank you|danke|dank|merci|gracias|obrigad[oa]|bedankt|grazie)\s(?:\w{1,5}\s){0,2}$"
)
_THANKS_BEHIND = re.compile(
    r"\s(?:\w{1,7}\s)?(?:danke|dank|merci|gracias|obrigad[oa]|bedankt|grazie|thanks|thank you)\b"
)


def _is_without_answer(lexed: Lexed, place: int) -> bool:
    """ "No answer after the second call"."""
    start = lexed.starts[place]
    return lexed.shapes[place] == "A" and _UNANSWERED.search(lexed.folded, max(start - 30, 0), start) is not None


_UNANSWERED = re.compile(
    r"""(?:\b(?:no|without|never|keine?|ohne|pas\sde|aucune|sans|sin|ninguna|sem|nenhuma|geen|zonder|nessuna|senza)\s
      (?:an\s|any\s)?(?:answer|reply|response|contact|luck|success|antwort|reaktion|ruckmeldung|reponse|retour|nouvelles?|respuesta
        |contacto|resposta|retorno|contato|reactie|antwoord|risposta))\s$""",
    re.VERBOSE,
)


def _is_too_late(lexed: Lexed, place: int) -> bool:
    """ "Trop tard pour eux" is no "plus tard"."""
    return lexed.folded.startswith("trop ", max(lexed.starts[place] - 5, 0))


def _came_back(lexed: Lexed, place: int) -> bool:
    """ "The report came back clean"."""
    return place > 0 and lexed.shapes[place] == "_" and bool(lexed.cues[place - 1] & TOLD)


_ARTICLE_OF_HOURS = frozenset({"es", "it", "pt"})
_MINUTES = re.compile(r"\d\s?(?:分|時間)間?$")


def _is_counted(lexed: Lexed, place: int) -> bool:
    """ "No reply after three follow-ups", "call after 14:00": what is waited for is a number or the time of day."""
    if lexed.shapes[place + 1 : place + 2] in {"N", "k"}:
        return True
    start = lexed.starts[place]
    if lexed.language in _ARTICLE_OF_HOURS and lexed.shapes[place + 1 : place + 2] == "o":
        place += 1 + (lexed.shapes[place + 2 : place + 3] == "o")  # "después de las 5"
    if lexed.language == "ja":
        return _MINUTES.search(lexed.folded, max(start - 6, 0), start) is not None
    return place + 1 < len(lexed.starts) and _AMOUNT.match(lexed.folded, lexed.starts[place + 1]) is not None


_AMOUNT = re.compile(r"\d|[$€£¥]|(?:us|r)\$|(?:usd|eur|gbp|chf|brl)\b")


_VERB = re.compile(
    r"(?:a?wait(?:ing)?|(?:ab)?(?:zu)?warten?t?|attend\w+|attente|esper\w+|aguard\w+|aspett\w+|attesa|(?:af)?wacht(?:en)?)\b"
)
_IS_NO_WAIT = re.compile(r"\w+\s(?:lists?|times?|rooms?|for\s(?:me|us|you)|on\s(?:me|us|you))\b|wait\W*(?:$|[,;])")
_BEING = {"attente": (" en ", " dans l'"), "attesa": (" in ",), "espera": (" la ", " en ", " a ")}


def _is_no_wait(lexed: Lexed, first: int, place: int) -> bool:
    """ "They won't wait", "tired of waiting for us", "waiting list", "tempi di attesa"."""
    start = lexed.starts[place]
    verb = _VERB.match(lexed.folded, start)
    if verb is None or lexed.language == "ja":
        return False
    if _union(lexed, first, place) & NOT or _IS_NO_WAIT.match(lexed.folded, start):
        return True
    led_by = _BEING.get(verb[0])
    return led_by is not None and not f" {lexed.folded[:start]}".endswith(led_by)


def _awaits_its_end(lexed: Lexed, first: int, last: int) -> bool:
    """ "Reach out once the new head has started": what is over by then is still to come."""
    waits = [place for place in range(first, last) if lexed.cues[place] & WAIT]
    if not waits:
        return False
    before = _union(lexed, first, waits[0])
    is_asked = before & (CALL | BACK) or (before & NOT and lexed.shapes[waits[0]] == "U")  # "not until they have moved"
    return bool(is_asked) and not before & PAST and bool(_union(lexed, waits[0], last) & HAVE)


def _is_only_a_wait(lexed: Lexed, first: int, last: int) -> bool:
    """ "After the harvest": the whole text is what they wait for."""
    is_whole = first == 0 and lexed.shapes[last:].strip(".") == "" and last - first <= _SHORT
    is_opened = "A" in lexed.shapes[:2] and lexed.shapes[-1] == "_"
    return is_whole and is_opened


_SHORT = 4


def _is_left_to_them(lexed: Lexed) -> bool:
    """ "They call once they are ready, do not chase"."""
    if not (lexed.any_cue & NOT and lexed.any_cue & CALL):
        return False
    clauses = (_union(lexed, *clause.span()) for clause in _CLAUSE.finditer(lexed.shapes))
    return any(cues & NOT and cues & CALL and not cues & (WAIT | LATER) for cues in clauses)


_READERS = (
    (FactKind.CONTRACT_END, EXPIRY | CONTRACT, _contract),
    (FactKind.BUDGET_CYCLE, BUDGET, _budget),
    (FactKind.REVISIT, WAIT | BACK | EVENT, _revisit),
)
"""Which cues a clause must hold for a reader to find anything in it."""
