"""What an ID token has to prove: signed by the issuer, for us, now, for this sign-in (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

LEEWAY_S = 60
# Asymmetric only: with a shared secret whoever holds it could make tokens; `none` is signed by nobody.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")


class NotProvedError(Exception):
    """The token does not prove it. `reason` is machine-readable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def claims_of(
    id_token: str,
    *,
    keys: Mapping[str, Any],
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: datetime,
) -> dict[str, Any]:
    """What the token says, once it has proved all of it. `keys` is the issuer's key set. Raises NotProvedError."""
    from authlib.oidc.core import CodeIDToken  # few installations ever need these
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    try:
        known = KeySet.import_key_set(_public(keys))  # type: ignore[arg-type]  # checked as it is read
        token = jwt.decode(id_token, key=known, registry=registry)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotProvedError("signature") from error
    _check_address(token.claims, issuer=issuer, client_id=client_id)
    params = {"nonce": nonce, "client_id": client_id, "access_token": access_token}
    claims = CodeIDToken(token.claims, token.header, None, params)
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        raise NotProvedError(str(getattr(error, "claim", "") or getattr(error, "error", "claims"))) from error
    return dict(claims)


def is_confirmed(claims: Mapping[str, Any], *, may_be_silent: bool = False) -> bool:
    """Whether the issuer says that the e-mail address is really the person's. Some issuers send the word as text.

    `may_be_silent`: for an issuer that never says so; a no stays a no.
    """
    if not claims.get("email"):
        return False
    if "email_verified" not in claims:
        return may_be_silent
    return claims["email_verified"] in (True, "true")


def check_strength(claims: Mapping[str, Any], *, acr: Sequence[str], max_age_s: float, now: datetime) -> None:
    """Whether they signed in there as strongly and as lately as asked for. Raises NotProvedError."""
    if acr and claims.get("acr") not in acr:
        raise NotProvedError("acr")
    if not max_age_s:
        return
    at = claims.get("auth_time")
    if isinstance(at, bool) or not isinstance(at, int | float) or now.timestamp() - at > max_age_s + LEEWAY_S:
        raise NotProvedError("auth_time")


def _check_address(claims: Mapping[str, Any], *, issuer: str, client_id: str) -> None:
    """From that issuer, to us. With several audiences `azp` has to name us, which Authlib checks."""
    audience = claims.get("aud")
    if claims.get("iss") != issuer:
        raise NotProvedError("iss")
    if client_id not in ([audience] if isinstance(audience, str) else audience or []):
        raise NotProvedError("aud")


def _public(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that can have signed: no secret ones, and none for encryption only."""
    found = [key for key in keys.get("keys", []) if isinstance(key, dict)]
    return {"keys": [key for key in found if key.get("kty") != "oct" and key.get("use", "sig") == "sig"]}
