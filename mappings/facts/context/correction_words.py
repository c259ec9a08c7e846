"""The words by which a time is ruled out, taken back or changed, in all languages; texts are folded.

The sets hold what each pattern ends or begins with: most times stand beside none of these words, and a set is quicker.
"""

from __future__ import annotations

import re

SAID_FIRST = re.compile(
    r"\b(?:first|initially|originally|erst|zuerst|d'abord|primero|primeiro|eerst|prima|said|sagte|dijo|disse|zei|detto"
    r"|dit|agreed|arranged|planned|(?:set|due|slated|scheduled|pencill?ed\sin)(?=\s(?:for|in)\b)|vereinbart|ausgemacht|abgemacht|geplant|convenu|prevue?|fixee?|quedado|quedamos|acordad[oa]|acordamos"
    r"|combinado|combinamos|afgesproken|gepland|concordato|rimasti|previst[oa])\b"
)
CHANGED = re.compile(
    r"\b(?:ma[dk]e it|changed|moved|corrected|switched|revised|geaendert|korrigiert|korrigierte|change|corrige"
    r"|moves?|moving|pushed|shift(?:ed)?|postponed?|verschoben|verschieben|verlegt|verlegen|decale[re]?|repousse[re]?|reporte[re]?"
    r"|mover(?:lo|la)?|pasar(?:lo|la)?|pasaron|cambiar(?:lo|la)?|aplaz\w+|mudar|passar|passaram|adiar(?:am)?|verschoven|verschuiven|verplaatst"
    r"|verplaatsen|spostar(?:e|lo|la)|rimandar(?:e|lo|la)|rimandato"
    r"|cambio|cambiaron|corrigio|movio|mudou|mudaram|corrigiu|trocou|gewijzigd|veranderd|veranderde|cambiato|spostato|corretto)\b"
)
# Right before a time: it is not the one.
NOT_THIS = re.compile(
    r"""(?:^|[^\w'])(?:
      nothing(?:\shappen\w*)? | nichts | rien | nada | niets | niente | nulla
    | (?<!why\s)(?<!whether\sor\s)(?<!if\s)not | (?:rather|better)\sthan | instead\sof
    | (?<!warum\s)(?<!ob\s)(?<!wenn\s)nicht | (?:an)?statt | anstelle\svon
    | (?:\be(?:her|erder)|lieber|besser|liever|beter)\b[^.;]{2,}\b(?:als|dan)
    | (?<!pourquoi\s)(?<!sinon\s)(?P<pas>pas) | plutot\b(?:[^.;]{2,})?\bqu(?:e\b|') | au\slieu\s(?:de|du|d')
    | (?<!por\sque\s)(?<!si\s)(?P<no>no) | en\s(?:lugar|vez)\sde | (?:mejor|antes)\b(?:[^.;]{2,})?\bque
    | (?<!se\s)nao | (?:em\s(?:vez|lugar)|ao\sinves)\sde | melhor\b(?:[^.;]{2,})?\b(?:do\s)?que
    | (?<!waarom\s)(?<!als\s)niet | in\splaats\svan
    | (?:no|keine|pas\sde|plus\sde|sin|sem|senza|geen|aucun
      |(?:no|nao|non)\s\w+(?:\s(?:mas|piu|mais))?)\s(?:free\s|freie\s)?
      (?:time|capacity|bandwidth|zeit|kapazitat(?:en)?|luft|temps|creneau|tiempo|hueco|tempo|tijd|ruimte)
    | weder(?:\b[^.;]{2,}\bnoch)? | neither | nor | ni | nem | (?P<ne>ne) | (?P<noch>noch)
    | (?<!perche\s)(?<!se\s)non | invece\s(?:di|che) | (?:piuttosto|meglio)\b(?:[^.;]{2,})?\bche
    )\s*$""",
    re.VERBOSE,
)
NOT_THAT = re.compile(
    r"\s+(?:nao|nicht|niet|no)\s*(?=[,;]|\.\s|\.?$|(?:mas|pero|aber|sondern|maar|but|mais|ma)\b)"
    r"|(?:で(?:は|も)?な[くい]|じゃな[くい])(?!と|けれ)"
)
# Right behind a time or a span: it will not do.
WILL_NOT_DO = re.compile(
    r"""\W{0,2}\s*
    (?:is|was|would\sbe|will\sbe|seems?|looks?|ist|war|ware|est|etait|serait|es|era|seria|sera|e|zou)?\s*(?:
      (?:far\s|way\s|much\s|viel\s|beaucoup\s|veel\s)?(?:too|zu|trop|demasiado|muy|muito|te|troppo)\s
        (?:early|soon|late|tight|short|fruh|bald|spat|kurz(?:fristig)?|tot|tard|juste|pronto|temprano|tarde|cedo|vroeg|snel
        |laat|krap|presto|tardi)
    | cedo\sdemais | tarde\sdemais
    | (?:not|nicht|pas|no|non|niet|nao)\s(?:feasible|possible|realistic|doable|workable|machbar|moglich|realistisch
        |faisable|realiste|factible|posible|viable|realista|possivel|viavel|haalbar|mogelijk|fattibile|possibile|realistico)
    | (?:unrealistic|impossible|infeasible|unrealistisch|unmoglich|impossible|imposible|impossivel|onmogelijk|onhaalbaar
        |impossibile)\b
    | (?:passt|geht|klappt)\s(?:(?:es|das|ihnen|bei\sihnen|leider)\s){0,2}nicht\b
    | (?:lukt|kan|gaat|past|komt)\s(?:(?:het|hen|ze|hun|helaas)\s){0,2}niet\b
    | (?:does|do|will|would|can|is)(?:n't|\snot)\s(?:work|suit|fit|good|ok|an\soption)\b | won't\s(?:work|suit|do)\b
    | (?:ca\s)?ne\s(?:va|convient|marche|passe|peu(?:t|vent))\spas\b
    | (?:no\s(?:les\s|le\s)?(?:va|viene)\sbien|no\spueden?)(?=[,.;]|$)
    | nao\s(?:da|pode(?:m)?|e\sbom)(?=[,.;]|$) | non\s(?:va\sbene|possono|puo)(?=[,.;]|$)
    )|(?:で)?は(?:まだ|とても|既に|すでに)?(?:忙し|手一杯|繁忙期|立て込|(?:余裕|時間|手)が(?:な|取れな|とれな|回らな)|早|無理|難し|厳し|間に合わ)""",
    re.VERBOSE,
)
# Behind a pause, without a verb, and said of today: "call in April, too early now".
IS_SAID_OF_NOW = re.compile(
    r"""\s?[,;:.(–—-]\s?(?:[\w']+\s){1,2}\w+\s(?:demais\s)?(?:
      now | yet | today | still | right\snow | at\s(?:the|this) | just\snow | this\s | (?:for\s\w+\s)?to\s[a-z]
    | jetzt | noch | heute | gerade | derzeit | momentan | aktuell | im\s(?:moment|augenblick) | um\szu
    | maintenant | actuellement | encore | aujourd | pour\s(?:l'instant|le\smoment|\w+(?:er|ir|re)\b) | a\sce
    | ahora | todavia | aun | hoy | por\s(?:ahora|el\smomento) | para\s\w+(?:ar|er|ir)\b | de\smomento
    | agora | ainda | hoje | por\s(?:agora|enquanto) | no\smomento
    | adesso | ora\b | oggi | ancora | per\s(?:ora|adesso|il\smomento|\w+(?:are|ere|ire)\b) | al\smomento
    | nu\b | vandaag | op\sdit | om\ste | voor\snu
    )""",
    re.VERBOSE,
)
TAKEN_BACK = re.compile(
    r"""(?:[^.!?。]{0,25}[,;:(、–—-])?\W*(?:
      (?:or\s|oder\s|ou\s|o\s|of\s)?
      (?:sorry|apologies|correction|wait|actually|i\smeant?|make\s(?:that|it)|scratch\sthat|strike\sthat|or\srather|should\s(?:be|read|say)
      |ideally|preferably|more\sprecisely|idealerweise|am\sbesten|genauer|idealement|de\spreference|idealmente
      |preferiblemente|de\spreferencia|het\sliefst|bij\svoorkeur|preferibilmente
      |quatsch|korrektur|korrigiere|vielmehr|besser\sgesagt|ich\smeine|sorry|doch\s(?:eher|erst|lieber)
      |pardon|plutot|je\sveux\sdire|enfin
      |perdon|mejor\sdicho|mas\sbien|digo|quiero\sdecir|correccion|mejor
      |alias|perdao|quer\sdizer|ou\smelhor|correcao|melhor
      |correctie|ik\sbedoel|liever|toch\s(?:maar|liever)
      |anzi|scusate?|correzione|voglio\sdire|meglio)
    | (?<=[-,.;:?!–—\s])(?<![^\W\d_])(?:no|nope|nein|non|nao|nee)(?=[\W])
    | (?:いや|訂正|もとい|間違い|違う|より)も?
    )(?:\W+(?:no|not|wait|sorry|i|it|we|meant|mean|should|be|better|rather|make|that|is|was|now|say|let's|week|of|nein|eher|erst|besser
      |lieber|doch|nee|liever|toch|beter|plutot|mieux|mejor|melhor|meglio|anzi|c'est|es|e|je|het|in|the))*\W*""",
    re.VERBOSE,
)
OPENING = re.compile(
    r"\W*(?:(?:ach|oh|ah|well|och|eh)\W+)?(?:(?:no|nope|nein|non|nao|nee)(?=\s?[-,.;:!–—])|(?:sorry|correction|korrektur"
    r"|pardon|perdon|perdao|correctie|correzione|scusate?|anzi)\b|いや|訂正|もとい)"
)
_LAST_OF_NOT_THIS = """
happen happens nothing nichts rien nada niets niente nulla not than of nicht statt anstatt von als dan pas que qu
du de d no nao niet van non di che weder noch neither nor ni nem ne time capacity
bandwidth zeit kapazitat kapazitaten luft temps creneau tiempo hueco tempo tijd ruimte
"""
_FIRST_OF_WILL_NOT_DO = """
is was would will seem seems look looks ist war ware est etait serait es era seria sera e zou far way much viel
beaucoup veel too zu trop demasiado muy muito te troppo cedo tarde not nicht pas no non niet nao unrealistic
impossible infeasible unrealistisch unmoglich imposible impossivel onmogelijk onhaalbaar impossibile passt geht
klappt lukt kan gaat past komt doesn't isn't won't wouldn't can't don't does do can ca ne
"""
_WORDS_OF_TAKEN_BACK = """
ideally preferably more idealerweise am genauer idealement de idealmente preferiblemente het bij preferibilmente
sorry apologies correction wait actually i make scratch strike rather should quatsch korrektur korrigiere vielmehr
besser ich doch pardon plutot je enfin perdon mejor mas digo quiero correccion alias perdao quer ou correcao melhor
correctie ik liever toch anzi scusa scusate correzione voglio meglio no nope nein non nao nee
"""
LAST_OF_NOT_THIS = frozenset(_LAST_OF_NOT_THIS.split())
FIRST_OF_NOT_THAT = frozenset({"nao", "nicht", "niet", "no"})
FIRST_OF_WILL_NOT_DO = frozenset(_FIRST_OF_WILL_NOT_DO.split())
WORDS_OF_TAKEN_BACK = frozenset(_WORDS_OF_TAKEN_BACK.split())
