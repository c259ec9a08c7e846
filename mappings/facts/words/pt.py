"""Portuguese, of Brazil and of Portugal."""

SHAPES = {
    "_3": "será serão",
    "N40": "quarenta",
    "N20": "vinte",
    "M1": "janeiro jan",
    "M2": "fevereiro fev",
    "M3": "março mar",
    "M4": "abril abr",
    "M5": "maio mai",
    "M6": "junho jun",
    "M7": "julho jul",
    "M8": "agosto ago",
    "M9": "setembro set",
    "M10": "outubro out",
    "M11": "novembro nov",
    "M12": "dezembro dez",
    "S1": "primavera",
    "S2": "verão",
    "S3": "outono",
    "S4": "inverno",
    "W0": "segunda",
    "W1": "terça",
    "W2": "quarta",
    "W3": "quinta",
    "W4": "sexta",
    "J1225": "natal",
    "E": "páscoa",
    "N2": "dois duas",
    "N3": "três",
    "N4": "quatro",
    "N5": "cinco",
    "N6": "seis",
    "N7": "sete",
    "N8": "oito",
    "N9": "nove",
    "N10": "dez",
    "N12": "doze",
    "N15": "quinze",
    "N18": "dezoito",
    "N30": "trinta",
    "N60": "sessenta",
    "N90": "noventa",
    "O1": "primeiro primeira",
    "O2": "segundo",
    "O3": "terceiro terceira",
    "O4": "quarto",
    "a1": "um uma",
    "k2": "par",
    "k3": "alguns algumas vários várias uns umas poucos",
    "y": "ano",
    "y9": "anos",
    "m": "mês",
    "m9": "meses",
    "w": "semana",
    "w9": "semanas",
    "d": "dia",
    "d9": "dias",
    "q": "trim trimestre tri",
    "q9": "trimestres",
    "h": "semestre",
    "h9": "semestres",
    "g": "meio meia",
    "j": "exercício",
    "f": "fiscal orçamentário orçamental financeiro",
    "n1": "prox próximo próxima próximos próximas seguinte vem seguintes vindouro",
    "nd": "amanhã",
    "*1": "novos novo nova",
    "t0": "este esta neste nesta deste desta atual corrente desse",
    "l": "passada último última anterior",
    "A": "dps após apos depois passe passar passarem passando passado passados",
    "B": "antes",
    "U": "até",
    "i": "em no na dentro daqui a ao partir nos nas pelo",
    "u": "para por pra",
    "s": "desde",
    "x": "há atrás",
    "e": "fechamento encerramento fim final finais fins fecho acabar acabe termine",
    "b": "início começo inicio princípio virada virando virar",
    "c": "meados metade",
    "Z": "futuramente",
    "o": "q dos das o os as que cerca menos aproximadamente escolares favor obrigado obrigada",
    "r": "mais restam resta faltam outros outro outra restante ainda",
    "v": "cada todo todos toda anualmente",
    "&": "e ou",
    ",": "mas porque porém então pois contudo entretanto embora",
    "N11": "onze",
    "N13": "treze",
    "N14": "catorze quatorze",
    "N16": "dezesseis dezasseis",
    "N17": "dezessete dezassete",
    "N19": "dezenove dezanove",
    "N50": "cinquenta",
    "N45": "quarentaecinco",
    "Nd15": "quinzena",
    "O5": "quinto",
    "O6": "sexto",
    "W9": "feira",
    "C": "santa",
    "E13": "carnaval",
    "E109": "pentecostes",
    "W5": "sábado",
    "W6": "domingo",
    "i3": "durante",
    "V": "férias festas feriado feriados feriadão recesso",
    "V1": "pausa",
    "Ny2": "bienal bianual",
    "Ny3": "trienal",
    "Ny4": "quadrienal",
    "Ny5": "quinquenal",
    "o1": "de do da",
    "r1": "restantes",
    "J1231": "réveillon",
    "E120": "corpus",
    "J106": "reis",
    "C2": "chinês lunar",
}

