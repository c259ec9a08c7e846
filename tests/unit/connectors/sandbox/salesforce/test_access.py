"""Who comes in, for how long, and how often."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import OrgSettings
from tests.unit.connectors.sandbox.salesforce.client import Client

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = (
    KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def assertion(crm: Client, *, key: rsa.RSAPrivateKey = KEY, alg: str = "RS256", **claims: object) -> str:
    settings = crm.org.settings
    body = {
        "iss": settings.client_id,
        "sub": settings.username,
        "aud": "https://login.salesforce.com",
        "exp": int(crm.clock().timestamp()) + 120,
        **claims,
    }
    signed = f"{part({'alg': alg})}.{part(body)}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


@pytest.fixture
def settings() -> OrgSettings:
    return OrgSettings(jwt_public_key_pem=PUBLIC_PEM)


def test_a_token_answer_has_the_org_and_no_lifetime(crm: Client) -> None:
    settings = crm.org.settings
    answer = crm.ask_token(client_id=settings.client_id, client_secret=settings.client_secret).json()

    assert answer["access_token"].startswith(crm.org.organization_id[:15] + "!")
    assert answer["instance_url"] == crm.url
    assert answer["id"].split("/")[-2] == crm.org.organization_id
    assert answer["issued_at"] == str(int(crm.clock().timestamp() * 1000))
    assert "expires_in" not in answer
    assert "refresh_token" not in answer


def test_the_client_may_stand_in_the_authorization_header(crm: Client) -> None:
    settings = crm.org.settings
    answer = crm.session.post(
        f"{crm.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(settings.client_id, settings.client_secret),
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "nobody", "client_secret": "x"}, "invalid_client_id"),
        ({"client_id": OrgSettings().client_id, "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
    ],
)
def test_a_refused_token_request_is_an_object_not_an_array(crm: Client, form: dict[str, str], error: str) -> None:
    answer = crm.ask_token(**form)

    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_a_signed_assertion_gives_a_token(crm: Client) -> None:
    answer = crm.ask_token(grant_type=JWT, assertion=assertion(crm))
    crm.token = answer.json()["access_token"]

    assert crm.query("SELECT Id FROM Organization").status_code == 200


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
        ({"sub": "stranger@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"exp": 1}, "invalid_grant", "expired authorization code"),
        ({"exp": 4_000_000_000}, "invalid_grant", "invalid assertion"),
        ({"key": OTHER_KEY}, "invalid_grant", "invalid assertion"),
        ({"alg": "none"}, "invalid_grant", "invalid assertion"),
    ],
)
def test_an_assertion_is_checked_in_every_part(
    crm: Client, changes: dict[str, object], error: str, description: str
) -> None:
    answer = crm.ask_token(grant_type=JWT, assertion=assertion(crm, **changes))  # type: ignore[arg-type]  # by name

    assert answer.json() == {"error": error, "error_description": description}


def test_a_wrong_token_and_one_that_ran_out_are_both_401(crm: Client) -> None:
    good, crm.token = crm.token, "00D!wrong"
    assert crm.refusal(crm.call("GET", "/limits")) == (401, "INVALID_SESSION_ID")

    crm.token = good
    assert crm.call("GET", "/limits").status_code == 200
    crm.clock.pass_by(seconds=crm.org.settings.token_seconds)
    answer = crm.call("GET", "/limits")

    assert crm.refusal(answer) == (401, "INVALID_SESSION_ID")
    assert answer.json()[0]["message"] == "Session expired or invalid"


def test_a_token_may_last_for_so_many_calls(crm: Client) -> None:
    crm.org.settings.token_calls = 2
    crm.log_in()

    assert [crm.call("GET", "/limits").status_code for _ in range(3)] == [200, 200, 401]


def test_a_fault_can_end_every_token(crm: Client) -> None:
    crm.faults.add(Fault(is_token_expiry=True))

    assert crm.call("GET", "/limits").status_code == 401


def test_the_versions_are_told_to_anybody_and_old_ones_are_gone(crm: Client) -> None:
    newest = crm.session.get(f"{crm.url}/services/data/").json()[-1]

    assert newest == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert crm.call("GET", "/services/data/v30.0/limits").status_code == 410
    assert crm.refusal(crm.call("GET", "/services/data/v99.0/limits")) == (404, "NOT_FOUND")


def test_calls_are_counted_and_the_last_one_is_the_last(crm: Client) -> None:
    crm.org.settings.daily_limit = 2

    first, second, third = (crm.query("SELECT Id FROM Organization") for _ in range(3))

    assert first.headers["Sforce-Limit-Info"] == "api-usage=1/2"
    assert second.status_code == 200
    assert crm.refusal(third) == (403, "REQUEST_LIMIT_EXCEEDED")
    crm.clock.pass_by(days=1, seconds=1)
    crm.log_in()
    assert crm.query("SELECT Id FROM Organization").status_code == 200


def test_the_limits_need_a_right_of_their_own(crm: Client) -> None:
    assert crm.call("GET", "/limits").json()["DailyApiRequests"]["Max"] == 100_000

    crm.org.settings.has_limits_permission = False

    assert crm.call("GET", "/limits").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "refusal"),
    [
        ("GET", "/nothing", (404, "NOT_FOUND")),
        ("GET", "/sobjects/Lead/describe", (404, "NOT_FOUND")),
        ("PUT", "/limits", (405, "METHOD_NOT_ALLOWED")),
        ("POST", "/sobjects/Task", (415, "UNSUPPORTED_MEDIA_TYPE")),
    ],
)
def test_what_is_not_there_is_refused_in_the_crms_own_form(
    crm: Client, method: str, path: str, refusal: tuple[int, str]
) -> None:
    assert crm.refusal(crm.call(method, path, data="x" if method == "POST" else None)) == refusal


def test_a_body_that_is_no_json_and_an_address_that_is_too_long_are_refused(crm: Client) -> None:
    broken = crm.call("POST", "/sobjects/Task", data="{", headers={"Content-Type": "application/json"})
    ids = ",".join(f"'006Sb{number:010}AAA'" for number in range(1_000))

    assert crm.refusal(broken) == (400, "JSON_PARSER_ERROR")
    assert crm.query(f"SELECT Id FROM Opportunity WHERE Id IN ({ids})").status_code == 414
