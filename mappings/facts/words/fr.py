"""French."""

SHAPES = {
    "_3": "sera seront",
    "N13": "treize",
    "N11": "onze",
    "N40": "quarante",
    "N20": "vingt",
    "M1": "janvier janv",
    "M2": "février fevr fév",
    "M3": "mars",
    "M4": "avril avr",
    "M5": "mai",
    "M6": "juin",
    "M7": "juillet juil",
    "M8": "août aout",
    "M9": "septembre sept rentrée",
    "M10": "octobre oct",
    "M11": "novembre nov",
    "M12": "décembre déc",
    "S1": "printemps",
    "S2": "été",
    "S3": "automne",
    "S4": "hiver",
    "W0": "lundi",
    "W1": "mardi",
    "W2": "mercredi",
    "W3": "jeudi",
    "W4": "vendredi",
    "J1225": "noël",
    "E": "pâques",
    "N2": "deux",
    "N3": "trois",
    "N4": "quatre",
    "N5": "cinq",
    "N6": "six",
    "N7": "sept",
    "N8": "huit",
    "N9": "neuf",
    "N10": "dix",
    "N12": "douze",
    "N15": "quinze",
    "N30": "trente",
    "N60": "soixante",
    "O1": "premier première 1er 1ère",
    "O2": "deuxième second seconde 2e 2ème",
    "O3": "troisième 3e 3ème",
    "O4": "quatrième 4e 4ème",
    "a1": "un une",
    "k3": "quelques plusieurs",
    "y": "an année",
    "y9": "ans années",
    "m": "mois",
    "w": "sem semaine",
    "w9": "semaines",
    "d": "jour",
    "d9": "jrs jours",
    "q": "q trim trimestre",
    "q9": "trimestres",
    "h": "moitié semestre",
    "h9": "semestres",
    "g": "demi demie",
    "j": "exercice",
    "f": "fiscal fiscale budgétaire comptable budgetaire",
    "n1": "proch pro prochain prochaine suivant suivante",
    "n9": "prochains prochaines suivants suivantes venir",
    "nd": "demain",
    "*1": "nouveaux nouveau nouvel nouvelle",
    "t0": "ce cet cette cours courant courante actuel actuelle",
    "l": "dernier dernière passé passée précédent précédente",
    "A": "après apres",
    "B": "avant auparavant",
    "U": "jusqua jusqu jusque",
    "i": "ss ds en dans dès à au aux a sous ici partir courant vers entre",
    "u": "pour sur",
    "s": "depuis",
    "x": "y",
    "e": "clôture fin finir",
    "b": "début debut",
    "c": "mi milieu",
    "z": "tardif",
    "Z": "tard ultérieurement",
    "o": "ça cela des le la les l d environ moins plus tout seulement qu que s scolaires svp stp merci",
    "r": "encore restante reste autres supplémentaires",
    "v": "chaque tous toutes annuellement",
    "&": "et ou",
    ",": "mais car donc puis alors cependant toutefois parce ensuite sauf",
    "N14": "quatorze",
    "N16": "seize",
    "N24": "vingtquatre",
    "N36": "trentesix",
    "N45": "quarantecinq",
    "N90": "quatrevingtdix",
    "Nd15": "quinzaine",
    "Nd8": "huitaine",
    "O5": "cinquième",
    "C": "sainte",
    "E109": "pentecôte",
    "J1111": "armistice",
    "P": "proche",
    "W5": "samedi",
    "W6": "dimanche",
    "i3": "pendant durant",
    "V": "vacances congés fêtes ramadan",
    "V1": "trêve pause pont ponts",
    "Ny2": "biennal biennale bisannuel bisannuelle",
    "Ny3": "triennal triennale",
    "Ny4": "quadriennal quadriennale",
    "Ny5": "quinquennal quinquennale",
    "o1": "de du",
    "r1": "restants restant restantes",
    "E99": "ascension",
    "J1101": "toussaint",
    "J1231": "sylvestre",
    "J106": "épiphanie",
    "C2": "chinois chinoise lunaire",
}

