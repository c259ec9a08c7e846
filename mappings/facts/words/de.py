"""German."""

SHAPES = {
    "N36": "sechsunddreissig",
    "M1": "januar jänner jan",
    "M2": "februar feber feb",
    "M3": "märz mrz maerz",
    "M4": "april apr",
    "M5": "mai",
    "M6": "juni jun",
    "M7": "juli jul",
    "M8": "august aug",
    "M9": "september sept sep",
    "M10": "oktober okt",
    "M11": "november nov",
    "M12": "dezember dez",
    "S1": "frühling frühjahr fruehjahr fruehling",
    "S2": "sommer sommerpause sommerferien sommers sommerurlaub sommerzeit",
    "S3": "herbst herbstferien herbstes",
    "S4": "winter winters winterpause",
    "W0": "montag",
    "W1": "dienstag",
    "W2": "mittwoch",
    "W3": "donnerstag",
    "W4": "freitag",
    "J1225": "weihnachten",
    "J101": "neujahr",
    "E": "ostern",
    "N2": "zwei",
    "N3": "drei",
    "N4": "vier",
    "N5": "fünf",
    "N6": "sechs",
    "N7": "sieben",
    "N8": "acht",
    "N9": "neun",
    "N10": "zehn",
    "N11": "elf",
    "N12": "zwölf",
    "N18": "achtzehn",
    "N24": "vierundzwanzig",
    "N30": "dreissig dreißig",
    "N60": "sechzig",
    "N90": "neunzig",
    "O1": "erste ersten erstes erster erstem i",
    "O2": "zweite zweiten zweites zweiter zweitem ii",
    "O3": "dritte dritten drittes dritter iii",
    "O4": "vierte vierten viertes vierter iv",
    "a1": "ein eine einem einen einer eines",
    "k2": "paar",
    "k3": "einige einigen mehrere mehreren wenigen wenige",
    "y": "jahr jahres jahrs",
    "y9": "jahre jahren",
    "m": "monat monats",
    "m9": "monate monaten",
    "w": "woche kw kalenderwoche",
    "w9": "wochen",
    "d": "tag",
    "d9": "tage tagen",
    "q": "quartal quartals",
    "q9": "quartale quartalen",
    "h": "hj hälfte halbjahr halbjahres halbjahrs",
    "Ny3": "dreijahres dreijährig* dreijahresvertrag",
    "Ny2": "zweijahres zweijährig* zweijahresvertrag",
    "Ny5": "fünfjahres fünfjährig* fünfjahresvertrag",
    "Ny1": "einjahres einjährig* jahresvertrag",
    "Nm18": "anderthalb",
    "g": "halbes halben halbe",
    "j": "geschäftsjahr* haushaltsjahr* fiskaljahr* wirtschaftsjahr* budgetjahr* rechnungsjahr*",
    "by": "jahresbeginn jahresanfang jahresstart",
    "cy": "jahresmitte",
    "ey": "jahresende jahreswechsel jahresultimo",
    "bq": "quartalsbeginn quartalsanfang",
    "eq": "quartalsende",
    "bm": "monatsanfang monatsbeginn",
    "em": "monatsende",
    "bS2": "sommeranfang sommerbeginn",
    "eS2": "sommerende",
    "ej": "geschäftsjahresende geschäftsjahresschluss",
    "n1": "nächste* naechste* kommende* folgende* darauffolgende*",
    "n2": "übernächste* uebernaechste*",
    "nd": "morgen",
    "*1": "neue neuen neues neuer neuem",
    "t0": "diese diesem diesen dieser dieses laufende laufenden laufendem laufendes aktuelle aktuellen aktuellem heuer",
    "ty": "heuer",
    "l": "letzte letzten letztes letztem letzter vergangene vergangenen vergangenes vorige vorigen vergangenem",
    "A": "nach",
    "B": "vor",
    "U": "bis",
    "i": "im in am ab zum zur an um frühestens binnen innerhalb gegen über",
    "u": "für auf um",
    "s": "seit",
    "e": "ende",
    "b": "anfang beginn",
    "c": "mitte",
    "z": "spätes spätestens",
    "Z": "später spaeter irgendwann",
    "o": "des der dem den das die von vom ca etwa rund circa ungefähr mindestens erst nur",
    "r": "noch weitere weiteren weiteres verbleibende übrig restliche",
    "v": "jährlich jede jeden jedes jeweils jedem alle",
    "vm": "monatlich",
    "&": "und oder",
    ",": "aber jedoch weil dann danach sondern deshalb daher obwohl",
}

