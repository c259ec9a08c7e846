"""How the Salesforce connector takes what only a troubled org says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import certifi
import pytest

from connectors.base import Checkpoint, Connector, CreateTask, TaskKey, TaskRef, UpdateTask, Watermark, WriteFailure
from connectors.errors import (
    MissingPermission,
    NeedsReconnect,
    RateLimited,
    Rejected,
    ServerError,
    Unclear,
    Unreachable,
)
from connectors.http import Http
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import Request, Response, json_response
from mappings.model import DealKey, LostDeal
from mappings.task_text import TaskText
from tests.contract import scripted_org as script
from tests.contract.scripted_org import NOW, ORG_ID, MemoryTokens, ScriptedOrg, open_org

QUERY = r"FROM Opportunity\b"
EXPIRED = script.error(401, "INVALID_SESSION_ID", "Session expired or invalid")


@pytest.fixture(scope="module")
def tls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def server(tls_folder: Path) -> Iterator[RunningServer[ScriptedOrg]]:
    with serve(ScriptedOrg(), now=lambda: NOW, tls_folder=tls_folder) as running:
        yield running


def opened(server: RunningServer[ScriptedOrg], **more: object) -> tuple[Connector, Http, list[float]]:
    return open_org(server.url, server.ca_file, **more)  # type: ignore[arg-type]  # passed on as given


def task(number: int, *, owner_id: str | None = None) -> CreateTask:
    key = TaskKey(key=f"rk-{number}", deal=DealKey(ORG_ID, script.deal_id(number)))
    return CreateTask(
        key=key, text=TaskText(subject="Call", lines=("Why.",)), due_on=date(2027, 1, 4), owner_id=owner_id
    )


# --- sessions ----------------------------------------------------------------------------------------------------


def test_an_expired_session_is_renewed_once_and_the_call_replayed_with_its_headers(
    server: RunningServer[ScriptedOrg],
) -> None:
    server.app.on(QUERY, EXPIRED, script.records(script.lost(1)))
    connector, _, _ = opened(server, options={"page_size": "200"})
    (page,) = connector.changed_deals(None)
    calls = server.app.asked(QUERY + ".*ORDER BY")
    assert [deal.key.deal_id for deal in page.deals] == [script.deal_id(1)]
    assert server.app.tokens == 2
    assert [call.headers["sforce-query-options"] for call in calls] == ["batchSize=200"] * len(calls)
    assert calls[-1].headers["authorization"] == "Bearer token-2"


@pytest.mark.parametrize(
    "says",
    ["This session is not valid for use with the REST API", "Connected app is not attached to Agent"],
)
def test_a_401_that_is_no_expiry_needs_a_person_and_asks_for_no_token(
    server: RunningServer[ScriptedOrg], says: str
) -> None:
    server.app.on(QUERY, script.error(401, "INVALID_SESSION_ID", says))
    connector, _, _ = opened(server)
    with pytest.raises(NeedsReconnect):
        list(connector.changed_deals(None))
    assert server.app.tokens == 1


def test_sessions_that_are_refused_for_ever_end_after_a_few_logins(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on(QUERY, EXPIRED)
    connector, _, _ = opened(server)
    with pytest.raises(NeedsReconnect):
        list(connector.changed_deals(None))
    assert server.app.tokens <= 5


def test_a_given_token_that_is_refused_needs_a_person(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on(QUERY, EXPIRED)
    connector, _, _ = opened(server, credentials={"access_token": "00Dxx!given"})
    with pytest.raises(NeedsReconnect) as caught:
        list(connector.changed_deals(None))
    assert server.app.tokens == 0
    assert "given" not in str(caught.value).replace("A given token", "")


def test_a_token_is_kept_for_the_next_process_and_saved_before_it_is_used(server: RunningServer[ScriptedOrg]) -> None:
    tokens = MemoryTokens()
    server.app.on(QUERY, script.records(script.lost(1)))
    for _ in range(2):
        connector, _, _ = opened(server, tokens=tokens)
        list(connector.changed_deals(None))
    assert server.app.tokens == tokens.saves == 1


def test_a_token_that_another_process_renewed_is_used(server: RunningServer[ScriptedOrg]) -> None:
    tokens = MemoryTokens()
    connector, _, _ = opened(server, tokens=tokens)
    server.app.on(QUERY, script.records())
    list(connector.changed_deals(None))

    def by_token(request: Request) -> Response:
        return script.records() if request.headers["authorization"] == "Bearer elsewhere" else EXPIRED

    server.app.on(QUERY, by_token)
    assert tokens.kept is not None
    tokens.kept = {**tokens.kept, "access_token": "elsewhere"}
    list(connector.changed_deals(None))
    assert server.app.tokens == 1


def test_credentials_of_another_org_are_refused_by_name(server: RunningServer[ScriptedOrg]) -> None:
    connector, _, _ = opened(server, account_id="00Dxx0000009999EAA")
    with pytest.raises(NeedsReconnect, match="another org"):
        list(connector.changed_deals(None))


def test_a_login_refused_shows_salesforces_words_and_what_to_do(server: RunningServer[ScriptedOrg]) -> None:
    body = {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}
    server.app.on("oauth2/token", json_response(body, status=400))
    connector, _, _ = opened(server)
    health = connector.check()
    assert not health.ok
    assert "hasn't approved" in health.checks[0].says
    assert "pre-authorise" in health.checks[0].says
    assert len(server.app.asked("oauth2/token")) == 1


def test_a_login_service_in_maintenance_is_asked_again(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on("oauth2/token", script.html(503), script.token("token-1"))
    server.app.on(QUERY, script.records())
    connector, _, pauses = opened(server)
    assert list(connector.changed_deals(None))[-1].watermark
    assert pauses


def test_a_header_about_limits_that_makes_no_sense_is_no_failure(server: RunningServer[ScriptedOrg]) -> None:
    body = b'{"totalSize":0,"done":true,"records":[]}'
    server.app.on(QUERY, Response(headers={"Sforce-Limit-Info": "lots", "Date": "soon"}, body=body))
    connector, _, _ = opened(server)
    assert list(connector.changed_deals(None))[-1].watermark


# --- errors of all forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (script.html(503), ServerError),
        (script.html(200), ServerError),
        (json_response({"message": "x", "errorCode": "SERVER_UNAVAILABLE"}, status=503), ServerError),
        (Response(status=502, body=b"Bad gateway"), ServerError),
        (Response(status=406), ServerError),
        (script.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), RateLimited),
        (script.error(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization"), MissingPermission),
        (script.error(400, "MALFORMED_QUERY", "SELECT Id FROM Opportunity ^ unexpected token"), Rejected),
    ],
)
def test_an_answer_that_is_no_success_is_an_error_of_its_kind(
    server: RunningServer[ScriptedOrg], answer: Response, expected: type[Exception]
) -> None:
    server.app.on(QUERY, answer)
    connector, _, _ = opened(server)
    with pytest.raises(expected) as caught:
        list(connector.changed_deals(None))
    assert "SELECT" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


def test_too_many_long_calls_at_once_are_waited_for(server: RunningServer[ScriptedOrg]) -> None:
    busy = script.error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    server.app.on(QUERY, busy, script.records(script.lost(1)))
    connector, _, pauses = opened(server)
    assert len(list(connector.changed_deals(None))[-1].deals) == 1
    assert max(pauses) < 60


def test_a_server_with_a_certificate_of_nobody_is_named_as_such(server: RunningServer[ScriptedOrg]) -> None:
    connector, _, _ = open_org(server.url, Path(certifi.where()))
    (check,) = connector.check().checks
    assert not check.ok
    assert "certificate" in check.says
    assert "SSL_CERT_FILE" in check.says


# --- reads -------------------------------------------------------------------------------------------------------


def test_a_place_the_server_forgot_is_found_again_by_stamp_and_id(server: RunningServer[ScriptedOrg]) -> None:
    next_page = "/services/data/v62.0/query/01gxx-2"
    server.app.on(QUERY, script.records(script.lost(1), script.lost(2), more=next_page))
    server.app.on("query/01gxx-2", script.error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))
    server.app.on(r"SystemModstamp > 2026-10-02T10:02:00Z OR", script.records(script.lost(3)))
    connector, _, _ = opened(server)
    found = [deal.key.deal_id for page in connector.changed_deals(None) for deal in page.deals]
    assert found == [script.deal_id(n) for n in (1, 2, 3)]


def test_a_field_that_vanishes_is_left_out_with_a_warning(server: RunningServer[ScriptedOrg]) -> None:
    gone = "\nSELECT Id, Amount FROM Opportunity\n       ^\nERROR at Row:1:Column:12\nNo such column 'Amount' on entity"
    server.app.on(QUERY, script.records(script.lost(1)))
    server.app.on(r"SELECT .*Amount.* FROM Opportunity\b", script.error(400, "INVALID_FIELD", gone))
    connector, _, _ = opened(server)
    (page,) = connector.changed_deals(None)
    assert len(page.deals) == 1
    assert any("Amount" in warning for warning in page.warnings)


def test_an_org_without_optional_endpoints_is_read_with_warnings(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on(QUERY, script.records(script.lost(1)))
    server.app.on("Opportunity/deleted", script.error(403, "INSUFFICIENT_ACCESS", "no"))
    connector, _, _ = opened(server)
    described = connector.describe()
    (page,) = connector.changed_deals(Watermark(stamp=NOW))
    assert described.account_id == ORG_ID
    assert described.warnings
    assert len(page.deals) == 1
    assert any("removed for good" in warning for warning in page.warnings)
    assert any("Contact roles" in warning for warning in page.warnings)


def test_one_record_that_cannot_be_understood_does_not_hold_up_the_page(server: RunningServer[ScriptedOrg]) -> None:
    bad = script.lost(2, SystemModstamp="yesterday")
    server.app.on(QUERY, script.records(script.lost(1), bad, script.lost(3)))
    connector, _, _ = opened(server)
    (page,) = connector.changed_deals(None)
    assert [deal.key.deal_id for deal in page.deals] == [script.deal_id(1), script.deal_id(3)]
    assert [one.record_id for one in page.unreadable] == [script.deal_id(2)]


def test_the_loss_date_is_a_day_in_the_orgs_zone(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on("Opportunity/describe", script.describe("LastStageChangeDate", "CloseDate"))
    server.app.on(QUERY, script.records(script.lost(1, LastStageChangeDate="2026-10-02T01:30:00.000+0000")))
    connector, _, _ = opened(server)
    ((deal,),) = (page.deals for page in connector.changed_deals(None))
    assert isinstance(deal, LostDeal)
    assert deal.lost_on == date(2026, 10, 1)


# --- Bulk --------------------------------------------------------------------------------------------------------

HEADER = b'"Id","IsClosed","IsWon","IsDeleted","SystemModstamp","Name","Account.Name"\n'


def row(number: int, name: str = "Deal") -> bytes:
    stamp = f"2026-10-02T10:00:0{number}.000Z"
    return f'"{script.deal_id(number)}","true","false","false","{stamp}","{name}","Acme"\n'.encode()


def csv(body: bytes, locator: str) -> Response:
    return Response(headers={"Content-Type": "text/csv", "Sforce-Locator": locator}, body=body)


def bulk_org(server: RunningServer[ScriptedOrg], *results: Response) -> Connector:
    server.app.on(r"COUNT\(\)", script.records(total=5))
    server.app.on("POST .*jobs/query", json_response({"id": "750xx", "state": "UploadComplete"}))
    states = [json_response({"id": "750xx", "state": state}) for state in ("InProgress", "JobComplete")]
    server.app.on("GET .*jobs/query/750xx", *states)
    server.app.on("jobs/query/750xx/results", *results)
    return opened(server, options={"bulk_threshold": "2"})[0]


def test_a_large_first_read_goes_by_bulk_with_or_without_repeated_columns(server: RunningServer[ScriptedOrg]) -> None:
    connector = bulk_org(
        server,
        csv(HEADER + row(1, 'A ""quoted"", two\nlines') + row(2, "N\0UL"), "MTAw"),
        csv(HEADER + row(3), "MjAw"),
        csv(row(4), "null"),
    )
    pages = list(connector.changed_deals(None))
    deals = [deal for page in pages for deal in page.deals if isinstance(deal, LostDeal)]
    assert [deal.key.deal_id for deal in deals] == [script.deal_id(n) for n in (1, 2, 3, 4)]
    assert [deal.name for deal in deals[:2]] == ['A "quoted", two\nlines', "NUL"]
    assert deals[0].account.name == "Acme"
    assert pages[-1].watermark
    assert pages[-1].watermark.id == script.deal_id(4)


def test_a_bulk_read_goes_on_from_its_checkpoint_without_a_new_job(server: RunningServer[ScriptedOrg]) -> None:
    connector = bulk_org(server, csv(HEADER + row(1), "MTAw"), csv(row(2), "null"))
    begun, first = islice(connector.changed_deals(None), 2)
    assert begun.deals == ()
    assert isinstance(begun.checkpoint, Checkpoint)
    assert isinstance(first.checkpoint, Checkpoint)
    rest = list(opened(server)[0].changed_deals(first.checkpoint))
    assert [deal.key.deal_id for page in rest for deal in page.deals] == [script.deal_id(2)]
    assert len(server.app.asked("POST .*jobs/query")) == 1


@pytest.mark.parametrize(
    "gone", [script.error(404, "NOT_FOUND", "no such job"), script.error(400, "INVALID_QUERY_LOCATOR", "expired")]
)
def test_bulk_results_that_are_no_longer_kept_are_asked_for_anew(
    server: RunningServer[ScriptedOrg], gone: Response
) -> None:
    connector = bulk_org(server, csv(HEADER + row(1), "MTAw"), gone, csv(HEADER + row(1), "MTAw"), csv(row(2), "null"))
    read = {deal.key.deal_id for page in connector.changed_deals(None) for deal in page.deals}
    assert read == {script.deal_id(1), script.deal_id(2)}
    assert len(server.app.asked("POST .*jobs/query")) == 2


def test_bulk_results_that_never_stay_are_read_by_rest(server: RunningServer[ScriptedOrg]) -> None:
    expired = script.error(400, "INVALID_QUERY_LOCATOR", "expired")
    connector = bulk_org(server, csv(HEADER + row(1), "MTAw"), expired)
    server.app.on(QUERY + ".*ORDER BY", script.records(script.lost(1), script.lost(2)))
    pages = list(connector.changed_deals(None))
    assert {deal.key.deal_id for page in pages for deal in page.deals} >= {script.deal_id(1), script.deal_id(2)}
    assert len(server.app.asked("POST .*jobs/query")) == 2


def test_an_org_without_bulk_is_read_by_rest_with_a_warning(server: RunningServer[ScriptedOrg]) -> None:
    connector = bulk_org(server, csv(b"", "null"))
    server.app.on("POST .*jobs/query", script.error(400, "FEATURENOTENABLED", "Bulk is off"))
    server.app.on(QUERY + ".*ORDER BY", script.records(script.lost(1)))
    (page,) = connector.changed_deals(None)
    assert len(page.deals) == 1
    assert any("Bulk" in warning for warning in page.warnings)


# --- writes ------------------------------------------------------------------------------------------------------


def results(*codes: str) -> Response:
    """A collection's answer: HTTP 200 whatever happened to the records."""
    rows = [
        {"id": f"00Txx{n:010d}AAA", "success": True, "errors": []}
        if not code
        else {"success": False, "errors": [{"statusCode": code, "message": "operation performed with inactive user"}]}
        for n, code in enumerate(codes)
    ]
    return json_response(rows)


