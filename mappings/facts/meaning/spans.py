"""What a span of time states: a wait, a notice, the time left on a contract, or its length."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

from mappings.facts.grammar.times import Context, Found, is_after_behind
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BLOCK,
    BOUND,
    BUDGET,
    CALL,
    CONTRACT,
    ENDS,
    EXPIRY,
    LATER,
    NOT,
    NOTICE,
    PAST,
    SIGN,
)
from mappings.facts.meaning.kinds import VERB_LAST
from mappings.facts.meaning.measures import is_measure
from mappings.facts.meaning.terms import TERM_ON, is_unless_cancelled
from mappings.facts.mention import UNDATED, DateMention, Role
from mappings.model import FactKind
from mappings.values import replace

_MONTHS = {"m": 1, "q": 3, "h": 6, "y": 12}
DAYS = {"d": 1, "w": 7, "m": 30, "q": 90, "h": 180, "y": 365}
_DUE = CALL | LATER | BUDGET | NOT


def read_span(lexed: Lexed, found: Found, context: Context, mention: DateMention) -> DateMention | None:
    near = cues_between(lexed, max(context.first, found.first - 3), min(context.last, found.last + 4))
    when = found.when
    if lexed.language == "de" and found.lead.endswith("B"):
        return None  # "vor drei Monaten" is past
    if is_measure(lexed, found, context, mention.kind):
        return None
    if mention.kind is not FactKind.CONTRACT_END and _is_no_wait(lexed, found):
        return None
    if near & NOTICE or is_unless_cancelled(lexed, found, context):
        days = when.n * DAYS[when.unit]
        return replace(mention, kind=FactKind.CONTRACT_END, when=UNDATED, notice_days=days)
    beside = _beside_another(lexed, found, context, mention)
    if beside is not mention:
        return beside
    if "A" in found.lead and _own(lexed, found)[:1] == "a" and lexed.shapes[found.last : found.last + 1] == "_":
        return None  # "after a nine-month evaluation"
    if mention.kind is FactKind.CONTRACT_END:
        if "A" in found.lead and not context.sentence & (CONTRACT | EXPIRY | BOUND):
            return None  # "closed after three months of silence"
        return _term_statement(lexed, found, context, mention)
    return _wait_statement(lexed, found, context, mention)


def _wait_statement(lexed: Lexed, found: Found, context: Context, mention: DateMention) -> DateMention | None:
    """A wait, if it is counted from now: "in six months", "give it a month"."""
    behind = lexed.shapes[found.last : found.last + 3]
    if lexed.language == "it" and _is_since(lexed, found):
        return None
    if "A" in found.lead and not context.sentence & CALL and _is_over(lexed, found, context):
        return None
    if (
        found.is_from_now
        or "i" in found.lead
        or "A" in found.lead
        or behind[:1] in {"A", "r"}
        or "n" in _own(lexed, found)
    ):
        return mention
    if lexed.language in VERB_LAST and cues_between(lexed, found.last, found.last + 1) & LATER:
        return mention  # "zes maanden wachten"
    before = cues_between(lexed, max(context.first, found.first - 4), found.first)
    if cues_between(lexed, context.first, context.last) & PAST:
        return None
    if before & _DUE:
        return None if "a" in _own(lexed, found)[:1] and behind[:1] == "_" else mention
    if _counts_up_to_a_call(lexed, found, context):
        return mention
    is_alone = behind.lstrip("o")[:1] in {"", ".", ","} and (
        lexed.shapes[context.first : found.first][-1:] in {"", ","}
        or cues_between(lexed, found.last, min(context.last, found.last + 4)) & _DUE
    )
    return mention if is_alone else None


def _counts_up_to_a_call(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "6mo follow up", "90 day callback": what is done when that time is over."""
    is_first = found.first == 0 or lexed.shapes[found.first - 1] in ".,"
    is_call = cues_between(lexed, found.last, found.last + 1) & CALL or _THEN_A_CALL.match(
        lexed.folded, lexed.ends[found.last - 1]
    )
    return is_first and bool(is_call) and not context.clause & (PAST | NOT | BLOCK)


_THEN_A_CALL = re.compile(
    r"[^.;]{0,40}\b(?:then|dann|puis|luego|depois|poi|dan)\s(?:re-?\w+|call|chase|ping|follow|try|check|nach\w+|an\w+)"
)


