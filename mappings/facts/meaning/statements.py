"""What a dated clause states: the end of a contract or its term, the start of a budget year, a day to come back."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BACK,
    BUDGET,
    CALL,
    CONTRACT,
    DONE,
    ENDS,
    EXPIRY,
    HAVE,
    LATER,
    MISSED,
    NOT,
    NOTICE,
    PAST,
    PERSON,
    PUT,
    REPORT,
    SIGN,
    STARTS,
    TOLD,
)
from mappings.facts.meaning.budgets import read_budget
from mappings.facts.meaning.kinds import VERB_LAST
from mappings.facts.meaning.months_of_a_year import as_month_of_year
from mappings.facts.meaning.neighbours import is_call_of, is_in_brackets, is_to_come
from mappings.facts.meaning.spans import DAYS, cues_between, read_span
from mappings.facts.meaning.terms import is_new_from, is_term_begun
from mappings.facts.mention import UNDATED, Base, DateMention, Edge, Role
from mappings.model import FactKind
from mappings.values import replace

_TERM_BEHIND = re.compile(r"[iu]?o?[Nk]o?(?:y|m(?=o?_))")
_CLAUSE_END = re.compile(r"[,.]|$")
_TERM = re.compile(r"[Nk]o?y")
_SPAN_BEHIND = re.compile(r"[Nak]o?[dwmqhy]$")
_END_OF_IT = re.compile(r"eo{0,2}_")  # "before the end of the contract in March"
_NEAR = 12  # words between "signed" and its month
_DASHES = "-–—"
_TO_ITS_END = re.compile(r"U(?:D|L|[NO]?o?MY|MN,?Y)")
_DAYS_OF_A_TERM = frozenset({"date", "monthday", "month", "ym"})
_STARTS_ON = re.compile(r"b_?,?[io]{0,2}$")
_IN_A_YEAR = frozenset({"month", "monthday", "season", "quarter", "half"})


def read_statement(text: str, lexed: Lexed, found: Found, context: Context, kind: FactKind) -> DateMention | None:
    """The statement that a time expression makes, or None where it makes none."""
    first, last = lexed.starts[found.first], lexed.ends[found.last - 1]
    first = lexed.starts[found.core] if text[first] in _DASHES else first
    mention = DateMention(kind=kind, when=found.when, text=text[first:last], start=first, end=last)
    if _is_story(text, lexed, found, context, kind):
        if found.when.year is None:
            return None
        mention = replace(mention, is_told=True)
    if kind is FactKind.REVISIT and found.when.year is not None and not context.clause & CALL:
        mention = replace(mention, lapses=True)  # "opened there in 2018", "approved in March 2025"
    if found.rule in SPANS:
        return read_span(lexed, found, context, mention)
    if found.rule == "gone" and found.when.base is not Base.FEAST:
        return replace(mention, when=UNDATED)
    if (
        "A" in found.lead
        and lexed.language != "ja"
        and _SPAN_BEHIND.search(lexed.shapes, max(found.first - 4, 0), found.first)
    ):
        return replace(mention, when=UNDATED)  # "two weeks after Easter" is not Easter
    if found.when.base is Base.WEEKDAY and (not context.clause & (CALL | BACK) or context.sentence & PAST):
        return None
    if kind is FactKind.CONTRACT_END:
        return _contract_statement(lexed, found, context, replace(mention, when=as_month_of_year(lexed, found)))
    if kind is FactKind.BUDGET_CYCLE:
        return read_budget(lexed, found, context, mention)
    if found.when.base is Base.UNIT and not found.when.shift and found.when.edge is Edge.START:
        if not context.clause & NOT:
            return None
        return replace(mention, when=replace(found.when, shift=1), is_denied=True)
    return mention


def _is_story(text: str, lexed: Lexed, found: Found, context: Context, kind: FactKind) -> bool:
    """Whether a time belongs to something that is over: "slipped by six weeks", "ended in May", "left in April"."""
    clause = context.clause
    is_done = clause & HAVE and clause & DONE and not _is_told_of_another(lexed, found, context)
    is_told = clause & (TOLD | MISSED) and not _is_another_told(lexed, found, context, kind)
    if not (
        is_told
        or is_done
        or _is_told_at_its_end(text, lexed, found)
        or _is_told_at_its_start(lexed, found)
        or (clause & REPORT and not clause & CALL and _tells_which(lexed, found))
    ):
        return False
    if is_to_come(lexed, *clause_around(lexed, found, context)):
        return False
    is_reported = clause & REPORT and kind is not FactKind.CONTRACT_END and not _tells_which(lexed, found)
    is_until = "U" in found.lead and not _is_range(lexed, found)
    if found.when.shift or found.is_coming or is_until or clause & PUT or is_reported:
        return False
    if kind is FactKind.CONTRACT_END:
        if clause & SIGN and (lexed.language == "ja" or _TERM.search(lexed.shapes, context.first, context.last)):
            return False
        return found.rule in _IN_A_YEAR or found.rule in {"date", "ym", "year"}
    if kind is FactKind.BUDGET_CYCLE:
        is_whole = found.when.base is Base.UNIT and found.when.edge is Edge.START
        return not is_whole and not (context.has_year or "u" in found.lead or clause & (CALL | NOT))
    if clause & MISSED or lexed.language == "ja" or found.when.year is not None or not clause & CALL:
        return True
    calls = [
        lexed.cues[place]
        for place in range(context.first, context.last)
        if lexed.cues[place] & CALL and not is_call_of(lexed, place, found)
    ]
    return all(cue & PERSON for cue in calls)  # "Termin am 4. Juni nicht wahrgenommen"


def _is_range(lexed: Lexed, found: Found) -> bool:
    """The "to May" of "the pilot from March to May gave nothing"."""
    return _RANGE_TO.search(lexed.shapes, max(found.first - 4, 0), found.first) is not None


_RANGE_TO = re.compile(r"io{0,2}[MQSDNO]$")


def _is_told_of_another(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "It ends in June and nobody has called us": what is done stands behind the "and"."""
    _, last = clause_around(lexed, found, context)
    joint = lexed.shapes.find("&", found.last, last)
    return joint > 0 and not cues_between(lexed, context.first, joint) & HAVE


