"""What goes wrong, in the words of HubSpot's error bodies. Every body carries a correlation id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFault:
    """Why one property value was refused."""

    name: str
    error: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The element of the array inside the message."""
        return {"isValid": False, "message": self.message, "error": self.error, "name": self.name}


class Problem(Exception):  # noqa: N818  it is an answer, not a failure of this program
    """A request refused: the status and the body's parts."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        category: str | None = "VALIDATION_ERROR",
        sub_category: str | None = None,
        context: Mapping[str, Sequence[str]] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.sub_category = sub_category
        self.context = dict(context or {})
        self.errors = [dict(error) for error in errors]
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def as_body(self, correlation_id: str) -> dict[str, Any]:
        """The JSON of the whole answer."""
        return {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            **({"context": self.context} if self.context else {}),
            **({"errors": self.errors} if self.errors else {}),
            **self.extra,
            **({"category": self.category} if self.category else {}),
            **({"subCategory": self.sub_category} if self.sub_category else {}),
        }

    def as_row(self, trace_id: str | None = None) -> dict[str, Any]:
        """The JSON of one entry in a batch's `errors`."""
        context = {**self.context, **({"objectWriteTraceId": [trace_id]} if trace_id is not None else {})}
        return {
            "status": "error",
            "category": self.category,
            **({"subCategory": self.sub_category} if self.sub_category else {}),
            "message": self.message,
            "context": context,
            **({"errors": self.errors} if self.errors else {}),
        }


def invalid_values(faults: Iterable[ValueFault]) -> Problem:
    """400 with the array of faults as text inside the message, as HubSpot sends it."""
    listed = orjson.dumps([fault.as_json() for fault in faults]).decode()
    return Problem(400, f"Property values were not valid: {listed}")


def unauthenticated(*, is_expired: bool = False) -> Problem:
    """401, of a token that is unknown or has expired."""
    headers = {"x-hubspot-auth-failure": "401 Unauthorized"}
    if is_expired:
        message = "The OAuth token used to make this call expired. Request a new one with the refresh token."
        return Problem(401, message, category="EXPIRED_AUTHENTICATION", headers=headers)
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return Problem(401, message, category="INVALID_AUTHENTICATION", headers=headers)


def missing_scopes(scopes: Iterable[str]) -> Problem:
    """403, naming the scopes of which one is required."""
    page = "https://developers.hubspot.com/scopes"
    return Problem(
        403,
        f"This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        f"{page}.",
        category="MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": sorted(scopes)},
            }
        ],
        extra={"links": {"scopes": page}},
    )


def not_found(message: str = "resource not found") -> Problem:
    """404."""
    return Problem(404, message, category="OBJECT_NOT_FOUND")


def missing_records(kind: str, ids: Sequence[str]) -> Problem:
    """The entry of a batch for ids that are not there."""
    message = f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid."
    return Problem(404, message, category="OBJECT_NOT_FOUND", context={"ids": list(ids)})
