"""Whatever is sent, the portal answers in HubSpot's words and never breaks."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sandbox.hubspot import OAuthApp
from tests.unit.connectors.sandbox.hubspot.client import DEAL, Client, client

PATHS = (
    "/crm/v3/objects/deals",
    f"/crm/v3/objects/deals/{DEAL}",
    "/crm/v3/objects/deals/search",
    "/crm/v3/objects/deals/merge",
    "/crm/v3/objects/tasks",
    *(f"/crm/objects/2026-09/tasks/batch/{action}" for action in ("read", "create", "update", "upsert", "archive")),
    *(f"/crm/v4/associations/tasks/deals/batch/{action}" for action in ("read", "create", "archive")),
    "/crm/v4/associations/deals/tasks/batch/associate/default",
    f"/crm/v4/objects/deals/{DEAL}/associations/companies/7000001",
    "/crm/v3/properties/deals",
    "/crm/v3/properties/deals/lost_reason",
    "/crm/v3/properties/deals/batch/create",
    "/crm/v3/properties/deals/groups",
    "/oauth/v2/private-apps/get/access-token-info",
    "/oauth/v1/token",
)
_KEYS = st.sampled_from(
    (
        *("inputs", "id", "properties", "associations", "to", "from", "types", "after", "limit", "query", "sorts"),
        *("filterGroups", "filters", "propertyName", "operator", "value", "values", "highValue", "direction"),
        *("idProperty", "objectWriteTraceId", "associationCategory", "associationTypeId", "primaryObjectId"),
        *("name", "label", "type", "fieldType", "groupName", "options", "objectIdToMerge"),
        *("dealname", "dealstage", "hs_timestamp"),
    )
)
_WORDS = st.sampled_from(
    ["9001", "EQ", "IN", "BETWEEN", "GT", "amount", "hs_object_id", "associations.company", "HUBSPOT_DEFINED", "", "-1"]
)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _WORDS | st.text(max_size=3)
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=14
)
_ROWS = st.fixed_dictionaries({"inputs": st.lists(st.dictionaries(_KEYS, _JSON, max_size=5), max_size=3)})
_FILTER = st.dictionaries(st.sampled_from(["propertyName", "operator", "value", "values", "highValue"]), _JSON)
_SEARCH = st.fixed_dictionaries(
    {"filterGroups": st.lists(st.fixed_dictionaries({"filters": st.lists(_FILTER, max_size=3)}), max_size=2)},
    optional={"sorts": _JSON, "limit": _SCALARS, "after": _SCALARS, "query": _SCALARS, "properties": _JSON},
)

_crm: list[Client] = []


def _portal() -> Client:
    """One portal for all examples: what earlier ones did to it is part of the test."""
    if not _crm:
        app = OAuthApp(client_id="id", client_secret="secret", refresh_token="r")
        _crm.append(client(limits=None, oauth_apps=(app,)))
    return _crm[0]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["POST", "PATCH", "PUT", "DELETE", "GET"]),
    path=st.sampled_from(PATHS),
    body=_JSON | _ROWS | _SEARCH | st.dictionaries(_KEYS, _JSON, max_size=6),
)
def test_any_json_gets_an_answer(method: str, path: str, body: Any) -> None:
    answer = _portal().send(method, path, body)

    assert answer.status in {200, 201, 204, 207, 400, 401, 404, 405, 409, 415}
    assert answer.status < 400 or answer.json["correlationId"]


@settings(max_examples=300, deadline=None)
@given(body=_SEARCH)
def test_any_search_gets_an_answer(body: dict[str, Any]) -> None:
    assert _portal().post("/crm/v3/objects/deals/search", body).status in {200, 400}


@settings(max_examples=100, deadline=None)
@given(
    path=st.sampled_from(PATHS),
    name=st.sampled_from(
        ["limit", "after", "properties", "archived", "associations", "propertiesWithHistory", "email"]
    ),
    value=st.text(max_size=4),
)
def test_any_parameter_gets_an_answer(path: str, name: str, value: str) -> None:
    assert _portal().get(path, **{name: value}).status in {200, 400, 404, 405}
