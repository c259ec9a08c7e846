"""Token requests and answers."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import urlsplit

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, ServerError, Unsupported
from connectors.salesforce.oauth import (
    account_in,
    default_audience,
    fingerprint,
    is_safe_to_ask,
    parse_token,
    token_error,
    token_form,
    trusted_instance,
)
from tests.unit.connectors.salesforce.samples import sample_bytes

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACME = "https://acme.my.salesforce.com"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_jwt_is_signed_by_the_key_and_ends_in_three_minutes() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    credentials = {"client_id": "id", "jwt_key": pem(key), "username": "u@acme.example"}
    form = token_form(credentials, now=NOW, audience="https://test.salesforce.com")
    head, claims, signature = form["assertion"].split(".")
    key.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    assert orjson.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
    assert orjson.loads(decoded(claims)) == {
        "iss": "id",
        "sub": "u@acme.example",
        "aud": "https://test.salesforce.com",
        "exp": int(NOW.timestamp()) + 180,
    }


@pytest.mark.parametrize("text", ["no key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_is_no_rsa_key_is_named_as_such(text: str) -> None:
    with pytest.raises(NeedsReconnect, match=r"RSA|read"):
        token_form({"client_id": "id", "jwt_key": text, "username": "u"}, now=NOW, audience="a")


def test_credentials_that_are_not_whole_say_what_is_missing() -> None:
    with pytest.raises(NeedsReconnect, match="client id"):
        token_form({"client_id": "id"}, now=NOW, audience="a")


def test_a_token_answer_tells_org_and_user() -> None:
    token = parse_token(sample_bytes("token/answer.json"), known_url=ACME, allowed_hosts=frozenset(), made_for="x")
    assert token is not None
    assert (token.account_id, token.user_id) == ("00Dxx0000001gPLEAY", "005xx000001Sv6eAAC")


@pytest.mark.parametrize(
    ("offered", "known", "taken"),
    [
        ("https://acme2.my.salesforce.com", ACME, "https://acme2.my.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://127.0.0.1:9443", "https://127.0.0.1:8443", "https://127.0.0.1:9443"),
        ("https://evil.example", ACME, ACME),
        ("https://evil.example/.salesforce.com", ACME, ACME),
        ("https://eviltsalesforce.com", ACME, ACME),
        ("http://acme.my.salesforce.com", ACME, ACME),
        ("http://127.0.0.1:9080", "http://127.0.0.1:8080", "http://127.0.0.1:9080"),
        ("http://127.0.0.1:8443", "https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://acme.my.salesforce.com", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://moved.example", ACME, "https://moved.example"),
        ("", ACME, ACME),
    ],
)
def test_an_org_may_move_within_its_site_and_nowhere_else(offered: str, known: str, taken: str) -> None:
    assert trusted_instance(offered, known_url=known, allowed_hosts=frozenset({"moved.example"})) == taken


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"error":"invalid_grant","error_description":"expired access/refresh token"}', NeedsReconnect),
        (400, b'{"error":"invalid_client"}', NeedsReconnect),
        (401, b'{"error":"invalid_client","error_description":null}', NeedsReconnect),
        (400, b'{"error":"rate_limit_exceeded"}', RateLimited),
        (403, b'[{"errorCode":"LOGIN_RATE_EXCEEDED","message":"Login rate exceeded"}]', RateLimited),
        (503, b"<html>down</html>", ServerError),
        (400, b"<html>odd</html>", ServerError),
        (404, b"<html>no</html>", Unsupported),
        (302, b"", Unsupported),
    ],
)
def test_a_refused_login_is_final_and_a_failing_service_is_not(
    status: int, body: bytes, expected: type[ConnectorError]
) -> None:
    assert type(token_error(status, {}, body, where="acme")) is expected


def test_other_credentials_have_another_fingerprint_that_does_not_tell_them() -> None:
    one, other = fingerprint({"client_secret": "a"}), fingerprint({"client_secret": "b"})
    assert one != other
    assert len(one) == 16


def test_a_companys_sandbox_has_another_login_than_its_production() -> None:
    assert default_audience("https://acme.my.salesforce.com") == "https://login.salesforce.com"
    assert default_audience("https://acme--dev.sandbox.my.salesforce.com") == "https://test.salesforce.com"


def test_a_session_id_names_its_org() -> None:
    assert account_in("00Dxx0000001gPL!AQcAQHinvented") == "00Dxx0000001gPLEAY"
    assert account_in("opaque") == ""


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("https://acme.my.salesforce.com", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost:8080", True),
        ("http://acme.my.salesforce.com", False),
        ("http://10.0.0.7", False),
        ("http://127.0.0.1.evil.example", False),
        ("ftp://127.0.0.1", False),
        ("https://", False),
    ],
)
def test_secrets_go_unencrypted_to_this_machine_alone(address: str, may: bool) -> None:
    assert is_safe_to_ask(urlsplit(address)) is may
