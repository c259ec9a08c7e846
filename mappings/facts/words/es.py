"""Spanish."""

SHAPES = {
    "_3": "será serán",
    "N36": "treintaiseis",
    "M1": "enero ene",
    "M2": "febrero feb",
    "M3": "marzo mar",
    "M4": "abril abr",
    "M5": "mayo",
    "M6": "junio jun",
    "M7": "julio jul",
    "M8": "agosto ago",
    "M9": "septiembre setiembre sept sep",
    "M10": "octubre oct",
    "M11": "noviembre nov",
    "M12": "diciembre dic",
    "S1": "primavera",
    "S2": "verano",
    "S3": "otoño",
    "S4": "invierno",
    "W0": "lunes",
    "W1": "martes",
    "W2": "miércoles",
    "W3": "jueves",
    "W4": "viernes",
    "J1225": "navidad navidades",
    "J106": "reyes",
    "N2": "dos",
    "N3": "tres",
    "N4": "cuatro",
    "N5": "cinco",
    "N6": "seis",
    "N7": "siete",
    "N8": "ocho",
    "N9": "nueve",
    "N10": "diez",
    "N12": "doce",
    "N15": "quince",
    "N18": "dieciocho",
    "N24": "veinticuatro",
    "N30": "treinta",
    "N60": "sesenta",
    "N90": "noventa",
    "O1": "primer primero primera",
    "O2": "segundo segunda",
    "O3": "tercer tercero tercera",
    "O4": "cuarto cuarta",
    "a1": "un una",
    "k2": "par",
    "k3": "unos unas algunos algunas varios varias pocos pocas",
    "y": "año",
    "y9": "años",
    "m": "mes",
    "m9": "meses",
    "w": "sem semana",
    "w9": "semanas",
    "d": "día",
    "d9": "días",
    "q": "trimestre",
    "q9": "trim trimestres",
    "h": "semestre",
    "h9": "semestres",
    "g": "medio media",
    "j": "ejercicio ejercicios",
    "f": "fiscal presupuestario presupuestal financiero contable",
    "n1": "prox próximo próxima próximos próximas siguiente entrante viene venidero siguientes",
    "nd": "mañana",
    "*1": "nuevos nuevo nueva",
    "t0": "este esta presente actual curso",
    "l": "pasado pasada último última anterior",
    "A": "dsp después despues tras vuelta pasadas pasados pase pasen pasar",
    "B": "antes",
    "U": "hasta",
    "i": "en dentro a al desde partir hacia sobre",
    "u": "para por",
    "x": "hace",
    "e": "fin final finales fines cierre acabe acabar termine finalice",
    "b": "principio principios inicio inicios comienzo comienzos primeros",
    "c": "mediados mitad",
    "Z": "tarde adelante",
    "o": "q el la los las lo vez que aproximadamente cerca menos alrededor ya le escolares frente favor porfa gracias",
    "r": "más aún todavía quedan queda otros otro otra restan faltan",
    "v": "cada todos todas anualmente",
    "&": "y o e",
    ",": "pero porque sino luego entonces aunque pues salvo",
    "N13": "trece",
    "N14": "catorce",
    "N16": "dieciséis",
    "N17": "diecisiete",
    "N19": "diecinueve",
    "N20": "veinte",
    "N40": "cuarenta",
    "N45": "cuarentaicinco",
    "Nd15": "quincena",
    "O5": "quinto quinta",
    "E": "pascua pascuas",
    "C": "santa",
    "E13": "carnaval carnavales",
    "E109": "pentecostés",
    "P": "cercano",
    "W5": "sábado",
    "W6": "domingo",
    "i3": "durante",
    "V": "vacaciones fiestas festivos ramadán puente",
    "V1": "pausa parón",
    "Ny2": "bienal",
    "Ny3": "trienal",
    "Ny4": "cuatrienal cuadrienal",
    "Ny5": "quinquenal",
    "o1": "de del",
    "r1": "restantes",
    "C2": "chino lunar",
    "J1231": "nochevieja",
    "J1224": "nochebuena",
}

