"""Edits of a policy's document: each takes its text and gives the new one, comments and layout kept. Pure.

What an edit makes is checked where it is saved, so values are written as they come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.documents.mapping_edits import EditError
from mappings.documents.policy import parse_policy, settings_of
from mappings.documents.policy_values import TaskTemplate

Path = tuple[str, ...]


def put_settings(document: str, values: Mapping[Path, Any]) -> str:
    """Set what differs; None takes a setting out, so that it is as shipped."""
    tables, known = _parsed(document), settings_of(parse_policy(document))
    for path, value in values.items():
        if _at(known, path) != value:
            _put(tables, path, value)
    return _dumped(tables)


def put_blackout(document: str, spans: Sequence[tuple[str, str]]) -> str:
    """Have exactly these spans, written "12-20"; none at all is an empty list."""
    import tomlkit

    wanted = [{"from": first, "to": last} for first, last in spans]
    tables = _parsed(document)
    if settings_of(parse_policy(document)).get("blackout", []) == wanted:
        return document
    if "blackout" in tables:
        del tables["blackout"]
    if wanted:
        rows = tomlkit.aot()
        for one in wanted:
            rows.append(_table(one))
        tables["blackout"] = rows
        return _dumped(tables)
    return "blackout = []\n" + _dumped(tables)  # a plain value has to stand before the first table


def put_task(document: str, task: TaskTemplate) -> str:
    """Change what the task of a purpose says, or add a text for a kind of loss (`when`)."""
    tables = _with_tasks(document)
    wanted = {
        "purpose": str(task.purpose),
        **({"when": task.when} if task.when else {}),
        "subject": list(task.subject),
        "do": task.do,
        "questions": list(task.questions),
    }
    for row in tables["task"]:
        if _is_for(row, task.purpose, task.when):
            for key, value in wanted.items():
                if row.get(key) != value:
                    row[key] = value
            return _dumped(tables)
    tables["task"].append(_table(wanted))
    return _dumped(tables)


def remove_task(document: str, purpose: str, when: str | None) -> str:
    """Forget a text for one kind of loss. Raises EditError for the one that stands for all others."""
    if not when:
        raise EditError("The text for all other kinds of loss has to stay: something must be said.")
    tables = _with_tasks(document)
    for place, row in enumerate(tables["task"]):
        if _is_for(row, purpose, when):
            del tables["task"][place]
            return _dumped(tables)
    raise EditError(f"There is no text of {purpose} for {when}.")


def _is_for(row: Mapping[str, Any], purpose: str, when: str | None) -> bool:
    return row["purpose"] == str(purpose) and (row.get("when") or None) == (when or None)


def _with_tasks(document: str) -> Any:
    """The document's tables with its task texts written out; a document may leave them out."""
    import tomlkit

    tables = _parsed(document)
    if "task" not in tables:
        rows = tomlkit.aot()
        for one in settings_of(parse_policy(document))["task"]:
            rows.append(_table(one))
        tables["task"] = rows
    return tables


def _at(settings: Mapping[str, Any], path: Path) -> Any:
    there: Any = settings
    for name in path:
        there = there.get(name) if isinstance(there, Mapping) else None
    return there


def _put(tables: Any, path: Path, value: Any) -> None:
    import tomlkit

    *parents, name = path
    for parent in parents:
        if parent not in tables:
            if value is None:
                return
            tables[parent] = tomlkit.table()
        tables = tables[parent]
    if value is not None:
        tables[name] = value
    elif name in tables:
        del tables[name]


def _table(values: Mapping[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.table()
    for key, value in values.items():
        table[key] = value
    return table


def _parsed(document: str) -> Any:
    import tomlkit

    return tomlkit.parse(document if document.endswith("\n") else document + "\n")


def _dumped(tables: Any) -> str:
    import tomlkit

    return tomlkit.dumps(tables)
