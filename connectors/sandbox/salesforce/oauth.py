"""The token endpoint: who may come in, and for how long."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.sandbox.salesforce.consent import Consent, ConsentError
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.wire import Request, Response, json_response

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_SECONDS = 180
CLOCK_SKEW_SECONDS = 5


class OAuthError(Exception):
    """A token request refused: an object, unlike every other error of this CRM."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description

    def response(self) -> Response:
        """The answer."""
        return json_response({"error": self.error, "error_description": self.description}, status=400)


@dataclass(slots=True)
class _Token:
    ends_at: datetime
    calls_left: int | None


class Tokens:
    """The access tokens of one org."""

    def __init__(self, settings: OrgSettings, org_id: str, user_id: str) -> None:
        self.settings = settings
        self.org_id = org_id
        self.user_id = user_id
        self._tokens: dict[str, _Token] = {}
        self._made = 0
        self.consent = Consent(settings)

    def issue(self, now: datetime) -> str:
        """A new access token."""
        self._made += 1
        digest = hashlib.sha256(f"{self.org_id}:{self._made}".encode()).digest()
        token = f"{self.org_id[:15]}!AQ{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
        ends_at = now + timedelta(seconds=self.settings.token_seconds)
        self._tokens[token] = _Token(ends_at, self.settings.token_calls)
        return token

    def expire_all(self) -> None:
        """From now on every token is answered 401."""
        self._tokens.clear()

    def revoke(self, token: str) -> bool:
        """End one token; whether there was one."""
        return self._tokens.pop(token, None) is not None

    def admits(self, request: Request, now: datetime) -> bool:
        """Whether the request carries a token that lives; counts its use."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        token = self._tokens.get(value.strip()) if scheme.lower() in {"bearer", "oauth"} else None
        if token is None or now >= token.ends_at or token.calls_left == 0:
            return False
        if token.calls_left is not None:
            token.calls_left -= 1
        return True

    def answer(self, request: Request, now: datetime) -> Response:
        """The answer to a token request."""
        try:
            form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            more = self._check(form, request, now)
        except OAuthError as error:
            return error.response()
        except ConsentError as error:
            return OAuthError(error.error, error.description).response()
        return json_response({**self._granted(request, now), **more})

    def _check(self, form: dict[str, str], request: Request, now: datetime) -> dict[str, str]:
        """What comes with the token beside what every one has. Raises OAuthError, ConsentError."""
        if request.method != "POST" or not request.headers.get("content-type", "").startswith(
            "application/x-www-form-urlencoded"
        ):
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        grant = form.get("grant_type")
        if grant == "client_credentials":
            self._check_client(form, request)
        elif grant == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), request, now)
        elif grant == "authorization_code":
            self._check_client(form, request)
            return self.consent.redeem(form, now)
        elif grant == "refresh_token":
            self._check_client(form, request)
            return self.consent.renew(form)
        else:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        return {}

    def _check_client(self, form: dict[str, str], request: Request) -> None:
        client_id, secret = form.get("client_id"), form.get("client_secret")
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                client_id, _, secret = base64.b64decode(value).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise OAuthError("invalid_client", "invalid client credentials") from None
            client_id, secret = unquote(client_id), unquote(secret)
        if client_id != self.settings.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if secret != self.settings.client_secret:
            raise OAuthError("invalid_client", "invalid client credentials")

    def _check_assertion(self, assertion: str, request: Request, now: datetime) -> None:
        claims = _claims(assertion, self.settings.jwt_public_key_pem)
        if claims.get("iss") != self.settings.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        audiences = {*self.settings.jwt_audiences, instance_url(request, self.settings)}
        if claims.get("aud") not in audiences:
            raise OAuthError("invalid_grant", "audience is invalid")
        left = _seconds(claims.get("exp")) - now.timestamp()
        if left <= -CLOCK_SKEW_SECONDS:
            raise OAuthError("invalid_grant", "expired authorization code")
        if left > JWT_SECONDS + CLOCK_SKEW_SECONDS:
            raise OAuthError("invalid_grant", "invalid assertion")
        if claims.get("sub") != self.settings.username:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")

    def _granted(self, request: Request, now: datetime) -> dict[str, str]:
        url = instance_url(request, self.settings)
        identity = f"{url}/id/{self.org_id}/{self.user_id}"
        issued_at = str(int(now.timestamp() * 1000))
        signed = hmac.new(self.settings.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
        return {
            "access_token": self.issue(now),
            "signature": base64.b64encode(signed.digest()).decode(),
            "scope": "api",
            "instance_url": url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }


def instance_url(request: Request, settings: OrgSettings) -> str:
    """Where the org says it lives: as told by the settings, else as the client reached it."""
    if settings.instance_url:
        return settings.instance_url
    scheme = request.headers.get("x-sandbox-scheme", "https")
    return f"{scheme}://{request.headers.get('host', 'localhost')}"


def _claims(assertion: str, public_key_pem: str | None) -> dict[str, Any]:
    try:
        head, body, signature = assertion.split(".")
        header, claims = orjson.loads(_decoded(head)), orjson.loads(_decoded(body))
        _public_key(public_key_pem).verify(
            _decoded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
    except (ValueError, InvalidSignature, binascii.Error):
        raise OAuthError("invalid_grant", "invalid assertion") from None
    if not isinstance(claims, dict) or not isinstance(header, dict) or header.get("alg") != "RS256":
        raise OAuthError("invalid_grant", "invalid assertion")
    return claims


def _public_key(pem: str | None) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode()) if pem else None
    if not isinstance(key, rsa.RSAPublicKey):
        raise OAuthError("invalid_grant", "no public key is registered for this consumer")
    return key


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise OAuthError("invalid_grant", "invalid assertion") from None
