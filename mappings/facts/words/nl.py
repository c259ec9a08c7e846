"""Dutch."""

SHAPES = {
    "_3": "wordt worden",
    "M1": "januari jan",
    "M2": "februari feb",
    "M3": "maart mrt",
    "M4": "april apr",
    "M5": "mei",
    "M6": "juni jun",
    "M7": "juli jul",
    "M8": "augustus aug",
    "M9": "september sept sep",
    "M10": "oktober okt",
    "M11": "november nov",
    "M12": "december dec",
    "S1": "voorjaar lente voorjaars",
    "S2": "zomer zomerperiode",
    "S3": "herfst najaar",
    "S4": "winter",
    "W0": "maandag",
    "W1": "dinsdag",
    "W2": "woensdag",
    "W3": "donderdag",
    "W4": "vrijdag",
    "J1225": "kerst kerstmis",
    "J101": "nieuwjaar jaarwisseling",
    "E": "pasen",
    "N2": "twee",
    "N3": "drie",
    "N4": "vier",
    "N5": "vijf",
    "N6": "zes",
    "N7": "zeven",
    "N8": "acht",
    "N9": "negen",
    "N10": "tien",
    "N12": "twaalf",
    "N18": "achttien",
    "N24": "vierentwintig",
    "N30": "dertig",
    "N60": "zestig",
    "N90": "negentig",
    "O1": "eerste",
    "O2": "tweede",
    "O3": "derde",
    "O4": "vierde",
    "a1": "een één",
    "k2": "paar",
    "k3": "enkele aantal enige meerdere",
    "y": "jr jaar jaars",
    "y9": "jaren",
    "m": "mnd maand",
    "m9": "mndn maanden",
    "w": "week",
    "w9": "wkn weken",
    "d": "dag",
    "d9": "dgn dagen",
    "q": "q kwartaal",
    "q9": "kwartalen",
    "h": "helft jaarhelft halfjaar",
    "Ny3": "driejarig*",
    "Ny2": "tweejarig*",
    "Ny5": "vijfjarig*",
    "Ny1": "eenjarig* jaarcontract",
    "g": "half halve",
    "j": "boekjaar begrotingsjaar",
    "by": "jaarbegin",
    "ey": "jaareinde eindejaar",
    "eq": "kwartaaleinde",
    "em": "maandeinde",
    "n1": "vlgd volgend volgende komend komende aankomende aanstaande eerstvolgende eerstkomende",
    "nd": "morgen",
    "*1": "nieuw nieuwe",
    "t0": "dit deze huidige huidig lopende lopend",
    "l": "vorig vorige afgelopen laatste",
    "A": "na",
    "B": "voor vóór tevoren ervoor",
    "U": "tot",
    "i": "in over per op vanaf binnen rond tegen met om",
    "s": "sinds",
    "x": "geleden",
    "e": "eind einde",
    "b": "begin vroeg vroege",
    "c": "medio midden",
    "Z": "later ooit",
    "o": "de het der ongeveer circa zo minimaal minstens ca d pas uiterlijk aub alstublieft",
    "r": "nog andere extra",
    "v": "elk elke ieder iedere jaarlijks jaarlijkse",
    "vm": "maandelijks",
    "&": "en of",
    ",": "maar omdat want dan daarna dus echter hoewel tenzij",
    "N13": "dertien",
    "N14": "veertien",
    "N15": "vijftien",
    "N16": "zestien",
    "N17": "zeventien",
    "N19": "negentien",
    "N20": "twintig",
    "N36": "zesendertig",
    "N45": "vijfenveertig",
    "aG": "anderhalf",
    "NG2": "tweeënhalf tweeeneenhalf",
    "O5": "vijfde",
    "E109": "pinksteren",
    "E13": "carnaval",
    "P": "dichtst dichtstbijzijnde",
    "W5": "zaterdag",
    "W6": "zondag",
    "i3": "gedurende",
    "V": "vakantie vakanties vakantieperiode zomervakantie zomerstop zomerreces herfstvakantie kerstvakantie"
    " meivakantie voorjaarsvakantie krokusvakantie paasvakantie bouwvak bouwverlof feestdagen reces",
    "zS2": "nazomer",
    "z": "laat late",
    "Ny4": "vierjarig*",
    "Ny10": "tienjarig*",
    "o1": "van",
    "r1": "resterende resterend",
    "J1205": "sinterklaas",
    "J427": "koningsdag",
    "E99": "hemelvaart hemelvaartsdag",
    "C2": "chinees chinese",
    "nd2": "overmorgen",
    "_6": "gesloten",
}

