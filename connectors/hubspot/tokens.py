"""The access token in force: a given one, or OAuth tokens that are renewed before they run out.

https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide: tokens live for `expires_in` seconds (1800),
which is the sign to renew them by; a 401 is not. Refresh tokens end with the app's removal. One process of a connection
renews, under the store's lease, and saves the token before it is used; the others find it in the store.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

import orjson
import requests

from connectors.base import Credentials, Kit, Settings
from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, ServerError
from connectors.http import transport_error
from connectors.hubspot.answers import Answer, Json, TokenRefused, message_of
from connectors.hubspot.paths import Paths
from connectors.limits import retry_after_s

# Renewed this long before the end, or at half of a shorter life.
_AHEAD_S = 600.0
_USUAL_LIFE_S = 1800.0
_SIGNING_IN = ("client_id", "client_secret", "refresh_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and what came with it. `renew_at` is seconds since 1970, 0 for never, as text."""

    access_token: str
    refresh_token: str = ""
    renew_at: str = "0"
    account_id: str = ""
    scopes: str = ""
    made_for: str = ""

    def is_fresh(self, now: float) -> bool:
        """Whether it need not be renewed yet."""
        return float(self.renew_at) == 0.0 or now < float(self.renew_at)


class Tokens(Protocol):
    """Gives the token in force, and another for one that was refused."""

    def current(self) -> Token:
        """The token in force."""
        ...

    def renew(self, refused: Token, why: TokenRefused) -> Token:
        """Another than the refused one. Raises NeedsReconnect where none can be had."""
        ...


def tokens_of(settings: Settings, credentials: Credentials, kit: Kit, *, where: str) -> Tokens:
    """The way to tokens that the credentials open."""
    if credentials.get("refresh_token"):
        return OAuthTokens(settings, credentials, kit, where=where)
    return GivenToken(credentials.get("token", ""), where=where)


class GivenToken:
    """A service key or private-app token: it does not run out, and cannot be renewed."""

    def __init__(self, token: str, *, where: str) -> None:
        self._token = token.strip()
        self._where = where

    def current(self) -> Token:
        """See Tokens.current. Raises NeedsReconnect for what can be no token."""
        token = self._token
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise NeedsReconnect(
                f"{self._where}: the stored token is empty or holds characters that no token has.",
                remedy="Enter it again with `rekindle connect hubspot NAME --token-stdin`.",
            )
        return Token(access_token=token)

    def renew(self, refused: Token, why: TokenRefused) -> Token:  # noqa: ARG002
        """See Tokens.renew: there is none."""
        raise why


class OAuthTokens:
    """Tokens of an installed OAuth app."""

    def __init__(self, settings: Settings, credentials: Credentials, kit: Kit, *, where: str) -> None:
        self._url = settings.url.rstrip("/") + Paths().token
        self._credentials = credentials
        self._kit = kit
        self._where = where
        signing_in = sorted((name, credentials.get(name, "")) for name in _SIGNING_IN)
        self._made_for = hashlib.sha256(orjson.dumps(signing_in)).hexdigest()[:16]
        self._lock = threading.Lock()
        self._session: requests.Session | None = None
        self._token: Token | None = None

    def current(self) -> Token:
        """See Tokens.current: this process's, else the stored one, else a new one."""
        token = self._token
        return token if token and token.is_fresh(self._now()) else self._replace(None)

    def renew(self, refused: Token, why: TokenRefused) -> Token:  # noqa: ARG002
        """See Tokens.renew."""
        return self._replace(refused)

    def _replace(self, refused: Token | None) -> Token:
        with self._lock:
            if self._token is None or not self._is_good(self._token, refused):
                self._token = self._stored_or_new(refused)
            return self._token

    def _stored_or_new(self, refused: Token | None) -> Token:
        if (stored := self._stored()) and self._is_good(stored, refused):
            return stored
        with self._kit.tokens.lease():
            stored = self._stored()
            if stored and self._is_good(stored, refused):
                return stored
            token = self._fetch((stored and stored.refresh_token) or self._credentials["refresh_token"])
            self._kit.tokens.save(asdict(token))
            return token

    def _is_good(self, token: Token, refused: Token | None) -> bool:
        is_refused = refused is not None and refused.access_token == token.access_token
        return not is_refused and token.is_fresh(self._now())

    def _stored(self) -> Token | None:
        """The stored token, unless it was made from credentials that have been replaced since."""
        parts = self._kit.tokens.load()
        if not parts or not parts.get("access_token") or parts.get("made_for") != self._made_for:
            return None
        return Token(**{name: str(parts[name]) for name in Token.__dataclass_fields__ if name in parts})

    def _fetch(self, refresh_token: str) -> Token:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.get("client_id", ""),
            "client_secret": self._credentials.get("client_secret", ""),
            "refresh_token": refresh_token,
        }
        self._session = self._session or self._kit.http.session()
        self._kit.http.calls.add("token")
        try:
            answer = self._session.post(
                self._url, data=form, headers={"Accept": "application/json"}, allow_redirects=False
            )
        except OSError as error:
            raise transport_error(error, where=self._where, is_write=False) from error
        headers = {name.lower(): value for name, value in answer.headers.items()}
        read = Answer(status=answer.status_code, headers=headers, body=answer.content)
        told = read.json()
        if read.status != 200 or told is None or not isinstance(told.get("access_token"), str):
            raise _refusal(read, told, where=self._where)
        return self._token_of(told, refresh_token)

    def _token_of(self, told: Json, refresh_token: str) -> Token:
        life_s = _number(told.get("expires_in")) or _USUAL_LIFE_S
        scopes = told.get("scopes")
        return Token(
            access_token=told["access_token"],
            refresh_token=str(told.get("refresh_token") or refresh_token),
            renew_at=str(self._now() + life_s - min(_AHEAD_S, life_s / 2)),
            account_id=str(told.get("hub_id") or ""),
            scopes=" ".join(str(one) for one in scopes) if isinstance(scopes, list) else "",
            made_for=self._made_for,
        )

    def _now(self) -> float:
        return self._kit.now().timestamp()


def _refusal(answer: Answer, told: Mapping[str, object] | None, *, where: str) -> ConnectorError:
    """Why no token was given. What names an error is final; a page of HTML or a failing server is not."""
    if answer.status == 429:
        return RateLimited(f"{where}: too many token requests.", retry_after_s=retry_after_s(answer.headers))
    if answer.status >= 500 or not told:
        return ServerError(f"{where}: HubSpot's login service failed (HTTP {answer.status}).")
    said = message_of(dict(told)) or str(told.get("status") or told.get("error") or f"HTTP {answer.status}")
    return NeedsReconnect(
        f"{where}: HubSpot refuses to renew the access ({said}).",
        remedy="The app was removed from the portal, or its secret has changed: connect again.",
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0