CUES = {
    "told": "verzögert verzögerte verzögerung verzögerungen hätte hätten wollte wollten sollte sollten endete"
    " endeten lief liefen dauerte",
    "contract": "vertrag* vertraglich* rahmenvertrag* laufzeit* restlaufzeit* mindestlaufzeit*"
    " mindestvertragslaufzeit* abo abonnement lizenz* wartungsvertrag* jahresvertrag vertragsende mietvertrag"
    " leasingvertrag vereinbarung dreijahresvertrag zweijahresvertrag fünfjahresvertrag bestandsvertrag altvertrag",
    "expiry": "kündigung vertragsende vertragsverlängerung* vertragsablauf* verlängerung* verlängert ausläuft"
    " auslaufen auslaufend* abläuft ablauf ablaufdatum kündbar erneuerung erneuert vertragserneuerung* laufzeitende"
    " auslauf verlängern kündigen kündigungstermin gekündigt vertragsauslauf restlaufzeit",
    "bound": "bestandsvertrag altvertrag gebunden bindung vertragsbindung bindet verpflichtet bestehende*"
    " bestehender laufender laufende laufenden unter",
    "sign": "unterschrieben unterzeichnet abgeschlossen geschlossen verlängert abschluss unterschrift unterzeichnung"
    " vertragsabschluss",
    "notice": "kündigungsfrist* frist vorlauf",
    "ends": "endet enden läuft laufen endete aus schließt geht abgelaufen",
    "starts": "beginnt beginnen startet starten anfängt fängt begann",
    "budget": "budget* haushalt* etat* geld gelder mittel finanz* geschäftsjahr* wirtschaftsjahr* fiskaljahr*"
    " investition* ausgabenstopp ausgaben eingefroren gesperrt sperre budgetstopp haushaltssperre rechnungsjahr*"
    " budgetjahr* finanzierung fördermittel",
    "plan": "planung* budgetplanung* plant planen geplant freigabe freigegeben genehmigt genehmigung beschlossen"
    " verabschiedet besprochen verhandelt budgetrunde* budgetierung* haushaltsplanung* überprüft review"
    " jahresplanung* budgetverhandlung* budgetfreigabe* budgetgespräch* etatplanung* beraten",
    "reset": "zurückgesetzt freigeschaltet aufgestockt",
    "call": "anrufen anruf ruf rufen rückruf zurückrufen melden melde kontaktieren kontakt kontaktaufnahme"
    " nachfassen nachhaken wiedervorlage wv besprechen sprechen gespräch reden wiederkommen anschreiben nachfrage"
    " nachfragen aufgreifen angehen follow followup termin treffen anfragen vorsprechen ansprechen aufnehmen"
    " erinnern zukommen",
    "later": "nochmal nochmals erneut wieder verschob* verschieb* vertag* verschoben verschieben verschiebt vertagt"
    " vielleicht eventuell evtl möglicherweise später frühestens warten abwarten wartet zurückgestellt pausiert"
    " pause zurück interesse interessant thema starten start entscheidung entscheiden entschieden einführung"
    " einführen umsetzen umsetzung kaufen anschaffung evaluieren prüfen aufgeschoben verzögert verzögerung ruht"
    " ruhend bedarf relevant aktuell soll sollen wollen möchte möchten projekt projektstart zeitpunkt timing"
    " voraussichtlich wahrscheinlich ggf nächster frühester gestoppt kapazität kapazitäten keine",
    "not": "nicht kein keine keinen keiner keines nie niemals ohne weder aufgebraucht ausgeschöpft",
    "past": "verlassen verließ ausgeschieden gestrichen abgesagt getroffen gegründet gesendet geschickt"
    " telefoniert gesprochen vorgestellt besucht"
    " wurde wurden war waren hatte hatten kennengelernt gestartet erhalten bekommen eingereicht präsentiert"
    " angerufen kontaktiert gemeldet geliefert angefragt",
    "block": "angebot angebots preis preise preisliste testphase testzugang rechnung rabatt aktion mitarbeiter"
    " nutzer lizenzen personen messe webinar gültig",
    "event": "fusion übernahme umzug umstellung migration einführung golive umstrukturierung reorganisation projekt"
    " vorstandssitzung jahresabschluss audit inventur finanzierungsrunde elternzeit urlaub wahl neuwahl",
    "wait": "sobald wenn bis nach nachdem erst abhängig",
    "back": "später zurück wieder erneut nochmal zukunft wiedervorlage nochmals",
    "unless": "mai i ii iii iv",
}