CUES = {
    "told": "était étaient envoyé envoyée retard retardé retardée aurait auraient voulait voulaient devait devaient"
    " expiré expirée expirés expirées terminé terminée terminés résilié résiliée résiliés"
    " résiliées duré choisi tranché retiré arrêté arrêtée arrêtés arrêtées"
    " abandonné licencié fermé racheté rachetés rachetée rachetées"
    " coupé réduit réduits annulé annulés annulée clos quitté parti partie partis démissionné retraite échoué refusé"
    " refusée perdu",
    "unless": "mars mai été sept second venir",
    "contract": "abo leasing crédit-bail lld loa contrat* contractuel* abonnement* licence* engagement* bail accord"
    " accords",
    "expiry": "renouvellement* renouvelle* reconduction* reconduit expire* expiration échéance* résiliation*"
    " résiliable terme tacite résilier",
    "bound": "pénalité pénalités exclusivité exclusif engagé engagés engagée engagées lié liés sous bloqué bloqués"
    " tenu existant tenus",
    "sign": "engager réengagé réengagés réengager réengagée rengagé rengagés reconduit signé signée signés signer"
    " resigné signature renouvelé conclu",
    "notice": "préavis",
    "ends": "termine terminent finit court clôture clos clôturé achève arrive fini prend",
    "starts": "commence commencent débute débutent démarre démarrent ouvre ouvrent début démarrera",
    "budget": "bdgt budget* enveloppe* financement* fonds trésorerie crédits dépenses investissement* fiscal*"
    " exercice"
    " gel gelé gelés gelées gelée argent budgétaire budgétaires moyens subvention*",
    "plan": "planification préparation prépare préparé élaboration révision revu revus revue validation validé"
    " validés voté votés vote arbitrage* arbitrés discuté discutés décidé planifié planifie prévision* cycle établi",
    "reset": "renouvelé renouvelée réinitialisé renouvelés réinitialise débloqué débloqués remis",
    "call": "rappelions rendez recontacte relance écrive revienne repasse créneau recal* caler verra verrons voit"
    " voyons redemand* retent* rappel* recontact* relanc* repren*"
    " reparl* revoi* rediscut* réétudi* réexamin*"
    " recontactez rappeler rappel rappelez rappelle recontacter recontacterons contacter contact relancer relance"
    " reprendre reprenons reparler revenir reviens revenez revoir appeler appelez échanger rencontrer écrire rdv"
    " joindre solliciter reconsidérer réévaluer réexaminer retenter represente représenter discuter parler parlons"
    " refaire recaus* noter",
    "later": "commencer débuter voient regarde regardent pencher tête plutôt mieux tôt retour revient reviendra"
    " volontiers temps dispo"
    " tentative essai reporté reportée"
    " reportés reporter report repoussé repoussée repousser décalé décalée décaler peut être tard attendre"
    " attendons attend attente pause suspendu suspendue différé intéressé intéressée intéressés intéresse projet"
    " prévu prévue prévus lancement décision décider achat acheter démarrage démarrer timing prêt prêts prioritaire"
    " priorité réflexion étudier étude envisager envisage envisagé possible éventuellement probablement pas revenir"
    " remis remise besoin souhaite souhaitent voir disponible gel gelé ultérieurement calendrier laisser laissons"
    " laisse irait convient arrange",
    "not": "pas ne n non aucun aucune jamais sans ni plus épuisé épuisés insuffisant rien",
    "past": "quitté quittée parti partie annulé annulée rencontré rencontrés rencontre fondé fondée créé créée envoyé"
    " envoyée depuis était reçu vu échangé appelé contacté parlé présenté visité eu avons lancé acheté livré"
    " installé laissé laissée démarré relancé perdu perdue",
    "block": "licenciements livraison livraisons"
    " devis offre prix tarif* essai proposition facture promotion remise salariés utilisateurs personnes"
    " collaborateurs valable salon paraît paraîtra webinaire chiffre compte notes paiement paiements",
    "event": "récolte vendanges moissons mariage chirurgie examens"
    " bourse retraite choses calment calmées calmé calmer fusion rachat déménagement migration réorganisation"
    " restructuration levée recrutement embauche audit clôture élections bilan mise travaux inventaire bascule"
    " appel comité conseil production assemblée recette anniversaire salon foire magasin agence ouverture",
    "wait": "attendre attendent attente quand lorsque dès après jusqu fois",
    "back": "tard ultérieurement nouveau recontacter relancer rappeler futur avenir reprendre revenir",
    "have": "a ont ai avons avait avaient ete",
    "put": "report* repouss* decal* différé différée remis remise suspend* suspendu planifié planifiée programmé"
    " programmée prévu prévue prévus prévues fixé fixée calé calée",
    "report": "demandé demande demandent dit dise disent proposé propose proposent suggéré suggère préféré préfère"
    " préfèrent indiqué confirmé précisé annoncé souhaité souhaite souhaitent promis convenu expliqué veut veulent"
    " pense pensent selon",
    "chose": "payé payée réglé chez choisi retenu opté signé signée resté restent reste restés conservé"
    " gardent garde gardé utilisent"
    " utilise partis reconduit",
    "only": "seulement uniquement finalement maintenant désormais",
    "person": "rdv réunion contact",
    "article": "le",
    "missed": "annulé annulée annulés annulées devait devaient voulait voulaient aurait auraient",
    "goes": "arrive fini prend",
}