def test_a_collection_answered_200_with_failures_inside_fails_for_those_records_only(
    server: RunningServer[ScriptedOrg],
) -> None:
    server.app.on("POST .*composite/sobjects", results("", "INACTIVE_OWNER_OR_USER", ""))
    connector, _, _ = opened(server)
    first, second, third = connector.write_tasks([task(1), task(2), task(3)])
    assert isinstance(first, TaskRef)
    assert isinstance(third, TaskRef)
    assert isinstance(second, WriteFailure)
    assert isinstance(second.error, Rejected)
    assert "inactive user" in str(second.error)


def test_an_answer_that_names_too_few_records_leaves_the_others_unclear(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on("POST .*composite/sobjects", results(""))
    connector, _, _ = opened(server)
    first, second = connector.write_tasks([task(1), task(2)])
    assert isinstance(first, TaskRef)
    assert isinstance(second, WriteFailure)
    assert isinstance(second.error, Unclear)


def test_records_that_meet_a_lock_are_sent_again_alone(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on("POST .*composite/sobjects", results("", "UNABLE_TO_LOCK_ROW", ""), results(""))
    connector, _, pauses = opened(server)
    outcomes = list(connector.write_tasks([task(1), task(2), task(3)]))
    sent = [script.sent_records(request) for request in server.app.asked("POST .*composite/sobjects")]
    assert all(isinstance(outcome, TaskRef) for outcome in outcomes)
    assert [len(batch) for batch in sent] == [3, 1]
    assert sent[1][0]["WhatId"] == script.deal_id(2)
    assert pauses


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_at_a_create_leaves_it_unclear_and_it_is_not_sent_again(
    server: RunningServer[ScriptedOrg], status: int
) -> None:
    server.app.on("POST .*composite/sobjects", script.html(status))
    connector, _, _ = opened(server)
    (outcome,) = connector.write_tasks([task(1)])
    assert isinstance(outcome, WriteFailure)
    assert isinstance(outcome.error, Unclear)
    assert len(server.app.asked("POST .*composite/sobjects")) == 1


def test_a_change_that_may_have_been_done_before_the_server_went_away_is_unclear(
    server: RunningServer[ScriptedOrg],
) -> None:
    connector, _, _ = opened(server)
    there = {"Id": "00Txx0000000001AAA", "Subject": "Call", "IsClosed": False}
    server.app.on("FROM Task", script.records(there))
    server.app.on("PATCH .*composite/sobjects", script.html(503), script.error(403, "REQUEST_LIMIT_EXCEEDED", "Total"))
    change = UpdateTask(key=task(1).key, task_id="00Txx0000000001AAA", due_on=date(2027, 1, 5))
    (outcome,) = connector.write_tasks([change])
    assert isinstance(outcome, WriteFailure)
    assert isinstance(outcome.error, Unclear)


def test_the_key_field_of_a_package_is_found_under_its_own_name(server: RunningServer[ScriptedOrg]) -> None:
    known = {"type": "string", "createable": True, "unique": True, "externalId": True}
    server.app.on("Task/describe", script.describe("Subject", "WhatId", rk__Rekindle_Key__c=known))
    server.app.on("PATCH .*Task/rk__Rekindle_Key__c", results(""))
    (outcome,) = opened(server)[0].write_tasks([task(1)])
    assert isinstance(outcome, TaskRef)


def test_a_connection_cut_after_the_write_is_unclear_for_each_record_of_its_batch(
    server: RunningServer[ScriptedOrg],
) -> None:
    server.app.on("POST .*composite/sobjects", results(*[""] * 200), results(""))
    connector, _, _ = opened(server)
    server.faults.add(Fault(method="POST", path="composite/sobjects", close="after"))
    outcomes = list(connector.write_tasks([task(n) for n in range(201)]))
    assert all(isinstance(one, WriteFailure) and isinstance(one.error, Unclear) for one in outcomes[:200])
    assert isinstance(outcomes[200], TaskRef)


def test_a_server_that_takes_no_connection_was_sent_nothing() -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    connector, _, _ = open_org(f"https://127.0.0.1:{port}", Path(certifi.where()), credentials={"access_token": "t"})
    with pytest.raises(Unreachable):
        list(connector.get_deals([DealKey(ORG_ID, script.deal_id(1))]))


def test_a_duplicate_of_our_key_is_the_task_written_before(server: RunningServer[ScriptedOrg]) -> None:
    key_field = {"type": "string", "createable": True, "unique": True, "externalId": True, "filterable": True}
    server.app.on("Task/describe", script.describe("Subject", "Description", "WhatId", Rekindle_Key__c=key_field))
    server.app.on("PATCH .*Task/Rekindle_Key__c", results("DUPLICATE_VALUE"))
    there = {"Id": "00Txx0000000001AAA", "Subject": "Call", "Rekindle_Key__c": "rk-1", "IsClosed": False}
    server.app.on("FROM Task", script.records(there))
    connector, _, _ = opened(server)
    (outcome,) = connector.write_tasks([task(1)])
    assert isinstance(outcome, TaskRef)
    assert outcome.task_id == "00Txx0000000001AAA"


def test_a_server_that_is_away_is_tried_as_often_as_the_settings_say(server: RunningServer[ScriptedOrg]) -> None:
    server.faults.add(Fault(times=None, close="before"))
    connector, http, _ = opened(server)
    with pytest.raises(Unreachable):
        list(connector.changed_deals(None))
    assert http.calls.total == http.settings.max_tries


# --- the right to write tasks ------------------------------------------------------------------------------------


def refusal_of_all(request: Request) -> Response:
    fault = {"statusCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "insufficient access rights on object id"}
    return json_response([{"success": False, "errors": [fault]} for _ in script.sent_records(request)])


def test_tasks_that_are_refused_as_such_are_a_right_that_is_missing(server: RunningServer[ScriptedOrg]) -> None:
    server.app.on(r"composite/sobjects", refusal_of_all)
    connector, _, _ = opened(server)
    outcomes = list(connector.write_tasks([task(1), task(2)]))
    assert [getattr(one.error, "is_general", None) for one in outcomes if isinstance(one, WriteFailure)] == [True] * 2


@pytest.mark.parametrize("may_create", [True, False])
def test_of_a_single_refused_task_the_org_s_description_tells(
    server: RunningServer[ScriptedOrg], may_create: bool
) -> None:
    server.app.on(r"composite/sobjects", refusal_of_all)
    described = {"fields": [{"name": "Subject", "type": "string"}], "createable": may_create, "updateable": True}
    server.app.on(r"sobjects/Task/describe", json_response(described))
    connector, _, _ = opened(server)
    (outcome,) = connector.write_tasks([task(1)])
    assert isinstance(outcome, WriteFailure)
    assert isinstance(outcome.error, MissingPermission)
    assert outcome.error.is_general is not may_create


def test_a_deal_that_may_not_be_seen_refuses_its_own_task_alone(server: RunningServer[ScriptedOrg]) -> None:
    fault = {"statusCode": "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "message": "insufficient access: 006"}
    server.app.on(
        r"composite/sobjects",
        lambda request: json_response([{"success": False, "errors": [fault]} for _ in script.sent_records(request)]),
    )
    connector, _, _ = opened(server)
    outcomes = list(connector.write_tasks([task(1), task(2)]))
    assert [getattr(one.error, "is_general", None) for one in outcomes if isinstance(one, WriteFailure)] == [False] * 2
