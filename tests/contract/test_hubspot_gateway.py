"""The gateway to HubSpot over a real socket: what is sent, what is tried again, what the reader is told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import orjson
import pytest

from connectors.base import (
    Connector,
    Description,
    GoneDeal,
    GoneHow,
    Kit,
    Settings,
    TaskKey,
    TaskRef,
    UpdateTask,
    WriteFailure,
)
from connectors.errors import (
    MissingPermission,
    NeedsReconnect,
    Rejected,
    ServerError,
    Unclear,
    Unreachable,
    Unsupported,
    UntrustedCertificate,
)
from connectors.http import Http, HttpSettings
from connectors.hubspot.spec import HUBSPOT
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import serve
from connectors.sandbox.wire import Request, Response
from mappings.model import DealKey
from tests.contract.connector_contract import new_task, write_one
from tests.contract.hubspot_crm import NOW, Clock, HubSpotCrm, NoTokens, hubspot_crm

TOKEN = "pat-na1-secret"
Answering = Callable[[Request], Response]


class Scripted:
    """A server that answers as a test says, and keeps what it was asked."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.asked: list[Request] = []

    def __call__(self, request: Request, now: object) -> Response:
        self.asked.append(request)
        return self.answering(request)


def opened(url: str, clock: Clock, *, token: str = TOKEN, **options: str) -> Connector:
    """A connector that knows neither portal nor zone yet."""
    http = Http(HttpSettings(max_tries=3), sleep=clock.sleep, jitter=lambda: 0.5)
    settings = Settings(name="acme", url=url, options=options)
    return HUBSPOT.open(settings, {"token": token}, Kit(http=http, now=clock.now, tokens=NoTokens()))


@contextmanager
def scripted(answering: Answering) -> Iterator[tuple[Scripted, Connector]]:
    """A scripted server and a connector on it."""
    app, clock = Scripted(answering), Clock()
    with serve(app, now=clock.now) as server:
        yield app, opened(server.url, clock)


def told(body: object, status: int = 200) -> Response:
    return Response(status=status, body=orjson.dumps(body))


def test_opening_a_connection_sends_nothing_and_needs_no_server() -> None:
    opened("http://127.0.0.1:9", Clock())


def test_asking_about_nothing_sends_nothing() -> None:
    with scripted(lambda _: told({})) as (app, connector):
        assert list(connector.find_tasks([])) == []
        assert list(connector.changed_tasks(None, [])) == []
        assert list(connector.get_deals([])) == []
        assert list(connector.account_activity([])) == []
        assert list(connector.write_tasks([])) == []
        assert list(connector.write_fields([])) == []
    assert app.asked == []


def test_the_token_travels_in_the_header() -> None:
    with scripted(lambda _: told({"portalId": 5, "results": []})) as (app, connector):
        connector.describe()
    assert {request.headers["authorization"] for request in app.asked} == {f"Bearer {TOKEN}"}


def test_a_portal_that_tells_no_id_is_known_by_its_token() -> None:
    def answering(request: Request) -> Response:
        if "account-info" in request.path:
            return told({}, 403)
        if "access-token-info" in request.path:
            return told({"hubId": 77, "scopes": []})
        return told({"results": []})

    with scripted(answering) as (_, connector):
        described = connector.describe()
    assert described.account_id == "77"
    assert described.zone == "UTC"
    assert described.warnings


def test_a_portal_that_tells_nothing_is_a_clear_error() -> None:
    with scripted(lambda _: told({}, 404)) as (_, connector):
        health = connector.check()
        with pytest.raises(MissingPermission, match="which portal"):
            connector.describe()
    assert not health.ok


def hiding_its_id(owners: list[str], *, portal_id: int | None = None, pipelines: list[str] | None = None) -> Answering:
    def answering(request: Request) -> Response:
        if "account-info" in request.path and portal_id:
            return told({"portalId": portal_id, "timeZone": "US/Eastern"})
        if "account-info" in request.path or "access-token-info" in request.path:
            return told({"category": "MISSING_SCOPES"}, 403)
        if "/owners" in request.path:
            return told({"results": [{"id": one} for one in owners]})
        if "/pipelines/" in request.path:
            return told({"results": [{"id": one, "stages": []} for one in pipelines or ["default"]]})
        return told({"results": []})

    return answering


