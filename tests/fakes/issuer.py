"""An OpenID provider at the edge of the network, that can be told to lie."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry

from connectors.sandbox.wire import Request, Response, json_response

CLIENT, SECRET = "rekindle-here", "the-client-secret-of-ours-at-the-issuer"
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, auto_kid=False)


@dataclass
class Issuer:
    """`claims` and `about` are put over what it would say; `sign` makes the token of the claims."""

    url: str = ""
    email: str = "ada@example.com"
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] | None = None
    sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode({"alg": "RS256", "kid": "k1"}, claims, KEY)
    asked: dict[str, str] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)

    def consent(self, asked: dict[str, str]) -> str:
        """What a person's browser does there: remembers what was asked for; the code."""
        self.asked = asked
        return "code-1"

    def __call__(self, request: Request, now: datetime) -> Response:
        """The answer to one request."""
        if request.path == "/.well-known/openid-configuration":
            return json_response(self._about())
        if request.path == "/keys":
            return json_response({"keys": [KEY.as_dict(private=False)]})
        if request.path == "/info" and request.headers.get("authorization") == "Bearer at-1":
            return json_response(self.info or {})
        if request.path == "/token":
            return self._token(request, now)
        return json_response({"error": "not_found"}, status=404)

    def _about(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        more = {"userinfo_endpoint": f"{self.url}/info"} if self.info is not None else {}
        return {"issuer": self.url, **{name: self.url + path for name, path in places.items()}, **more, **self.about}

    def _token(self, request: Request, now: datetime) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        self.forms.append(form)
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        is_right = form.get("code") == "code-1" and digest.decode() == self.asked["code_challenge"]
        if request.headers.get("authorization") != f"Basic {known}" or not is_right:
            return json_response({"error": "invalid_grant"}, status=400)
        at = int(now.timestamp())
        claims = {"iss": self.url, "sub": "u-1", "aud": CLIENT, "exp": at + 300, "iat": at}
        claims |= {"nonce": self.asked["nonce"], "email": self.email, "email_verified": True, **self.claims}
        said = {name: value for name, value in claims.items() if name not in self.without}
        return json_response({"access_token": "at-1", "token_type": "Bearer", "id_token": self.sign(said)})


def unsigned(claims: dict[str, Any]) -> str:
    """A token with the algorithm `none`."""
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, KEY).split(".")[1]
    return f"{head}.{body}."


def by_another_key(claims: dict[str, Any]) -> str:
    """Signed by a key of somebody else that calls itself the issuer's."""
    other = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)
    return jwt.encode(
        {"alg": "RS256", "kid": "k1", "jwk": other.as_dict(private=False)}, claims, other, registry=_LOOSE
    )


def by_the_shared_secret(claims: dict[str, Any]) -> str:
    """Signed by the client's secret, which is not only the issuer's."""
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key(SECRET))


def by_the_public_key(claims: dict[str, Any]) -> str:
    """The issuer's public key taken for a shared secret."""
    public = sha256(KEY.as_pem(private=False)).hexdigest()
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key(public))


_LOOSE = JWSRegistry(strict_check_header=False)
