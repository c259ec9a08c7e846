"""One valid access token at a time, for all threads and processes of a connection."""

from __future__ import annotations

import threading

import requests

from connectors.base import Credentials, Kit, Settings
from connectors.errors import NeedsReconnect, ServerError, Unsupported
from connectors.http import transport_error
from connectors.salesforce.ids import long_id
from connectors.salesforce.oauth import (
    TOKEN_PATH,
    Attempt,
    Token,
    account_in,
    default_audience,
    fingerprint,
    parse_token,
    token_error,
    token_form,
    token_from_parts,
)


class TokenKeeper:
    """Gives the token in force, and gets another when one was refused.

    Salesforce names no life time, so a token is used until it is refused. Whoever holds the store's lease asks for
    the next one; the others wait and find it in the store. It is saved before it is used.
    """

    def __init__(self, settings: Settings, credentials: Credentials, kit: Kit, session: requests.Session) -> None:
        self._settings = settings
        self._credentials = credentials
        self._kit = kit
        self._session = session
        self._made_for = fingerprint(credentials)
        self._lock = threading.Lock()
        self._token: Token | None = None

    def current(self) -> Token:
        """The token in force: this process's, else the stored one, else a new one."""
        token = self._token
        return token or self._replace(None)

    def renew(self, refused: Token) -> Token:
        """A token other than the refused one. Raises NeedsReconnect where none can be had."""
        if self._credentials.get("access_token"):
            raise NeedsReconnect(
                f"{self._settings.name}: Salesforce no longer accepts the access token.",
                remedy="A given token cannot be renewed: connect again with a new one, or with a client id.",
            )
        return self._replace(refused)

    def _replace(self, refused: Token | None) -> Token:
        with self._lock:
            if self._token and not _same(self._token, refused):
                return self._token
            self._token = self._given() or self._stored_or_new(refused)
            return self._token

    def _given(self) -> Token | None:
        access_token = self._credentials.get("access_token")
        if not access_token:
            return None
        url = self._settings.url
        return Token(access_token=access_token, instance_url=url, account_id=account_in(access_token))

    def _stored_or_new(self, refused: Token | None) -> Token:
        if (stored := self._stored()) and not _same(stored, refused):
            return stored
        with self._kit.tokens.lease():
            stored = self._stored()
            if stored and not _same(stored, refused):
                return stored
            refresh_token = (stored.refresh_token if stored else "") or self._credentials.get("refresh_token", "")
            token = self._refreshed(refresh_token) if refresh_token else self._fetch("")
            self._kit.tokens.save(token.parts())
            return token

    def _refreshed(self, refresh_token: str) -> Token:
        """A token for a refresh token that may be good for one use: that it is used is on record beforehand.

        Where an earlier use brought no answer that could be kept (the process was killed, the line cut), the same one
        is tried again: it may never have arrived, or still count for a while, and what it gave is lost either way.
        """
        kept = self._kit.tokens.load() or {}
        attempt = Attempt(refresh_token=refresh_token, made_for=self._made_for, at=f"{self._kit.now():%Y-%m-%d %H:%M}")
        before = attempt.was_made(kept)
        self._kit.tokens.save({**kept, **attempt.parts()})
        try:
            return self._fetch(refresh_token)
        except NeedsReconnect as refused:
            if not before:
                raise
            raise NeedsReconnect(
                f"{refused.what.rstrip('.')}. A renewal at {before} UTC was cut off before its answer was saved, and "
                "this org takes each refresh token once.",
                remedy="Sign in again in the web app, or connect again with a new refresh token; nothing else is lost.",
            ) from refused

    def _stored(self) -> Token | None:
        """The stored token, unless it was made from credentials that have been replaced since."""
        token = token_from_parts(self._kit.tokens.load())
        return token if token and token.made_for == self._made_for else None

    def _fetch(self, refresh_token: str) -> Token:
        """One request for a token. The call that needs it is what is tried again."""
        where = self._settings.name
        form = token_form(
            self._credentials, now=self._kit.now(), audience=self._audience(), refresh_token=refresh_token
        )
        self._kit.http.calls.add("token")
        try:
            answer = self._session.post(
                self._settings.url + TOKEN_PATH,
                data=form,
                headers={"Accept": "application/json"},
                allow_redirects=False,
            )
        except OSError as error:
            raise transport_error(error, where=where, is_write=False) from error
        if answer.status_code != 200:
            raise token_error(answer.status_code, answer.headers, answer.content, where=where)
        token = parse_token(
            answer.content,
            known_url=self._settings.url,
            allowed_hosts=_hosts(self._settings.options.get("allowed_hosts", "")),
            made_for=self._made_for,
            refresh_token=refresh_token,
        )
        if token is None:
            raise self._no_token(answer.content)
        self._check_account(token)
        return token

    def _no_token(self, body: bytes) -> ServerError | Unsupported:
        if body.lstrip()[:1] == b"<":
            return ServerError(
                f"{self._settings.name}: Salesforce's login service answered with a page.",
                remedy="If this stays so, check that the instance URL is the org's My Domain address.",
            )
        return Unsupported(
            f"{self._settings.name}: the login answer holds no access token.",
            remedy="Check that the instance URL is the org's My Domain address.",
        )

    def _check_account(self, token: Token) -> None:
        expected = long_id(self._settings.account_id or "")
        if expected and token.account_id and token.account_id != expected:
            raise NeedsReconnect(
                f"{self._settings.name}: these credentials belong to another org ({token.account_id}).",
                remedy=f"Use credentials of org {expected}, or connect the other org under a name of its own.",
            )

    def _audience(self) -> str:
        named = self._credentials.get("audience") or self._settings.options.get("audience")
        return named or default_audience(self._settings.url)


def _same(token: Token, refused: Token | None) -> bool:
    return refused is not None and token.access_token == refused.access_token


def _hosts(text: str) -> frozenset[str]:
    return frozenset(host.strip().lower() for host in text.split(",") if host.strip())
