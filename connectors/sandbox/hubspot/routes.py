"""Which handler answers which path, in both families of paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.sandbox.hubspot import associations_api, definitions_api, objects_api
from connectors.sandbox.hubspot.batch_api import BATCHES
from connectors.sandbox.hubspot.call import Call, kind_of
from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.problems import Problem, not_found
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.wire import Response

DATED_VERSIONS = ("2026-03", "2026-09")
_AREAS = {
    "v3": {"objects", "properties", "pipelines", "owners"},
    "v4": {"objects", "associations"},
    **{version: {"objects", "properties", "pipelines", "owners", "associations"} for version in DATED_VERSIONS},
}
_SEARCH = re.compile(r"/crm/(v3/objects|objects/\d{4}-\d\d)/[^/]+/search/?")


def is_search(path: str) -> bool:
    """Whether a path is a search, which has a limit of its own."""
    return _SEARCH.fullmatch(path) is not None


def split_path(words: Sequence[str]) -> tuple[str, str, tuple[str, ...]]:
    """Area, version and the rest of a path under /crm; raises the 404."""
    match tuple(words):
        case ("crm", ("v3" | "v4") as version, area, *rest):
            pass
        case ("crm", area, version, *rest) if version in DATED_VERSIONS:
            pass
        case _:
            raise not_found()
    if area not in _AREAS[version]:
        raise not_found()
    return area, version, tuple(rest)


def dispatch(state: State, call: Call, area: str) -> Response:
    """The answer of the handler the path names."""
    words = call.words
    match area:
        case "objects":
            return _objects(state, call, words)
        case "associations":
            return _associations(state, call, words)
        case "properties" if words:
            return definitions_api.properties(state, call, words)
        case "pipelines" if words and call.method == "GET":
            return definitions_api.pipelines(state, call, words)
        case "owners" if call.method == "GET":
            return definitions_api.owners(state, call, words)
    raise not_found()


def _objects(state: State, call: Call, words: tuple[str, ...]) -> Response:
    if not words:
        raise not_found()
    kind = kind_of(words[0])
    if len(words) > 3 and words[2] == "associations":
        return _record_associations(state, call, words)
    if call.version == "v4":
        raise not_found()
    match (call.method, words[1:]):
        case ("GET", ()):
            return objects_api.list_records(state, call, kind)
        case ("POST", ()):
            return objects_api.post_record(state, call, kind)
        case ("POST", ("search",)):
            return objects_api.search(state, call, kind)
        case ("POST", ("merge",)) if call.version != "2026-09":
            return objects_api.merge(state, call, kind)
        case ("POST", ("batch", action)) if action in BATCHES:
            return BATCHES[action](state, call, kind)
        case (_, (word,)) if call.method != "POST":
            return _one_object(state, call, kind, word)
        case (_, () | (_,) | ("batch", _)):
            raise _wrong_method()
    raise not_found()


def _one_object(state: State, call: Call, kind: ObjectType, word: str) -> Response:
    match call.method:
        case "GET":
            return objects_api.read_record(state, call, kind, word)
        case "PATCH":
            return objects_api.patch_record(state, call, kind, word)
        case "DELETE":
            return objects_api.delete_record(state, call, kind, word)
    raise _wrong_method()


def _record_associations(state: State, call: Call, words: tuple[str, ...]) -> Response:
    near, word = kind_of(words[0]), words[1]
    if call.version == "v3":
        raise not_found()
    match (call.method, words[3:]):
        case ("GET", (to,)) if call.version != "2026-09":  # of this version only the batch read is published
            return associations_api.list_one(state, call, near, word, kind_of(to))
        case ("PUT", ("default", to, to_word)):
            return associations_api.put_one(state, call, near, word, kind_of(to), to_word, is_default=True)
        case ("PUT", (to, to_word)):
            return associations_api.put_one(state, call, near, word, kind_of(to), to_word, is_default=False)
        case ("DELETE", (to, to_word)):
            return associations_api.delete_one(state, call, near, word, kind_of(to), to_word)
    raise not_found()


def _associations(state: State, call: Call, words: tuple[str, ...]) -> Response:
    match words:
        case (near, far, "batch", *rest):
            if call.method != "POST":
                raise _wrong_method()
            return associations_api.batch(state, call, kind_of(near), kind_of(far), tuple(rest))
    raise not_found()


def _wrong_method() -> Problem:
    return Problem(405, "HTTP 405 Method Not Allowed", category=None)
