"""Edits of a mapping set's document: each takes its text and gives the new one, comments and layout kept. Pure.

What an edit makes is checked where it is saved; an edit only refuses what it cannot do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mappings.documents.mapping_set import WordRule, to_plain_rule
from mappings.taxonomy import Category, Finality
from mappings.text import folded


class EditError(ValueError):
    """An edit that the document does not allow, in words, with what to do instead."""


def assign_labels(
    document: str,
    values: Sequence[str],
    category: Category,
    sub_reason: str | None = None,
    *,
    connection: str | None = None,
    field: str | None = None,
    secondary: Category | None = None,
    finality: Finality | None = None,
) -> str:
    """Have each of these reason values mean this, on one connection or in one field if they are named.

    A label that says so already for the same value and limits is changed; a new one goes before the others for its
    value, because the first that applies decides.
    """
    tables = _parsed(document)
    for value in dict.fromkeys(values):
        if not value.strip():
            raise EditError("An empty value cannot be a label; deals without a reason are `unknown.none_given`.")
        limits = {"connection": connection, "field": field}
        meaning = {"category": category, "sub_reason": sub_reason, "secondary": secondary, "finality": finality}
        _put_label(tables, value, limits, meaning)
    return _dumped(tables)


def remove_labels(
    document: str, values: Iterable[str], *, connection: str | None = None, field: str | None = None
) -> str:
    """Forget the labels for these values with exactly these limits; words decide again."""
    tables = _parsed(document)
    keys = {folded(value) for value in values}
    labels = tables.get("labels", [])
    gone = [
        place
        for place, row in enumerate(labels)
        if folded(row["value"]) in keys and (row.get("connection"), row.get("field")) == (connection, field)
    ]
    for place in reversed(gone):
        del labels[place]
    return _dumped(tables)


def put_rule(document: str, rule: WordRule) -> str:
    """Add a rule, or change the one with its id."""
    tables = _parsed(document)
    rows, plain = _rows(tables, "rules"), to_plain_rule(rule)
    present = next((row for row in rows if row["id"] == rule.id), None)
    if present is None:
        rows.append(_table(plain))
    else:
        _write_over(present, plain)
    return _dumped(tables)


def remove_rule(document: str, rule_id: str) -> str:
    """Forget a rule. Raises EditError where none has that id."""
    tables = _parsed(document)
    rows = tables.get("rules", [])
    for place, row in enumerate(rows):
        if row["id"] == rule_id:
            del rows[place]
            return _dumped(tables)
    raise EditError(f"No rule has the id '{rule_id}'.")


def put_scope(document: str, connection: str, scope: Mapping[str, Any]) -> str:
    """Give a connection this scope (as connections keep it), in place of what was said of it."""
    tables = _parsed(document)
    rows, plain = _rows(tables, "scopes"), {"connection": connection, **scope}
    for place, row in enumerate(rows):
        if row["connection"] == connection:
            del rows[place]
            break
    rows.append(_table(plain))
    return _dumped(tables)


def remove_scope(document: str, connection: str) -> str:
    """Say nothing of a connection's scope: what was said when it was connected counts again. Raises EditError."""
    tables = _parsed(document)
    rows = tables.get("scopes", [])
    for place, row in enumerate(rows):
        if row["connection"] == connection:
            del rows[place]
            return _dumped(tables)
    raise EditError(f"The document says nothing of the scope of '{connection}'.")


def put_sub_reason(document: str, category: Category, name: str, says: str) -> str:
    """Add a sub-reason under a category, or change what it says."""
    tables = _parsed(document)
    rows = tables.setdefault("sub_reasons", {})
    if str(category) not in rows:
        rows[str(category)] = {}
    rows[str(category)][name] = says
    return _dumped(tables)


def remove_sub_reason(document: str, category: Category, name: str) -> str:
    """Forget a sub-reason. Raises EditError, with the count, where labels, rules or concepts still use it."""
    tables = _parsed(document)
    uses = list(_uses(tables, category, name))
    if uses:
        raise EditError(
            f"{category}.{name} is used by {len(uses)} label(s), rule(s) or concept(s), such as {uses[0][0]}; "
            "give them another sub-reason first."
        )
    rows = tables.get("sub_reasons", {}).get(str(category), {})
    if name not in rows:
        raise EditError(f"There is no sub-reason {category}.{name}.")
    del rows[name]
    return _dumped(tables)


def rename_sub_reason(document: str, category: Category, name: str, new_name: str) -> str:
    """Give a sub-reason another name, wherever it is used. Raises EditError where the name is taken."""
    tables = _parsed(document)
    rows = tables.get("sub_reasons", {}).get(str(category), {})
    if name not in rows:
        raise EditError(f"There is no sub-reason {category}.{name}.")
    if new_name in rows:
        raise EditError(f"There is a sub-reason {category}.{new_name} already.")
    rows[new_name] = str(rows[name])
    del rows[name]
    for _, row in _uses(tables, category, name):
        row["sub_reason"] = new_name
    return _dumped(tables)


def sub_reason_uses(document: str, category: Category, name: str) -> int:
    """How many labels, rules and concepts of the document use a sub-reason."""
    return len(list(_uses(_parsed(document), category, name)))


Table = Any
"""A table of tomlkit's: a mapping that remembers its layout."""


def _parsed(document: str) -> Table:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(document if document.endswith("\n") else document + "\n")  # what is added comes after it
    except TOMLKitError as error:
        raise EditError(f"The document is not valid TOML: {error}") from error


def _dumped(tables: Table) -> str:
    import tomlkit

    for name in ("labels", "rules", "scopes"):  # an empty list would be written at the top of the document
        if name in tables and not tables[name]:
            del tables[name]
    return tomlkit.dumps(tables)


def _table(values: Mapping[str, Any]) -> Table:
    import tomlkit

    table = tomlkit.table()
    _write_over(table, values)
    return table


def _rows(tables: Table, name: str) -> Table:
    import tomlkit

    if not tables.get(name):
        tables[name] = tomlkit.aot()
    return tables[name]


def _write_over(row: Table, values: Mapping[str, Any]) -> None:
    """Set what is given, and take out what is not."""
    for gone in [key for key in row if key not in values]:
        del row[gone]
    for key, value in values.items():
        if row.get(key) != value:
            row[key] = value


def _put_label(tables: Table, value: str, limits: Mapping[str, str | None], meaning: Mapping[str, str | None]) -> None:
    rows, key = _rows(tables, "labels"), folded(value)
    same = [place for place, row in enumerate(rows) if folded(row["value"]) == key]
    wanted = {"value": value, **limits, **{name: said and str(said) for name, said in meaning.items()}}
    plain = {name: said for name, said in wanted.items() if said}
    for place in same:
        if all(rows[place].get(name) == limit for name, limit in limits.items()):
            _write_over(rows[place], plain)
            return
    if same:
        rows.insert(same[0], _table(plain))
    else:
        rows.append(_table(plain))


def _uses(tables: Table, category: Category, name: str) -> Iterator[tuple[str, Table]]:
    """Every entry that means this sub-reason, with the name people know it by."""
    entries = [
        *((f'the label "{row["value"]}"', row) for row in tables.get("labels", [])),
        *((f"the rule {row['id']}", row) for row in tables.get("rules", [])),
        *((f"the concept {key}", row) for key, row in tables.get("concepts", {}).items()),
    ]
    for says, row in entries:
        if (row["category"], row.get("sub_reason")) == (str(category), name):
            yield says, row