def _is_over(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "No decision after six months", "pays off only after four years": so long after something else."""
    is_bare = found.first == 0 and found.last >= len(lexed.shapes.rstrip("."))
    return not is_bare and (bool(context.clause & NOT) or not context.clause & LATER)


def _beside_another(lexed: Lexed, found: Found, context: Context, mention: DateMention) -> DateMention | None:
    """A span counted back from the end of the contract, or from something else; the mention itself where neither."""
    behind = lexed.shapes[found.last : found.last + 3]
    if lexed.language == "ja" and behind[:1] == "x":
        if not cues_between(lexed, max(context.first, found.first - 6), found.first) & (CONTRACT | EXPIRY):
            return None  # so long ago
        return replace(mention, kind=FactKind.REVISIT, role=Role.BEFORE_END)
    if behind.startswith("B") or re.match(r"[o]?B", behind):
        after = cues_between(lexed, found.last, min(context.last, found.last + 5))
        if after & (CONTRACT | EXPIRY | ENDS) or "e" in lexed.shapes[found.last : found.last + 4]:
            return replace(mention, kind=FactKind.REVISIT, role=Role.BEFORE_END)
        if context.clause & CALL and context.sentence & (CONTRACT | EXPIRY | ENDS):
            return replace(
                mention, kind=FactKind.REVISIT, role=Role.BEFORE_END
            )  # "ends in May, call two months before"
        if mention.kind is FactKind.CONTRACT_END:
            return None  # "switched six months before we called"
        ends = _BEFORE_THAT_VERB if lexed.language in VERB_LAST else _BEFORE_THAT
        if ends.match(lexed.shapes, found.last):
            return _before_that(lexed, mention)
    if behind[:1] == "A" and not is_after_behind(lexed, found.last):
        return replace(mention, when=UNDATED)  # so long after something else
    return mention


_BEFORE_THAT = re.compile(r"o?B(?=[.,]|$)")
_BEFORE_THAT_VERB = re.compile(r"o?B(?=_?(?:[.,]|$))")
_OF_AN_END = CONTRACT | EXPIRY | BOUND


def _before_that(lexed: Lexed, mention: DateMention) -> DateMention:
    """ "Their contract ends in May. Call 60 days before.": counted back from the end, or from what has no date here."""
    if lexed.any_cue & _OF_AN_END:
        return replace(mention, kind=FactKind.REVISIT, role=Role.BEFORE_END)
    return replace(mention, when=UNDATED)


def _is_no_wait(lexed: Lexed, found: Found) -> bool:
    """ "Maybe one day", and "durante seis meses", which lasted."""
    if _own(lexed, found) == "ad" and not set(found.lead) & set("iuA"):
        return True
    return any(
        lexed.shapes[place] == "i" and lexed.values[place] == _DURING for place in range(found.first, found.core)
    )


def _is_since(lexed: Lexed, found: Found) -> bool:
    """ "Da sei mesi": for the last six months."""
    return any(lexed.shapes[place] == "i" and lexed.values[place] == _DA for place in range(found.first, found.core))


_DA = 2
_DURING = 3


def _term_statement(lexed: Lexed, found: Found, context: Context, mention: DateMention) -> DateMention | None:
    """Time left on a contract, or the length of one: then the end is known where the day of signing is."""
    when = found.when
    behind = lexed.shapes[found.last : found.last + 2]
    cues = cues_between(lexed, max(context.first, found.first - 4), min(context.last, found.last + 4))
    own, ahead = _own(lexed, found), lexed.shapes[max(context.first, found.first - 4) : found.first]
    remaining = CONTRACT | BOUND  # "Restlaufzeit" is both in one word
    is_old = not context.sentence & SIGN and _runs_already(lexed, context)
    is_left = (
        (found.first > 0 and not is_old and lexed.cues[found.first - 1] & remaining == remaining)
        or ("r" in own + ahead and not ("u" in found.lead and context.clause & SIGN))
        or behind.lstrip("o")[:1] in {"r", "A"}
        or "n" in own
        or _TO_GO.match(lexed.folded, lexed.ends[found.last - 1])
        or (behind[:1] == "U" and bool(_cues_of(lexed, found) & ENDS))
    )
    is_length = own[:2] in {"aN", "ak"} and behind[:1] == "_"  # "in a two-year contract"
    is_length |= own[:2] == "aN" and bool(lexed.cues[min(found.last, len(lexed.cues) - 1)] & CONTRACT)
    is_length |= lexed.language == "ja" and lexed.shapes[max(found.first - 1, 0)] in "LM"  # 2026年2月から3年契約
    is_length |= is_old and lexed.folded.startswith("uber ", lexed.starts[found.first])
    if (
        is_left
        or "A" in found.lead
        or (found.lead.endswith("i") and not (cues | context.clause) & SIGN and not is_length)
        or ("U" in found.lead and not is_length)
    ):
        return mention
    months = when.n * _MONTHS.get(when.unit, 0)
    if not months or _is_not_signed(lexed, found, context):
        return None
    if "v" in found.lead or "v" in lexed.shapes[max(0, found.first - 1) : found.first]:
        return replace(mention, when=UNDATED, term_months=months)
    is_dated = TERM_ON.match(lexed.shapes, found.last) is not None
    if cues & BOUND and not cues & SIGN and "u" in found.lead and not is_dated and not is_old:
        return mention
    if context.sentence & BLOCK and not context.sentence & SIGN:
        return None  # the term of a quote is not the term they signed
    of_a_contract = CONTRACT | BOUND | SIGN | EXPIRY
    if not (is_dated or context.sentence & of_a_contract or cues_between(lexed, found.core, found.last) & CONTRACT):
        return None
    is_begun = cues & CONTRACT and not is_old and _is_just_begun(lexed, context)
    role = Role.SIGNED if context.sentence & SIGN or is_begun else Role.DATE
    return replace(mention, when=UNDATED, term_months=months, role=role)


_JUST_BEGUN = re.compile(
    r"""\b(?:just\s(?:started|begun|began|kicked\soff)|gerade\s(?:erst\s)?(?:begonnen|gestartet)|viens?n?e?n?t?\sde\s(?:commencer|debuter)
      |acaban?\sde\s(?:empezar|comenzar|iniciar)|acabou\sde\s(?:comecar|iniciar)|net\s(?:begonnen|gestart|ingegaan)
      |appena\s(?:iniziato|partito)|(?:chose|picked|selected|went\swith|opted\sfor|switched\sto)
      |(?:contract|agreement|deal|vertrag|contrat|contrato|contratto)\s(?:with|mit|bei|avec|chez|con|com|met|bij)\s[^.;,]{1,40}
        \s(?:for|uber|auf|fur|pour|de|por|di|per|van|voor)\s
      |(?:他社|競合)[^。]{0,4}と[^。]{0,4}契約
      |(?:ont|a)\s(?:choisi|opte|retenu)|(?:haben?|hat)\ssich\sfur|entschieden|eligio|eligieron|optaron|opto|escolheu|escolheram
      |optou|optaram|fechou|fecharam|fechado|kozen|koos|gekozen|hanno\sscelto|ha\sscelto)""",
    re.VERBOSE,
)


def _is_just_begun(lexed: Lexed, context: Context) -> bool:
    """ "Chose a rival, contract of three years": a loss is told on the day they sign with another."""
    last = lexed.ends[min(context.last, len(lexed.ends)) - 1]
    return _JUST_BEGUN.search(lexed.folded, lexed.starts[context.first], last) is not None


def _runs_already(lexed: Lexed, context: Context) -> bool:
    """ "Bestehender Vertrag über drei Jahre": nobody says since when."""
    last = lexed.ends[min(context.last, len(lexed.ends)) - 1]
    return _EXISTING.search(lexed.folded, lexed.starts[context.first], last) is not None


_EXISTING = re.compile(
    r"\b(?:existing|bestehend\w*|laufende[nrs]?|existante?|existentes?|vigentes?|esistente|in essere|bestaande?)\b"
    r"|既存|現契約|現取引先|現在の契約"
)
_TO_GO = re.compile(
    r" (?:(?:is |are )(?:still )?(?:left|remaining)|(?:still )?(?:to go|to run|to serve|remains?|unexpired))\b"
)


def _is_not_signed(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Did not want to sign for 36 months"."""
    first = max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1)
    signed = next((place for place in range(first, found.first) if lexed.cues[place] & SIGN), None)
    return signed is not None and bool(cues_between(lexed, max(first, signed - 4), signed) & NOT)


def _cues_of(lexed: Lexed, found: Found) -> int:
    return cues_between(lexed, found.last, min(found.last + 3, len(lexed.cues)))


def _own(lexed: Lexed, found: Found) -> str:
    return lexed.shapes[found.core : found.last]


def cues_between(lexed: Lexed, first: int, last: int) -> int:
    return reduce(or_, lexed.cues[first:last], 0)
