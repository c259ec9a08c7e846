"""Words that by their form tell of something done: participles, and past tenses that no present looks like.

Forms are folded (no accents). A form alone proves little: a participle counts beside "has" or "wurde", and neither
counts where the clause asks to come back (see `mappings.facts.meaning.statements`).
"""

from __future__ import annotations

import re

_PARTICIPLES = {
    "en": r"\w{3,}ed|gone|come|seen|done|taken|given|spent|sold|bought|lost|met|held|built|won",
    "de": r"(?:ab|an|auf|aus|ein|um|vor|zu|zuruck|weg|nach|mit|los|her|hin|statt|wahr|teil|fest|zusammen)?"
    r"ge\w{2,}(?:t|en)"
    r"|\w{3,}iert"
    r"|(?:ver|be|ent|er|zer|uber|unter|miss)\w{2,}(?:t|en)",
    "nl": r"(?:af|aan|op|uit|in|om|voor|toe|terug|weg|na|mee|stop|vast|goed|samen|plaats)?ge\w{2,}(?:d|t|en)"
    r"|(?:ver|be|ont|her|over)\w{2,}(?:d|t|en)",
    "fr": r"\w{3,}(?:e|ee|es|ees)|fait|pris|mis|vu|recu|perdu|fini|choisi|parti|sorti|ouvert|vendu|rendu"
    r"|elu|tenu|venu|conclu",
    "es": r"\w{2,}(?:ado|ada|ados|adas|ido|ida|idos|idas)|hecho|visto|puesto|escrito|abierto|vuelto",
    "pt": r"\w{2,}(?:ado|ada|ados|adas|ido|ida|idos|idas)|feito|visto|posto|escrito|aberto|ganho|pago",
    "it": r"\w{2,}(?:ato|ata|ati|ate|uto|uta|uti|ute|ito|ita|iti|ite)|fatto|preso|perso|messo|visto|speso|chiuso|letto",
}
_PRETERITES = {
    "es": r"\w{2,}(?:aron|ieron|jeron)",
    "pt": r"\w{3,}ou|\w{3,}[bcdhlrtv]eu|\w{2,}(?:sseram|zeram|deram|lheram|tiveram|decidiram|uiram)"
    r"|(?:desist|ped|consegu|prefer|part|sub|sa|ca|assum|adquir|reun|resist)iram"
    r"|(?:compr|fech|cancel|recus|rejeit|renov|troc|contrat|demor|abandon|acab|reprov|chumb)aram",
    "de": r"\w{3,}(?:ierte|ierten)",
}
_IS_PARTICIPLE = {language: re.compile(forms) for language, forms in _PARTICIPLES.items()}
_IS_PRETERITE = {language: re.compile(forms) for language, forms in _PRETERITES.items()}


def is_participle(language: str, word: str) -> bool:
    """Whether a word no table knows has the form of a past participle."""
    form = _IS_PARTICIPLE.get(language)
    return form is not None and form.fullmatch(word) is not None


def is_preterite(language: str, word: str) -> bool:
    """Whether a word no table knows has a form that only a past tense has."""
    form = _IS_PRETERITE.get(language)
    return form is not None and form.fullmatch(word) is not None
