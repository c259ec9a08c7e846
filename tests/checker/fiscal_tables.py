"""Where fiscal years start, copied by hand from the sources: (month, day)."""

from __future__ import annotations

_APRIL = "CA IN JP SG HK ZA BN MM BW NA LS SZ MW JM BB BZ BM KY JE IM KW QA GB"
_JULY = "AU BD BT CM EG GI KE MU PK PR TZ UG BS TO DM NR NZ"
_OCTOBER = "US TH TT LA HT FM MH PW GU"

GOVERNMENTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(_APRIL.split(), (4, 1)),
    **dict.fromkeys(_JULY.split(), (7, 1)),
    **dict.fromkeys(_OCTOBER.split(), (10, 1)),
    "IR": (3, 21),
    "AF": (3, 21),
    "ET": (7, 8),
    "NP": (7, 16),
    "WS": (6, 1),
}

_JULY_STATES = (
    "AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MN MS MO MT NE NV NH NJ NM NC ND OH OK OR PA RI SC "
    "SD TN UT VT VA WA WV WI WY"
)
US_STATES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(_JULY_STATES.split(), (7, 1)),
    "NY": (4, 1),
    "TX": (9, 1),
    "AL": (10, 1),
    "MI": (10, 1),
}

COMPANIES: dict[str, tuple[int, int]] = {"JP": (4, 1), "IN": (4, 1), "AU": (7, 1)}
