"""What HubSpot's answers mean: bodies, error envelopes and rate headers, without any I/O.

https://developers.hubspot.com/docs/api-reference/error-handling: every field of an error is optional, and what stands
between us and HubSpot may answer in HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
from connectors.limits import retry_after_s

DAILY = "DAILY"
BURST = "TEN_SECONDLY_ROLLING"
SECONDLY = "SECONDLY"

Json = dict[str, Any]


class TokenRefused(NeedsReconnect):
    """A 401: an access token that can be renewed may have run out; any other is refused for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Json | None:
        """The body as a JSON object; {} for an empty one, None where it is something else (a proxy's HTML)."""
        if not self.body.strip():
            return {}
        try:
            parsed = parse_json(self.body)
        except orjson.JSONDecodeError:
            return None
        return parsed if isinstance(parsed, dict) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long to hold back after a refusal that names no time, in seconds."""

    burst_s: float
    search_s: float
    day_s: float
    locked_s: float = 2.0
    migrating_s: float = 60.0


def error_of(answer: Answer, *, where: str, doing: str, is_search: bool, waits: Waits) -> ConnectorError:
    """What an answer other than 2xx means. `where` names the connection, `doing` the attempt."""
    told = answer.json() or {}
    said = message_of(told)
    what = f"{where}: {doing} failed with HTTP {answer.status}" + (f": {said}" if said else ".")
    if answer.status == 429:
        return _rate_limited(answer, told, said, where, is_search=is_search, waits=waits)
    if answer.status == 401:
        return TokenRefused(
            f"{where}: HubSpot refuses the token{f' ({said})' if said else ''}.",
            remedy="Enter a valid token with `rekindle connect hubspot NAME --token-stdin`.",
        )
    if answer.status == 403:
        return _forbidden(told, said, where, doing)
    if answer.status == 423:
        return Transient(what, retry_after_s=retry_after_s(answer.headers) or waits.locked_s)
    if answer.status == 477:
        return Transient(what, retry_after_s=retry_after_s(answer.headers) or waits.migrating_s)
    if answer.status >= 500 or answer.status == 408:
        return ServerError(what, retry_after_s=retry_after_s(answer.headers))
    if answer.status == 404:
        return Gone(what) if _is_about_a_record(told) else Unsupported(what)
    if answer.status in {400, 409, 413, 414, 422}:
        return rejected(told, what, status=answer.status)
    if 300 <= answer.status < 400:
        return Unsupported(what, remedy="The server redirects; check --api-url.")
    return Unsupported(what)


def rejected(told: Json, what: str, *, status: int = 400) -> Rejected:
    """The refusal of some content, with HubSpot's own code and the properties it names."""
    problems = value_problems(told)
    codes = [problem.code for problem in problems if problem.code]
    code = codes[0] if codes else _text(told.get("category")) or ("CONFLICT" if status == 409 else "")
    return Rejected(what, code=code, fields=tuple(dict.fromkeys(p.name for p in problems if p.name)))


def message_of(told: Json) -> str:
    """What HubSpot says, in one line: the envelope's message, with lists of bad values written out."""
    problems = value_problems(told)
    if problems:
        return "; ".join(dict.fromkeys(problem.says for problem in problems))
    return _one_line(_text(told.get("message")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueProblem:
    """One bad property value: its property, HubSpot's code and words."""

    name: str
    code: str
    message: str

    @property
    def says(self) -> str:
        """The property and what is wrong with it."""
        words = self.message or self.code
        return f"{self.name}: {words}" if self.name and self.name not in words else words


def value_problems(told: Json) -> tuple[ValueProblem, ...]:
    """Bad values, from the JSON list inside the message, or from `errors`."""
    text = _text(told.get("message"))
    start = text.find("[{")
    if start >= 0:
        listed = _loads_list(text[start : text.rfind("]") + 1])
        if listed:
            return tuple(_problem(row) for row in listed)
    rows = told.get("errors")
    if not isinstance(rows, list):
        return ()
    return tuple(_problem(row) for row in rows if isinstance(row, dict) and row.get("message"))


def missing_scopes(told: Json) -> tuple[str, ...]:
    """The scopes that a 403 names, under any of the keys HubSpot has used for them."""
    found: list[str] = []
    for row in (told, *_rows(told.get("errors"))):
        context = row.get("context")
        if isinstance(context, dict):
            for key in ("requiredGranularScopes", "requiredScopes", "requiredGroups"):
                found += [str(scope) for scope in context.get(key) or ()]
    return tuple(dict.fromkeys(found))


def _rate_limited(answer: Answer, told: Json, said: str, where: str, *, is_search: bool, waits: Waits) -> RateLimited:
    policy = _policy(told, said, is_search=is_search)
    if policy == DAILY:
        return RateLimited(
            f"{where}: the portal's daily limit of HubSpot calls is used up.",
            remedy="It is set back at midnight in the portal's time zone; other apps of the portal share it.",
            retry_after_s=waits.day_s,
            policy=policy,
        )
    named = retry_after_s(answer.headers)
    usual = waits.search_s if policy == SECONDLY else waits.burst_s
    return RateLimited(
        f"{where}: HubSpot's limit {policy} is reached.",
        retry_after_s=usual if named is None else named,
        policy=policy,
        is_named_by_crm=named is not None,
    )


def _policy(told: Json, said: str, *, is_search: bool) -> str:
    """The policy's name; else by its message, which the official clients go by; else by the endpoint."""
    named = _text(told.get("policyName")).upper()
    if named:
        return named
    lowered = said.lower()
    if "daily" in lowered:
        return DAILY
    if "ten_secondly" in lowered:
        return BURST
    return SECONDLY if is_search or "secondly" in lowered else BURST


def _forbidden(told: Json, said: str, where: str, doing: str) -> MissingPermission:
    scopes = missing_scopes(told)
    if scopes:
        return MissingPermission(
            f"{where}: the token may not do this ({doing}).",
            scope=" ".join(scopes),
            remedy=f"Give the app or service key the scope {' or '.join(scopes)} in HubSpot.",
            is_general=True,
        )
    return MissingPermission(
        f"{where}: HubSpot refuses access ({doing}{f': {said}' if said else ''}).",
        remedy="Check the scopes of the app or service key in HubSpot.",
        is_general=True,
    )


def _is_about_a_record(told: Json) -> bool:
    return _text(told.get("category")) == "OBJECT_NOT_FOUND" or "resource not found" in _text(told.get("message"))


def _problem(row: Json) -> ValueProblem:
    context = row.get("context") if isinstance(row.get("context"), dict) else {}
    named = (context or {}).get("propertyName")
    name = named[0] if isinstance(named, list) and named else named
    code = _text(row.get("error")) or _text(row.get("code")) or _text(row.get("category"))
    return ValueProblem(
        name=_text(row.get("name")) or _text(name) or _text(row.get("in")),
        code=code,
        message=_one_line(_text(row.get("localizedErrorMessage")) or _text(row.get("message"))),
    )


def _rows(value: object) -> Iterable[Json]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _loads_list(text: str) -> list[Json]:
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return [row for row in parsed if isinstance(row, dict)] if isinstance(parsed, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _one_line(text: str, *, longest: int = 400) -> str:
    """HubSpot's words without line breaks, cut at a length; anything like a token is masked."""
    flat = re.sub(r"\s+", " ", re.sub(r"pat-[a-z0-9]+-[\w-]+", "***", text)).strip()
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
