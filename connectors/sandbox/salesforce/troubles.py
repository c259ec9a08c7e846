"""What an org answers on a bad day, as faults to arm: `server.faults.add(troubles.concurrent_limit(times=2))`."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.faults import Fault

_REST = r"^/services/data/v\d"


def _refusal(status: int, code: str, message: str, **more: Any) -> Fault:
    more.setdefault("path", _REST)
    return Fault(status=status, body=[{"message": message, "errorCode": code}], **more)


def expired_session(**more: Any) -> Fault:
    """Every token ends just before the request: the honest 401."""
    more.setdefault("path", _REST)
    return Fault(is_token_expiry=True, **more)


def session_not_for_rest(**more: Any) -> Fault:
    """A 401 that no new token cures."""
    return _refusal(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API", **more)


def daily_limit(**more: Any) -> Fault:
    """The calls of the day are used up."""
    return _refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", **more)


def concurrent_limit(**more: Any) -> Fault:
    """Too many long requests at once: over in seconds."""
    says = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    return _refusal(403, "REQUEST_LIMIT_EXCEEDED", says, **more)


def api_disabled(**more: Any) -> Fault:
    """The edition or the profile has no API."""
    return _refusal(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.", **more)


def row_lock(**more: Any) -> Fault:
    """The whole request met a locked row."""
    says = "unable to obtain exclusive access to this record or 1 records: 001Sb0000000001"
    return _refusal(400, "UNABLE_TO_LOCK_ROW", says, **more)


def query_timeout(**more: Any) -> Fault:
    """The query ran too long."""
    return _refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long.", **more)


def server_error(**more: Any) -> Fault:
    """An error of the CRM's own, in its own form."""
    return _refusal(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Error Id: 1-2 (3)", **more)


def maintenance_page(**more: Any) -> Fault:
    """A page for people, from something in front of the org."""
    return Fault(status=503, body="<html><head><title>Maintenance</title></head><body>Back soon.</body></html>", **more)


def edge_refusal(**more: Any) -> Fault:
    """The network in front of the org is full: a status of its own, and HTML."""
    return Fault(status=420, body="<html><body><h1>Too many requests</h1></body></html>", **more)


def error_as_object(**more: Any) -> Fault:
    """An object where every other refusal is an array."""
    more.setdefault("path", _REST)
    return Fault(status=500, body={"message": "Internal error", "errorCode": "INTERNAL_ERROR"}, **more)
