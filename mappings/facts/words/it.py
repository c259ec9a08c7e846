"""Italian."""

SHAPES = {
    "N36": "trentasei",
    "M1": "gennaio gen genn",
    "M2": "febbraio feb febbr",
    "M3": "marzo mar",
    "M4": "aprile apr",
    "M5": "maggio mag",
    "M6": "giugno giu",
    "M7": "luglio lug",
    "M8": "agosto ago",
    "M9": "settembre sett set",
    "M10": "ottobre ott",
    "M11": "novembre nov",
    "M12": "dicembre dic",
    "S1": "primavera",
    "S2": "estate",
    "S3": "autunno",
    "S4": "inverno",
    "W0": "lunedì",
    "W1": "martedì",
    "W2": "mercoledì",
    "W3": "giovedì",
    "W4": "venerdì",
    "J1225": "natale",
    "E": "pasqua",
    "N2": "due",
    "N3": "tre",
    "N4": "quattro",
    "N5": "cinque",
    "N6": "sei",
    "N7": "sette",
    "N8": "otto",
    "N9": "nove",
    "N10": "dieci",
    "N12": "dodici",
    "N15": "quindici",
    "N18": "diciotto",
    "N24": "ventiquattro",
    "N30": "trenta",
    "N60": "sessanta",
    "N90": "novanta",
    "O1": "primo",
    "O2": "secondo seconda",
    "O3": "terzo terza",
    "O4": "quarto quarta",
    "a1": "un uno una",
    "k2": "paio",
    "k3": "alcuni alcune qualche diversi pochi parecchi",
    "y": "anno",
    "y9": "anni",
    "m": "mese",
    "m9": "mesi",
    "w": "settimana",
    "w9": "settimane",
    "d": "giorno",
    "d9": "gg giorni",
    "q": "trim q trimestre",
    "q9": "trimestri",
    "h": "semestre",
    "h9": "semestri",
    "g": "mezzo mezza",
    "j": "esercizio",
    "f": "fiscale finanziario contabile",
    "Ny3": "triennale",
    "Ny2": "biennale",
    "Ny1": "annuale",
    "n1": "prox pross prossimo prossima prossimi prossime seguente successivo successiva venturo viene",
    "nd": "domani",
    "*1": "nuovi nuovo nuova",
    "t0": "questo questa quest corrente corso attuale",
    "l": "scorso scorsa passato passata ultimo ultima precedente",
    "A": "dopo passi passino passate passati",
    "B": "prima",
    "U": "fino sino",
    "i": "in a ad nel nella nell nei tra fra entro dall al all alla verso",
    "i2": "da dal dalla",
    "u": "per",
    "x": "fa",
    "e": "fine termine chiusura",
    "b": "inizio inizi primi",
    "c": "metà",
    "Z": "avanti futuro",
    "o": "il lo la l le i circa almeno meno più che gli estive estivo scolastiche invernali favore grazie",
    "r": "ancora rimangono restano altri altro altra mancano",
    "v": "ogni annualmente",
    "&": "e o",
    ",": "ma perché però quindi poi allora tuttavia anche salvo",
    "N11": "undici",
    "N13": "tredici",
    "N14": "quattordici",
    "N16": "sedici",
    "N17": "diciassette",
    "N19": "diciannove",
    "N20": "venti",
    "N40": "quaranta",
    "N45": "quarantacinque",
    "Nd15": "quindicina",
    "O5": "quinto quinta",
    "C": "santa",
    "E13": "carnevale",
    "E109": "pentecoste",
    "P": "vicino",
    "W5": "sabato",
    "W6": "domenica",
    "i3": "durante",
    "V": "ferie vacanze feste festività ramadan",
    "V1": "pausa ponte ponti",
    "J815": "ferragosto",
    "Ny4": "quadriennale",
    "Ny5": "quinquennale",
    "Ny10": "decennale",
    "o1": "di del della dell dei",
    "_3": "verrà verranno sarà saranno",
    "r1": "rimanenti restanti",
    "J106": "epifania befana",
    "J101": "capodanno",
    "J1101": "ognissanti",
    "J1208": "immacolata",
    "E61": "pasquetta",
    "C2": "cinese lunare",
    "nd2": "dopodomani",
}

