"""A readable page of the API, made of its OpenAPI document and served by ourselves."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, json, render_template, request

from service.api.described import ABOUT, ProblemApi, operations
from service.api.routes import PREFIX

Parts = list[tuple[str, bool]]
"""The parts of a text, and whether each is code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One thing that is sent: a parameter, or a member of the body."""

    name: str
    place: str
    kind: str
    is_needed: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as the page shows it."""

    id: str
    method: str
    path: str
    says: Parts
    scopes: list[str]
    given: list[Given]
    curl: str
    answer: str
    done: str
    wrong: list[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class Subject:
    """The calls about one thing."""

    name: str
    says: str
    calls: list[Call] = field(default_factory=list)


def docs_blueprint(api: ProblemApi) -> Blueprint:
    """The page, for anybody: it holds nothing of this installation."""
    blueprint = Blueprint("api_docs", __name__, template_folder="templates")

    @blueprint.get(f"{PREFIX}/docs")
    def docs() -> str:
        document = json.loads(api.document())
        base = request.url_root.rstrip("/")
        return render_template("api_docs.html", about=_paragraph(ABOUT), subjects=subjects(document, base), base=base)

    return blueprint


def subjects(document: Mapping[str, Any], base: str) -> list[Subject]:
    """The whole API by subject, in the order of the document."""
    found = {tag["name"]: Subject(name=tag["name"], says=tag["description"]) for tag in document["tags"]}
    for path, method, operation in operations(document):
        found[operation["tags"][0]].calls.append(_call(document, path, method, operation, base))
    return list(found.values())


def _call(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any], base: str) -> Call:
    parameters = [*document["paths"][path].get("parameters", ()), *operation.get("parameters", ())]
    done = next(code for code in operation["responses"] if code.startswith("2"))
    answers = operation["responses"]
    body = operation.get("requestBody", {}).get("content", {})
    given = [_parameter(one) for one in parameters] + _members(document, body)
    return Call(
        id=operation["operationId"].replace(".", "-"),
        method=method.upper(),
        path=path,
        says=_paragraph(f"{operation['summary']} {operation.get('description', '')}".strip()),
        scopes=operation.get("x-scopes", []),
        given=given,
        curl=_curl(base, path, method, parameters, body, "428" in answers),
        answer=_shown(answers[done].get("content", {})),
        done=f"{done} {HTTPStatus(int(done)).phrase}",
        wrong=[(code, one["description"]) for code, one in answers.items() if code[0] in "45"],
    )


def _parameter(one: Mapping[str, Any]) -> Given:
    return Given(
        name=one["name"],
        place=one["in"],
        kind=_kind(one.get("schema", {})),
        is_needed=one.get("required", False),
        says=one.get("description", ""),
    )


def _members(document: Mapping[str, Any], body: Mapping[str, Any]) -> list[Given]:
    """The members of a JSON body."""
    schema = _resolved(document, body.get("application/json", {}).get("schema", {}))
    needed = schema.get("required", ())
    return [
        Given(
            name=name,
            place="body",
            kind=_kind(_resolved(document, one)),
            is_needed=name in needed,
            says=one.get("description", ""),
        )
        for name, one in schema.get("properties", {}).items()
    ]


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    """A type in words, with the values there are."""
    named = schema.get("type", "any")
    kinds = [one for one in (named if isinstance(named, list) else [named]) if one != "null"]
    kind = " or ".join(kinds)
    if schema.get("format") in ("date", "date-time"):
        kind = "day" if schema["format"] == "date" else "instant"
    if kind == "array":
        kind = f"list of {_kind(schema.get('items', {}))}"
    values = [str(one) for one in schema.get("enum", ()) if one is not None]
    return f"{kind}: {', '.join(values)}" if values else kind


def _curl(base: str, path: str, method: str, parameters: list[Any], body: Mapping[str, Any], is_edit: bool) -> str:
    """A line that can be pasted into a shell; the token is a variable of it."""
    query = "&".join(
        f"{one['name']}={one['example']}" for one in parameters if one["in"] == "query" and "example" in one
    )
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one.get("example", one["name"])))
    lines = [f"curl {base}{path}" if not query else f"curl {shlex.quote(f'{base}{path}?{query}')}"]
    if method != "get":
        lines.append(f"-X {method.upper()}")
    lines.append('-H "Authorization: Bearer $REKINDLE_TOKEN"')
    if method == "post":
        lines.append("-H 'Idempotency-Key: my-key-1'")
    if is_edit:
        lines.append("-H 'If-Match: \"1\"'")
    for media, content in body.items():
        lines.append(f"-H 'Content-Type: {media}'")
        example = content.get("example", {})
        text = example if isinstance(example, str) else json.dumps(example, sort_keys=False, ensure_ascii=False)
        lines.append(f"--data-binary {shlex.quote(text)}")
    return " \\\n  ".join(lines)


def _shown(content: Mapping[str, Any]) -> str:
    for one in content.values():
        example = one.get("example")
        if example is not None:
            return (
                example
                if isinstance(example, str)
                else json.dumps(example, indent=2, sort_keys=False, ensure_ascii=False)
            )
    return ""


def _paragraph(text: str) -> Parts:
    """The parts of a text and whether each is code, as between backquotes."""
    return [(part, place % 2 == 1) for place, part in enumerate(text.split("`")) if part]
