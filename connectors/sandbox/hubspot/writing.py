"""Creating, changing, archiving and merging records, with everything that follows from it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from connectors.sandbox.hubspot.calculated import assign, compute_deal, compute_task, enter_stage, roll_up, stamp
from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.problems import Problem
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.validation import accept_properties, check_result, check_unique, require_on_create
from connectors.sandbox.hubspot.values import iso

Target = tuple[int, int]  # an association to make: type id, id of the other record


def accept_new(state: State, kind: ObjectType, given: object, *, is_dated: bool) -> dict[str, str]:
    """The values of a record to be made; raises Problem where it is refused."""
    accepted = {name: value for name, value in accept_properties(state, kind, given).items() if value}
    require_on_create(state, kind, accepted)
    check_result(state, kind, accepted, is_dated=is_dated)
    check_unique(state, kind, accepted, own_id=None)
    return accepted


def insert_record(
    state: State, kind: ObjectType, accepted: dict[str, str], targets: Sequence[Target], *, now_ms: int
) -> Record:
    """Keep a new record whose values were accepted."""
    table = state.table(kind.name)
    record = Record(id=table.new_id(), properties=accepted, created_ms=now_ms, modified_ms=now_ms)
    if kind.name == "tasks":
        accepted.setdefault("hs_task_status", "NOT_STARTED")
        _store_html(state, record)
    accepted["hs_object_id"] = str(record.id)
    accepted[kind.created] = iso(now_ms)
    table.add(record)
    for type_id, other_id in targets:
        state.links.connect(type_id, record.id, other_id)
    if kind.name == "deals":
        enter_stage(record, None, at_ms=now_ms)
    _follow(state, kind, record, at_ms=now_ms)
    table.hide_new(record, visible_ms=now_ms + state.lag_ms, now_ms=now_ms)
    return record


def accept_changes(state: State, kind: ObjectType, record: Record, given: object, *, is_dated: bool) -> dict[str, str]:
    """The new values of a record ("" clears); raises Problem where they are refused."""
    accepted = accept_properties(state, kind, given)
    after = {**record.properties, **accepted}
    missing = [name for name in kind.required if not after.get(name)]
    if missing:
        raise Problem(400, f"{missing[0]} is required and cannot be cleared", context={"properties": missing})
    check_result(state, kind, after, is_dated=is_dated)
    check_unique(state, kind, accepted, own_id=record.id)
    return accepted


def change_record(
    state: State, kind: ObjectType, record: Record, accepted: dict[str, str], *, at_ms: int, source: str = "INTEGRATION"
) -> None:
    """Store accepted values and recompute what depends on them."""
    state.touch(kind.name, record, at_ms)
    stage_before = record.properties.get("dealstage")
    for name, value in accepted.items():
        assign(record, name, value, at_ms=at_ms, source=source)
    if kind.name == "tasks" and "hs_task_body" in accepted:
        _store_html(state, record)
    if kind.name == "deals":
        _close_when_moved(state, record, stage_before, accepted, at_ms=at_ms)
        enter_stage(record, stage_before, at_ms=at_ms)
    _follow(state, kind, record, at_ms=at_ms)


def archive_record(state: State, kind: ObjectType, record: Record, *, now_ms: int) -> None:
    """Put a record into the recycle bin; its associations go with it."""
    state.touch(kind.name, record, now_ms)
    if kind.name == "tasks":
        roll_up(state, record, at_ms=now_ms)
    stamp(state, kind.name, record, now_ms)
    for other_type, other_id in state.links.neighbours(kind.name, record.id):
        state.links.disconnect(kind.name, record.id, other_type, other_id)
    state.table(kind.name).archive(record, now_ms)


def merge_records(state: State, kind: ObjectType, survivor: Record, absorbed: Record, *, now_ms: int) -> None:
    """Let `absorbed` vanish into `survivor`, which keeps its own values and takes those it has not."""
    state.touch(kind.name, survivor, now_ms)
    for name, value in absorbed.properties.items():
        if name not in survivor.properties and not state.properties[kind.name][name].is_read_only:
            assign(survivor, name, value, at_ms=now_ms)
    earlier = [ids for ids in (survivor, absorbed) if "hs_merged_object_ids" in ids.properties]
    merged = ";".join([*(one.properties["hs_merged_object_ids"] for one in earlier), str(absorbed.id)])
    assign(survivor, "hs_merged_object_ids", merged, at_ms=now_ms)
    state.links.move(kind.name, absorbed.id, survivor.id)
    state.table(kind.name).absorb(absorbed, into=survivor)
    _follow(state, kind, survivor, at_ms=now_ms)


def _follow(state: State, kind: ObjectType, record: Record, *, at_ms: int) -> None:
    if kind.name == "deals":
        compute_deal(state, record, at_ms=at_ms)
    if kind.name == "tasks":
        compute_task(record, at_ms=at_ms)
        roll_up(state, record, at_ms=at_ms)
    stamp(state, kind.name, record, at_ms)


def _close_when_moved(
    state: State, record: Record, before: str | None, accepted: dict[str, str], *, at_ms: int
) -> None:
    found = state.stage(record.properties["dealstage"])
    was = state.stage(before) if before else None
    is_closing = found is not None and found[1].is_closed and not (was and was[1].is_closed)
    if is_closing and "closedate" not in accepted:
        assign(record, "closedate", iso(at_ms), at_ms=at_ms)


def _store_html(state: State, record: Record) -> None:
    """Keep a task's body as the editor of a portal would write it: the same to a reader, not the same bytes."""
    body = record.properties.get("hs_task_body")
    if body is None or not state.settings.rewrites_html or body.startswith("<div style="):
        return
    body = re.sub(r"<br\s*/>", "<br>", body)
    body = re.sub(r"&(#39|#x27|quot|apos);", lambda found: html.unescape(found.group()), body)
    record.properties["hs_task_body"] = f'<div style="" dir="auto" data-top-level="true">{body}</div>'
