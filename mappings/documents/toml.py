"""Reading TOML documents so that every complaint names its line and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault in a document: its line (from 1, None where it has none), where it stands, and the remedy."""

    line: int | None
    path: str
    says: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "document"
        return f"{place}: {self.path}: {self.says}" if self.path else f"{place}: {self.says}"


class DocumentError(ValueError):
    """A document that cannot be used. `problems` lists every fault found, in the order of the lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def load_toml(text: str) -> dict[str, Any]:
    """The document's tables. Raises DocumentError naming the line of a syntax error."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        says = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise DocumentError([Problem(line=line, path="", says=f"not valid TOML: {says}")]) from error


def schema_problems(text: str, messages: object) -> list[Problem]:
    """marshmallow's nested error messages as problems with their lines."""
    return [Problem(line=line_of(text, path), path=_spell(path), says=says) for path, says in _flatten(messages, ())]


def line_of(text: str, path: Path) -> int | None:
    """The line on which the key or table at `path` stands; that of its nearest parent where it is not written.

    Knows the layout our documents use: `[table]`, `[[list]]`, `key = value`, one key a line.
    """
    best: tuple[int, int] | None = None
    for line, here in _places(text):
        depth = _common(path, here)
        if depth in (len(here), len(path)) and depth > (best[0] if best else 0):
            best = (depth, line)
    return best[1] if best else None


def _places(text: str) -> list[tuple[int, tuple[str | int, ...]]]:
    """Every header and key of the text with its full path; list tables are numbered from 0."""
    places: list[tuple[int, tuple[str | int, ...]]] = []
    counts: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, raw in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[(\[)?\s*([^\[\]]+?)\s*\]", raw):
            names = _resolve(_names(header.group(2)), counts, whole=not header.group(1))
            if header.group(1):
                counts[names] = counts.get(names, -1) + 1
                names = (*names, counts[names])
            table = names
            places.append((number, table))
        elif key := re.match(r"\s*((?:\"[^\"]*\"|'[^']*'|[\w.-])+)\s*=", raw):
            places.append((number, (*table, *_names(key.group(1)))))
    return places


def _resolve(names: tuple[str, ...], counts: dict[tuple[str | int, ...], int], *, whole: bool) -> tuple[str | int, ...]:
    """The path of a header, with the present index put in after each list of tables it goes through."""
    path: tuple[str | int, ...] = ()
    for position, name in enumerate(names):
        path = (*path, name)
        is_last = position == len(names) - 1
        if path in counts and (whole or not is_last):
            path = (*path, counts[path])
    return path


def _names(dotted: str) -> tuple[str, ...]:
    parts = re.findall(r"\"([^\"]*)\"|'([^']*)'|([^.\s\"']+)", dotted)
    return tuple(next(part for part in found if part) for found in parts if any(found))


def _common(path: Path, here: Path) -> int:
    depth = 0
    for wanted, present in zip(path, here, strict=False):
        if wanted != present:
            break
        depth += 1
    return depth


def _flatten(messages: object, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(messages, dict):
        return [
            found
            for key, value in messages.items()
            for found in _flatten(value, path if key == "_schema" else (*path, key))
        ]
    if isinstance(messages, list):
        return [(path, str(message)) for message in messages]
    return [(path, str(messages))]


def _spell(path: Path) -> str:
    spelt = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return spelt.removeprefix(".")
