"""What Salesforce's answers mean: its error codes as our errors. Pure.

The code decides first, the HTTP status second, because gateways and the API use one status for different things.
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.errors import (
    ConnectorError,
    Gone,
    MissingPermission,
    NeedsReconnect,
    RateLimited,
    Rejected,
    ServerError,
    Transient,
    Unsupported,
)
from connectors.json_text import parse_json

DAILY_WAIT_S = 3600.0
"""The day's calls are counted over a rolling 24 hours: an hour from now some of them are free again."""


class SessionExpired(Transient):
    """The access token is no longer accepted: get another, and send the same request again."""

    reason = "session_expired"


class UnknownField(Rejected):
    """A query named a field or object that is not there, or is hidden from this user."""

    reason = "unknown_field"


class LocatorExpired(Rejected):
    """The place in a long read is no longer kept by the server."""

    reason = "locator_expired"


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of an error body."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


_TRANSIENT = frozenset({
    "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "UNABLE_TO_LOCK_ROW", "REQUEST_RUNNING_TOO_LONG",
    "TOO_MANY_REQUESTS_RETRY", "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE", "INTERNAL_ERROR",
})  # fmt: skip
_UNKNOWN_FIELD = frozenset({"INVALID_FIELD", "INVALID_TYPE"})
_GONE = frozenset({"ENTITY_IS_DELETED", "INSUFFICIENT_ACCESS_OR_DELETED"})
_UNSUPPORTED = frozenset({
    "NOT_FOUND", "UNSUPPORTED_API_VERSION", "METHOD_NOT_ALLOWED", "FUNCTIONALITY_NOT_ENABLED", "INVALIDENTITY",
    "INVALIDVERSION", "API_ERROR",
})  # fmt: skip
_PERMISSION = frozenset({
    "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "FORBIDDEN", "CANNOT_INSERT_UPDATE_DELETE_ENTITY",
    "INSUFFICIENT_ACCESS", "NO_ACCESS",
})  # fmt: skip
_RECONNECT = frozenset({
    "INVALID_AUTH_HEADER", "INVALID_LOGIN", "INVALID_USER_ID", "INACTIVE_USER",
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
    "PASSWORD_LOCKOUT", "ORG_LOCKED", "USER_SUSPENDED", "LOGIN_MUST_USE_SECURITY_TOKEN",
})  # fmt: skip
_NOT_AN_EXPIRY = ("not valid for use with the rest api", "not attached to agent")
_BUSY_STATUSES = frozenset({406, 408, 500, 502, 503, 504})

_REMEDIES = {
    "INACTIVE_OWNER_OR_USER": "Give the record to an active user.",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "Add the value to the picklist, or map another field.",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "A validation rule refuses it; let the integration user pass.",
    "REQUIRED_FIELD_MISSING": "The org requires a field that we do not fill; give it a default value.",
    "STORAGE_LIMIT_EXCEEDED": "The org's storage is full.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger or flow of the org failed; its words are above.",
}


def fault_error(fault: Fault, *, where: str, doing: str) -> ConnectorError:
    """The error for one fault, from a whole answer or from one record of a batch."""
    code = fault.code.upper()
    what = f"{where}: Salesforce refused {doing}: {fault.code}{_said(fault)}"
    if code in {"REQUEST_LIMIT_EXCEEDED", "LOGIN_RATE_EXCEEDED"}:
        return _limit(fault, where=where)
    if code == "INVALID_SESSION_ID":
        return _session(fault, where=where)
    if code in _TRANSIENT:
        return ServerError(f"{where}: Salesforce could not do {doing} just now: {fault.code}{_said(fault)}")
    if code in _UNKNOWN_FIELD:
        return UnknownField(what, code=code, fields=_unknown_names(fault))
    if code == "INVALID_QUERY_LOCATOR":
        return LocatorExpired(what, code=code)
    if code in _GONE:
        return Gone(what)
    if code in _RECONNECT:
        return NeedsReconnect(what, remedy="Connect again with working credentials.")
    if code in _PERMISSION or code.startswith("INSUFFICIENT_ACCESS"):
        return MissingPermission(what, scope=code, remedy="Give the integration user this right.")
    if code in _UNSUPPORTED:
        return Unsupported(what)
    return Rejected(what, code=code, fields=fault.fields, remedy=_REMEDIES.get(code, ""))


def answer_error(status: int, headers: Mapping[str, str], body: bytes, *, where: str, doing: str) -> ConnectorError:
    """The error for an answer that is not a success, whatever form its body has."""
    faults = parse_faults(body)
    if status in {420, 429}:
        named = retry_after_s(headers)
        says = f"{where}: Salesforce is asked too often (HTTP {status})."
        return RateLimited(says, retry_after_s=named, is_named_by_crm=named is not None)
    if faults and faults[0].code:
        error = fault_error(_joined(faults), where=where, doing=doing)
        if isinstance(error, MissingPermission):  # of a whole request, not of one record in it
            error.is_general = True
        if isinstance(error, Rejected) and type(error) is Rejected:
            return _by_status(status, where=where, doing=doing, otherwise=error)
        return error
    plain = f"{where}: Salesforce answered {doing} with HTTP {status} and no reason that can be read"
    return _by_status(status, where=where, doing=doing, otherwise=Rejected(f"{plain}.", code=f"HTTP_{status}"))


