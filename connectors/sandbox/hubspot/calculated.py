"""Properties HubSpot computes: stage flags and dates of deals, completion of tasks, activity roll-ups."""

from __future__ import annotations

from connectors.sandbox.hubspot.records import Change, Record
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import iso, parse_ms

_ACTIVITY_HOLDERS = ("deals", "companies", "contacts")
_DAY_MS = 86_400_000


def assign(record: Record, name: str, value: str, *, at_ms: int, source: str = "CALCULATED") -> None:
    """Set a value ("" clears it) and keep the one before in the property's history."""
    before = record.properties.get(name, "")
    if before == value:
        return
    changes = record.history.setdefault(name, [])
    if not changes and before:
        changes.append(Change(value=before, at_ms=record.created_ms, source=source))
    changes.insert(0, Change(value=value, at_ms=at_ms, source=source))
    if value:
        record.properties[name] = value
    else:
        record.properties.pop(name, None)


def stamp(state: State, object_type: str, record: Record, at_ms: int) -> None:
    """Set the date of the last change. It has no history."""
    record.modified_ms = at_ms
    record.properties[state.table(object_type).kind.modified] = iso(at_ms)


def enter_stage(record: Record, before: str | None, *, at_ms: int) -> None:
    """The dates of a move from one deal stage to another."""
    stage = record.properties["dealstage"]
    if stage == before:
        return
    if before:
        assign(record, f"hs_v2_date_exited_{before}", iso(at_ms), at_ms=at_ms)
    assign(record, f"hs_v2_date_exited_{stage}", "", at_ms=at_ms)
    assign(record, f"hs_v2_date_entered_{stage}", iso(at_ms), at_ms=at_ms)
    assign(record, "hs_v2_date_entered_current_stage", iso(at_ms), at_ms=at_ms)


def deal_values(state: State, record: Record) -> dict[str, str]:
    """The flags and sums that follow from a deal's stage, amount and close date."""
    found = state.stage(record.properties["dealstage"])
    if found is None:
        return {}
    _, stage = found
    closed_ms = parse_ms(record.properties.get("closedate", "")) if stage.is_closed else None
    return {
        "hs_is_closed": "true" if stage.is_closed else "false",
        "hs_is_closed_won": "true" if stage.is_won else "false",
        "hs_is_closed_lost": "true" if stage.is_lost else "false",
        "hs_deal_stage_probability": stage.probability,
        "hs_closed_amount": record.properties.get("amount", "0") if stage.is_won else "0",
        "days_to_close": str(max(0, closed_ms - record.created_ms) // _DAY_MS) if closed_ms else "",
    }


def compute_deal(state: State, record: Record, *, at_ms: int) -> None:
    """Set what `deal_values` gives."""
    for name, value in deal_values(state, record).items():
        assign(record, name, value, at_ms=at_ms)


def compute_task(record: Record, *, at_ms: int) -> None:
    """When a task was completed; cleared when it is opened again."""
    is_done = record.properties.get("hs_task_status") == "COMPLETED"
    if is_done != ("hs_task_completion_date" in record.properties):
        assign(record, "hs_task_completion_date", iso(at_ms) if is_done else "", at_ms=at_ms)


def roll_up(state: State, task: Record, *, at_ms: int) -> None:
    """What a task does to the records it is associated with: they count as changed, and as active."""
    for object_type in _ACTIVITY_HOLDERS:
        for record_id in state.links.of("tasks", task.id, object_type):
            record = state.table(object_type).find(record_id)
            if record is None:
                continue
            state.touch(object_type, record, at_ms)
            if state.settings.tasks_count_as_activity:
                assign(record, "notes_last_updated", iso(at_ms), at_ms=at_ms)
            stamp(state, object_type, record, at_ms)
