"""Somebody else's contract that runs on or was just renewed, no day said: "mid-contract", "Vertrag läuft noch"."""

from __future__ import annotations

import re

from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import CONTRACT, EXPIRY, SIGN

_CONTRACT = r"(?:contract|agreement|lease|subscription|term)"
_STILL_BOUND = {
    language: re.compile(pattern, re.VERBOSE)
    for language, pattern in {
        "en": rf"""\b(?:mid[\s-]{_CONTRACT}
            | (?:still|currently|already)\s(?:\w+\s)?(?:in|under|within|inside|on)\s(?:an?\s|the\s|our\s|their\s)?
              (?:\w+\s)?{_CONTRACT}
            | {_CONTRACT}\s(?:is\s)?still\s(?:running|runs|active|valid|live|in\s(?:force|place))
            | {_CONTRACT}\s(?:is\s|will\s)?(?:expir\w+|end\w*|up|run\w*\sout|coming\sup|renew\w*)
              \s(?:very\s|pretty\s)?(?:soon|shortly)
            | (?:just|recently|already|only)\s(?:been\s)?(?:auto(?:matically)?[\s-]?)?
              (?:re-?newed|re-?upped|recommitted|extended)(?!\swith\sus)
            | (?:in|under|have|has|had|got|due\sto)\s(?:an?\s)?(?:existing\s|active\s)?(?:contract|agreement)s?
              \swith\s(?:another|a\sdifferent|our\scurrent|their\scurrent|someone\selse|(?:a\s|some\s)?competitors?)
            | already\s(?:have|has|had|got)\s(?:an?\s)?(?:\w+\s)?(?:contract|agreement)s?(?!\swith\sus)
            | (?:just|recently|already)\s(?:\w+\s)?(?:signed|entered|inked)\s(?:\w+\s){{1,3}}(?:contract|agreement)
              \s(?:with|elsewhere)(?!\sus))\b""",
        "de": r"""\b(?:vertrag\s(?:\w+\s){0,2}lauft\s(?:noch|weiter)
            | vertrag\s(?:\w+\s){0,2}(?:lauft|endet)\s(?:bald|demnachst|in\skurze)
            | vertrag\s(?:mit|bei)\s(?:einem\s)?(?:anderen|andrem|mitbewerber|wettbewerber|konkurrenten)
            | (?:bereits|schon)\s(?:einen\s)?(?:\w+\s)?vertrag\s(?:mit|bei)(?!\suns)
            | noch\s(?:unter|im|in)\s(?:\w+\s)?vertrag
            | noch\s(?:einen?\s|im\s|in\s)?(?:laufenden?|gultigen?|bestehenden?)\s\w*vertrag
            | (?:gerade|eben|soeben|kurzlich|frisch|schon)\s(?:erst\s)?(?:\w+\s){0,4}(?:verlangert|erneuert))\b""",
        "fr": r"""\b(?:contrat\s(?:est\s)?(?:(?:toujours|encore|actuellement|deja)\s)?(?:en\scours|actif|en\svigueur)
            | contrat\s(?:\w+\s)?(?:expire|arrive\sa\secheance|se\stermine|finit)\s(?:tres\s)?(?:bientot|prochainement)
            | contrat\s(?:avec|chez)\s(?:un\sautre|un\sconcurrent|(?:mon|notre|leur)\s\w+\sactuel)
            | deja\s(?:un\s)?contrat\s(?:avec|chez)(?!\snous)
            | (?:encore|toujours|actuellement|deja)\s(?:sous|en|lies?\spar)\s(?:un\s)?contrat
            | (?:vien(?:t|nent)|venons)\s(?:tout\sjuste\s)?(?:de\s|d')(?:\w+\s)?
              (?:renouveler|resigner|prolonger|reconduire|signer\sun\scontrat)
            | (?:deja|recemment|tout\sjuste)\s(?:renouvele|prolonge|reconduit))\b""",
        "es": r"""\b(?:contrato\s(?:(?:sigue|aun|todavia|esta)\s){0,2}(?:vigente|en\svigor|activo|en\scurso)
            | contrato\s(?:\w+\s)?(?:vence|termina|expira|caduca|finaliza)\s(?:muy\s)?(?:pronto|en\sbreve|proximamente)
            | contrato\scon\s(?:otr[oa]|(?:la|una?)\scompetencia|un\scompetidor|(?:mi|nuestro|su)\sproveedor)
            | ya\s\w+\s(?:un\s)?contrato\scon(?!\snosotros)
            | (?:aun|todavia|actualmente|ya)\s(?:\w+\s)?(?:en|bajo|con|por)\s(?:un\s)?contrato
            | acab\w+\sde\s(?:renovar|prorrogar|firmar\sun\scontrato)
            | (?:recien|recientemente|ya)\s(?:renovaron|renovamos|prorrogaron))\b""",
        "pt": r"""\b(?:contrato\s(?:(?:ainda|continua|esta)\s){0,2}(?:vigente|em\svigor|ativo|em\scurso|em\sandamento)
            | contrato\s(?:\w+\s)?(?:vence|termina|expira|acaba)\s(?:em\sbreve|logo|proximamente)
            | contrato\scom\s(?:outr[oa]|a\sconcorrencia|um\sconcorrente|(?:meu|nosso|seu)\sfornecedor)
            | ja\s\w+\s(?:um\s)?contrato\scom(?!\s(?:a\sgente|nos|conosco))
            | (?:ainda|atualmente|ja)\s(?:\w+\s)?(?:em|sob|com)\s(?:um\s)?contrato
            | acab\w+\sde\s(?:renovar|prorrogar|assinar\sum\scontrato)
            | (?:recem|recentemente|ja)\s(?:renovaram|renovamos|prorrogaram))\b""",
        "it": r"""\b(?:contratto\s(?:(?:e|ancora|tuttora)\s){0,2}(?:in\scorso|in\sessere|attivo|vigente|in\svigore)
            | contratto\s(?:e\s)?(?:in\sscadenza|scade\s(?:a\sbreve|presto|prossimamente))
            | contratto\scon\s(?:un\s?'?altr[oa]|la\sconcorrenza|un\sconcorrente|il\s(?:nostro|loro)\sfornitore)
            | gia\s(?:un\s)?contratto\scon(?!\snoi)
            | (?:ancora|gia|attualmente)\s(?:sotto|in|legati\sda(?:\sun)?|vincolati\sda(?:\sun)?)\scontratto
            | (?:appena|gia|recentemente)\s(?:rinnovat|prorogat|prolungat)[oi])\b""",
        "nl": r"""\b(?:contract\s(?:\w+\s)?loopt\s(?:nog|door)
            | contract\s(?:\w+\s)?(?:verloopt|loopt|eindigt)\s(?:binnenkort|bijna)
            | contract\s(?:met|bij)\s(?:een\s)?(?:andere?|concurrent|huidige)
            | al\s(?:een\s)?(?:\w+\s)?contract\s(?:met|bij)(?!\sons)
            | (?:nog|al)\s(?:onder|in|vast\saan)\s(?:een\s)?(?:lopend\s)?contract
            | (?:nog\s(?:een\s)?)?(?:lopend|bestaand)\scontract
            | (?:net|pas|zojuist|recent|onlangs)\s(?:\w+\s){0,4}(?:verlengd|vernieuwd|bijgetekend))\b""",
        "ja": r"""(?:他社|他の業者|現取引先|既存業者)(?:さん)?と(?:の)?契約 | 契約(?:期間)?中(?!断)
            | 契約(?:期間)?[がはも]?(?:まだ|あと)?(?:残って|残り|続いて|継続中|有効)
            | 契約[がは]?(?:まもなく|もうすぐ|近く)(?:切れ|終了|満了) | 契約を?(?:更新|延長)した(?:ばかり|ところ)""",
    }.items()
}
_GOES_ON = re.compile(r"\s?[^\w.;,]?\s?(?:until|till|through|bis|jusqu|hasta|ate\b|fino|tot\b)")
_NEGATED = re.compile(
    r"(?:\b(?:not|no|never|n't|nicht|kein\w*|pas|plus|non|nao|niet|geen|mai|nessun\w*|ningun\w*|nenhum\w*|aucune?)\s(?:\w+\s)?)$"
)


def still_bound(lexed: Lexed) -> tuple[int, int] | None:
    """First and last letter of the words that say so."""
    if not lexed.any_cue & (CONTRACT | SIGN | EXPIRY):
        return None
    for said in _STILL_BOUND[lexed.language].finditer(lexed.folded):
        is_denied = _NEGATED.search(lexed.folded, max(said.start() - 14, 0), said.start()) is not None
        if not is_denied and _GOES_ON.match(lexed.folded, said.end()) is None:
            return said.span()
    return None
