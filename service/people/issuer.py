"""Signing in by OpenID Connect: sent to the issuer with a state, back with a code, which becomes somebody who is here.

OpenID Connect Core 1.0 and Discovery 1.0; PKCE (RFC 7636); the issuer named in the answer (RFC 9207).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy.orm import Session

from connectors.http import Http
from service.bootstrap import App
from service.errors import RekindleError, UsageFault
from service.observe.logging import logger
from service.people.id_tokens import NotProvedError, check_strength, claims_of, is_confirmed
from service.security.passwords import token_hash
from service.store.debriefs import save_sign_in, take_sign_in
from service.store.models import SignInRow, UserRow
from service.store.people import folded, record_action, user_of_email, user_of_subject

log = logger(__name__)

LIFE = timedelta(minutes=10)
LONGEST_WAIT_S = 10.0
WAY = "OpenID Connect"
_KIND = "oidc"  # beside the CRMs' names in the same table
_AGAIN = "Begin again at the sign-in page, or use your password."


def begin_at_issuer(app: App, *, browser: str, back: str) -> str:
    """Where to send the person. `browser`: a secret of their browser; `back`: our own address. Raises RekindleError."""
    about = _discovery(app)
    state, verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(48), secrets.token_urlsafe(32)
    now = app.now()
    with app.store.begin() as tx:
        row = SignInRow(
            state_hash=token_hash(state),
            session_hash=token_hash(browser),
            crm=_KIND,
            name=WAY,
            url=app.settings.oidc_issuer,
            verifier=app.keyring.encrypt({"verifier": verifier, "nonce": nonce}),
            created_at=now,
        )
        save_sign_in(tx, row, too_old=now - LIFE)
    address, _ = _client(app, back, about).create_authorization_url(
        about["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier, **_strength(app)
    )
    return str(address)


def _strength(app: App) -> dict[str, str]:
    """What the issuer is asked for beside who it is (OpenID Connect Core 3.1.2.1)."""
    asked = {"acr_values": " ".join(app.settings.oidc_acr), "max_age": f"{app.settings.oidc_max_age_s:.0f}"}
    return {name: value for name, value in asked.items() if value not in ("", "0")}


def finish_at_issuer(app: App, given: Mapping[str, str], *, browser: str, back: str) -> UserRow:
    """The person whom the issuer vouches for. `given`: what they brought back. Raises RekindleError in words."""
    with app.store.begin() as tx:
        row = take_sign_in(tx, token_hash(given.get("state", "")), session_hash=token_hash(browser), crm=_KIND)
    if row is None or row.created_at < app.now() - LIFE or row.url != app.settings.oidc_issuer:
        raise UsageFault("This sign-in was used already, or is too old.", remedy=_AGAIN)
    if not given.get("code"):
        says = " ".join((given.get("error_description") or given.get("error") or "no code")[:200].split())
        raise UsageFault(f"The identity provider did not let you in: {says}.", remedy=_AGAIN)
    about = _discovery(app)
    needs_issuer = about.get("authorization_response_iss_parameter_supported") is True
    if given.get("iss", app.settings.oidc_issuer if not needs_issuer else "") != app.settings.oidc_issuer:
        raise _unproved("answer_iss")
    kept = app.keyring.decrypt(row.verifier)
    token = _exchange(app, about, given["code"], kept["verifier"], back)
    return _somebody_here(app, _claims(app, about, token, kept["nonce"]))


def _claims(app: App, about: dict[str, Any], token: dict[str, Any], nonce: str) -> dict[str, Any]:
    """What the ID token says; the address from the user info where the issuer tells it there only."""
    try:
        found = claims_of(
            str(token.get("id_token") or ""),
            keys=_read(app, about["jwks_uri"]),
            issuer=app.settings.oidc_issuer,
            client_id=app.settings.oidc_client_id,
            nonce=nonce,
            access_token=str(token.get("access_token") or ""),
            now=app.now(),
        )
        asked = app.settings
        check_strength(found, acr=asked.oidc_acr, max_age_s=asked.oidc_max_age_s, now=app.now())
    except NotProvedError as error:
        raise _unproved(error.reason) from error
    if "email" not in found and about.get("userinfo_endpoint"):
        said = _read(app, about["userinfo_endpoint"], bearer=str(token.get("access_token") or ""))
        if said.get("sub") != found["sub"]:
            raise _unproved("userinfo_sub")
        found = {**said, **found}
    return found


def _somebody_here(app: App, claims: Mapping[str, Any]) -> UserRow:
    """By who they are to the issuer; at the first sign-in by their confirmed address, which is tied to it then."""
    issuer, subject = app.settings.oidc_issuer, str(claims["sub"])
    with app.store.begin() as tx:
        known = user_of_subject(tx, issuer, subject)
        if known is not None and known.is_active:
            return known
        refusal = _NOBODY if known is not None else _refusal(app, claims)
        user = user_of_email(tx, folded(str(claims["email"]))) if refusal is None else None
        if user is None or not user.is_active:
            refusal = refusal or _NOBODY
        elif user.oidc_issuer == issuer:
            refusal = _ANOTHER
        else:
            return _tied(app, tx, user, issuer, subject)
        who = str(claims.get("email") or subject)[:255]
        record_action(tx, who=folded(who), what="sign-in refused", says=WAY, now=app.now())
    reason, says, remedy = refusal
    log.warning("A sign-in was refused.", way=WAY, reason=reason)
    raise UsageFault(says, remedy=remedy)


_UNCONFIRMED = "email_verified", "The identity provider has not confirmed your e-mail address.", "Ask its admin."
_NOBODY = "nobody here", "Nobody here has your e-mail address.", "Ask an admin of Rekindle to add you."
_ANOTHER = (
    "another subject",
    "Your e-mail address belonged to another account at the identity provider.",
    "If it is yours now, ask an admin of Rekindle for a new one-time code: that unties the former account.",
)
"""Why a sign-in is refused: for the log, for the person, and what they can do."""


def _refusal(app: App, claims: Mapping[str, Any]) -> tuple[str, str, str] | None:
    may_be_silent = app.settings.oidc_email_verified == "if_sent"
    return None if is_confirmed(claims, may_be_silent=may_be_silent) else _UNCONFIRMED


def _tied(app: App, tx: Session, user: UserRow, issuer: str, subject: str) -> UserRow:
    user.oidc_issuer, user.oidc_subject = issuer, subject
    record_action(tx, who=user.email, what="tied to the identity provider", says=WAY, now=app.now())
    tx.flush()
    return user


def _discovery(app: App) -> dict[str, Any]:
    """What the issuer says of itself. It has to name itself as the settings do, to the letter."""
    issuer = app.settings.oidc_issuer
    if not issuer:
        raise UsageFault("No identity provider is set.", remedy="Let the operator set REKINDLE_OIDC_ISSUER.")
    about = _read(app, issuer.rstrip("/") + "/.well-known/openid-configuration")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    are_safe = all(str(about.get(name, "")).startswith(issuer.partition(":")[0] + ":") for name in needed)
    if about.get("issuer") != issuer or not are_safe:
        raise _unproved("discovery")
    return about


def _exchange(app: App, about: dict[str, Any], code: str, verifier: str, back: str) -> dict[str, Any]:
    from authlib.common.errors import AuthlibBaseError

    try:
        token = _client(app, back, about).fetch_token(
            about["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            redirect_uri=back,
            code_verifier=verifier,
            allow_redirects=False,
        )
    except (AuthlibBaseError, requests.RequestException, ValueError, KeyError) as error:
        raise _away(error) from error
    return dict(token)


def _client(app: App, back: str, about: Mapping[str, Any]) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    settings = app.settings
    ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
    session = OAuth2Session(
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or None,
        token_endpoint_auth_method=way if settings.oidc_client_secret else "none",
        scope="openid email",
        redirect_uri=back,
        code_challenge_method="S256",
    )
    _door(app).dress(session)
    return session


def _read(app: App, address: str, *, bearer: str = "") -> dict[str, Any]:
    """A JSON object of the issuer's."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    try:
        with _door(app).session() as session:
            answer = session.get(address, headers=headers, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise _away(error) from error
    if not isinstance(found, dict):
        raise _unproved("no object")
    return found


def _door(app: App) -> Http:
    """The way out to the operator's issuer, which may stand inside. Somebody waits and holds a thread: not for long."""
    http = app.http(only_public=False)
    http.settings = replace(http.settings, read_timeout_s=min(http.settings.read_timeout_s, LONGEST_WAIT_S))
    return http


def _away(error: Exception) -> RekindleError:
    log.warning("The identity provider did not answer as it should.", error=type(error).__name__)
    return RekindleError(f"The identity provider cannot be asked ({type(error).__name__}).", remedy=_AGAIN)


def _unproved(reason: str) -> UsageFault:
    log.warning("A sign-in was refused.", way=WAY, reason=reason)
    return UsageFault(f"What the identity provider sent cannot be relied on ({reason}).", remedy=_AGAIN)