def _is_another_told(lexed: Lexed, found: Found, context: Context, kind: FactKind) -> bool:
    """ "The deal is up in August and he heard of a law that came in March": what is told stands behind the "and"."""
    if kind is not FactKind.CONTRACT_END or "&" not in lexed.shapes[found.last : context.last]:
        return False
    joint = lexed.shapes.find("&", found.last)
    return not cues_between(lexed, context.first, joint) & (TOLD | MISSED | DONE)


_TOLD_IN_JAPANESE = re.compile(
    r"(?:[したれいえけっん][ただ]|ました|だった|済み?|他社.{0,9}(?:購入|導入|採用|選定|決定|契約)|(?:断り|見送り|辞退)の(?:連絡|返事|回答)|失注|却下|敗戦|破談|(?:デモ|商談|面談|訪問|打ち?合わせ|ヒアリング|説明会)を?実施)(?:\W|$|が|けど|けれど|ものの)"
)
_STILL_TO_COME = re.compile(
    r"こととな|ことにな|ことにし|とのこと|言|希望|依頼|約束|合意|要望|予定|再|延期|先送|持ち越|繰り越|変更"
)


def _tells_which(lexed: Lexed, found: Found) -> bool:
    """ "In the April meeting": the time only says which one."""
    is_led = lexed.language == "en" and found.core > 0 and lexed.shapes[found.core - 1] == "o"
    return is_led and lexed.shapes[found.last : found.last + 1] == "_" and not lexed.cues[found.last] & LATER


def clause_around(lexed: Lexed, found: Found, context: Context) -> tuple[int, int]:
    """First and last place of the clause that holds an expression."""
    end = lexed.shapes.find(",", found.last, context.last)
    return max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1), context.last if end < 0 else end


def _is_told_at_its_start(lexed: Lexed, found: Found) -> bool:
    """ "Looked again in April": English leaves the subject out where it tells."""
    first = max(lexed.shapes.rfind(",", 0, found.first), lexed.shapes.rfind(".", 0, found.first)) + 1
    return lexed.language == "en" and lexed.shapes[first] == "_" and bool(lexed.cues[first] & DONE)


def _is_told_at_its_end(text: str, lexed: Lexed, found: Found) -> bool:
    """Whether the clause behind the date ends in a past tense: 退職した, "im Mai eingestellt"."""
    if lexed.language in VERB_LAST and lexed.language != "ja":
        end = _CLAUSE_END.search(lexed.shapes, found.last)
        return end is not None and bool(lexed.cues[end.start() - 1] & DONE)
    if lexed.language != "ja":
        return False
    behind = text[lexed.ends[found.last - 1] :]
    told = _TOLD_IN_JAPANESE.search(behind.split("。", 1)[0])
    return told is not None and _STILL_TO_COME.search(behind, 0, told.end()) is None


