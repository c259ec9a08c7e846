"""The page on which a person lets an app in, and the codes and refresh tokens that follow.

https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm
https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qsl, urlencode

from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.wire import Request, Response

CODE_LIFE = timedelta(minutes=15)
ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")
OFFLINE = frozenset({"refresh_token", "offline_access"})


class ConsentError(Exception):
    """A code or refresh token that is good for nothing: `error` and `description` as the token endpoint says them."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    redirect_uri: str
    challenge: str
    scopes: frozenset[str]
    ends_at: datetime


class Consent:
    """What people of one org have allowed."""

    def __init__(self, settings: OrgSettings) -> None:
        self._settings = settings
        self._codes: dict[str, _Code] = {}
        self._refresh_tokens: set[str] = set()
        self._made = 0

    def answer(self, request: Request, now: datetime) -> Response:
        """The page that asks (GET), or back to the app with a code or a refusal (POST)."""
        asked = request.args if request.method == "GET" else dict(parse_qsl(request.body.decode(), True))
        if wrong := self._wrong(asked):
            return _page(400, f"<h1>OAuth Error</h1><p>error={wrong[0]}</p><p>error_description={wrong[1]}</p>")
        if request.method == "GET":
            return self._asking(asked)
        state = {"state": asked["state"]} if "state" in asked else {}
        if asked.get("decision") != "allow":
            no = {"error": "access_denied", "error_description": "end-user denied authorization"}
            return _back(asked["redirect_uri"], {**no, **state})
        if self._settings.requires_pkce and not asked.get("code_challenge"):
            no = {"error": "invalid_request", "error_description": "missing required code challenge"}
            return _back(asked["redirect_uri"], {**no, **state})
        return _back(asked["redirect_uri"], {"code": self._code(asked, now), **state})

    def redeem(self, form: Mapping[str, str], now: datetime) -> dict[str, str]:
        """What a code is worth, once, to who proves to be the one it was given to. Raises ConsentError."""
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            raise ConsentError("invalid_grant", "invalid authorization code")
        if now >= code.ends_at:
            raise ConsentError("invalid_grant", "expired authorization code")
        if form.get("redirect_uri") != code.redirect_uri:
            raise ConsentError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if code.challenge and not hmac.compare_digest(_challenge(form.get("code_verifier", "")), code.challenge):
            raise ConsentError("invalid_grant", "invalid code verifier")
        return {"scope": " ".join(sorted(code.scopes)), **self._lasting(code.scopes)}

    def renew(self, form: Mapping[str, str]) -> dict[str, str]:
        """What a refresh token is worth. Raises ConsentError."""
        if form.get("refresh_token") not in self._refresh_tokens:
            raise ConsentError("invalid_grant", "expired access/refresh token")
        return {}

    def _wrong(self, asked: Mapping[str, str]) -> tuple[str, str] | None:
        """Why nobody is sent back: what is wrong here may be an attacker's address."""
        if asked.get("client_id") != self._settings.client_id:
            return "invalid_client_id", "client identifier invalid"
        if asked.get("redirect_uri") not in self._settings.callbacks:
            return "redirect_uri_mismatch", "redirect_uri must match configuration"
        if asked.get("response_type") != "code":
            return "unsupported_response_type", "response type not supported"
        if asked.get("code_challenge") and asked.get("code_challenge_method", "S256") != "S256":
            return "invalid_request", "invalid code challenge method"
        return None

    def _asking(self, asked: Mapping[str, str]) -> Response:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in ASKED if name in asked
        )
        return _page(
            200,
            f"<h1>Allow Access?</h1><p>An app asks to access {escape(self._settings.org_name)}: "
            f"{escape(asked.get('scope', 'api'))}</p>"
            f'<form method="post" action="/services/oauth2/authorize">{hidden}'
            '<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button>'
            "</form>",
        )

    def _code(self, asked: Mapping[str, str], now: datetime) -> str:
        code = f"aPrx{self._secret()}"
        self._codes[code] = _Code(
            redirect_uri=asked["redirect_uri"],
            challenge=asked.get("code_challenge", ""),
            scopes=frozenset(asked.get("scope", "api").split()),
            ends_at=now + CODE_LIFE,
        )
        return code

    def _lasting(self, scopes: frozenset[str]) -> dict[str, str]:
        if not scopes & OFFLINE:
            return {}
        token = f"5Aep861{self._secret()}"
        self._refresh_tokens.add(token)
        return {"refresh_token": token}

    def _secret(self) -> str:
        self._made += 1
        digest = hashlib.sha256(f"{self._settings.org_name}:{self._made}".encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _back(address: str, answer: Mapping[str, str]) -> Response:
    mark = "&" if "?" in address else "?"
    return Response(status=302, headers={"Location": f"{address}{mark}{urlencode(answer)}"})


def _page(status: int, body: str) -> Response:
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox org</title>{body}</html>'
    return Response(status=status, headers={"Content-Type": "text/html;charset=UTF-8"}, body=page.encode())
