"""Words the book of deals is made of. Companies, people and rivals are invented; the reason labels are real ones."""

from __future__ import annotations

# Country, language of its notes and reasons, legal form, weight.
COUNTRIES: tuple[tuple[str, str, str, int], ...] = (
    ("US", "en", "Inc.", 26),
    ("DE", "de", "GmbH", 18),
    ("GB", "en", "Ltd", 12),
    ("FR", "fr", "SAS", 9),
    ("ES", "es", "S.L.", 6),
    ("IT", "it", "S.p.A.", 6),
    ("NL", "nl", "B.V.", 6),
    ("BR", "pt", "Ltda.", 4),
    ("JP", "ja", "K.K.", 4),
    ("AU", "en", "Pty Ltd", 4),
    ("IN", "en", "Pvt Ltd", 3),
    ("AT", "de", "GmbH", 2),
)
US_REGIONS = ("CA", "NY", "TX", "WA", "IL", "MA", "CO", "GA", "FL", "MI")
INDUSTRIES = (
    "Manufacturing", "Technology", "Healthcare", "Education", "Government", "Retail", "Banking", "Insurance",
    "Transportation", "Energy", "Media", "Consulting", "Not For Profit", "Hospitality",
)  # fmt: skip
FAMOUS = ("Contoso", "Northwind Traders", "Fabrikam", "Adventure Works", "Tailspin Toys", "Wide World Importers")
NAME_HEADS = (
    "Alder", "Birken", "Calder", "Dorn", "Elm", "Fenn", "Gravel", "Hassel", "Ilex", "Juno", "Kessel", "Lark", "Marl",
    "Nettle", "Ostra", "Pell", "Quarry", "Rowan", "Sorrel", "Thorn", "Umber", "Vell", "Wick", "Yarrow", "Zell", "Brae",
    "Corvo", "Drift", "Ember", "Fjord", "Glimmer", "Harrow", "Isla", "Jasper", "Kite", "Linden", "Mistral", "Nord",
)  # fmt: skip
NAME_TAILS = (
    "feld", "stead", "mark", "well", "haven", "bach", "ford", "lund", "mere", "gate", "holm", "croft", "dal", "ridge",
    "brook", "berg", "wick", "by", "stone", "vale", "quist", "mont", "ara", "ino", "etta", "oux", "ix", "ania",
)  # fmt: skip
NAME_TRADES = (
    "Systems", "Logistics", "Foods", "Robotics", "Paper", "Clinics", "Optics", "Textiles", "Energy", "Tools", "Labs",
    "Shipping", "Packaging", "Seeds", "Glass", "Media", "Ceramics", "Analytics", "Water", "Mobility",
)  # fmt: skip
FIRST_NAMES = (
    "Ada", "Bruno", "Carla", "Dario", "Elin", "Femke", "Goran", "Hana", "Ines", "Jonas", "Kira", "Lars", "Mina",
    "Nils", "Oona", "Paolo", "Quirin", "Rosa", "Sami", "Tessa", "Ugo", "Vera", "Wim", "Yuki", "Zoe", "Aiko",
)  # fmt: skip
LAST_NAMES = (
    "Abt", "Bellini", "Castro", "Dahl", "Eder", "Ferrand", "Grau", "Holm", "Iversen", "Janssen", "Krog", "Lindqvist",
    "Moreau", "Nakano", "Oliveira", "Petrov", "Quint", "Rossi", "Santos", "Tanaka", "Urban", "Vos", "Weber", "Young",
)  # fmt: skip
PRODUCTS = ("Rollout", "Pilot", "Renewal", "Expansion", "Platform", "Support plan", "Migration", "Team licence")
RIVALS = ("Talvio", "Quantrix Desk", "Helmsuite", "Orbisoft", "Deskara", "Pinecrest CRM", "Nimbal", "Servola")

# Situation of a loss -> labels seen in real picklists, by language; "en" also stands in for the others.
REASONS: dict[str, dict[str, tuple[str, ...]]] = {
    "competitor": {
        "en": ("Lost to Competitor", "Lost to Competitor", "Competition", "Competitor Decision", "Chose competitor"),
        "de": ("An Wettbewerber verloren", "Wettbewerb"),
        "fr": ("Perdu face à un concurrent", "Concurrence"),
        "es": ("Competencia", "Perdido ante la competencia"),
        "it": ("Concorrenza",),
        "nl": ("Verloren van concurrent",),
        "pt": ("Perdido para concorrente",),
        "ja": ("競合に敗れた",),
    },
    "budget": {
        "en": ("No Budget / Lost Funding", "No Budget / Lost Funding", "Budget", "No budget", "Funding"),
        "de": ("Kein Budget", "Budget nicht verfügbar"),
        "fr": ("Pas de budget", "Budget"),
        "es": ("Sin presupuesto",),
        "it": ("Budget insufficiente",),
        "nl": ("Geen budget",),
        "pt": ("Sem orçamento",),
        "ja": ("予算不足",),
    },
    "silence": {
        "en": ("No Decision / Non-Responsive", "No Decision / Non-Responsive", "No Decision", "Unresponsive"),
        "de": ("Keine Rückmeldung", "Keine Entscheidung"),
        "fr": ("Sans réponse",),
        "es": ("Sin respuesta",),
        "it": ("Nessuna risposta",),
        "nl": ("Geen reactie",),
        "pt": ("Sem resposta",),
        "ja": ("返答なし",),
    },
    "price": {
        "en": ("Price", "Price", "Pricing", "Too expensive"),
        "de": ("Preis", "Zu teuer"),
        "fr": ("Prix", "Trop cher"),
        "es": ("Precio",),
        "it": ("Prezzo",),
        "nl": ("Prijs",),
        "pt": ("Preço",),
        "ja": ("価格",),
    },
    "timing": {
        "en": ("Timing", "Timeline", "Bad timing", "Project postponed"),
        "de": ("Zeitpunkt", "Projekt verschoben"),
        "fr": ("Projet reporté",),
        "es": ("Proyecto aplazado",),
        "it": ("Progetto rinviato",),
        "nl": ("Uitgesteld",),
        "pt": ("Projeto adiado",),
        "ja": ("延期",),
    },
    "authority": {"en": ("No decision making authority", "Legal", "Champion left"), "de": ("Entscheider fehlt",)},
    "need": {
        "en": ("Product Fit", "Technical Fit", "No need", "Missing features"),
        "de": ("Kein Bedarf", "Funktionsumfang"),
        "fr": ("Pas de besoin",),
        "es": ("Sin necesidad",),
    },
    "value": {"en": ("No ROI", "Value not clear"), "de": ("Nutzen nicht erkennbar",)},
    "ours": {"en": ("Duplicate", "Poor Qualification", "Test", "Merged with/rolled into another opp")},
    "other": {"en": ("Other", "Other", "Other (write-in)", "-"), "de": ("Sonstiges",), "fr": ("Autre",)},
}
SITUATION_WEIGHTS: dict[str, int] = {
    "competitor": 22, "budget": 18, "silence": 20, "price": 11, "timing": 9, "authority": 4, "need": 6, "value": 3,
    "ours": 3, "other": 4,
}  # fmt: skip

MONTHS: dict[str, tuple[str, ...]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
           "Dezember"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
           "novembre", "dicembre"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december"),
    "pt": ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
           "novembro", "dezembro"),
    "ja": tuple(f"{number}月" for number in range(1, 13)),
}  # fmt: skip
