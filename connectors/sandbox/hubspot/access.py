"""Who is calling: static tokens, OAuth tokens that expire, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from connectors.sandbox.hubspot.problems import Problem, unauthenticated
from connectors.sandbox.hubspot.settings import OAuthApp, PortalSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An access token: what it may do, and until when."""

    scopes: frozenset[str]
    expires_ms: int | None = None

    @property
    def is_oauth(self) -> bool:
        """Whether the token came from an OAuth app."""
        return self.expires_ms is not None


class Access:
    """The tokens of a portal."""

    def __init__(self, settings: PortalSettings) -> None:
        self._settings = settings
        self._grants = {token: Grant(scopes=scopes) for token, scopes in settings.tokens.items()}
        self._used_codes: set[str] = set()
        self._issued = 0

    def grant_of(self, headers: Mapping[str, str], now_ms: int) -> tuple[str, Grant]:
        """The token of a request and its grant; raises the 401."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        grant = self._grants.get(token.strip()) if scheme.lower() == "bearer" else None
        if grant is None:
            raise unauthenticated()
        if grant.expires_ms is not None and grant.expires_ms <= now_ms:
            raise unauthenticated(is_expired=True)
        return token.strip(), grant

    def revoke(self, token: str) -> None:
        """Let a token be unknown from now on."""
        self._grants.pop(token, None)

    def expire_all(self, now_ms: int) -> None:
        """Let every OAuth token have run out; static tokens do not."""
        for token, grant in self._grants.items():
            if grant.is_oauth:
                self._grants[token] = Grant(scopes=grant.scopes, expires_ms=now_ms)

    def token_info(self, token: str) -> dict[str, Any]:
        """What a static token is; raises the 401 for others."""
        grant = self._grants.get(token)
        if grant is None or grant.is_oauth:
            raise unauthenticated()
        return {"userId": 4_000_001, "hubId": self._settings.portal_id, "appId": 1001, "scopes": sorted(grant.scopes)}

    def exchange(self, form: bytes, now_ms: int) -> dict[str, Any]:
        """A new access token for a code or a refresh token, as the token endpoint's form asks; raises the 400."""
        fields = dict(parse_qsl(form.decode("utf-8", "replace"), keep_blank_values=True))
        app = self._app(fields)
        lifetime_s = int(self._settings.access_token_lifetime.total_seconds())
        self._issued += 1
        # Access tokens may grow: a long one shows clients that cut them off.
        token = f"CO{self._issued:08d}" + "x" * 320
        self._grants[token] = Grant(scopes=app.scopes, expires_ms=now_ms + lifetime_s * 1000)
        return {
            "access_token": token,
            "refresh_token": app.refresh_token,
            "expires_in": lifetime_s,
            "token_type": "bearer",
            "token_use": "access_token",
            "hub_id": self._settings.portal_id,
            "user_id": 4_000_001,
            "scopes": sorted(app.scopes),
        }

    def _app(self, fields: Mapping[str, str]) -> OAuthApp:
        app = next((one for one in self._settings.oauth_apps if one.client_id == fields.get("client_id")), None)
        if app is None or app.client_secret != fields.get("client_secret"):
            raise _refused("BAD_CLIENT_SECRET", "missing or invalid client id or client secret")
        match fields.get("grant_type"):
            case "refresh_token":
                if fields.get("refresh_token") != app.refresh_token:
                    raise _refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
            case "authorization_code":
                code = fields.get("code")
                if code is None or code != app.code or code in self._used_codes:
                    raise _refused("BAD_AUTH_CODE", "missing or unknown auth code")
                if fields.get("redirect_uri") != app.redirect_uri:
                    raise _refused("MISMATCH_REDIRECT_URI_AUTH_CODE", "redirect_uri is not the one of the code")
                self._used_codes.add(code)
            case _:
                raise _refused("BAD_GRANT_TYPE", "missing or unknown grant type")
        return app


def _refused(status_word: str, message: str) -> Problem:
    return Problem(400, message, category=None, extra={"status": status_word})