def _by_status(status: int, *, where: str, doing: str, otherwise: Rejected) -> ConnectorError:
    if status == 401:
        if otherwise.code.startswith("HTTP_"):
            return SessionExpired(f"{where}: Salesforce did not accept the access token.")
        return NeedsReconnect(otherwise.what, remedy="Connect again with working credentials.")
    if status in _BUSY_STATUSES or status > 504:
        return ServerError(f"{where}: Salesforce failed on its side (HTTP {status}) while {doing} was asked.")
    if status == 403:
        remedy = "Give the integration user this right."
        return MissingPermission(otherwise.what, scope=otherwise.code, remedy=remedy, is_general=True)
    if 300 <= status < 400:
        return Unsupported(
            f"{where}: the address answers with a redirect.", remedy="Use the org's My Domain address as instance URL."
        )
    if status in {404, 405, 410, 501}:
        return Unsupported(f"{where}: this org does not offer {doing} (HTTP {status}).")
    return otherwise


def parse_faults(body: bytes) -> tuple[Fault, ...]:
    """The faults of an error body: an array, an object, or nothing that can be read (HTML, plain text)."""
    try:
        content = parse_json(body)
    except orjson.JSONDecodeError:
        return ()
    entries = content if isinstance(content, list) else [content]
    return tuple(_fault(entry) for entry in entries if isinstance(entry, dict))


def record_faults(errors: object) -> tuple[Fault, ...]:
    """The faults of one record of a batch (`statusCode` there, `errorCode` elsewhere)."""
    entries = errors if isinstance(errors, list) else [errors]
    return tuple(_fault(entry) for entry in entries if isinstance(entry, dict))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds named by a gateway. Salesforce itself names none."""
    text = headers.get("Retry-After", "").strip()
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def crm_words(message: str) -> str:
    """Salesforce's message as it may be shown: without query text, addresses and tokens, at most 300 characters."""
    if found := re.search(r"ERROR at Row:\d+:Column:\d+\s*(.*)", message, re.DOTALL):
        message = found.group(1)
    elif re.search(r"\bselect\b.+\bfrom\b", message, re.IGNORECASE | re.DOTALL):
        message = ""
    message = re.sub(r"https?://\S+", "(address)", message)
    message = re.sub(r"\b00D\w{12,15}!\S+", "(token)", message)
    return " ".join(message.split())[:300]


def first_fault(faults: Sequence[Fault]) -> Fault:
    """All faults of one record as one: the first one's code, everybody's words and fields."""
    return _joined(faults) if faults else Fault("UNKNOWN_EXCEPTION", "no reason was given")


def _joined(faults: Sequence[Fault]) -> Fault:
    words = "; ".join(dict.fromkeys(fault.message for fault in faults if fault.message))
    names = dict.fromkeys(name for fault in faults for name in fault.fields)
    return Fault(faults[0].code, words, tuple(names))


def _fault(entry: Mapping[str, Any]) -> Fault:
    code = entry.get("errorCode") or entry.get("statusCode") or entry.get("error") or ""
    message = entry.get("message") or entry.get("error_description") or ""
    names = entry.get("fields")
    return Fault(str(code), str(message), tuple(str(name) for name in names) if isinstance(names, list) else ())


def _said(fault: Fault) -> str:
    words = crm_words(fault.message)
    return f" ({words})" if words else ""


def _limit(fault: Fault, *, where: str) -> RateLimited:
    if fault.code.upper() == "LOGIN_RATE_EXCEEDED":
        return RateLimited(f"{where}: too many logins in the last hour.", policy="LOGIN")
    if "concurrent" in fault.message.lower():
        return RateLimited(f"{where}: too many long calls run at once in this org.", policy="CONCURRENT")
    return RateLimited(
        f"{where}: the org's calls of the last 24 hours are used up.",
        remedy="It goes on by itself as calls become free; other integrations of the org count too.",
        retry_after_s=DAILY_WAIT_S,
        policy="DAILY",
    )


def _session(fault: Fault, *, where: str) -> ConnectorError:
    if any(text in fault.message.lower() for text in _NOT_AN_EXPIRY):
        return NeedsReconnect(
            f"{where}: Salesforce refuses this session for the REST API{_said(fault)}.",
            remedy="Give the connected app the scope api, and its user the permission API Enabled.",
        )
    return SessionExpired(f"{where}: the Salesforce session has expired.")


def _unknown_names(fault: Fault) -> tuple[str, ...]:
    found = re.findall(r"No such column '([^']+)'", fault.message)
    found += re.findall(r"Didn't understand relationship '([^']+)'", fault.message)
    return tuple(dict.fromkeys((*fault.fields, *found)))
