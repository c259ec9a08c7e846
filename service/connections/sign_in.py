"""Connecting by signing in at the CRM: sent there with a state, back with a code, which becomes a refresh token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.base import OAuthSignIn
from connectors.registry import connector_specs
from service.bootstrap import App
from service.connections.connect import Connected, Wanted, connect
from service.errors import RekindleError, UsageFault
from service.security.addresses import refuse_private
from service.security.passwords import token_hash
from service.store.debriefs import save_sign_in, take_sign_in
from service.store.models import SignInRow

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    how: OAuthSignIn
    client_id: str
    client_secret: str


def begin_sign_in(app: App, crm: str, *, name: str, url: str, session: str, back: str) -> str:
    """Where to send the person: the CRM's own page. `back` is our callback's address. Raises UsageFault."""
    client = _client(app, crm)
    url = (url.strip() or client.how.default_url).rstrip("/")
    refuse_private(url, is_allowed=app.settings.allow_private_addresses)
    _refuse_foreign(app, client.how, url)
    if not name.strip():
        raise UsageFault("The connection needs a name.", remedy="Give it one, such as the CRM's.")
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    now = app.now()
    with app.store.begin() as tx:
        row = SignInRow(
            state_hash=token_hash(state),
            session_hash=token_hash(session),
            crm=crm,
            name=name.strip()[:60],
            url=url,
            verifier=app.keyring.encrypt({"verifier": verifier}),
            created_at=now,
        )
        save_sign_in(tx, row, too_old=now - LIFE)
    address, _ = _oauth(app, client, back).create_authorization_url(
        client.how.authorize_url(url), state=state, code_verifier=verifier if client.how.is_pkce else None
    )
    return str(address)


def finish_sign_in(app: App, crm: str, *, state: str, code: str, session: str, back: str) -> Connected:
    """Connect with what the person brought back. A state is good once. Raises RekindleError, ConnectorError."""
    client = _client(app, crm)
    with app.store.begin() as tx:
        row = take_sign_in(tx, token_hash(state), session_hash=token_hash(session), crm=crm)
    if row is None or row.created_at < app.now() - LIFE:
        raise UsageFault("This sign-in was used already, or is too old.", remedy="Begin again at Connections.")
    if not code:
        raise UsageFault("The CRM sent no code.", remedy="Begin again at Connections, and allow the access.")
    answer = _exchange(app, client, row, code, back)
    refresh_token = str(answer.get("refresh_token") or "")
    if not refresh_token:
        raise RekindleError(
            "The CRM gave no refresh token.",
            remedy="Let the app have the scope refresh_token (offline access), and begin again.",
        )
    credentials = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "refresh_token": refresh_token,
    }
    url = client.how.url_of(row.url, answer)
    wanted = Wanted(crm=crm, name=row.name, url=url, auth="oauth", credentials=credentials, only_public=True)
    return connect(app, wanted)


def _exchange(app: App, client: _Client, row: SignInRow, code: str, back: str) -> dict[str, Any]:
    from authlib.common.errors import AuthlibBaseError

    verifier = app.keyring.decrypt(row.verifier)["verifier"]
    more = {"code_verifier": verifier} if client.how.is_pkce else {}
    try:
        token = _oauth(app, client, back).fetch_token(
            client.how.token_url(row.url),
            grant_type="authorization_code",
            code=code,
            redirect_uri=back,
            allow_redirects=False,
            **more,
        )
    except (AuthlibBaseError, requests.RequestException, ValueError, KeyError) as error:
        raise RekindleError(
            f"The CRM did not accept the sign-in ({type(error).__name__}).", remedy="Begin again at Connections."
        ) from error
    if not token.get("access_token"):  # HubSpot's refusals have no `error`
        says = str(token.get("message") or "no token was given")[:200]
        raise RekindleError(f"The CRM did not accept the sign-in ({says}).", remedy="Begin again at Connections.")
    return dict(token)


def _oauth(app: App, client: _Client, back: str) -> Any:
    """Authlib's session, sending as our own door does: its time-outs, its certificates, no environment."""
    from authlib.integrations.requests_client import OAuth2Session  # 150 modules that few people ever need

    session = OAuth2Session(
        client_id=client.client_id,
        client_secret=client.client_secret,
        token_endpoint_auth_method="client_secret_post",  # noqa: S106 -- the name of a way
        scope=" ".join(client.how.scopes),
        redirect_uri=back,
        code_challenge_method="S256" if client.how.is_pkce else None,
    )
    app.http(only_public=True).dress(session)
    return session


def _client(app: App, crm: str) -> _Client:
    spec = connector_specs().get(crm)
    client_id = getattr(app.settings, f"{crm}_client_id", "")
    found = app.settings.app_secrets(crm)
    if spec is None or spec.sign_in is None or not client_id or not found:
        raise UsageFault(
            "This installation has no app of its own at that CRM.",
            remedy=f"Let the operator set REKINDLE_{crm.upper()}_CLIENT_ID and _CLIENT_SECRET, or connect by a token.",
        )
    return _Client(how=spec.sign_in, client_id=client_id, client_secret=found[0])


def _refuse_foreign(app: App, how: OAuthSignIn, url: str) -> None:
    """The secret of our app goes to the CRM's own hosts, unless the operator lets people name any."""
    host = f".{urlsplit(url).hostname or ''}"
    if not app.settings.allow_private_addresses and not host.endswith(how.sites):
        raise UsageFault(
            f"{url} is no address of that CRM.", remedy="Leave it empty, or give the account's own address."
        )
