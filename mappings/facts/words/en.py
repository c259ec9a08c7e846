"""English, with the few Hindi words that English notes from India mix in."""

SHAPES = {
    "_3": "be",
    "_7": "works suits would suit looks sounds",
    "N50": "fifty",
    "N40": "forty",
    "M1": "january jan",
    "M2": "february feb febuary feburary",
    "M3": "march mar",
    "M4": "april apr",
    "M5": "may",
    "M6": "june jun",
    "M7": "july jul",
    "M8": "august aug",
    "M9": "september sep sept setember",
    "M10": "october oct",
    "M11": "november nov",
    "M12": "december dec",
    "S1": "spring springtime",
    "S2": "summer summertime summers",
    "S3": "autumn fall",
    "S4": "winter wintertime",
    "W0": "monday mon",
    "W1": "tue tuesday tues",
    "W2": "wed wednesday",
    "W3": "thur thursday thurs thu",
    "W4": "fri friday",
    "W5": "saturdays saturday",
    "W6": "sundays sunday",
    "J1225": "christmas xmas",
    "J101": "newyear",
    "E": "easter",
    "N2": "two",
    "N3": "three",
    "N4": "four",
    "N5": "five",
    "N6": "six",
    "N7": "seven",
    "N8": "eight",
    "N9": "nine",
    "N10": "ten",
    "N11": "eleven",
    "N12": "twelve",
    "N15": "fifteen",
    "N18": "eighteen",
    "N20": "twenty",
    "N30": "thirty",
    "N45": "fortyfive",
    "N60": "sixty",
    "N90": "ninety",
    "O1": "first",
    "O2": "latter second",
    "O3": "third",
    "O4": "fourth",
    "a1": "a an one",
    "k2": "couple pair",
    "k3": "few several some",
    "y": "year yr saal",
    "y9": "years yrs",
    "m": "month mo mth mahine",
    "m9": "months mos mths mnths",
    "w": "week wk hafte",
    "w9": "weeks wks",
    "d": "day",
    "d9": "days",
    "q": "q quarter qtr",
    "q9": "quarters qtrs",
    "h": "hj half semester",
    "j": "fy fiscalyear books",
    "f": "fiscal financial budgetary",
    "ey": "eoy yearend",
    "eq": "eoq",
    "em": "eom",
    "cy": "midyear",
    "ej": "eofy fye",
    "n1": "nxt agli next following coming upcoming agle",
    "nd": "tmrw tmr tomo tomorrow",
    "*1": "naye naya new fresh",
    "t0": "this current running",
    "l": "last past previous prior",
    "A": "after post beyond",
    "A9": "baad",
    "B": "b4 before beforehand prior pre",
    "U": "until till til tak untill to",
    "i1": "in",
    "i": "towards toward between within by on at from into starting effective come as",
    "u": "for",
    "s": "since",
    "x": "ago",
    "e": "end close eo",
    "b": "beginning early start earliest begin turn",
    "c": "mid middle midway",
    "z": "late",
    "Z": "later sometime someday eventually",
    "o": "lol lmao haha tbh imo imho fwiw fyi ish today now ke mein the s or so earlier sooner over during"
    " about"
    " only least our their its nearly almost my time latest calendar say pls please plz thanks thx"
    " kindly little slightly",
    "r": "still another more further additional extra",
    "v": "every each annually yearly annual",
    "vm": "monthly",
    "&": "and",
    ",": "but however although because then while though whereas therefore unless",
    "[": "tbd tbc xxx",
    "Nw2": "fortnight",
    "N13": "thirteen",
    "N14": "fourteen",
    "N16": "sixteen",
    "N17": "seventeen",
    "N19": "nineteen",
    "N24": "twentyfour",
    "N36": "thirtysix",
    "C": "persian jewish tamil thai islamic vietnamese holy",
    "E2": "thanksgiving",
    "O5": "fifth",
    "O6": "sixth",
    "O7": "seventh",
    "O8": "eighth",
    "O9": "ninth",
    "O10": "tenth",
    "E109": "pentecost whitsun",
    "C1": "labour labor",
    "P": "closest nearest",
    "V": "holidays holiday vacation vacations ramadan diwali eid hanukkah passover festivities",
    "V1": "break recess shutdown",
    "C5": "golden",
    "Ny2": "biennial",
    "Ny3": "triennial",
    "Ny4": "quadrennial",
    "Ny5": "quinquennial",
    "U1": "through thru",
    "i3": "take takes taking",
    "_1": "back bk",
    "_2": "rather instead",
    "o1": "of",
    "o6": "than",
    "o7": "around circa approx approximately roughly",
    "r1": "left remaining",
    "C7": "memorial",
    "C8": "presidents",
    "C9": "columbus",
    "E4": "cny",
    "J106": "epiphany",
    "J1226": "boxing",
    "ew": "eow",
    "C2": "chinese lunar",
    "K": "black cyber",
    "o4": "school academic",
    "_5": "budget funding",
}

