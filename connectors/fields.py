"""Finding the likely fields of an account by description, for an admin to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from connectors.base import FieldInfo, FieldMap, Role

REASON_ABROAD = (
    r"(verlust|absage|ablehnungs)gr(ü|ue|u)nd(e?)(__c)?",
    r"(motifs?|raisons?|causes?)[ _]*de[ _]*(la[ _]*)?(perte|refus)(__c)?",
    r"(motivos?|raz[oó]n(es)?|causas?|raz[aã]o)[ _]*d[eao][ _]*(la[ _]*)?(p[eé]rdida|perda|rechazo|recusa)(__c)?",
    r"(motivo|motivi|causa)[ _]*(di|della)[ _]*perdita(__c)?",
    r"(verlies|afwijzings)reden(en)?(__c)?",
    r"(f[öo]rlustorsak|taps[åa]rsak|tabs[åa]rsag)(__c)?",
    r"(przyczyna|pow[óo]d)[ _]*(utraty|przegranej)(__c)?",
    r"失注理由|敗因|丢单原因|輸單原因|输单原因|실주 ?사유|실패 ?사유",
)
"""What a field for the loss reason is called by name or label in other languages than English."""

WRITTEN = (Role.CATEGORY_OUT, Role.SUB_REASON_OUT, Role.NEXT_FOLLOW_UP_OUT)
SEVERAL = (Role.REASON, Role.NOTES)


def propose_fields(found: Iterable[FieldInfo], likely: Mapping[Role, tuple[str, ...]]) -> FieldMap:
    """The fields that fit each role, best pattern first; roles without a candidate are left out.

    Reason and notes take every field that fits, in the order of the patterns; the others take the first. Fields
    that we would write to must be writable.
    """
    fields = tuple(found)
    proposed: dict[Role, tuple[str, ...]] = {}
    for role, patterns in likely.items():
        names = [name for pattern in patterns for name in _matching(fields, pattern, role)]
        unique = tuple(dict.fromkeys(names))
        if unique:
            proposed[role] = unique if role in SEVERAL else unique[:1]
    return proposed


def missing_fields(wanted: FieldMap, found: Iterable[FieldInfo]) -> tuple[tuple[Role, str], ...]:
    """Mapped fields that the account does not have, or hides from this user."""
    names = {field.name for field in found}
    return tuple((role, name) for role, mapped in wanted.items() for name in mapped if name not in names)


def _matching(fields: tuple[FieldInfo, ...], pattern: str, role: Role) -> Iterable[str]:
    expression = re.compile(pattern, re.IGNORECASE)
    for field in fields:
        fits = expression.fullmatch(field.name) or expression.fullmatch(field.label)
        if fits and (field.writable or role not in WRITTEN):
            yield field.name
