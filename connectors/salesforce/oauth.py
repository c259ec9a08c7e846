"""Asking Salesforce for an access token: what to send, and what the answer means. Pure, but for the RSA signature.

https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_client_credentials_flow.htm
https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import orjson

from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, ServerError, Unsupported
from connectors.salesforce.answers import crm_words, parse_faults, retry_after_s
from connectors.salesforce.ids import long_id

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address, not a secret
AUDIENCE, SANDBOX_AUDIENCE = "https://login.salesforce.com", "https://test.salesforce.com"
_ASSERTION_LIFE = timedelta(minutes=3)
_SALESFORCE_SITES = (".salesforce.com", ".force.com", ".salesforce.mil", ".cloudforce.com", ".sfcrmproducts.cn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token, and what came with it. `made_for` tells the credentials it was made from.

    `refresh_token` is the one to renew it with: where an org rotates them, each is good for one use.
    """

    access_token: str
    instance_url: str
    account_id: str = ""
    user_id: str = ""
    made_for: str = ""
    refresh_token: str = ""

    def parts(self) -> dict[str, str]:
        """The token as a token store keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A use of a refresh token, kept before it is made: of one without an answer nobody knows whether it counts."""

    refresh_token: str
    made_for: str
    at: str

    def parts(self) -> dict[str, str]:
        """The attempt beside the token in a token store; not the refresh token itself, which stands there already."""
        return {"attempt": self._mark(), "attempt_at": self.at}

    def was_made(self, parts: Mapping[str, str] | None) -> str:
        """When the same was tried before without an answer that could be kept; empty where it was not."""
        kept = parts or {}
        return kept.get("attempt_at", "") if kept.get("attempt") == self._mark() else ""

    def _mark(self) -> str:
        return hashlib.sha256(orjson.dumps([self.refresh_token, self.made_for])).hexdigest()[:16]


def token_from_parts(parts: Mapping[str, str] | None) -> Token | None:
    """The token a store kept, or None where it holds none that is whole."""
    if not parts or not parts.get("access_token") or not parts.get("instance_url"):
        return None
    known = {name: str(parts.get(name, "")) for name in Token.__dataclass_fields__}
    return Token(**known)


def token_form(
    credentials: Mapping[str, str], *, now: datetime, audience: str, refresh_token: str = ""
) -> dict[str, str]:
    """The form of the token request for these credentials. Raises NeedsReconnect where they are not whole.

    `refresh_token` is the latest one given out, where there is one: it stands for that of the credentials.
    """
    client_id = credentials.get("client_id", "")
    if client_id and (first := credentials.get("refresh_token")):
        secret = {"client_secret": credentials["client_secret"]} if credentials.get("client_secret") else {}
        return {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "refresh_token": refresh_token or first,
            **secret,
        }
    if client_id and credentials.get("jwt_key") and credentials.get("username"):
        return {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": signed_assertion(credentials, now=now, audience=audience),
        }
    if client_id and credentials.get("client_secret"):
        return {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": credentials["client_secret"],
        }
    raise NeedsReconnect(
        "The Salesforce credentials are not whole.",
        remedy="Give a client id with its secret, or with a key and a user name, or an access token.",
    )


def signed_assertion(credentials: Mapping[str, str], *, now: datetime, audience: str) -> str:
    """The JWT of the bearer flow, signed with RS256. Raises NeedsReconnect where the key is not an RSA key."""
    claims = {
        "iss": credentials["client_id"],
        "sub": credentials["username"],
        "aud": audience,
        "exp": int((now + _ASSERTION_LIFE).timestamp()),
    }
    signed = _base64url(orjson.dumps({"alg": "RS256", "typ": "JWT"})) + "." + _base64url(orjson.dumps(claims))
    return f"{signed}.{_base64url(_sign(credentials['jwt_key'], signed.encode()))}"


def default_audience(instance_url: str) -> str:
    """Who issues logins for this org: test.salesforce.com for the sandboxes of a company, else login.salesforce.com."""
    host = (urlsplit(instance_url).hostname or "").lower()
    return SANDBOX_AUDIENCE if host.endswith(".sandbox.my.salesforce.com") else AUDIENCE


def account_in(access_token: str) -> str:
    """The org's id, which stands in front of every session id; empty for other tokens."""
    org_id, mark, _ = access_token.partition("!")
    return long_id(org_id) if mark and org_id.startswith("00D") and len(org_id) in {15, 18} else ""


def fingerprint(credentials: Mapping[str, str]) -> str:
    """Tells one set of credentials from another without giving them away. What does not sign in does not count."""
    signing_in = sorted(item for item in credentials.items() if not item[0].startswith("webhook"))
    return hashlib.sha256(orjson.dumps(signing_in)).hexdigest()[:16]


