"""The columns of CRM exports in their common spellings, and what else a header can be told to mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.errors import UsageFault

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "id": (
        "id", "opportunityid", "opportunityid18", "dealid", "recordid", "recordiddeal", "opportunityid15", "hsobjectid",
        "casesafeid", "casesafeopportunityid", "18digitid", "opportunitynumber", "dealnumber",
    ),
    "name": ("name", "opportunityname", "dealname", "opportunity", "deal"),
    "account": (
        "account", "accountname", "company", "companyname", "associatedcompany", "associatedcompanies",
        "associatedcompanyprimary", "primaryassociatedcompany", "customer", "kunde", "client",
    ),
    "stated_reason": (
        "statedreason", "lossreason", "lostreason", "closedlostreason", "reasonlost", "reasonforloss", "closedreason",
        "opportunitylossreason", "dealclosedlostreason", "closelostreason", "lostreasonc", "lossreasonc",
        "closedlostreasonc", "winlossreason", "primarylossreason", "primarylostreason", "lossreasoncategory",
        "closedlostcategory", "lossreasondetail", "closedlostdetail", "lossreasondetails", "closedlostreasondetail",
        "verlustgrund", "ablehnungsgrund", "motifdeperte", "raisondelaperte", "motivodeperdida", "motivodaperda",
        "motivodiperdita", "verliesreden", "失注理由",
    ),
    "notes": (
        "notes", "note", "description", "opportunitydescription", "dealdescription", "comments", "comment",
        "lossnotes", "lossdescription", "closedlostnotes", "lostnotes", "lossreasoncomments", "closedlostcomments",
        "debrief", "nextstep", "bemerkung", "notizen", "beschreibung",
    ),
    "lost_on": (
        "loston", "laststagechangedate", "dateenteredclosedlost", "dateenteredclosedlostsalespipeline",
        "hsdateenteredclosedlost", "lostdate", "datelost", "closedlostdate", "closedate", "dateclosed", "closeddate",
        "close", "abschlussdatum", "datedecloture", "fechadecierre", "datadefechamento",
    ),
    "country": (
        "country", "billingcountry", "billingcountrycode", "countryregion", "companycountry", "countrycode",
        "billingcountrytextonly", "accountcountry", "land", "pays", "pais",
    ),
    "region": (
        "region", "billingstate", "billingstateprovince", "stateregion", "stateprovince", "billingstatecode", "state",
    ),
    "industry": ("industry", "accountindustry", "companyindustry", "branche"),
    "public_sector": ("publicsector", "ispublicsector", "government"),
    "fiscal_year_start_month": ("fiscalyearstartmonth", "fiscalyearstart", "fiscalyearstartmonthc"),
    "competitor": (
        "competitor", "maincompetitor", "maincompetitors", "primarycompetitor", "competitors", "competitorname",
        "lostto", "losttocompetitor", "maincompetitorsc", "competitorc",
    ),
    "contract_end": (
        "contractend", "competitorcontractend", "competitorcontractendc", "contractenddate", "contractexpiry",
        "contractexpirydate", "contractrenewaldate", "renewaldate",
    ),
    "do_not_contact": ("donotcontact", "donotcall", "emailoptout", "hasoptedoutofemail"),
    "owner": (
        "owner", "opportunityowner", "dealowner", "ownername", "owneremail", "opportunityowneremail", "owneralias",
    ),
    "amount": (
        "amount", "dealamount", "amountconverted", "amountincompanycurrency", "value", "totalamount", "betrag",
        "montant",
    ),
    "currency": ("currency", "amountcurrency", "opportunitycurrency", "currencyisocode", "dealcurrencycode"),
    "stage": ("stage", "stagename", "dealstage", "opportunitystage"),
    "is_closed": ("closed", "isclosed", "isdealclosed", "hsisclosed"),
    "is_won": ("won", "iswon", "isclosedwon", "hsisclosedwon"),
    "is_lost": ("isclosedlost", "closedlost", "lost", "islost", "hsisclosedlost"),
}  # fmt: skip
"""Spellings without case, spaces and signs, best first. Salesforce report and Data Loader headers, HubSpot exports."""

SEVERAL = frozenset({"stated_reason", "notes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which header stands for what: by role, the positions in order."""

    positions: Mapping[str, tuple[int, ...]]
    unused: tuple[str, ...]

    def cell(self, row: Sequence[str], role: str) -> str:
        """The first filled cell of a role, or ""."""
        for place in self.positions.get(role, ()):
            if place < len(row) and row[place]:
                return row[place]
        return ""

    def cells(self, row: Sequence[str], role: str) -> list[str]:
        """All filled cells of a role, in order."""
        return [row[place] for place in self.positions.get(role, ()) if place < len(row) and row[place]]


def recognise(header: Sequence[str], named: Mapping[str, Sequence[str]]) -> Columns:
    """The columns of a header; `named` says what `--columns` was told (role -> headers) and comes first.

    Raises UsageFault where a named column is not there, or nothing says why the deals were lost.
    """
    positions: dict[str, tuple[int, ...]] = {}
    for role, names in named.items():
        positions[role] = tuple(_place(header, name, role) for name in names)
    plain = [_plain(name) for name in header]
    for role, spellings in SPELLINGS.items():
        if role not in positions:
            found = [plain.index(spelling) for spelling in spellings if spelling in plain]
            if found:
                positions[role] = tuple(found) if role in SEVERAL else (found[0],)
    if not any(role in positions for role in SEVERAL):
        raise UsageFault(
            f"No column says why the deals were lost. There are: {', '.join(header) or 'none'}.",
            remedy='Name it: --columns "stated_reason=Your column".',
        )
    used = {place for places in positions.values() for place in places}
    return Columns(
        positions=positions, unused=tuple(name for place, name in enumerate(header) if place not in used and name)
    )


def parse_named(given: Sequence[str]) -> dict[str, list[str]]:
    """`--columns ROLE=HEADER` as given, several separated by commas or by repeating. Raises UsageFault."""
    named: dict[str, list[str]] = {}
    for text in given:
        for part in re.split(r",(?=\s*\w+=)", text):
            role, equals, name = part.strip().partition("=")
            if not equals or role not in SPELLINGS:
                raise UsageFault(
                    f"--columns {part!r} is not understood.",
                    remedy=f"It is ROLE=HEADER, with one of {', '.join(sorted(SPELLINGS))}.",
                )
            named.setdefault(role, []).append(name.strip())
    return named


def _place(header: Sequence[str], name: str, role: str) -> int:
    plain = [_plain(one) for one in header]
    if _plain(name) in plain:
        return plain.index(_plain(name))
    near = difflib.get_close_matches(name, header, n=2, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(header)}."
    raise UsageFault(f"--columns {role}={name}: the file has no such column.", remedy=hint)


def _plain(name: str) -> str:
    """A header without case, spaces and signs: "Account.Name" and "Account: Account Name" are one."""
    last = name.rsplit(":", 1)[-1]
    text = re.sub(r"[\W_]+", "", last.casefold())
    return {"accountname": "account", "accountaccountname": "account", "ownername": "owner"}.get(text, text)
