"""How this CRM refuses: a status and an array of error entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.sandbox.wire import Response, json_response


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One error. Alone it says `errorCode`; inside a collection's answer the same word is `statusCode`."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def alone(self) -> dict[str, object]:
        """As an element of a failed request's array."""
        body: dict[str, object] = {"message": self.message, "errorCode": self.code}
        return {**body, "fields": list(self.fields)} if self.fields else body

    def inside(self) -> dict[str, object]:
        """As an element of one record's `errors`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


class RefusedError(Exception):
    """A request, or one record of it, that the org does not accept."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: Sequence[str] = (), more: Sequence[Entry] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.entries = (Entry(code=code, message=message, fields=tuple(fields)), *more)

    def response(self) -> Response:
        """The answer to the whole request."""
        return json_response([entry.alone() for entry in self.entries], status=self.status)


def not_found(message: str = "The requested resource does not exist") -> RefusedError:
    """There is no such thing here."""
    return RefusedError("NOT_FOUND", message, status=404)


def no_such_column(column: str, entity: str, *, word: str = "sobject of type") -> RefusedError:
    """A field the entity does not have, or that this user may not see."""
    return RefusedError("INVALID_FIELD", f"No such column '{column}' on {word} {entity}")