def parse_token(
    body: bytes, *, known_url: str, allowed_hosts: frozenset[str], made_for: str, refresh_token: str = ""
) -> Token | None:
    """The token of a successful answer, or None where there is none in it. It was asked with that `refresh_token`."""
    content = _content(body)
    access_token = content.get("access_token")
    if not isinstance(access_token, str) or not access_token:
        return None
    identity = [part for part in urlsplit(str(content.get("id", ""))).path.split("/") if part]
    account_id, user_id = identity[-2:] if len(identity) >= 2 else ("", "")
    return Token(
        access_token=access_token,
        instance_url=trusted_instance(
            str(content.get("instance_url") or ""), known_url=known_url, allowed_hosts=allowed_hosts
        ),
        account_id=long_id(account_id) if account_id.startswith("00D") else "",
        user_id=long_id(user_id),
        made_for=made_for,
        refresh_token=str(content.get("refresh_token") or refresh_token),
    )


def trusted_instance(offered: str, *, known_url: str, allowed_hosts: frozenset[str]) -> str:
    """The offered instance address if it is the same site as the known one, or allowed; else the known one.

    Orgs move between instances, so the address is read from every token answer; but our token must never be sent to
    a host that only an answer named.
    """
    parts = urlsplit(offered)
    host, known_host = (parts.hostname or "").lower(), (urlsplit(known_url).hostname or "").lower()
    if not is_safe_to_ask(parts) or parts.scheme != urlsplit(known_url).scheme:
        return known_url
    both_salesforce = host.endswith(_SALESFORCE_SITES) and known_host.endswith(_SALESFORCE_SITES)
    if host == known_host or host in allowed_hosts or both_salesforce:
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return known_url


def is_safe_to_ask(parts: SplitResult) -> bool:
    """Whether secrets may go to that address: encrypted, or to this very machine (an org's stand-in for a test)."""
    host = (parts.hostname or "").lower()
    if parts.scheme != "http":
        return parts.scheme == "https" and bool(host)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def token_error(status: int, headers: Mapping[str, str], body: bytes, *, where: str) -> ConnectorError:
    """Why no token was given: by the error's name first, by the status second."""
    fault = next(iter(parse_faults(body)), None)
    code = fault.code.lower() if fault else ""
    words = crm_words(fault.message) if fault else ""
    if "limit" in code or "rate_exceeded" in code or status in {420, 429} or "login rate" in words.lower():
        return RateLimited(
            f"{where}: too many logins in the last hour.", retry_after_s=retry_after_s(headers), policy="LOGIN"
        )
    if status >= 500 or code in {"server_error", "temporarily_unavailable", "unknown_error"}:
        return ServerError(f"{where}: Salesforce's login service failed (HTTP {status}).")
    if code:
        says = f"{code}: {words}" if words else code
        return NeedsReconnect(f"{where}: Salesforce refused the login ({says}).", remedy=_login_remedy(code, words))
    if status in {401, 403} and body.lstrip()[:1] != b"<":
        return NeedsReconnect(f"{where}: Salesforce refused the login (HTTP {status}).", remedy="Connect again.")
    if status in {404, 405, 410} or 300 <= status < 400:
        return Unsupported(
            f"{where}: there is no Salesforce login service at the instance URL (HTTP {status}).",
            remedy="Use the org's My Domain address, https://NAME.my.salesforce.com.",
        )
    return ServerError(f"{where}: Salesforce's login service gave an answer that cannot be read (HTTP {status}).")


def _login_remedy(code: str, words: str) -> str:
    said = words.lower()
    if "not supported on this domain" in said:
        return "Use the org's My Domain address, https://NAME.my.salesforce.com, as instance URL."
    if "approved" in said:
        return "Let an admin pre-authorise the app for this user (Manage Connected Apps, permitted users)."
    if "audience" in said:
        return "Name the audience: https://test.salesforce.com for a sandbox."
    if code in {"inactive_user", "inactive_org"} or "inactive" in said:
        return "Use an active user of an active org."
    if code.startswith("invalid_client"):
        return "Check the client id and secret of the connected app, and connect again."
    return "Connect again with working credentials."


def _content(body: bytes) -> dict[str, Any]:
    """The answer's members, from JSON or from a form: some gateways give one for the other."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    return content if isinstance(content, dict) else {}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _sign(pem: str, text: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    remedy = "Give the private key of the connected app's certificate: RSA, PEM, without a password."
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NeedsReconnect("The JWT key cannot be read.", remedy=remedy) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NeedsReconnect("The JWT key is not an RSA key.", remedy=remedy)
    return key.sign(text, padding.PKCS1v15(), SHA256())