CUES = {
    "told": "perdemos perderam ganhou ganharam perdeu era eram enviado enviada enviamos atrasou atrasaram atraso"
    " atrasado demorou demoraram tinham deviam"
    " devia queriam queria terminou venceu acabou levou saiu saíram deixou deixaram cortaram cortou cancelaram"
    " escolheram decidiram decidiu compraram fecharam aposentou perderam mudaram rejeitaram demitiram ia iam"
    " começaram começou fizeram tiveram encerrou encerraram",
    "unless": "mar set out dez ago mai jan abr segundo segunda quarta quarto terça quinta sexta meio meia vem",
    "contract": "leasing locação contrato* contratual* assinatura* licença* acordo fidelidade fidelização"
    " vigência convênio",
    "expiry": "vence vencem vencimento vencer renovação* renova* renovar expira* expiração término caduca rescisão",
    "bound": "multa exclusividade exclusivo preso presos presa presas amarrado amarrados amarrada comprometido"
    " comprometidos"
    " comprometida vinculado vinculados sob vigente existente"
    " fidelizado fidelizados",
    "sign": "assinou assinaram assinado assinamos assinar fechou fecharam renovou renovaram firmado"
    " firmou prorrogaram prorrogou",
    "notice": "aviso antecedência",
    "ends": "termina terminam acaba acabam encerra finaliza fecha dura vai conclui",
    "starts": "começa começam inicia iniciam arranca abre abrem vira viram virada",
    "budget": "orç orçament* orcament* verba* recursos dinheiro fundos fiscal caixa investimento* gasto gastos"
    " congelado"
    " congelados congelada financiamento exercício congelamento cortes",
    "plan": "planejamento planeamento planejar planeja planejam revisão revisado revisar aprovação aprovado aprovar"
    " aprova elaboração discutido define definição planejado revisto",
    "reset": "reinicia renova renovado zera libera liberado abre",
    "call": "ligasse ligassem ligaria ligaremos escreva mande passe procure procurar chamar chame"
    " contatado contatada contactado contatados procurado vemos rever revemos recontact* recontat* retom*"
    " retorn* reavali* reconsider* volt* ligar ligue liga"
    " ligação contatar contactar contate contacte contato contacto recontatar recontactar voltar volte voltamos"
    " retomar retome retomamos retornar retorne retorno falar falamos falem reunir reunião escrever seguimento"
    " acompanhamento reativar reconsiderar reavaliar procurar procure conversar conversamos agendar lembrar chamar"
    " chama chame revisitar conversa conversas procura busca busque liguem toque anotar",
    "later": "começar licitação veem verão mente mínimo cedo volta voltam tempo tentativa tentar adia* posterg*"
    " adiado adiada"
    " adiar"
    " adiou adiaram"
    " postergado postergada postergar prorrogado atrasado talvez aguardar aguarda aguardando esperar espera"
    " esperando frente interessado interessados interessada interesse decisão decidir compra comprar projeto"
    " projecto iniciar implementar avaliar avaliação pausa pausado suspenso parado pronto prioridade possivelmente"
    " provavelmente quando momento prazo melhor ver necessidade previsto prevista pretende novamente retomada"
    " congelado deixar deixamos deixa",
    "not": "não nada nao sem nunca nenhum nenhuma nem esgotado acabou",
    "past": "saiu saíram deixou cancelado cancelada encontramos fundada fundado enviado enviamos enviada apresentado"
    " apresentamos foi foram era tivemos conhecemos recebido visitou ligou comprou compraram falou contratou desde"
    " cotado vezes perdido perdida",
    "block": "demissões entrega entregar pagar pagamento proposta cotação preço preços tarifa teste fatura promoção"
    " desconto funcionários colaboradores usuários"
    " utilizadores pessoas válida válido feira validade faturamento faturaram vendas notas ata",
    "event": "colheita safra casamento cirurgia entrevista"
    " aposenta aposentadoria reforma fusão aquisição mudança migração reorganização reestruturação rodada"
    " contratação auditoria eleições lançamento concurso conselho comitê entrada produção implantação"
    " aniversário feira filial loja sede inauguração",
    "wait": "aguardar aguardando aguardam assim quando até após depois vez pendente",
    "back": "frente futuro voltar tarde novamente retomar futuramente retornar",
    "have": "foi foram tem têm havia tinha sido",
    "put": "adia* posterg* prorrog* adiado adiada adiar adiou adiaram ficou ficaram marcado marcada agendado"
    " agendada previsto prevista programado remarcado planejado",
    "report": "aceitou aceitaram"
    " pediu pede pedem pediram disse diz dizem disseram comentou indicou sugeriu propôs prefere preferem"
    " preferiu ficou combinou combinamos combinado confirmou avisou solicitou recomendou quer querem prometeu"
    " prometeram acha segundo falou falaram",
    "chose": "pago paga com escolheu escolheram ficaram ficou continuam continua seguem renovaram renovou"
    " prorrogaram prorrogou assinaram assinou"
    " usam utilizam optaram contrataram permanecem",
    "only": "só somente apenas finalmente agora final",
    "person": "reunião reuniao contato contacto",
    "missed": "cancelou cancelaram cancelado cancelada deviam devia ia iam queriam queria",
    "goes": "vai fecha encerra",
}
