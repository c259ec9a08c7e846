"""Asking the API what its own document allows and forbids, as each kind of person and as nobody."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.api.described import examples
from service.people.roles import Scope
from service.store.session import open_store
from tests.api_examples.__main__ import make_world
from tests.integration.api.api_world import ApiWorld, Caller
from tests.tables import with_tables

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CALLERS: dict[str, tuple[str, tuple[Scope, ...]] | None] = {
    "admin": ("ada@x.example", tuple(Scope)),
    "manager": ("max@x.example", tuple(Scope)),
    "rep": ("rep-1@x.example", tuple(Scope)),
    "viewer": ("vic@x.example", tuple(Scope)),
    "restricted": ("ada@x.example", (Scope.READ,)),
    "nobody": None,
}


@dataclass
class Fuzzed:
    """A small sales world that is put back as it was before each call is tried."""

    home: Path
    world: ApiWorld = field(init=False)
    callers: dict[str, Caller] = field(init=False)
    schema: Any = field(init=False)

    def __post_init__(self) -> None:
        store = open_store(f"sqlite:///{self.home / 'rekindle.db'}", is_durable=False)
        with_tables(store)
        self.world = ApiWorld(store, self.home)
        make_world(self.world)
        self.callers = {
            name: self.world.nobody() if one is None else self.world.caller(one[0], *one[1])
            for name, one in CALLERS.items()
        }
        _fill(self.callers["admin"])
        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", self.world.service)
        self._copy("rekindle.db", "kept.db")

    def put_back(self) -> None:
        """The database as it was made."""
        self._copy("kept.db", "rekindle.db")

    def operations(self) -> Iterator[Any]:
        """Every call of the document."""
        for found in self.schema.get_all_operations():
            yield found.ok()

    def _copy(self, source: str, target: str) -> None:
        self.world.store.dispose()
        shutil.copyfile(self.home / source, self.home / target)


def ask(fuzzed: Fuzzed, operation: Any, caller: Caller, *, most: int, is_random: bool) -> None:
    """Send what the document allows, and what it does not; every answer must be one that it tells of."""
    strategy = operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=most,
        deadline=None,
        derandomize=not is_random,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(case=strategy, is_real=st.booleans(), is_known=st.booleans())
    def every(case: Any, is_real: bool, is_known: bool) -> None:
        if is_real:
            _aim(case, caller, is_known=is_known)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it says of its own requests is not about the answers
            case.call_and_validate(headers=caller.headers, checks=CHECKS)

    fuzzed.put_back()
    every()


def _fill(admin: Caller) -> None:
    """A person, a rule, a preview and a run, so that calls about them have something to meet."""
    draft = "/documents/mappings/draft"
    admin.ask("POST", "/people", {"email": "ann@x.example", "role": "rep"})
    rule = {"category": "timing", "any": ["on ice"]}
    tag = admin.call("GET", draft).headers["ETag"]
    tag = admin.call("PUT", f"{draft}/rules/on_ice", rule, If_Match=tag).headers["ETag"]
    admin.ask("PUT", f"{draft}/sub-reasons/budget/moved", {"says": "Elsewhere."}, If_Match=tag)
    admin.ask("POST", "/documents/mappings/previews", {})
    admin.ask("POST", "/connections/acme/sync", {})


def _aim(case: Any, caller: Caller, *, is_known: bool) -> None:
    """Let a call meet something that is there, at the edition it has; with a body that is known to be good."""
    example = examples().get(case.operation.definition.raw.get("operationId", ""), {})
    if example.get("path"):
        case.path_parameters = {**example["path"], **({"run_id": 1} if "run_id" in example["path"] else {})}
    if is_known and "takes" in example and isinstance(example["takes"], dict):
        case.body = deepcopy(example["takes"])
    if "If-Match" in str(case.operation.definition.raw.get("parameters", "")):
        path = "/documents/policy/draft" if "/policy/" in case.path else "/documents/mappings/draft"
        tag = caller.call("GET", path).headers.get("ETag")
        if tag:
            case.headers = {**(case.headers or {}), "If-Match": tag}
