"""What the imaginary sellers wrote down when they lost: sentences of our own, with slots for names and dates."""

from __future__ import annotations

# {who} the contact, {rival} the competitor, {month} {year} the named month, {end} the rival contract's last day (ISO),
# {n} a number of months.
NOTES: dict[str, dict[str, tuple[str, ...]]] = {
    "competitor": {
        "en": (
            "{who} told me they signed with {rival}. Their contract runs until {end}.",
            "Went with {rival} on a two-year deal, up for renewal in {month} {year}.",
            "They picked {rival}; better integration with their ERP, according to {who}.",
            "{rival} undercut us at the last minute.",
        ),
        "de": (
            "{who} hat sich für {rival} entschieden. Der Vertrag läuft bis {end}.",
            "Zuschlag ging an {rival}, Laufzeit bis Ende {month} {year}.",
        ),
        "fr": ("{who} a choisi {rival}, contrat jusqu'au {end}.", "Ils ont signé avec {rival} la semaine dernière."),
        "es": ("Eligieron a {rival}; el contrato termina en {month} de {year}.",),
        "it": ("Hanno scelto {rival}, il contratto scade a {month} {year}.",),
        "nl": ("{who} koos voor {rival}; het contract loopt tot {end}.",),
        "pt": ("Fecharam com {rival}, contrato até {month} de {year}.",),
        "ja": ("{rival}に決まりました。契約は{year}年{month}まで。",),
    },
    "budget": {
        "en": (
            "No money left this year. {who} puts together next year's budget in {month}.",
            "All spending is frozen until the new fiscal year, which begins in {month}.",
            "The board cut the project's funding. {who} would still like it.",
            "Budget request goes in again in {month} {year}.",
        ),
        "de": (
            "Budget für dieses Jahr ist aufgebraucht. {who} plant das neue im {month}.",
            "Investitionsstopp, neues Geschäftsjahr beginnt im {month}.",
        ),
        "fr": ("Budget épuisé, {who} prépare le prochain en {month}.", "Dépenses gelées jusqu'à nouvel ordre."),
        "es": ("Sin presupuesto este año; lo revisan en {month}.",),
        "it": ("Budget esaurito, {who} ne riparla a {month} {year}.",),
        "nl": ("Geen geld meer dit jaar, nieuwe begroting in {month}.",),
        "pt": ("Verba esgotada, novo orçamento em {month}.",),
        "ja": ("今期の予算がありません。{month}に再検討。",),
    },
    "silence": {
        "en": (
            "Four mails and two calls since the demo, nothing back from {who}.",
            "{who} stopped answering after the proposal.",
            "They never got round to deciding.",
        ),
        "de": ("{who} meldet sich seit Wochen nicht mehr.", "Intern wurde nie entschieden."),
        "fr": ("{who} ne répond plus depuis la démonstration.",),
        "es": ("{who} dejó de contestar tras la propuesta.",),
        "it": ("{who} non risponde più dopo l'offerta.",),
        "nl": ("{who} reageert niet meer op mails.",),
        "pt": ("{who} não responde desde a proposta.",),
        "ja": ("提案後、{who}さんから返事がありません。",),
    },
    "price": {
        "en": (
            "{who} found us a third too expensive.",
            "Price was the official word, but the CFO stopped everything until {month} {year}.",
        ),
        "de": ("{who} fand uns zu teuer.",),
        "fr": ("Trop cher pour {who}.",),
        "es": ("{who} dice que el precio es demasiado alto.",),
        "it": ("Prezzo troppo alto secondo {who}.",),
        "nl": ("Te duur volgens {who}.",),
    },
    "timing": {
        "en": (
            "{who} asked me to call again in {month} {year}.",
            "Not before {month}; they are moving offices first.",
            "Come back in {n} months, says {who}.",
            "Reorganisation under way, {who} wants to talk once it is over.",
        ),
        "de": (
            "{who} bittet um einen Anruf im {month} {year}.",
            "Projekt verschoben, wir sollen uns in {n} Monaten wieder melden.",
        ),
        "fr": ("Rappeler {who} en {month} {year}.", "{who} propose d'en reparler dans {n} mois."),
        "es": ("Volver a llamar a {who} en {month} de {year}.",),
        "it": ("Richiamare {who} a {month} {year}.",),
        "nl": ("{who} wil in {month} {year} verder praten.",),
        "pt": ("Ligar de novo para {who} em {month} de {year}.",),
        "ja": ("{year}年{month}にもう一度連絡してほしいとのこと。",),
    },
    "authority": {
        "en": (
            "{who} could not get it past the legal department.",
            "Our champion has left the company, nobody else knows the project.",
            "{who} needs the managing director's signature and did not get it.",
        ),
        "de": ("Die Geschäftsleitung hat nicht zugestimmt.",),
    },
    "need": {
        "en": ("They have no use for it at the moment, says {who}.", "We lack the offline mode {who} insists on."),
        "de": ("Aktuell kein Bedarf laut {who}.",),
        "fr": ("{who} n'en voit pas le besoin aujourd'hui.",),
    },
    "value": {"en": ("{who} does not see what it would bring them.",), "de": ("{who} sieht den Mehrwert nicht.",)},
    "ours": {"en": ("Entered twice, see the other deal.", "Never a real opportunity.")},
    "other": {"en": ("See mails.", "{who} gave no reason.")},
}
