"""Idempotency-Key: a POST that is sent again is answered as before, and does nothing a second time.

A key belongs to one token for a day. Only an answer that says something was done is kept; whatever was refused or
failed did nothing, so that the key is free again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus

import orjson
from flask import Response, g, request

from service.api.problems import problem
from service.api.who import product
from service.security.sealing import seal, unseal
from service.store.answers import AnswerKey, claim_answer, free_answer, keep_answer
from service.store.models import AnswerRow

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(hours=24)
LONGEST = 255
AT_WORK = timedelta(minutes=10)
"""Longer than any request lasts: what has no answer by then died with its process."""
_HEADERS = ("Content-Type", "ETag", "Location")


@dataclass(frozen=True, slots=True)
class _Claim:
    key: AnswerKey
    token: str


def begin_once() -> Response | None:
    """Take the key for this request, or answer it as before."""
    given = request.headers.get(HEADER)
    if given is None or request.method != "POST":
        return None
    if not 0 < len(given) <= LONGEST or not (given.isascii() and given.isprintable()):
        return problem(HTTPStatus.BAD_REQUEST, f"{HEADER} is 1 to {LONGEST} printable ASCII characters.")
    token: str = g.api_token
    claim = _Claim(AnswerKey(principal=_hash(token), key=_hash(given)), token)
    fingerprint = _hash(f"{request.method} {request.full_path}\n", request.get_data(cache=True))
    now = product().now()
    with product().store.begin() as tx:
        found = claim_answer(tx, claim.key, fingerprint=fingerprint, now=now, kept_since=now - KEPT)
    if found is None:
        g.api_claim = claim
        return None
    return _again(found, fingerprint, token)


def finish_once(answer: Response) -> Response:
    """Keep the answer with its key; one that did nothing frees it."""
    claim: _Claim | None = g.pop("api_claim", None)
    if claim is None:
        return answer
    is_done = HTTPStatus.OK <= answer.status_code < HTTPStatus.BAD_REQUEST
    with product().store.begin() as tx:
        if is_done:
            keep_answer(tx, claim.key, seal(_packed(answer), secret=claim.token))
        else:
            free_answer(tx, claim.key)
    return answer


def _again(found: AnswerRow, fingerprint: str, token: str) -> Response:
    if found.fingerprint != fingerprint:
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"This {HEADER} was used for another request.",
            remedy="Take a new key for each thing that is to be done.",
        )
    kept = unseal(found.sealed, secret=token) if found.sealed is not None else None
    if kept is not None:
        answer = _unpacked(kept)
        answer.headers[REPLAYED] = "true"
        return answer
    if product().now() - found.created_at < AT_WORK:
        waiting = problem(HTTPStatus.CONFLICT, "The first request with this key is still being worked on.")
        waiting.headers["Retry-After"] = "1"
        return waiting
    return problem(
        HTTPStatus.CONFLICT,
        "The first request with this key was cut off: whether it was done is not known.",
        remedy="Look whether it was done before you send it with a new key.",
    )


def _packed(answer: Response) -> bytes:
    headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    return orjson.dumps({"status": answer.status_code, "headers": headers, "body": answer.get_data(as_text=True)})


def _unpacked(kept: bytes) -> Response:
    there = orjson.loads(kept)
    return Response(there["body"], status=there["status"], headers=there["headers"])


def _hash(text: str, more: bytes = b"") -> str:
    return sha256(text.encode("utf-8", "surrogatepass") + more).hexdigest()