def described_as(answering: Answering, *, token: str = TOKEN, known: str | None = None) -> Description:
    clock = Clock()
    with serve(Scripted(answering), now=clock.now) as server:
        http = Http(HttpSettings(max_tries=3), sleep=clock.sleep, jitter=lambda: 0.5)
        settings = Settings(name="acme", url=server.url, account_id=known)
        return HUBSPOT.open(settings, {"token": token}, Kit(http=http, now=clock.now, tokens=NoTokens())).describe()


@pytest.mark.parametrize(("owners", "pipelines"), [(["77", "9", "105"], None), ([], ["default", "8812"])])
def test_a_portal_that_hides_its_id_is_the_same_for_each_of_its_tokens(owners: list[str], pipelines: list[str]) -> None:
    hiding = hiding_its_id(owners, pipelines=pipelines)
    first, second = described_as(hiding), described_as(hiding, token="pat-na1-another")
    assert first.account_id == second.account_id
    assert first.account_id != described_as(hiding_its_id(["78"])).account_id
    assert any("which portal" in warning for warning in first.warnings)


def test_a_portal_keeps_its_name_when_it_tells_its_id_later() -> None:
    known = described_as(hiding_its_id(["9"])).account_id
    later = described_as(hiding_its_id(["9", "12"], portal_id=5), known=known)
    assert (later.account_id, later.zone) == (known, "US/Eastern")
    assert described_as(hiding_its_id(["10"], portal_id=6), known=known).account_id == "6", "another portal is another"
    assert known in described_as(hiding_its_id(["9"], portal_id=5)).other_ids, "it is not connected a second time"


@pytest.mark.parametrize("status", [404, 410])
def test_a_server_that_speaks_only_a_dated_version_is_spoken_to_in_it(status: int) -> None:
    with hubspot_crm() as crm:
        lost = crm.add_deal()
        crm.server.faults.add(Fault(path=r"/crm/v[34]/", status=status, times=None, body="<html>no such page</html>"))
        described = crm.connector.describe()
        assert described.found_options == {"api_version": "2026-09"}
        assert [deal.key for page in crm.connector.changed_deals(None) for deal in page.deals] == [lost]
        assert crm.server.calls.count("/crm/v") <= 2, "asked for once, then no more"


def test_a_version_that_is_not_spoken_anywhere_is_said() -> None:
    def answering(request: Request) -> Response:
        if "account-info" in request.path:
            return told({"portalId": 5, "timeZone": "US/Eastern"})
        return Response(status=404, body=b"<html>no such page</html>")

    with scripted(answering) as (app, connector):
        with pytest.raises(Unsupported):
            connector.describe()
        assert len(app.asked) <= 5


def test_optional_definitions_that_may_not_be_read_are_warned_about() -> None:
    def answering(request: Request) -> Response:
        if "/properties/" in request.path or "/owners" in request.path:
            return told({"category": "MISSING_SCOPES"}, 403)
        return told({"portalId": 5, "timeZone": "US/Eastern", "results": []})

    with scripted(answering) as (_, connector):
        described = connector.describe()
    assert (described.account_id, described.zone) == ("5", "US/Eastern")
    assert len(described.warnings) >= 3


def test_a_list_that_answers_in_html_with_status_200_is_no_empty_list() -> None:
    def answering(request: Request) -> Response:
        if request.path.endswith("/objects/deals"):
            return Response(status=200, body=b"<html>Please sign in</html>")
        return told({"portalId": 5, "results": []})

    with scripted(answering) as (_, connector), pytest.raises(ServerError):
        list(connector.changed_deals(None))


def test_a_host_that_does_not_answer_is_named_and_what_to_check() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unreachable) as caught:
            opened(address, Clock()).describe()
    assert "acme" in str(caught.value)
    assert "address" in caught.value.remedy


def test_a_certificate_of_nobody_we_trust_is_told_as_such(tmp_path: Path) -> None:
    clock = Clock()
    app = Scripted(lambda _: told({}))
    with serve(app, now=clock.now, tls_folder=tmp_path) as server, pytest.raises(UntrustedCertificate):
        opened(server.url, clock).describe()


@pytest.mark.parametrize("token", ["", "  ", "pat na1", "pat-na1-é", "a\nb"])
def test_a_token_that_can_be_none_is_told_before_anything_is_sent(token: str) -> None:
    with pytest.raises(NeedsReconnect):
        opened("http://127.0.0.1:9", Clock(), token=token).describe()


@pytest.mark.parametrize("options", [{"api_version": "v9"}, {"burst_rate": "fast"}, {"search_rate": "-1/1"}])
def test_an_option_that_makes_no_sense_is_named(options: dict[str, str]) -> None:
    (name,) = options
    with pytest.raises(Rejected, match=name):
        opened("http://127.0.0.1:9", Clock(), **options)


