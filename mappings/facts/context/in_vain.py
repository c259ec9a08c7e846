"""Times that the words beside them make void: "yes in March, then nothing", "six months free", "inactive 45 days"."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import NOT
from mappings.text import has_any

_FAR = 80  # characters that are looked at
_NOTHING = r"""(?:nothing|nada|rien|nichts|niets|niente|silence|silent|radio\ssilence|funkstille|silencio|silenzio
    |stilte|crickets|no\s(?:reply|response|answer|word|contact)|(?:keine?|sin|sem|geen|nessuna?|aucune?)\s\w+|went\s(?:dark|quiet|silent))"""
_SILENT_SINCE = re.compile(
    rf"""[^.;]{{0,40}}?(?:[,.;:–-]\s|\sand\s|\sund\s|\set\s|\sy\s|\se\s|\sen\s)(?:(?:but|aber|mais|pero|mas|maar|ma)\s)?
      (?:(?:then|since\sthen|ever\ssince|dann|danach|seitdem|puis|depuis|luego|despues|desde\sentonces|depois|desde\sentao|daarna|sindsdien
        |poi|da\sallora)\W{{1,3}}(?:plus\s|just\s|nur\snoch\s)?{_NOTHING}
      |{_NOTHING}\s(?:ever\s)?(?:since|seither|seitdem|depuis|desde\sentonces|desde\sentao|sindsdien|da\sallora)
      |(?:has|have)\s(?:been\s(?:silent|dark|quiet)|gone\s(?:silent|dark|quiet))|(?:went|gone)\s(?:dark|silent|quiet)
      |(?:(?:radio\s)?silence|funkstille|silencio|silenzio|(?:radio)?stilte|crickets)\W*$)""",
    re.VERBOSE,
)
# "Pushed to June, then cancelled".
_THEN_LOST = re.compile(
    r"""[^.;]{0,40}?\b(?:then|dann|danach|puis|ensuite|luego|despues|depois|poi|daarna|toen)\s(?:(?:was|were|got|it|finally|endgultig|finalement
      |finalmente)\s){0,2}(?:lost|dead|cancell?ed|dropped|killed|died|withdrawn|withdrew|ghosted|scrapped|verloren|abgesagt|gestorben|gestoppt
      |perdue?|annulee?|abandonnee?|perdid[oa]|cancelad[oa]|perso|persa|annullat[oa]|geannuleerd|afgeblazen
      |(?:(?:they|he|she|ils?|elles?|on|sie|er|ze|zij)\s)?(?:(?:ont|a|hat|haben|hanno|ha|hebben|heeft)\s)?
        (?:said\sno|declined|refused|passed|dit\snon|refuse|decline|renonce|dij\w+\s(?:que\s)?no|rechaz\w+|disse(?:ram)?\s(?:que\s)?nao
        |recus\w+|detto\s(?:di\s)?no|rifiutato|nee\sgezegd|geweigerd|nein\sgesagt|abgelehnt))\b""",
    re.VERBOSE,
)
_NOBODY = re.compile(
    r"""\s*(?:nobody|no\sone|noone)\s(?:picked|answered|replied|responded|called|showed|came|turned)
      |\s*(?:niemand|personne|nadie|ninguem|nessuno)\s\w+
      |\s?[,;]?\s?(?:(?:y|e|pero|mas|but|and|und|aber|et|mais|en|maar|ma)\s)?(?:(?:es|era|era\swar|war|was)\s)?
        (?:no\s(?:estaba\w*|contest\w+|respond\w+|cogi\w+)|nobody\b|no\sanswer|niemand\b|nicht\serreicht|keiner\sda|pas\sde\sreponse
        |ils?\sn'a\spas\srepondu|nao\s(?:estava\w*|atende\w+|respond\w+)|non\s(?:c'era\w*|ha\srisposto|rispond\w+)|niet\s(?:bereik\w+|aanwezig)
        |geen\sgehoor|kein\sanschluss)\b""",
    re.VERBOSE,
)
# "The same as in October".
_AS_THEN = re.compile(
    r"""\b(?:(?:same|just|exactly)\s(?:as|like)|like\sback|(?:immer\snoch|genau(?:so)?)\swie|(?:toujours\s|tout\s)comme|pareil\squ'?(?:e|en)?
      |igual\s(?:que|a\scomo)|tal\s(?:y\s)?como|(?:na\s)?mesma\sque|come\sgia|uguale\sa|net\s(?:als|zo\sals)|zoals)\s$""",
    re.VERBOSE,
)
_KEEP_SAYING = re.compile(
    r"""\b(?:(?:keeps?|kept)\s(?:on\s)?(?:saying|telling\s(?:us|me)|promising)|always\s(?:says|said|saying)|says\severy\stime
      |(?:sagt|sagte|heisst\ses|heisst)\s(?:immer|jedes\s?mal|staendig|standig)|dit\s(?:toujours|a\schaque\sfois)|(?:siempre|sempre)\s(?:dice|diz|dicen)
      |(?:dice|diz|dicono)\ssempre|(?:zegt|zeggen)\s(?:steeds|altijd|telkens))\W+(?:nur\s)?$""",
    re.VERBOSE,
)
_OF_SILENCE = re.compile(
    r"""(?:\b(?:no|without|sin|sem|sans|ohne|keine?|geen|senza|aucune?|nessuna?)\s(?:recent\s)?(?:activity|response|reply|contact|answer
      |movement|engagement|actividad|respuesta|contacto|atividade|resposta|contato|reponse|activite|aktivitat|antwort|reaktion|activiteit
      |reactie|attivita|risposta|contatto)|\b(?:inactive|inaktiv|inactif|inactivo|inativo|inactief|inattivo))[^.;,]{0,12}$""",
    re.VERBOSE,
)
_SILENCE_BEHIND = re.compile(
    r"""\s(?:(?:of|with)\s)?(?:total\s|complete\s|radio\s)?(?:silence|silencio|silencio|silenzio|stilte|funkstille|crickets
      |(?:no|without|keine?|ohne|sin|sem|sans|aucune|geen|zonder|senza|nessuna)\s(?:any\s|jede\s)?(?:activity|response|reply|contact|answer|word
        |antwort|reaktion|ruckmeldung|kontakt|respuesta|contacto|resposta|contato|retorno|reponse|nouvelles?|reactie|antwoord|risposta))\b
      (?!\W+(?:then|and\sthen|dann|puis|luego|depois|poi|dan)\b)""",
    re.VERBOSE,
)
# "200 dollars a month": how much, not when.
_RATE_BEFORE = re.compile(
    r"""\b(?:dollars?|bucks|euros?|pounds?|quid|usd|eur|gbp|chf|franken|reais|pesos|francs?|hours?|stunden|heures|horas|times|users?
      |units?|orders?|leads?|seats?|licen[cs]es|k|grand)\s$""",
    re.VERBOSE,
)
# "They pay at 90 days".
_TERMS_OF_PAYMENT = re.compile(
    r"""\b(?:pays?|paying|zahl(?:t|en)|paie(?:nt)?|payent|paga[nm]?|pagano|betaa?l(?:t|en))\s(?:\w+\s){0,2}
      (?:at|in|within|after|nach|binnen|innerhalb\svon|a|sous|dans|em|op|na|entro)\s$""",
    re.VERBOSE,
)
_FREE_BEHIND = re.compile(
    r"\s(?:for\s)?(?:free|gratis|kostenlos|umsonst|offerts?|gratuits?|gratuites|de\sgraca|gratuiti?|cadeau|extra\sfree)\b"
)
# "Six months of talks".
_OF_TALKS = re.compile(
    r"""\s(?:of\s|de\s|d'|di\s|van\s|von\s|an\s)(?:\w+\s)?(?:talks?|discussions?|negotiations?|meetings?|conversas?|conversacion(?:es)?
      |reunion(?:es)?|reunioes|negociac\w+|negociacion\w*|trattative|discussioni|riunioni|gesprachen?|verhandlung\w*|hin\sund\sher
      |onderhandel\w+|gesprekken|pourparlers|echanges|idas)\b""",
    re.VERBOSE,
)
_AT_LEAST_IN_JAPANESE = re.compile(r"\s?以上(?!先|後|経|あと|待)")
# What has lasted so long: "10 year relationship with the incumbent".
_HAS_LASTED = re.compile(
    r"""[\s-](?:long\s)?(?:relationship|partnership|history|friendship|tradition|track\srecord|experience|old\b|alte[nrs]?\b
      |bestehende\w*|geschaftsbeziehung|zusammenarbeit|relation|collaboration|relacion|relacao|relatie|samenwerking|rapporto|tijd\b)""",
    re.VERBOSE,
)
_FREE_BEFORE = re.compile(r"\b(?:free|first|erste[nr]?|premiers?|primeros?|primeiros?|primi|eerste)\s$")

# "Their records go back three years".
_GOES_BACK = re.compile(
    r"\b(?:go(?:es)?|going|went|dat(?:es?|ing)|reach(?:es)?)\sback\s(?:(?:about|some|over|only|at\sleast)\s)?$"
)
_NEEDS_EVERY = re.compile(r"\b(?:needs?|requires?|has|have|had|with)\s[^.;,]{0,40}every\s$")
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tra|tussen)\s$")
_GOING = (
    "moving", "switching", "migrating", "changing", "transitioning", "wechseln", "wechselt", "passent", "cambian",
    "mudam", "passano",
)  # fmt: skip
_GOING_OVER_TO = re.compile(rf"\b(?:{'|'.join(_GOING)})\s(?:over\s)?(?:to|zu|chez|a|para|naar)\s[^.;,]{{2,40}}\s$")

# "Posticipare il nostro incontro previsto domani": the day that it is moved from.
_PUT_OFF = (
    "postpon", "reschedul", "report", "decaler", "annuler", "aplazar", "posponer", "cancel", "adiar", "remarcar",
    "desmarcar", "postic", "rinviare", "spostare", "annullare", "disdire",
)  # fmt: skip
_MOVED_FROM = re.compile(
    r"""\b(?:postpone|reschedule|cancel|reporter|decaler|annuler|aplazar|posponer|cancelar|adiar|remarcar|desmarcar|posticipare|rinviare
      |spostare|annullare|disdire)\s(?:our|the|notre|le|la|nuestra|nuestro|el|nossa|nosso|a|o|il\snostro|la\snostra|il|l')\s?
      (?:meeting|call|appointment|demo|rdv|rendez-vous|reunion|appel|reuniao|cita|llamada|encontro|visita|incontro|appuntamento|riunione|chiamata)\s
      (?:(?:planned|scheduled|prevue?|previst[oa]|programad[oa]|marcad[oa]|agendad[oa]|fissat[oa])\s(?:for|pour|para|per)?
        |de|du|del|do|da|di|of|on)\s?(?:le\s|el\s|the\s)?$""",
    re.VERBOSE,
)

# What went on until then is over: "the pilot ran until June".
_WENT_ON_UNTIL = re.compile(
    r"""\b(?:ran|lasted|lief(?:en)?|dauerten?|ging(?:en)?|a\sdure|durait|duro|duraron|durou|duraram|liep(?:en)?|duurden?
      |e\sdurat[oa])\s(?:only\s|just\s|nur\s|noch\s|solo\s|apenas\s|seulement\s|slechts\s)?$""",
    re.VERBOSE,
)

# "Wurde im März gekündigt": when they gave notice, where "zum 31. März" would be the end.
_GIVEN_NOTICE = re.compile(r"\s(?:\w+\s){0,2}gekundigt\b(?!\swerden)")
_TO_GIVE_NOTICE = re.compile(r"\b(?:kann|konnen|wird|muss|mussen|soll|sollen|darf|durfen|werden)\b[^.;,]{0,40}$")

# A meeting that took place: "reunión celebrada el 10/03", "Termin fand am 10.03. statt".
_OVER = (
    "call done", "getatigt", "gefuhrt", "fand", "hech", "realizad", "efectuad", "celebrad", "mantenid", "feit",
    "efetuad", "ocorrid", "svolt", "fatt", "tenut", "effettuat", "tenue", "effectue", "faite", "realise", "gevoerd",
    "gehouden", "publicad", "pubblicat", "publiee", "llamad", "contactad", "contatad", "visitad",
)  # fmt: skip
_TOOK_PLACE = re.compile(
    r"""(?<!\bser\s)(?<!\bsera\s)(?<!\bseran\s)(?<!\betre\s)(?<!essere\s)(?<!verra\s)(?<!worden\s)(?<!werden\s)
      \b(?:(?:(?<=call\s)done|getatigt|gefuhrt|fand(?:en)?|gevoerd|gehouden|tenue?s?|(?:effectu|realis)ee?s?|faites?)
        |publiees?|pubblicat[oaie]|(?:hech|realizad|publicad|efectuad|celebrad|mantenid|feit|efetuad|ocorrid|llamad|contactad|contatad|visitad)[oa]s?
        |(?:svolt|fatt|tenut|effettuat)[oaie])\s(?:(?:el|le|il|los|on|no)\s)?(?:(?:pasado|dia)\s)?$""",
    re.VERBOSE,
)


def is_in_vain(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether the words beside a time say that what was said of it came to nothing, or that it only measures."""
    start, end = lexed.starts[found.first], lexed.ends[found.last - 1]
    before = max(start - _FAR, 0)
    if found.rule in SPANS:
        return (
            _NEEDS_EVERY.search(folded, before, lexed.starts[found.core]) is not None
            or _OF_SILENCE.search(folded, before, start) is not None
            or _FREE_BEHIND.match(folded, end) is not None
            or _SILENCE_BEHIND.match(folded, end) is not None
            or (lexed.shapes[found.core] == "a" and _RATE_BEFORE.search(folded, before, start) is not None)
            or _HAS_LASTED.match(folded, end) is not None
            or _GOES_BACK.search(folded, before, start) is not None
            or ("u" in found.lead and folded.startswith((" now", " already"), end))  # "for two weeks now"
            or (lexed.language == "ja" and _AT_LEAST_IN_JAPANESE.match(folded, end) is not None)
            or _OF_TALKS.match(folded, end) is not None
            or _TERMS_OF_PAYMENT.search(folded, before, lexed.starts[found.core]) is not None
            or _FREE_BEFORE.search(folded, before, lexed.starts[found.core]) is not None
        )
    if found.rule == "day" and lexed.shapes[max(found.first - 2, 0) : found.first] == "vm":
        return True  # 毎月15日
    if _KEEP_SAYING.search(folded, before, start) or _AS_THEN.search(folded, before, start):
        return True
    if has_any(folded, _PUT_OFF) and _MOVED_FROM.search(folded, before, start):
        return True
    if has_any(folded, _GOING) and _GOING_OVER_TO.search(folded, before, start):
        return True
    if context.clause & NOT and _BETWEEN.search(folded, before, lexed.starts[found.core]):
        return True
    if found.when.year is not None:
        return False
    if found.lead[:1] == "U" and _WENT_ON_UNTIL.search(folded, before, start):
        return True
    if _THEN_LOST.match(folded, end) or _was_given_notice(folded, before, start, end):
        return True
    if set(found.lead) & set("UA"):
        return False
    if has_any(folded, _OVER) and "u" not in found.lead and _TOOK_PLACE.search(folded, before, start):
        return True
    return (_NOBODY.match(folded, end) or _SILENT_SINCE.match(folded, end)) is not None


def _was_given_notice(folded: str, before: int, start: int, end: int) -> bool:
    """ "Im März gekündigt", "gekündigt im März", if it is not what can or will be done then."""
    if "gekundigt" not in folded or not folded.startswith(("im ", "in "), start):
        return False
    is_said = _GIVEN_NOTICE.match(folded, end) is not None or folded.endswith("gekundigt ", before, start)
    return is_said and _TO_GIVE_NOTICE.search(folded, before, start) is None