def _contract_statement(lexed: Lexed, found: Found, context: Context, mention: DateMention) -> DateMention | None:
    if found.rule in _DAYS_OF_A_TERM and _TO_ITS_END.match(lexed.shapes, found.last):
        return None  # the first day of "1 April 2025 to 31 March 2028"
    before = cues_between(lexed, context.first, found.first)
    clause_first = max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1)
    near = _cues_near(lexed, found, context, clause_first)
    if is_term_begun(lexed, found, context) and not near & NOTICE:
        return replace(mention, role=Role.SIGNED)
    if _TERM_BEHIND.match(lexed.shapes, found.last) and not (near | context.clause) & (ENDS | EXPIRY | NOTICE):
        return replace(mention, role=Role.SIGNED)  # "from May 2025 for three years"
    if found.when.plus < 0 and near & NOTICE and not context.clause & CALL:  # "3 mois avant le 31 décembre"
        notice = -found.when.plus * DAYS[found.when.plus_unit]
        return replace(mention, when=replace(found.when, plus=0, plus_unit=""), notice_days=notice)
    is_yearly = "v" in lexed.shapes[max(context.first, found.first - 4) : found.first]
    if found.rule == "past":
        return replace(mention, role=Role.SIGNED)
    if is_yearly and context.clause & (EXPIRY | CONTRACT | SIGN):
        return replace(mention, term_months=12)
    behind = cues_between(lexed, found.last, min(context.last, found.last + 3))
    renewed = behind if "," not in lexed.shapes[found.last : found.last + 3] else 0
    will_be = is_to_come(lexed, *clause_around(lexed, found, context)) and not context.clause & BUDGET
    if not will_be and _is_signed(lexed, found, context, near, behind):
        return replace(mention, role=Role.SIGNED)
    if found.when.base is Base.UNIT and not found.when.shift and found.when.edge is Edge.START:
        return None
    is_years_end = found.when.base is Base.UNIT and found.when.unit == "y" and found.when.edge is Edge.END
    is_end_told = near & CONTRACT and _END_OF_IT.search(lexed.shapes, clause_first, found.first)
    if near & NOTICE and not ((near | renewed) & (ENDS | EXPIRY) or is_years_end or is_end_told):
        return None  # "three months to the end of the month" is how notice is given, not when the contract ends
    if found.rule == "year" and not set(found.lead) & set("UeA"):
        return replace(mention, is_told=True)  # "a contract of 2021", "it is from 2009 and still runs"
    if "v" in lexed.shapes[context.first : found.first] and before & (EXPIRY | CONTRACT):
        return replace(mention, term_months=12)
    return mention


def _cues_near(lexed: Lexed, found: Found, context: Context, clause_first: int) -> int:
    """What the words before a time say, with those before its bracket or colon."""
    near = cues_between(lexed, max(clause_first, found.first - _NEAR), found.first)
    if is_in_brackets(lexed, found):  # "signed for three years (May 2025)"
        opened = lexed.shapes.rfind(",", 0, found.first)
        near |= cues_between(lexed, max(context.first, lexed.shapes.rfind(",", 0, opened) + 1), opened) & SIGN
    if _STARTS_ON.search(lexed.shapes, max(found.core - 5, 0), found.core):  # "contract start: 1 Feb 2025, 24 months"
        near |= cues_between(lexed, max(found.core - 3, context.first), found.core) & STARTS
    return near


def _is_signed(lexed: Lexed, found: Found, context: Context, near: int, behind: int) -> bool:
    """Whether the time is the one of a signature, from which a term is counted."""
    if found.when.unit == "w" and not found.when.shift:
        return False  # "signed this week": the day on which it is told
    if "s" in found.lead or is_new_from(lexed, found):
        return True
    if behind & SIGN and _ELSE_RENEWED.match(lexed.folded, lexed.ends[found.last - 1]):
        behind &= ~SIGN
    is_begun = (near & (SIGN | STARTS) or _is_bought(lexed, found, context)) and not near & (ENDS | EXPIRY)
    is_until = "U" in found.lead or (lexed.language == "ja" and lexed.shapes[found.last : found.last + 1] == "U")
    return not is_until and bool(behind & SIGN or is_begun or _is_signature(lexed, context))


# "Läuft 12/26 aus, verlängert sich sonst um ein Jahr".
_ELSE_RENEWED = re.compile(
    r"""[^.;]{0,20}\bverlangert\ssich\b
      |[^.;]{0,45}\b(?:sonst|andernfalls|otherwise|sinon|autrement|altrimenti|anders|senao|caso\scontrario|de\slo\scontrario)\b""",
    re.VERBOSE,
)


def _is_bought(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Bought a two-year licence in January"."""
    if not context.clause & CONTRACT or not _TERM.search(lexed.shapes, context.first, found.first):
        return False
    first, last = lexed.starts[context.first], lexed.starts[found.first]
    return _BOUGHT.search(lexed.folded, first, last) is not None


_BOUGHT = re.compile(r"\b(?:bought|purchased|took|taken)\b")


def _is_signature(lexed: Lexed, context: Context) -> bool:
    """Whether the clause tells of a signature, where the verb may stand far from the date."""
    if lexed.language == "en" or not context.clause & SIGN:
        return False
    has_term = _TERM.search(lexed.shapes, context.first, context.last) is not None
    return has_term or not context.clause & (ENDS | EXPIRY)