def test_a_dated_version_asks_dated_addresses_alone() -> None:
    with hubspot_crm(options={"api_version": "2026-09"}) as crm:
        key = crm.add_deal()
        list(crm.connector.changed_deals(None))
        list(crm.connector.get_deals([DealKey(crm.account_id, key.deal_id)]))
        paths = {call.path for call in crm.server.calls.last() if call.path.startswith("/crm/")}
    assert paths
    assert all("2026-09" in path for path in paths)


def test_the_watermark_is_when_the_read_began(crm: HubSpotCrm) -> None:
    crm.add_deal()
    mark = list(crm.connector.changed_deals(None))[-1].watermark
    assert mark is not None
    assert NOW <= mark.stamp <= crm.clock.time


@pytest.fixture
def crm() -> Iterator[HubSpotCrm]:
    with hubspot_crm() as crm:
        yield crm


def test_an_update_that_never_left_is_no_unclear_one_and_one_that_may_have_arrived_is(crm: HubSpotCrm) -> None:
    ref = write_one(crm.connector, new_task(crm, crm.add_deal()))
    change = UpdateTask(key=ref.key, task_id=ref.task_id, due_on=date(2027, 5, 3))
    crm.server.faults.add(Fault(path="batch/update", close="after"))
    (repeated,) = crm.connector.write_tasks([change])
    assert isinstance(repeated, TaskRef)
    crm.server.faults.add(Fault(path="batch/update", close="before", times=None))
    (unclear,) = crm.connector.write_tasks([change])
    assert isinstance(unclear, WriteFailure)
    assert isinstance(unclear.error, Unclear)
    down = opened("http://127.0.0.1:9", Clock())
    (unsent,) = down.write_tasks([change])
    assert isinstance(unsent, WriteFailure)
    assert isinstance(unsent.error, Unreachable)


def test_tasks_on_a_further_page_of_a_deals_associations_are_found_too() -> None:
    bodies = {"81": "<p>a call</p>", "82": "<p>why</p><p>rk-1</p>"}

    def answering(request: Request) -> Response:
        if "associations" in request.path:
            (asked,) = orjson.loads(request.body)["inputs"]
            to: list[dict[str, object]] = [{"toObjectId": "82" if "after" in asked else "81", "associationTypes": []}]
            more = {} if "after" in asked else {"paging": {"next": {"after": "81"}}}
            return told({"results": [{"from": {"id": asked["id"]}, "to": to, **more}]})
        if request.path.endswith("tasks/batch/read"):
            ids = [row["id"] for row in orjson.loads(request.body)["inputs"]]
            return told({"results": [{"id": each, "properties": {"hs_task_body": bodies[each]}} for each in ids]})
        return told({"portalId": 5})

    with scripted(answering) as (_, connector):
        (found,) = connector.find_tasks([TaskKey(key="rk-1", deal=DealKey("5", "9"))])
    assert found.task_id == "82"


def test_a_merged_deal_is_known_by_the_other_id_it_answers_under() -> None:
    def answering(request: Request) -> Response:
        if request.path.endswith("/objects/deals/9"):
            return told({"id": "10", "properties": {}})
        if request.path.endswith("batch/read"):
            return told({"status": "COMPLETE", "results": [], "numErrors": 1, "errors": []}, 207)
        return told({"portalId": 5, "results": []})

    with scripted(answering) as (_, connector):
        (gone,) = connector.get_deals([DealKey("5", "9")])
    assert gone == GoneDeal(key=DealKey("5", "9"), how=GoneHow.MERGED, merged_into="10")


def test_a_batch_that_could_not_be_read_in_part_is_an_error_and_no_deletion() -> None:
    def answering(request: Request) -> Response:
        if request.path.endswith("batch/read"):
            row = {"status": "error", "category": "INTERNAL_ERROR", "message": "try later", "context": {"ids": ["9"]}}
            return told({"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [row]}, 207)
        return told({"portalId": 5, "results": []})

    with scripted(answering) as (_, connector), pytest.raises(ServerError):
        list(connector.get_deals([DealKey("5", "9")]))


def test_a_redirect_is_told_and_the_token_follows_it_nowhere() -> None:
    def answering(request: Request) -> Response:
        return Response(status=302, headers={"Location": "/elsewhere"})

    with scripted(answering) as (app, connector):
        health = connector.check()
    assert not health.ok
    assert "--api-url" in health.checks[0].says
    assert "/elsewhere" not in {request.path for request in app.asked}
