"""The last day on which a contract can be cancelled, which is not the day on which it ends: "kündbar bis 30.9."."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import Found
from mappings.facts.lexing.lexed import Lexed
from mappings.text import has_any

_CANCEL_BEFORE = re.compile(
    r"""\b(?:cancel\w*|terminated?|(?:give|serve|file)\s(?:\w+\s)?notice|opt(?:ed)?\sout|notice
      |kundig(?:en|ung|bar)|resili\w+|denonc\w+|rescind\w+|cancelar\w*|denunciar|opzeg\w*|disd(?:ire|etta))
      \W[^.;,]{0,25}$|解約(?:通知)?[はを]?$""",
    re.VERBOSE,
)
_DEADLINE = re.compile(
    r"""\b(?:kundigungs(?:termin|stichtag)|(?:notice|cancellation|termination|opt-out)\s(?:deadline|date|window)
      |date\slimite\s(?:de|du)\s(?:resiliation|preavis|denonciation)|(?:fecha\slimite|plazo)\sde\s(?:preaviso|cancelacion)
      |data\slimite\sde\s(?:rescisao|aviso)|(?:uiterste\s)?opzegdatum|termine\s(?:di|per\sla)\sdisdetta)\b[^.;,]{0,30}$
      |解約(?:通知)?(?:期限|締切)[はが:]?$""",
    re.VERBOSE,
)
_CANCEL_BEHIND = re.compile(
    r"""[^.;,]{0,15}\b(?:kund(?:bar|igen)|gekundigt\swerden|opzeg(?:gen|baar)|opgezegd\sworden)\b
      |まで(?:に)?(?:の)?(?:解約|通知|予告)""",
    re.VERBOSE,
)
_BY = re.compile(r"(?:by|before|no later than|entro|prima|avant|antes|ate|hasta|bis|vor|tot|voor|uiterlijk|until)\b")


def is_deadline(folded: str, lexed: Lexed, found: Found) -> bool:
    """Whether a time is the one by which somebody has to cancel."""
    start, end = lexed.starts[found.first], lexed.ends[found.last - 1]
    if _DEADLINE.search(folded, max(start - 60, 0), start):
        return True
    if lexed.language == "ja":
        return _CANCEL_BEHIND.match(folded, end) is not None
    if _BY.match(folded, start) is None:
        return False
    return _CANCEL_BEFORE.search(folded, max(start - 60, 0), start) is not None or (
        _CANCEL_BEHIND.match(folded, end) is not None
    )


_CANCELLED_STEMS = ("opgezegd", "resilie", "denonce", "rescindid", "denunciad", "disdet", "cancel", "terminated")
_CANCELLED_AS_OF = re.compile(
    r"""\b(?:opgezegd|(?:resilie|denonce)e?s?|rescindid[oa]s?|denunciad[oa]s?|disdett[oaie]|disdettat[oaie]|cancell?ed|terminated|cancelad[oa]s?)
      \s(?:[\w']+\s){0,5}?
      (?:per|m\.i\.v\.?|met\singang\svan|au|pour\sle|a\scompter\sdu|avec\seffet\sau|con\sefectos?\s(?:de|del|a|al)?|com\sefeito\sa?
        |a\sfar\sdata\sdal|a\sdecorrere\sdal|con\s(?:effetto|decorrenza)\s(?:dal)?|dal|al|effective|as\sof|with\seffect\sfrom)\s?(?:el\s|o\s)?$""",
    re.VERBOSE,
)


def is_cancelled_as_of(folded: str, lexed: Lexed, found: Found) -> bool:
    """ "Opgezegd m.i.v. 1 mei bij de huidige leverancier": the day from which they are free."""
    if found.rule not in {"monthday", "date", "month"} or not has_any(folded, _CANCELLED_STEMS):
        return False
    core = lexed.starts[found.core]
    return _CANCELLED_AS_OF.search(folded, max(core - 60, 0), core) is not None


_UNLESS_BY = re.compile(
    r"""\b(?:unless|if\snot|wenn\snicht|sofern\snicht|falls\snicht|sauf|salvo|a\smenos|si\sno|se\snao|tenzij|a\smeno|se\snon)\b
      [^.;]{0,30}\b(?:cancel|terminat|ended|kundig|gekundigt|resili|denon|denunci|rescind|opgezegd|opzeg|disd)\w*\s
      (?:\w+\s){0,2}$|\b(?:wenn|sofern|falls)\snicht\s$|\btenzij\s$""",
    re.VERBOSE,
)


_NOTICE_BY = re.compile(
    r"""\b(?:(?:give|gives|giving|serve|file|hand\sin)\s(?:\w+\s){0,2}notice|notice\s(?:must|has\sto|needs\sto|should)\sbe\s\w+
      |notice\s(?:is\s)?due)\s$""",
    re.VERBOSE,
)


def is_unless_by(folded: str, lexed: Lexed, found: Found) -> bool:
    """ "Renews on 1 July unless cancelled by 31 May", "they have to give notice by September"."""
    start, end = lexed.starts[found.first], lexed.ends[found.last - 1]
    if _BY.match(folded, start) is None:
        return False
    if _NOTICE_BY.search(folded, max(start - 60, 0), start):
        return True
    if _UNLESS_BY.search(folded, max(start - 60, 0), start) is None:
        return False
    said = folded[max(start - 60, 0) : start]
    return not said.rstrip().endswith(_VERB_LAST) or _CANCEL_BEHIND.match(folded, end) is not None


_VERB_LAST = ("nicht", "tenzij")