CUES = {
    "told": "verloren gewonnen gestopt stopgezet afgeblazen gestaakt was waren gestuurd verstuurd vertraging"
    " vertraagd wilden moesten moest wilde liep liepen eindigde"
    " verliep duurde ging gingen kozen koos sloot stopte stopten vertrok vertrokken kocht kochten besloten besloot"
    " zou zouden vielen viel kreeg kregen gegaan geschrapt gekort verlaten overgenomen geannuleerd beëindigd",
    "unless": "mei",
    "contract": "abo lease leasing leasecontract huurcontract contract* overeenkomst* abonnement* licentie*"
    " looptijd* raamovereenkomst mantelcontract"
    " restlooptijd jaarcontract",
    "expiry": "verlenging* verlengt verlengen verloopt verlopen afloop afloopt aflopen contracteinde vernieuwing*"
    " vernieuwen opzegbaar contractverlenging* contractduur opzeggen expireert einddatum",
    "bound": "exclusief exclusiviteit restlooptijd gebonden vast bestaand bestaande lopend lopende onder",
    "sign": "bijgetekend bijtekenen getekend ondertekend afgesloten gesloten verlengd tekenden",
    "notice": "opzegtermijn* opzeg",
    "ends": "eindigt eindigen loopt lopen af stopt sluit duurt",
    "starts": "begint beginnen start starten opent gaat",
    "budget": "begroten budget* begroting* geld middelen fiscaal financiën financiering boekjaar begrotingsjaar"
    " investering* uitgaven bevroren bevriezing uitgavenstop subsidie kas",
    "plan": "begroten planning plannen plant goedkeuring goedgekeurd goedkeuren besproken beoordeeld vastgesteld"
    " vaststelling budgetronde* begrotingsronde* opgesteld budgettering budgetplanning herzien review beslist"
    " herziening",
    "reset": "gereset vrijgegeven aangevuld vernieuwd",
    "call": "pakken belletje aanbellen mailtje"
    " langsgaan langskomen aankloppen navragen bellen bel terugbellen terugkomen contact"
    " contacteren opnemen benaderen bespreken spreken"
    " praten overleggen opvolgen opvolging afspraak mailen polsen herbenaderen oppakken herinneren follow followup"
    " kijken heroverwegen aankloppen nabellen recontact herbekijken evalueren noteren",
    "later": "aanbesteding bezighouden gedachten liever beter vroegst graag wachten terug tijd ruimte poging proberen"
    " iets navragen"
    " opnieuw nogmaals"
    " weer uitgesteld uitstel* verschov* verschui* uitstel uitstellen verschoven verschuiven misschien wellicht"
    " mogelijk later afwachten wacht hold pauze gepauzeerd interesse geïnteresseerd beslissing beslissen besluit"
    " aanschaf aanschaffen kopen project starten invoeren implementeren implementatie timing klaar prioriteit"
    " waarschijnlijk gepland willen wil eerder behoefte bekijken geparkeerd doorgeschoven bevroren opschorten laten"
    " rusten schuift schuiven uitkomt",
    "not": "niet geen nooit zonder noch op niks niets",
    "past": "vertrok vertrokken verliet geannuleerd ontmoet opgericht verstuurd gestuurd gesproken gebeld"
    " gepresenteerd bezocht was waren had hadden werd werden ontvangen gestart gehad sinds gekocht geoffreerd"
    " verloren",
    "block": "ontslagen levering leveringen omzetdoel omzetdoelen omzetdoelstelling"
    " offerte prijs prijzen tarief proef proefperiode factuur korting medewerkers gebruikers personen"
    " verschijnt geldig beurs webinar voorstel omzet verslag notitie notities gespreksverslag betaling betalingen",
    "event": "bruiloft operatie sollicitatiegesprek tentamens"
    " vacaturestop pensioen fusie overname verhuizing migratie reorganisatie herstructurering aanwerving"
    " audit livegang verkiezingen jaarafsluiting ronde investeringsronde directievergadering raad"
    " bestuursvergadering oplevering ingebruikname verjaardag beurs oogst vestiging winkel filiaal opening",
    "wait": "afwachten wachten wacht zodra wanneer als tot na nadat totdat",
    "back": "later terug opnieuw weer nogmaals toekomst terugkomen",
    "have": "heeft hebben had hadden werd werden is zijn",
    "put": "wordt zal zullen uitgesteld verschov* verschui* verschoven doorgeschoven geparkeerd opgeschort verplaatst"
    " gepland ingepland voorzien schuift schuiven",
    "report": "vroeg vroegen gevraagd vraagt zei zeiden gezegd voorgesteld aangegeven afgesproken bevestigd beloofd"
    " wil willen wilde stelde geeft vragen denkt volgens zegt",
    "chose": "betaald vooruitbetaald bij kozen koos gekozen blijven blijft gebleven gebruiken gebruikt"
    " zitten zit tekenden getekend"
    " verlengd werken houden houdt",
    "only": "pas alleen uiteindelijk nu",
    "person": "afspraak gesprek contact contactpersoon",
    "missed": "geannuleerd afgezegd moesten moest zou zouden wilden",
    "goes": "af stopt sluit",
}
