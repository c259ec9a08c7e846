"""One authenticated call, taken apart: the API version, the path's words, the parameters and the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson

from connectors.sandbox.hubspot.catalog import ObjectType, find_type
from connectors.sandbox.hubspot.problems import Problem, missing_scopes
from connectors.sandbox.hubspot.searches import Searches
from connectors.sandbox.wire import Response, json_response


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as the handlers see it. `version` is v3, v4 or a date such as 2026-09."""

    method: str
    version: str
    words: tuple[str, ...]
    query: str
    body: bytes
    content_type: str
    scopes: frozenset[str]
    now_ms: int
    searches: Searches

    @property
    def is_dated(self) -> bool:
        """Whether this is a date-based version, with its one batch answer and its enforced rules."""
        return "-" in self.version

    @property
    def params(self) -> dict[str, list[str]]:
        """The query's parameters, every value of each."""
        return parse_qs(self.query, keep_blank_values=True)

    def param(self, name: str, default: str = "") -> str:
        """One parameter."""
        values = self.params.get(name)
        return values[-1] if values else default

    def listed(self, name: str) -> list[str]:
        """A parameter that may be repeated or hold several values with commas between."""
        return [part.strip() for value in self.params.get(name, []) for part in value.split(",") if part.strip()]

    def flag(self, name: str) -> bool:
        """A true or false parameter, false when it is not there."""
        value = self.param(name, "false").lower()
        if value not in {"true", "false"}:
            raise Problem(400, f"Unable to parse value for query parameter: {name}")
        return value == "true"

    def number(self, name: str, default: int, *, most: int, least: int = 1) -> int:
        """A whole number within bounds."""
        text = self.param(name) or str(default)
        if not text.isdecimal():
            raise Problem(400, f"Unable to parse value for query parameter: {name}")
        if not least <= int(text) <= most:
            raise Problem(400, f"Invalid request. '{name}' must be between {least} and {most}.")
        return int(text)

    def require(self, *scopes: str) -> None:
        """Raise the 403 unless one of these scopes was granted."""
        if not self.scopes.intersection(scopes):
            raise missing_scopes(scopes)

    def require_all(self, *scopes: str) -> None:
        """Raise the 403 for the first of these scopes that was not granted."""
        for scope in scopes:
            self.require(scope)

    def json(self) -> dict[str, Any]:
        """The body, a JSON object."""
        found = self.json_value()
        if not isinstance(found, dict):
            raise Problem(400, "Invalid input JSON on line 1, column 1: Cannot deserialize value, expected an object")
        return found

    def json_value(self) -> Any:
        """The body as JSON of any kind."""
        if not self.content_type.startswith("application/json"):
            raise Problem(415, "Unsupported Media Type: send application/json", category=None)
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Problem(
                400, f"Invalid input JSON on line {error.lineno}, column {error.colno}: {error.msg}"
            ) from None

    def answer(self, body: Any, status: int = 200) -> Response:
        """A JSON answer."""
        return json_response(body, status=status)


def kind_of(word: str) -> ObjectType:
    """The object type a path names."""
    kind = find_type(word)
    if kind is None:
        raise Problem(400, f"Unable to infer object type from: {word}")
    return kind


def string_list(value: object, name: str) -> list[str]:
    """A list of texts in a body; nothing given is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Problem(400, f"Invalid input JSON: '{name}' must be a list of strings")
    return value
