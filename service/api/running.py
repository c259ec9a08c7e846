"""The calls that tell a connection what to do: check, sync, go live, hold, undo; its runs, jobs, keys, dead letters."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from service.api import running_schemas as schemas
from service.api.connection_schemas import ConnectionPart, HealthPart, WebhookPart
from service.api.connections import shown
from service.api.routes import RUN, Routes
from service.api.schemas import LARGEST_ID, ChangedPart
from service.api.who import asking, person, product
from service.deeds import running
from service.deeds.jobs import Job, job_of, job_state
from service.deeds.letters import Box, Verb, act_on_letters, dead_letters
from service.errors import NothingSuch
from service.golive.report import GoLiveRequest
from service.store.connections import connection_named
from service.store.models import RunRow
from service.store.runs import runs_before

calls = Routes("running", "What a connection is told to do. Long deeds answer 202 with the address of a job.")


@calls.call("POST", "/connections/<name>/check", RUN, gives=HealthPart(many=True), also=(404,))
def check(name: str) -> Any:
    """Try its credentials, fields and rights now; what was found is kept as its health. Asks the CRM."""
    return list(running.check(product(), name).checks)


@calls.call(
    "POST", "/connections/<name>/sync", RUN, takes=schemas.SyncBody, gives=schemas.JobPart, status=202, also=(404,),
    is_body_required=False,
)  # fmt: skip
def sync(body: dict[str, Any], name: str) -> Any:
    """Have the CRM read now."""
    me = person().email
    return _begun(name, running.sync_now(product(), name, full=body["full"], asking=asking(), who=me))


@calls.call(
    "GET", "/connections/<name>/go-live", RUN, query=schemas.PilotQuery, gives=schemas.GoLivePart, also=(404, 409, 502)
)
def announce_go_live(query: dict[str, Any], name: str) -> Any:
    """What going live would write now, by month, owner and category. Writes nothing; asks the CRM."""
    return running.announce_go_live(product(), name, _pilot(query)).as_json()


@calls.call(
    "POST", "/connections/<name>/go-live", RUN, takes=schemas.PilotBody, gives=schemas.JobPart, status=202,
    also=(404, 409), is_body_required=False,
)  # fmt: skip
def go_live(body: dict[str, Any], name: str) -> Any:
    """Let it write, and write what that brings."""
    return _begun(name, running.go_live(product(), name, _pilot(body), asking=asking(), who=person().email))


@calls.call("POST", "/connections/<name>/hold", RUN, gives=ConnectionPart, also=(404,))
def hold(name: str) -> Any:
    """Stop all writes of a connection at once. Repeating it changes nothing."""
    running.hold(product(), name, who=person())
    with product().store.read() as tx:
        return shown(connection_named(tx, name))


@calls.call(
    "GET", "/connections/<name>/undo", RUN, query=schemas.SinceQuery, gives=schemas.UndoPart, also=(404, 409, 502)
)
def announce_undo(query: dict[str, Any], name: str) -> Any:
    """What an undo would take back, and what it would leave. Changes nothing; asks the CRM."""
    return running.announce_undo(product(), name, since=query["since"]).as_json()


@calls.call(
    "POST", "/connections/<name>/undo", RUN, takes=schemas.SinceBody, gives=schemas.JobPart, status=202, also=(404,),
    is_body_required=False,
)  # fmt: skip
def undo(body: dict[str, Any], name: str) -> Any:
    """Put it on hold and take back what was written."""
    return _begun(name, running.undo(product(), name, since=body["since"], asking=asking(), who=person().email))


@calls.call("GET", "/connections/<name>/jobs/<job>", RUN, gives=schemas.JobPart, also=(404,))
def one_job(name: str, job: str) -> Any:
    """How far something is that was asked for. `lost`: nothing began within two minutes, or its process died."""
    return _told(name, job_of(job))


@calls.call("GET", "/connections/<name>/runs", RUN, query=schemas.RunsQuery, gives=schemas.RunsPart, also=(404,))
def runs(query: dict[str, Any], name: str) -> Any:
    """What its syncs, go-lives and undos did, the newest first."""
    with product().store.read() as tx:
        rows = runs_before(tx, connection_named(tx, name).id, query["before"], limit=query["limit"])
    return {"runs": rows, "next": rows[-1].id if len(rows) == query["limit"] else None}


@calls.call("GET", "/connections/<name>/runs/<int:run_id>", RUN, gives=schemas.RunPart, also=(404,))
def one_run(name: str, run_id: int) -> Any:
    """One of them; its counts grow while it goes on."""
    with product().store.read() as tx:
        row = connection_named(tx, name)
        found = tx.get(RunRow, run_id) if run_id <= LARGEST_ID else None
    if found is None or found.connection_id != row.id:
        raise NothingSuch("There is no such run.", remedy="List the runs of the connection.")
    return found


@calls.call("GET", "/connections/<name>/webhook", RUN, gives=WebhookPart, also=(404,))
def webhook(name: str) -> Any:
    """Where its webhooks are sent to."""
    with product().store.read() as tx:
        return shown(connection_named(tx, name))["webhook"]


@calls.call(
    "POST", "/connections/<name>/webhook/rotate", RUN, takes=schemas.RotateBody, gives=schemas.KeysPart, also=(404,),
    is_body_required=False,
)  # fmt: skip
def rotate(body: dict[str, Any], name: str) -> Any:
    """New keys, shown this once; the former count for a while, unless they have leaked."""
    app = product()
    base = app.settings.base_url or request.url_root.rstrip("/")
    return running.rotate_keys(app, name, at_once=body["at_once"], base_url=base, who=person().email)


@calls.call(
    "GET", "/connections/<name>/<any(inbox,outbox):box>", RUN, query=schemas.LettersQuery,
    gives=schemas.LetterPart(many=True), also=(404,),
)  # fmt: skip
def letters(query: dict[str, Any], name: str, box: str) -> Any:
    """Its dead letters, the oldest first: webhooks that could not be processed, writes that the CRM refused."""
    with product().store.read() as tx:
        return dead_letters(tx, connection_named(tx, name), Box(box), limit=query["limit"])


@calls.call(
    "POST", "/connections/<name>/<any(inbox,outbox):box>/<any(retry,discard):verb>", RUN, takes=schemas.LettersBody,
    gives=ChangedPart, also=(404,),
)  # fmt: skip
def act_on(body: dict[str, Any], name: str, box: str, verb: str) -> Any:
    """Try these dead letters again, or give them up."""
    me = person().email
    return {"changed": act_on_letters(product(), name, Box(box), Verb(verb), body["ids"], asking=asking(), who=me)}


def _begun(name: str, job: Job) -> tuple[Any, int, dict[str, str]]:
    told = _told(name, job)
    return told, 202, {"Location": told["url"]}


def _told(name: str, job: Job) -> dict[str, Any]:
    with product().store.read() as tx:
        state, run = job_state(tx, connection_named(tx, name), job, now=product().now())
    url = url_for("running.one_job", name=name, job=job.id)
    return {"job": job.id, "kind": job.kind, "state": state, "url": url, "run": run}


def _pilot(given: dict[str, Any]) -> GoLiveRequest:
    return GoLiveRequest(owner_emails=tuple(given["owner"]), limit=given["limit"], lost_since=given["lost_since"])