CUES = {
    "told": "cerro llego perdimos perdió ganó ganaron era eran enviado enviada enviamos retrasó retrasaron retrasado"
    " retraso"
    " demoró demoraron demora tenían"
    " tenía debían debía querían quería terminó venció finalizó tardaron tardó dejó dejaron salió salieron"
    " recortaron cortaron cancelaron eligieron decidieron decidió compraron cerraron jubiló perdieron cambiaron"
    " rechazaron despidieron iba iban comenzaron empezaron arrancaron contrataron fueron",
    "unless": "mar ene ago dic segundo segunda cuarto mayo media medio luego desde pasado oct",
    "contract": "leasing renting contrato* contractual* suscripción* licencia* acuerdo permanencia convenio"
    " arrendamiento",
    "expiry": "vence vencen vencimiento vencer venza renovación* renueva* renovar renovamos caduca* expira*"
    " expiración finalización rescindir",
    "bound": "penalización penalizacion exclusividad exclusiva atado atados atada atadas comprometido comprometidos"
    " comprometida comprometidas"
    " vinculado"
    " vinculados vinculada"
    " ligado ligados ligada amarrado amarrados amarrada bajo vigente"
    " firmado existente",
    "sign": "firmado firmó firmaron firmamos firmar firma renovó renovaron suscrito prorrogaron prorrogó",
    "notice": "preaviso aviso antelación",
    "ends": "termina terminan finaliza acaba acaban concluye cierra dura corre va",
    "starts": "empieza empiezan comienza comienzan inicia inician arranca abre abren arrancan",
    "budget": "ppto presup presupuest* fondos dinero recursos partida* fiscal ejercicio* financiación financiamiento"
    " inversión"
    " gasto gastos congelado congelados congelaron congelamiento caja subvención",
    "plan": "planificación planificar planifica planeación planean revisión revisa revisan revisar aprobación"
    " aprueba aprueban aprobado aprobar elaboración elabora discute asigna asignación define",
    "reset": "reinicia renueva renueve reinician restablece libera liberan abre",
    "call": "escriba escriban insista escribirl* buscarl* visitarl* probar"
    " busquemos busquen busque"
    " hueco vemos veremos llam* contact* recontact* retom* revis* reactiv* reconsider* volv* llamar llama llame"
    " llámame llámenos llamada contactar contacte contáctame contacto recontactar volver vuelva retomar retomamos"
    " retomarlo retome hablar hablamos hablemos reunir reunirnos reunión escribir escríbeme escribirme escribe"
    " seguimiento insistir reactivar revisitar reconsiderar reevaluar buscar búscame buscarnos agendar recordar"
    " conversar recordarme recontacto revisarlo verlo toque apuntar anotar",
    "later": "reposar empezar comenzar replantea* licitación ven verán ocuparse mente pronto mejor vuelve vuelven"
    " regresa regresan intento"
    " intentarlo"
    " aplaz*"
    " posterg* pospon* pospuest*"
    " retras* pospuesto pospuesta posponer pospone posponen aplazado aplazada aplazar retrasado retrasar retraso"
    " postergado postergar postergó quizás quizá tal vez espera esperar esperan esperemos adelante interesado"
    " interesados interesada interés decisión decidir compra comprar proyecto iniciar arrancar implementar evaluar"
    " evaluarán retomar pausa pausado detenido suspendido listo listos prioridad posiblemente probablemente cuando"
    " tiempo calendario verlo ver necesidad previsto prevista planean pretende nuevamente congelado pasen dejar"
    " emplaz* conviene",
    "not": "no nada sin nunca ningún ninguno ninguna ni tampoco agotado agotó",
    "past": "dejó dejaron renunció salió cancelado cancelada cancelaron reunimos fundada fundado enviado enviamos"
    " enviada presentamos presentado fue fueron era tuvimos conocimos recibido visitó visitamos llamó compró"
    " compraron mandó envió cotizado cotizamos habló veces perdido perdida",
    "block": "despidos"
    " cotización oferta precio precios tarifa prueba propuesta factura promoción descuento empleados usuarios"
    " personas válida válido feria validez facturación ventas facturaron facturan notas acta pago pagos",
    "event": "cosecha vendimia boda cirugía entrevista exámenes"
    " jubila jubilación baja fusión adquisición mudanza migración reorganización reestructuración ronda"
    " contratación auditoría elecciones lanzamiento junta cierre inventario vacaciones concurso consejo"
    " puesta comité implantación cumpleaños feria sucursal tienda sede apertura",
    "wait": "espera vuelta regreso esperar esperando cuanto cuando hasta tras después vez pendiente",
    "back": "adelante futuro volver tarde nuevamente retomar retomarlo recontactar",
    "have": "ha han hemos habia habian fue fueron sido",
    "put": "aplaz* posterg* pospon* pospues* pospuso pospusieron dejan dejado dejamos programado programada previsto"
    " prevista planificado emplaz*",
    "report": "pidió pide piden pidieron dijo dice dicen dijeron comentó comentaron indicó indicaron sugirió propuso"
    " prefiere prefieren prefirió quedó quedamos acordó acordamos acordaron confirmó avisó solicitó recomendó"
    " quiere quieren prometió prometieron quedaron cree según",
    "chose": "pagado pagada con eligió eligieron quedaron quedan quedó siguen sigue continúan continúa"
    " renovaron renovó prorrogaron prorrogó firmaron"
    " firmó usan utilizan optaron trabajan contrataron",
    "only": "solo sólo solamente recién finalmente ahora final",
    "person": "reunión contacto",
    "article": "el",
    "missed": "canceló cancelaron cancelado cancelada debían debía iba iban querían quería",
    "goes": "va corre cierra",
}