CUES = {
    "told": "disdetto disdetti disdettato disdettata"
    " perso persa vinto vinta era erano inviato inviata ritardo ritardato ritardi volevano voleva dovevano"
    " doveva scaduto terminato"
    " finito messo andato andata andati partito partita partiti uscito uscita scelto deciso tagliato chiuso chiusa"
    " acquisiti acquisita acquisito annullato licenziato comprato perso rifiutato iniziato lasciato lasciata smesso"
    " mancata mancato cambiato interrotto",
    "unless": "mar set mag giu lug ago gen dic ott estate secondo seconda quarto quarta sei due viene",
    "contract": "leasing noleggio contratt* abbonamento* licenz* accordo vincolo convenzione",
    "expiry": "scade scadono scadenza* scadrà rinnovo* rinnova* rinnovare disdetta* disdire scadere",
    "bound": "penale penali esclusiva vincolati vincolato vincolata legati legato legata bloccati bloccato bloccata"
    " impegnati"
    " impegnato impegnata sotto vigente esistente",
    "sign": "firmato firmata firmano firmare sottoscritto stipulato rinnovato siglato prorogato prolungato",
    "notice": "preavviso disdetta",
    "ends": "termina terminano finisce finiscono chiude conclude dura",
    "starts": "inizia iniziano comincia cominciano parte apre aprono riparte scatta",
    "budget": "budget* fondi soldi denaro risorse spesa spese fiscale esercizio stanziament* investiment* congelat*"
    " bloccat* finanziament* bilancio cassa",
    "plan": "pianificazione pianificare pianifica revisione rivede rivedono rivisto approvazione approvato approvare"
    " approva approvano discussione discute definizione definito programmazione stesura",
    "reset": "riparte azzera rinnova sblocca sbloccato riapre",
    "call": "chiami richiami scriva senta contatti ricontatti sentirl* chiamarl* contattarl* scriverl*"
    " scrivergli sentirc* vederl*"
    " aggiornarsi aggiorniamoci sentiamoci risentiamoci riaggiorniamoci aggiorniamoci vediamoci vediamo"
    " vedremo sentirsi"
    " ricontatt* richiam* riparl* ridiscut* occhiata risent* ripren* rivalut* riprov* ripropo* chiamare"
    " chiama chiamarci richiamare richiama richiamami richiamarci richiami contattare contattarci ricontattare"
    " ricontattarci ricontattarli ricontatto contatto risentirci risentire risentiamo sentirci sentiamo sentire"
    " riparlare riparlarne riparliamo riparliamone parlare riprendere riprendiamo risentirsi incontrare scrivere"
    " riscrivere rivedere rivederci rivedersi riprovare riproporre aggiornarci rivalutare riconsiderare rifare"
    " parliamo parliamone sollecitare ricordare vedersi vederci riagganciare risentirli vivi parla segnare",
    "later": "iniziare cominciare gara vedono vediamo occuparsene mente presenti meglio presto rientra"
    " rientrano torna tornano volentieri"
    " tempo tentativo riprovare"
    " sentirsi rimand*"
    " rinvi* posticip* slitt* rimandato rimandata rimandare rimandano rinviato rinviata rinviare rinvio posticipato"
    " posticipare posticipata slittato slitta forse magari aspettare attendere attesa aspettano avanti interessato"
    " interessati interessata interesse decisione decidere acquisto acquistare progetto partire avviare"
    " implementare valutare valutazione valuteranno pausa sospeso fermo pronti priorità probabilmente possibilmente"
    " quando momento previsto prevista tempistiche nuovamente bloccato congelato esigenza vogliono lasciare"
    " lasciamo lasciar",
    "not": "non no senza mai nessun nessuno nessuna né esaurito finito finiti esauriti niente",
    "past": "lasciato dimesso annullato annullata cancellato incontrato incontrati fondata fondato inviato inviata"
    " inviati presentato visto era stato stata abbiamo ricevuto visitato chiamato contattato parlato comprato"
    " acquistato nata sentiti volte perso persa",
    "block": "consegna consegne consegnare pagamento preventivo offerta prezzo prezzi tariffa prova proposta"
    " fattura promozione sconto dipendenti utenti"
    " persone valida valido fiera listino fatturato ricavi vendite verbale note appunti",
    "event": "raccolto vendemmia matrimonio esami"
    " pensione fusione acquisizione trasloco migrazione riorganizzazione ristrutturazione assunzione audit"
    " elezioni lancio chiusura round inventario consiglio comitato collaudo compleanno fiera filiale sede"
    " negozio apertura",
    "wait": "aspetta attende attendiamo aspettiamo"
    " aspettare aspettano attendere attendono attesa quando dopo appena finché volta fino",
    "back": "avanti futuro nuovamente tardi ricontattare risentirci riprendere richiamare",
    "have": "ha hanno abbiamo ho aveva avevano stato stata stati state",
    "put": "rimand* rinvi* posticip* slitt* sospes* spostat* previst* programmat* fissat* pianificat*",
    "report": "chiesto chiede chiedono detto dice dicono proposto propone suggerito preferito preferisce preferiscono"
    " indicato confermato concordato vuole vogliono promesso comunicato annunciato pensa secondo",
    "chose": "pagato pagata con scelto restano resta rimangono rimane rimasti usano usa utilizzano"
    " firmato rinnovato prorogato prolungato optato"
    " continuano lavorano confermato",
    "only": "solo soltanto solamente infine ora adesso finalmente fine",
    "person": "riunione incontro contatto",
    "article": "il",
    "missed": "annullato annullata dovevano doveva volevano voleva",
    "goes": "chiude",
}
