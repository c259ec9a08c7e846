"""The OpenAPI document as it is served: the library's, with the headers, refusals and examples of each call."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any

from flask import Flask, Response, json
from flask_smorest import Api, Blueprint

from service.api.problems import MEDIA_TYPE, ProblemSchema
from service.api.routes import PREFIX, WRONG

ABOUT = (
    "Everything that the web app does, for programs. Send a token as `Authorization: Bearer rk_api_...`; an admin "
    "makes one at People, or by `rekindle admin tokens`. A token may do what its scopes and its person's role both "
    "allow; a deal that is not the person's to see is not there. Days are ISO 8601 dates, instants are in UTC. "
    "Refusals are problem details (RFC 9457) with a `detail` and, where something can be done about it, a `remedy`."
)

_PART = re.compile(r"<(?:[^:<>]*:)?([^<>]+)>")
_JOB = {"$ref": "#/components/schemas/JobPart"}
_ALWAYS = (401, 422)
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Any text of yours. Sent again within a day, the call is answered as before and not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_ETAG = {"description": "What stands for what was given; send it back as If-Match.", "schema": {"type": "string"}}
_AGAIN = {"description": "The answer was given before.", "schema": {"type": "string"}}
_WHERE = {"description": "Where to ask how far it is.", "schema": {"type": "string"}}


class ProblemApi(Api):  # type: ignore[misc]  # the library ships no types
    """flask-smorest whose errors are problem details."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, flask: Flask) -> None:
        super().__init__(flask)
        self._undescribed: list[Blueprint] = []
        self._document = ""
        self._making = threading.Lock()

    def register_blueprint(self, part: Blueprint) -> None:
        """Its calls work; they are described where somebody asks for the document, which few processes are."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][part.name] = self
        self._app.register_blueprint(part)
        self._undescribed.append(part)

    def _openapi_json(self) -> Response:
        """The document made complete, once."""
        return Response(self.document(), mimetype="application/json")

    def document(self) -> str:
        """See `described`."""
        with self._making:
            while self._undescribed:
                part = self._undescribed.pop(0)
                part.register_views_in_doc(self, self._app, self.spec, name=part.name, parameters=None)
                self.spec.tag({"name": part.name, "description": part.description})
            if not self._document:
                self._document = json.dumps(described(self.spec.to_dict(), self._app), indent=1, sort_keys=False)
        return self._document

    def _register_error_handlers(self) -> None:
        """Nothing for the whole app: the API's own blueprints register theirs, pages keep theirs."""


def described(document: dict[str, Any], flask: Flask) -> dict[str, Any]:
    """The library's document made complete."""
    made = deepcopy(document)
    made["info"]["description"] = ABOUT
    made["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    made["servers"] = [{"url": "/"}]
    names = dict(_names(flask))
    for path, method, operation in operations(made):
        operation["operationId"] = names[path, method]
        _describe(operation, method, made["paths"][path].get("parameters", []))
    made["components"].pop("responses", None)
    return made


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every call of a document: its path, its method, what is said of it."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


@cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """Of each call what is asked and answered, recorded on made-up deals: {takes, query, gives}."""
    text = resources.files("service.api").joinpath("examples.json").read_text("utf-8")
    found: dict[str, Mapping[str, Any]] = json.loads(text)
    return found


def _describe(operation: dict[str, Any], method: str, path_parameters: list[dict[str, Any]]) -> None:
    answers = operation["responses"]
    done = next(code for code in answers if code.startswith("2"))
    is_edit = "412" in answers
    body = operation.get("requestBody")
    wrong = {*_ALWAYS, *(int(code) for code in answers if code[0] in "45")}
    wrong |= {403} if operation.get("x-scopes") else set()
    wrong |= {400} if body or method == "post" else set()
    wrong |= {409} if method == "post" else set()
    for code in wrong:
        answers[str(code)] = _problem(WRONG[code])
    answers["default"] = _problem("Any other refusal, or a failure on our side.")
    operation["responses"] = dict(sorted(answers.items()))
    _add_headers(operation, method, done, is_edit=is_edit)
    _add_examples(operation, done, path_parameters)


def _add_headers(operation: dict[str, Any], method: str, done: str, *, is_edit: bool) -> None:
    given: dict[str, Any] = {}
    parameters = operation.setdefault("parameters", [])
    if method == "post":
        parameters.append(deepcopy(_KEY))
        given["Idempotency-Replayed"] = _AGAIN
    if is_edit:
        is_needed = "428" in operation["responses"]
        says = "The ETag of what you saw." + ("" if is_needed else " Left out, whatever is there is changed.")
        parameters.append({"in": "header", "name": "If-Match", "description": says, "schema": {"type": "string"}})
        given["ETag"] = _ETAG
    if operation["responses"][done].get("content", {}).get("application/json", {}).get("schema") == _JOB:
        given["Location"] = _WHERE
    if given:
        operation["responses"][done]["headers"] = given
    if not parameters:
        del operation["parameters"]


def _add_examples(operation: dict[str, Any], done: str, path_parameters: list[dict[str, Any]]) -> None:
    example = examples().get(operation["operationId"], {})
    for one in path_parameters:
        if one["name"] in example.get("path", {}):
            one["example"] = example["path"][one["name"]]
    for name, value in example.get("query", {}).items():
        for one in operation.get("parameters", []):
            if one["in"] == "query" and one["name"] == name:
                one["example"] = value
    if "takes" in example:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example["takes"]
    if "gives" in example:
        for content in operation["responses"][done].get("content", {}).values():
            content["example"] = example["gives"]


def _problem(says: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": says, "content": content}


def _names(flask: Flask) -> Iterator[tuple[tuple[str, str], str]]:
    """The name of each call, by its path as OpenAPI writes it and its method."""
    for rule in flask.url_map.iter_rules():
        if rule.rule.startswith(PREFIX):
            for method in rule.methods or ():
                yield (_PART.sub(r"{\1}", rule.rule), method.lower()), rule.endpoint