CUES = {
    "told": "shot filed sued lodged appealed"
    " was were sent emailed supposed meant slipped slipping wanted should could overran dragged ended expired"
    " lapsed missed left quit chose picked decided migrated terminated sold merged laid cut slashed reduced"
    " promoted replaced rejected declined refused fell broke failed crashed stalled collapsed stopped became got"
    " came went launched deployed completed concluded retired resigned departed stepped walked held saw met ran"
    " began dropped acquired wrote rang heard flew drove gave took made showed grew rose paid toured hosted joined"
    " announced opened answered apologised apologized complained spent died forgot drew fought hid knew shrank"
    " sank slid threw withdrew won been",
    "unless": "may march mar fall spring",
    "contract": "amc clause agmt term commitment contract contracts contractual contractually agreement agreements"
    " licence license"
    " licenses licences licensing subscription subscriptions lease msa retainer renewal renewals lockin incumbent"
    " extension extensions",
    "expiry": "exp renew renews renewal renewals renewing expire expires expired expiring expiry expiration lapse"
    " lapses terminates terminate terminating termination autorenews autorenew rollover autorenewal rolls rollover",
    "bound": "leased penalty exclusive locked tied bound committed stuck obligated lock obliged under tethered existing"
    " married wedded"
    " handcuffed shackled covered contracted renewed upped reupped recommitted",
    "sign": "upped reupped reup extended prolonged signed sign signing renewed recommitted resigned committed"
    " inked inks struck penned",
    "notice": "notice notification",
    "ends": "wraps ends end ending ended closes finishes finish runs run running concludes lasts",
    "starts": "starts start starting begins begin beginning opens open opening kicks commences started flips began"
    " commenced",
    "budget": "aop bdgt budg budget budgets budgeting budgeted funding funds fund funded money cash spend spending"
    " capex"
    " opex"
    " allocation allocations allocated appropriation appropriations freeze frozen froze finances fy fiscal"
    " financial fye dollars books",
    "plan": "finalize finalise finalizes finalises finalizing planning plan plans review reviews reviewed reviewing"
    " revised approval approved approve approves"
    " discussed decided cycle finalized finalised submission submitted submissions drafted",
    "reset": "reset resets resetting refresh refreshes refreshed replenish replenished replenishes turnover rolls"
    " renews renew renewed resumes reloads",
    "call": "chatting revisiting reconnecting reengaging reconsidering reevaluating reassessing recontacting"
    " fu cb hear ck chk repitch revert connect"
    " baat hit shoot drop buzz call callback recall reach circle circling follow followup"
    " reconnect reengage"
    " engage revisit reconsider reevaluate reassess reapproach contact recontact ping talk speak email mail touch"
    " touchbase retry reopen resume restart regroup catch pick check chase remind reminder reschedule nudge"
    " reapply resubmit ring phone loop discuss return relook resurface rediscuss bump retarget chat diarise diarised"
    " diarize diarized",
    "later": "talks agenda reprioritize reprioritise reprioritizing reprioritising tentative tentatively provisionally"
    " snoozed snoozing ice standby hiatus prob prolly"
    " mind let would could can might suit"
    " suits works fine realistic entertain"
    " earliest suggested"
    " proposed step"
    " deadline approved project keen time target targeting attempt dekhenge karte swamped busy buying give review"
    " reviews reviewing karenge rfp tender retender rfi nurture maybe perhaps possibly later postpone postponed"
    " postpones postponing"
    " punted punt punting kicked slid defer deferred deferring delay delayed delaying delays push pushed"
    " pushing pushes wait"
    " waiting hold holding paused pause shelved shelve tabled parked again back ready timing roadmap looking look"
    " consider considering interested hoping hope expect expects expecting evaluate evaluating evaluation decision"
    " decide buy purchase purchasing implement implementation timeline try available moving slip rescheduled"
    " better deprioritized deprioritised backlog priority bandwidth capacity explore snooze sometime aiming"
    " probably likely nothing interest needs need soonest sooner earlier timeframe freeze frozen budgeted settled"
    " headspace chance think calendar diary",
    "not": "unlikely doubtful"
    " nahi nahin not no never without don doesn isn won t cannot aren dont wont isnt cant neither nor unable"
    " lack none nothing zero exhausted",
    "past": "logged recorded documented revisited reconsidered reassessed reevaluated reopened resumed readdressed"
    " resigned retired departed"
    " quit response reply responded cancelled canceled met founded since sent quoted"
    " demoed launched presented spoke talked called contacted emailed visited established incorporated was were"
    " had did went received joined bought purchased hired happened attended replied answered opened created lost"
    " acquired followed reached discussed tried been started closed pitched ran took lasted began passed selected"
    " wrote rang heard flew drove gave made showed paid toured hosted announced apologised apologized complained"
    " times held occurred",
    "block": "forecast forecasts outlook layoffs ships shipping shipped shipment shipments"
    " earnings results delivery deliveries deliver leadtime turnaround minimum requires require"
    " required demanded demo quote quotation offer trial proposal price prices"
    " pricing version invoice promo promotion discount poc pilot users seats employees people staff warranty"
    " webinar invoiced valid headcount onboarding notes minutes turnover revenue revenues sales summary recap"
    " recording voicemail payment payments payable",
    "event": "interview interviews surgery exam exams trip"
    " harvest harvests harvesting"
    " ipo retire retires retiring retirement leaves leaving things calm calms settle settles golive office"
    " ooo kickoff merger acquisition migration reorg reorganisation reorganization restructuring rollout launch"
    " hire hiring funding series expansion relocation move audit inventory implementation upgrade cutover project"
    " board election edition dust leave season plant birthday fair expo conference summit wedding baby retreat"
    " change code release moving site store branch sprint iteration",
    "wait": "wait waiting awaiting whenever once when until till til after untill baad tak tab pending depends soon",
    "back": "back bk again later future road down line revisit reconsider reengage retry reconnect recontact circle"
    " someday eventually",
    "have": "has have had ve",
    "put": "slotted"
    " expected estimated projected anticipated slipped slips postponed postpone postpones postponing deferred"
    " defer deferring delayed delaying"
    " pushed push pushing"
    " punted punt punting kicked slid nudged moved shifted rescheduled parked shelved tabled paused bumped"
    " scheduled slated"
    " penciled pencilled planned",
    "report": "bola boli bole"
    " want said says asked asks told requested requests mentioned suggested suggests agreed agrees proposed"
    " advised prefers preferred wants promised confirmed hinted indicated reckons thinks figures guesses reckoned",
    "chose": "paid prepaid chose chosen picked selected went stay stays staying stayed stick sticks"
    " sticking stuck with using consolidated standardized standardised"
    " uses use renewed extended switched signed remain remains kept keeping keeps",
    "only": "only finally now rather",
    "person": "contact",
    "missed": "cancelled canceled supposed kiya kiye",
    "goes": "closes finish finishes",
}
