"""German."""

SHAPES = {
    "_3": "wird werden",
    "hM1": "januarhälfte",
    "hM2": "februarhälfte",
    "hM3": "märzhälfte",
    "hM4": "aprilhälfte",
    "hM5": "maihälfte",
    "hM6": "junihälfte",
    "hM7": "julihälfte",
    "hM8": "augusthälfte",
    "hM9": "septemberhälfte",
    "hM10": "oktoberhälfte",
    "hM11": "novemberhälfte",
    "hM12": "dezemberhälfte",
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
    "M12": "dezember dez dezembers",
    "S1": "frühling frühjahr fruehjahr fruehling",
    "S2": "sommer sommers sommerzeit",
    "S3": "herbst herbstes",
    "S4": "winter winters",
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
    "m": "mon monat monats",
    "m9": "monate monaten",
    "w": "woche kw kalenderwoche",
    "w9": "wochen",
    "d": "tag",
    "d9": "tage tagen",
    "q": "q quartal quartals",
    "q9": "quartale quartalen",
    "h": "hj hälfte jahreshälfte halbjahr halbjahres halbjahrs",
    "Ny3": "dreijahres dreijährig* dreijahresvertrag dreijahresvereinbarung dreijahresdeal",
    "Ny2": "zweijahres zweijährig* zweijahresvertrag",
    "Ny5": "fünfjahres fünfjährig* fünfjahresvertrag",
    "Ny1": "einjahres einjährig* jahresvertrag",
    "g": "halbes halben halbe",
    "j": "geschäftsjahr* haushaltsjahr* fiskaljahr* wirtschaftsjahr* budgetjahr* rechnungsjahr* gj wj",
    "by": "jahresbeginn jahresanfang jahresstart",
    "cy": "jahresmitte",
    "ey": "jahresende jahreswechsel jahresultimo",
    "bq": "quartalsbeginn quartalsanfang",
    "eq": "quartalsende",
    "bm": "monatsanfang monatsbeginn",
    "em": "monatsende",
    "bS2": "sommeranfang sommerbeginn frühsommer",
    "eS2": "sommerende",
    "ej": "geschäftsjahresende geschäftsjahresschluss bilanzstichtag",
    "n1": "nächsts nxt nächste* naechste* kommende* folgende* darauffolgende*",
    "n2": "übernächste* uebernaechste*",
    "nd": "morgen",
    "*1": "neue neuen neues neuer neuem",
    "t0": "diese diesem diesen dieser dieses laufende laufenden laufendem laufendes aktuelle aktuellen aktuellem heuer",
    "ty": "heuer",
    "l": "letzte letzten letztes letztem letzter vergangene vergangenen vergangenes vorige vorigen vergangenem",
    "A": "nach",
    "B": "vor vorher zuvor",
    "U": "bis",
    "i": "im in am ab zum zur an um frühestens binnen innerhalb gegen über",
    "u": "für auf um",
    "s": "seit",
    "e": "ende",
    "b": "anfang beginn zeitiges zeitigen frühes frühen",
    "c": "mitte",
    "z": "spätes",
    "Z": "später spaeter irgendwann",
    "o": "des der dem den das die ca etwa rund circa ungefähr mindestens erst nur spätestens allerspätestens bitte",
    "r": "noch weitere weiteren weiteres verbleibende",
    "v": "jährlich jede jeden jedes jeweils jedem alle",
    "vm": "monatlich",
    "&": "und oder",
    ",": "aber jedoch weil dann danach sondern deshalb daher obwohl sofern",
    "N13": "dreizehn",
    "N14": "vierzehn",
    "N15": "fünfzehn",
    "N16": "sechzehn",
    "N17": "siebzehn",
    "N19": "neunzehn",
    "N20": "zwanzig",
    "N45": "fünfundvierzig",
    "Nm3": "vierteljahr vierteljahres",
    "Nm9": "dreivierteljahr",
    "aG": "anderthalb eineinhalb",
    "NG2": "zweieinhalb",
    "NG3": "dreieinhalb",
    "O5": "fünfte fünften",
    "E109": "pfingsten",
    "E13": "karneval fasching",
    "wM1": "januarwoche",
    "wM2": "februarwoche",
    "wM3": "märzwoche",
    "wM4": "aprilwoche",
    "wM5": "maiwoche",
    "wM6": "juniwoche",
    "wM7": "juliwoche",
    "wM8": "augustwoche",
    "wM9": "septemberwoche",
    "wM10": "oktoberwoche",
    "wM11": "novemberwoche",
    "wM12": "dezemberwoche",
    "zM11": "spätnovember",
    "P": "nächstgelegen*",
    "W5": "samstag sonnabend",
    "W6": "sonntag",
    "i3": "während",
    "V": "ferien urlaub urlaubszeit ferienzeit feiertage feiertagen feiertag sommerpause sommerferien sommerurlaub"
    " herbstferien winterpause osterferien pfingstferien weihnachtsferien weihnachtspause winterferien schulferien"
    " betriebsferien werksferien betriebsurlaub sommerloch",
    "V1": "pause",
    "zS1": "spätfrühling",
    "zS2": "spätsommer",
    "zS3": "spätherbst",
    "zS4": "spätwinter",
    "bS1": "frühlingsanfang frühlingsbeginn",
    "bS3": "frühherbst herbstanfang herbstbeginn",
    "bS4": "winteranfang winterbeginn",
    "cS2": "hochsommer",
    "Ny4": "vierjahres vierjährig* vierjahresvertrag",
    "Ny10": "zehnjahres zehnjährig* zehnjahresvertrag",
    "o1": "von vom",
    "r1": "übrig restliche",
    "J106": "dreikönig dreikönige dreikönigstag",
    "E12": "rosenmontag",
    "E14": "aschermittwoch",
    "E99": "himmelfahrt",
    "E120": "fronleichnam",
    "J1101": "allerheiligen",
    "J1231": "silvester",
    "C2": "chinesische chinesisches chinesischen chinesischem",
    "nd2": "übermorgen",
    "_6": "geschlossen",
}

