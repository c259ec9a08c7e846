"""Our tasks in HubSpot's words, and back. Pure.

https://developers.hubspot.com/docs/guides/api/crm/engagements/tasks: the body is HTML, the due date an instant, and no
property of a task can be made unique: the key stands in the body, as its last line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, tzinfo
from typing import Any

from connectors.base import CreateTask, ReopenTask, TaskKey, TaskRef, TaskSnapshot, TaskStatus, UpdateTask
from connectors.hubspot.paths import TASK_TO_COMPANY, TASK_TO_CONTACT, TASK_TO_DEAL
from connectors.hubspot.values import at_nine, day_of, instant_of, text_of, text_of_html
from mappings.task_text import TaskText

Json = dict[str, Any]
Properties = Mapping[str, Any]

COMPLETED = "COMPLETED"
NOT_STARTED = "NOT_STARTED"


def render_body(text: TaskText, key: str) -> str:
    """The body as escaped HTML: a paragraph a line, the link, and the key as the last line."""
    paragraphs = [html.escape(line, quote=False) for line in text.lines]
    if text.deal_url:
        paragraphs.append(f'<a href="{html.escape(text.deal_url)}">{html.escape(text.deal_url)}</a>')
    return "".join(f"<p>{paragraph}</p>" for paragraph in (*paragraphs, html.escape(key)))


def noted_body(body: str, note: str) -> str:
    """`body` with `note` in front of it; unchanged where the note is there already."""
    if not note.strip() or text_of_html(body).startswith(" ".join(note.split())):
        return body
    return f"<p>{html.escape(note, quote=False)}</p>{body}"


def create_input(task: CreateTask, *, trace: str, zone: tzinfo) -> Json:
    """One input of a batch create. The trace id makes a bad row fail alone."""
    properties = {
        "hs_timestamp": due_text(task.due_on, zone),
        "hs_task_subject": task.text.subject,
        "hs_task_body": render_body(task.text, task.key.key),
        "hs_task_status": NOT_STARTED,
        "hs_task_type": "TODO",
    }
    if task.owner_id:
        properties["hubspot_owner_id"] = task.owner_id
    ends = (
        (task.key.deal.deal_id, TASK_TO_DEAL),
        (task.account_id, TASK_TO_COMPANY),
        (task.contact_id, TASK_TO_CONTACT),
    )
    return {
        "properties": properties,
        "associations": [_association(to, type_id) for to, type_id in ends if to],
        "objectWriteTraceId": trace,
    }


def update_properties(change: UpdateTask | ReopenTask, *, zone: tzinfo) -> dict[str, str]:
    """What an update or a reopening sets; what it does not name stays."""
    properties: dict[str, str] = {}
    if change.text is not None:
        properties["hs_task_subject"] = change.text.subject
        properties["hs_task_body"] = render_body(change.text, change.key.key)
    if change.due_on is not None:
        properties["hs_timestamp"] = due_text(change.due_on, zone)
    if isinstance(change, ReopenTask):
        properties["hs_task_status"] = NOT_STARTED
    elif change.owner_id is not None:
        properties["hubspot_owner_id"] = change.owner_id
    return properties


def due_text(day: date, zone: tzinfo) -> str:
    """The due instant of a day, in UTC."""
    return f"{at_nine(day, zone).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def snapshot_of(properties: Properties, zone: tzinfo) -> TaskSnapshot:
    """A task's content, so normalised that a server's own rewriting of the HTML is no change."""
    is_completed = text_of(properties.get("hs_task_status")).upper() == COMPLETED
    return TaskSnapshot(
        subject=" ".join(text_of(properties.get("hs_task_subject")).split()),
        body=text_of_html(text_of(properties.get("hs_task_body"))),
        due_on=day_of(properties.get("hs_timestamp"), zone),
        owner_id=text_of(properties.get("hubspot_owner_id")) or None,
        status=TaskStatus.COMPLETED if is_completed else TaskStatus.OPEN,
    )


def ref_of(key: TaskKey, row: Json, zone: tzinfo, *, sent: Properties | None = None) -> TaskRef:
    """A task row as a reference. `sent` fills in what an answer leaves out."""
    properties = {**(sent or {}), **_told(row)}
    created_at = instant_of(properties.get("hs_createdate")) or instant_of(row.get("createdAt"))
    return TaskRef(key=key, task_id=str(row["id"]), snapshot=snapshot_of(properties, zone), created_at=created_at)


def _told(row: Json) -> dict[str, Any]:
    return {name: value for name, value in (row.get("properties") or {}).items() if value is not None}


_TOKEN = re.compile(r"[A-Za-z0-9_-]+")


def keys_in(body: str, keys: Collection[str]) -> list[str]:
    """Which of the keys stand in a normalised body, wherever a person has moved them."""
    tokens = set(_TOKEN.findall(body))
    return [key for key in keys if key in tokens]


def bears_a_key(body: str) -> bool:
    """Whether a body ends as ours do, in a line that is a key and nothing else."""
    last = body.rsplit("\n", 1)[-1]
    return len(last) >= _SHORTEST_KEY and bool(_TOKEN.fullmatch(last))


_SHORTEST_KEY = 16


def match_created(inputs: Sequence[Json], told: Json) -> list[Json | None]:
    """For each input its row of a batch-create answer: a result, an error, or None where nothing tells.

    By trace id where the answer has it, else by the body, which holds the key; never by order, which is not promised.
    """
    results, errors = rows_of(told, "results"), rows_of(told, "errors")
    traced = {trace: row for row in (*errors, *results) for trace in _traces(row)}
    matched: list[Json | None] = [traced.pop(each["objectWriteTraceId"], None) for each in inputs]
    free = [row for row in results if not any(row is taken for taken in matched)]
    bodies = {text_of_html(text_of((row.get("properties") or {}).get("hs_task_body"))): row for row in free}
    for index, each in enumerate(inputs):
        if matched[index] is None:
            matched[index] = bodies.pop(text_of_html(each["properties"]["hs_task_body"]), None)
    loose = [row for row in errors if not any(row is taken for taken in matched)]
    missing = [index for index, row in enumerate(matched) if row is None]
    if len(loose) == len(missing):
        for index, row in zip(missing, loose, strict=True):
            matched[index] = row
    return matched


def rows_of(told: Json, name: str) -> list[Json]:
    """The rows under `results` or `errors`, without what is no object."""
    rows = told.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def is_error(row: Json) -> bool:
    """Whether a row of a batch answer is an error and not a record."""
    return "properties" not in row and ("category" in row or "message" in row or row.get("status") == "error")


def _traces(row: Json) -> list[str]:
    if isinstance(row.get("objectWriteTraceId"), str):
        return [row["objectWriteTraceId"]]
    traces = (row.get("context") or {}).get("objectWriteTraceId") or []
    return [str(trace) for trace in (traces if isinstance(traces, list) else [traces])]


def _association(to: str, type_id: int) -> Json:
    return {
        "to": {"id": to},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
    }
