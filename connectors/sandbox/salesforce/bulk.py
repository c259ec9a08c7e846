"""Bulk 2.0 query jobs: made, looked at until complete, read as CSV."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.sandbox.salesforce.errors import RefusedError, not_found
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.queries import Queries
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.soql.run import Result
from connectors.sandbox.salesforce.soql.tree import Call, Query
from connectors.sandbox.salesforce.store import Record, stamp
from connectors.sandbox.wire import Response, json_response

DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
NOT_FOR_BULK = {"TaskStatus", "OpportunityStage", "RecordType", "Organization"}


@dataclass(slots=True)
class Job:
    """One query job."""

    info: dict[str, Any]
    result: Result
    version: str
    looks: int = 0


class BulkJobs:
    """The query jobs of one org. Methods raise RefusedError."""

    def __init__(self, queries: Queries, settings: OrgSettings, user_id: str) -> None:
        self.queries = queries
        self.settings = settings
        self.user_id = user_id
        self.jobs: dict[str, Job] = {}

    def start(self, payload: Any, *, version: str, now: datetime) -> Response:
        """`POST /jobs/query`."""
        if not self.settings.has_bulk:
            raise RefusedError("API_DISABLED_FOR_ORG", "Bulk API is not enabled for this organization", status=403)
        operation = payload.get("operation") if isinstance(payload, dict) else None
        if operation not in {"query", "queryAll"} or not isinstance(payload.get("query"), str):
            raise RefusedError("API_ERROR", "InvalidJob : operation and query are required")
        delimiter, ending = payload.get("columnDelimiter", "COMMA"), payload.get("lineEnding", "LF")
        if delimiter not in DELIMITERS or ending not in ENDINGS or payload.get("contentType", "CSV") != "CSV":
            raise RefusedError("API_ERROR", "InvalidJob : unknown content type, delimiter or line ending")
        is_all = operation == "queryAll"
        result = self.queries.result(payload["query"], now=now, version=version, is_all=is_all)
        _refuse_unfit(result)
        moment = stamp(now)
        info = {
            "id": make_id("750", len(self.jobs) + 1), "operation": operation, "object": result.object,
            "createdById": self.user_id, "createdDate": moment, "systemModstamp": moment, "state": "UploadComplete",
            "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": float(version),
            "lineEnding": ending, "columnDelimiter": delimiter,
        }  # fmt: skip
        self.jobs[info["id"]] = Job(info, result, version)
        return json_response(info)

    def look(self, job_id: str) -> Response:
        """`GET /jobs/query/<id>`; each look brings the job nearer to its end."""
        job = self._job(job_id)
        job.looks += 1
        if job.info["state"] in {"UploadComplete", "InProgress"}:
            self._move_on(job)
        return json_response(job.info)

    def _move_on(self, job: Job) -> None:
        if job.looks <= self.settings.bulk_polls:
            job.info["state"] = "InProgress" if job.looks > 1 else "UploadComplete"
            return
        failure = self.settings.bulk_fails_with
        job.info |= {
            "state": "Failed" if failure else "JobComplete", "jobType": "V2Query", "retries": 0,
            "totalProcessingTime": 100, "isPkChunkingSupported": True,
            "numberRecordsProcessed": 0 if failure else job.result.total,
        }  # fmt: skip
        if failure:
            job.info["errorMessage"] = failure

    def abort(self, job_id: str, payload: Any) -> Response:
        """`PATCH /jobs/query/<id>` with the state Aborted."""
        job = self._job(job_id)
        if payload != {"state": "Aborted"}:
            raise RefusedError("INVALIDJOBSTATE", "Only the state Aborted can be set")
        job.info["state"] = "Aborted"
        return json_response(job.info)

    def drop(self, job_id: str) -> Response:
        """`DELETE /jobs/query/<id>`."""
        if self._job(job_id).info["state"] in {"UploadComplete", "InProgress"}:
            raise RefusedError("INVALIDJOBSTATE", "A job that runs cannot be deleted")
        del self.jobs[job_id]
        return Response(status=204)

    def results(self, job_id: str, args: Mapping[str, str], *, version: str) -> Response:
        """`GET /jobs/query/<id>/results`."""
        job = self._job(job_id)
        if version != job.version:
            raise RefusedError("API_ERROR", "The API version differs from that of the job", status=409)
        if job.info["state"] != "JobComplete":
            return Response(status=204)
        start = _place(args.get("locator"))
        asked = args.get("maxRecords", "")
        size = min(int(asked) if asked.isdigit() and int(asked) else self.settings.bulk_page_size,
                   self.settings.bulk_page_size)  # fmt: skip
        rows = job.result.rows[start : start + size]
        end = start + len(rows)
        headers = {
            "Content-Type": "text/csv",
            "Sforce-Locator": _locator(end) if end < len(job.result.rows) else "null",
            "Sforce-NumberOfRecords": str(len(rows)),
        }
        has_header = start == 0 or self.settings.bulk_repeats_header
        return Response(headers=headers, body=_csv(job.info, job.result, rows, has_header=has_header))

    def _job(self, job_id: str) -> Job:
        job = self.jobs.get(job_id)
        if job is None:
            raise not_found()
        return job


def _refuse_unfit(result: Result) -> None:
    query = result.query
    if query is None:
        raise RefusedError("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    if result.object in NOT_FOR_BULK:
        says = f"INVALIDENTITY : Entity '{result.object}' is not supported by the Bulk API."
        raise RefusedError("INVALIDENTITY", says)
    if query.offset or any(isinstance(select.what, Query) for select in query.selects):
        raise RefusedError("API_ERROR", "OFFSET and nested queries are not supported in Bulk Query")
    if any(isinstance(select.what, Call) for select in query.selects):
        raise RefusedError("API_ERROR", "Functions are not supported in Bulk Query")


def _csv(info: Mapping[str, Any], result: Result, rows: Sequence[Record], *, has_header: bool) -> bytes:
    columns = result.columns
    out = io.StringIO(newline="")
    delimiter, ending = DELIMITERS[info["columnDelimiter"]], ENDINGS[info["lineEnding"]]
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    if has_header:
        writer.writerow([name for name, _ in columns])
    getters = [get for _, get in columns]
    writer.writerows([_cell(get(row)) for get in getters] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text[:-5] + "Z" if text.endswith("+0000") and len(text) == 28 else text


def _locator(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode().rstrip("=")


def _place(locator: str | None) -> int:
    if not locator:
        return 0
    try:
        return int(base64.b64decode(locator + "=" * (-len(locator) % 4)))
    except (ValueError, binascii.Error):
        raise RefusedError("API_ERROR", "InvalidLocator : the locator is not valid") from None