CUES = {
    "told": "war waren geschickt gesendet versendet verzögert verzögerte verzögerung verzögerungen hätte hätten"
    " wollte wollten sollte sollten endete endeten lief liefen dauerte ging gingen kam kamen wechselte wechselten"
    " entschied entschieden wählte wählten verließ verliess kaufte kauften stoppte stoppten strich strichen schloss"
    " scheiterte platzte brach gegangen gewechselt ausgeschieden umgezogen gescheitert geplatzt gestrichen abgesagt"
    " beendet übernommen gekürzt",
    "contract": "mvlz vlz rlz leasing leasingrate* leasing* mietkauf vertrag* vertraglich* rahmenvertrag* laufzeit*"
    " restlaufzeit* mindestlaufzeit*"
    " mindestvertragslaufzeit* abo abonnement lizenz* wartungsvertrag* jahresvertrag vertragsende mietvertrag"
    " leasingvertrag vereinbarung dreijahresvertrag zweijahresvertrag fünfjahresvertrag bestandsvertrag altvertrag"
    " bindung",
    "expiry": "kündigung vertragsende vertragsverlängerung* vertragsablauf* verlängerung* verlängert ausläuft"
    " auslaufen auslaufend* abläuft ablauf ablaufdatum kündbar erneuerung erneuert vertragserneuerung* laufzeitende"
    " auslauf verlängern kündigen kündigungstermin gekündigt vertragsauslauf restlaufzeit",
    "bound": "drin drinnen exklusiv exklusivität exklusivvertrag restlaufzeit bestandsvertrag altvertrag gebunden"
    " bindung vertragsbindung bindet verpflichtet"
    " bestehende* bestehender laufender laufende laufenden unter",
    "sign": "unterschrieben unterzeichnet abgeschlossen geschlossen verlängert abschluss unterschrift unterzeichnung"
    " vertragsabschluss",
    "notice": "kündigungsfrist* frist vorlauf",
    "ends": "endet enden läuft laufen endete aus schließt geht abgelaufen",
    "starts": "beginnt beginnen startet starten anfängt fängt begann start",
    "budget": "budget* haushalt* etat* geld gelder mittel finanz* geschäftsjahr* wirtschaftsjahr* fiskaljahr*"
    " investition* ausgabenstopp ausgaben eingefroren gesperrt sperre budgetstopp haushaltssperre rechnungsjahr*"
    " budgetjahr* finanzierung fördermittel",
    "plan": "planung* budgetplanung* plant planen geplant freigabe freigegeben genehmigt genehmigung beschlossen"
    " verabschiedet besprochen verhandelt budgetrunde* budgetierung* haushaltsplanung* überprüft review"
    " jahresplanung* budgetverhandlung* budgetfreigabe* budgetgespräch* etatplanung* beraten",
    "reset": "zurückgesetzt freigeschaltet aufgestockt",
    "call": "ansetzen telefonieren anklingeln durchklingeln anpingen ansprechen"
    " meldet kontaktiert anklopfen vorbeischauen vorbeikommen schauen schaut anschauen ansehen anfragen"
    " nachfragen"
    " anrufen anruf ruf rufen rückruf zurückrufen melden"
    " melde kontaktieren kontakt kontaktaufnahme nachfassen nachhaken wiedervorlage wv besprechen sprechen"
    " gespräch reden wiederkommen anschreiben nachfrage aufgreifen angehen follow followup termin treffen"
    " vorsprechen ansprechen aufnehmen erinnern zukommen telefonat vormerken vorgemerkt notieren",
    "later": "entscheid"
    " ausschreibung vereinbaren ausmachen befassen beschäftigen angehen drangehen vormerken vorgemerkt"
    " hinterkopf"
    " gedächtnis interessiert gern"
    " gerne lieber besser eher vorgeschlagen"
    " kommt zurückkommt zeit luft anlauf versuch"
    " versuchen vorhaben nochmal nochmals erneut wieder verschob* verschieb* vertag* verschoben verschieben"
    " verschiebt vertagt vielleicht eventuell evtl möglicherweise später frühestens warten abwarten wartet"
    " zurückgestellt pausiert pause zurück interesse interessant thema starten start entscheidung entscheiden"
    " entschieden einführung einführen bewerten neubewerten neubewertung umsetzen umsetzung kaufen"
    " anschaffung evaluieren prüfen aufgeschoben"
    " verzögert verzögerung ruht ruhend bedarf relevant aktuell soll sollen wollen möchte möchten projekt"
    " projektstart zeitpunkt timing voraussichtlich wahrscheinlich ggf nächster frühester gestoppt kapazität"
    " kapazitäten keine ruhe passt realistisch funkstille",
    "not": "nicht kein keine keinen keiner keines nie niemals ohne weder aufgebraucht ausgeschöpft nichts",
    "past": "verlassen verließ ausgeschieden gestrichen abgesagt getroffen gegründet gesendet geschickt telefoniert"
    " gesprochen vorgestellt besucht wurde wurden war waren hatte hatten kennengelernt gestartet erhalten bekommen"
    " eingereicht präsentiert angerufen kontaktiert gemeldet geliefert angefragt verloren",
    "block": "entlassungen umsatzziel umsatzziele bezahlung auszahlung"
    " preisbindung preisgarantie angebotsbindung bindefrist angebot angebots preis preise preisliste"
    " erscheint erscheinen lieferung liefertermin auslieferung anlieferung"
    " testphase testzugang rechnung rabatt aktion mitarbeiter nutzer"
    " lizenzen personen messe webinar gültig umsatz jahresumsatz gesprächsnotiz* telefonnotiz notiz notizen"
    " protokoll besuchsbericht zahlung zahlungen zahlbar zahlungsziel",
    "event": "ernte vorstellungsgespräch klausuren"
    " börsengang einstellungsstopp rente ruhestand pension mutterschutz fusion übernahme umzug umstellung"
    " migration einführung golive umstrukturierung reorganisation projekt vorstandssitzung sitzung jahresabschluss"
    " audit inventur finanzierungsrunde elternzeit wahl neuwahl aufsichtsratssitzung"
    " gesellschafterversammlung betriebsprüfung inbetriebnahme abnahme scheidet ausscheiden geburtstag messe"
    " hochzeit standort filiale eröffnung filialeröffnung",
    "wait": "abwarten warten wartet abzuwarten sobald wenn bis nach nachdem erst abhängig",
    "back": "später zurück wieder erneut nochmal zukunft wiedervorlage nochmals",
    "unless": "mai i ii iii iv",
    "have": "haben hat hatte hatten wurde wurden habe worden",
    "put": "wird werden reserviert verschob* verschieb* verschoben vertagt zurückgestellt aufgeschoben verlegt"
    " ausgesetzt pausiert eingeplant angesetzt terminiert verschiebt anvisiert",
    "report": "gebeten bittet sagt sagte gesagt vorgeschlagen angekündigt vereinbart bestätigt meinte gemeint erklärt"
    " signalisiert zugesagt versprochen möchte möchten will wollen bat baten soll sollen meint",
    "chose": "bezahlt vorausbezahlt bei gewählt bleiben bleibt geblieben nutzen nutzt unterschrieben"
    " unterschrieb unterzeichnet verlängert"
    " gesichert festgelegt setzen setzt arbeiten",
    "only": "erst frühestens jetzt nun endgültig schliesslich schließlich",
    "person": "termin treffen gespräch kontakt ansprechpartner ansprechpartnerin telefonat kollege kollegin"
    " geschäftsführer geschäftsführerin leiter leiterin chef chefin einkäufer einkäuferin frau herr",
    "missed": "abgesagt storniert ausgefallen sollte sollten wollte wollten hätte hätten",
    "goes": "aus schließt geht",
}
