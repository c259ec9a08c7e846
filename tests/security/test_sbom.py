"""The bill of materials names every locked part, with what it is checked by."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import Any

import orjson
import pytest

from tests.security.sbom import LOCK, ROOT, bill_of, read_lock

TEXT = LOCK.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return bill_of(TEXT, version="1.2.3")


def test_the_bill_of_materials_holds_every_locked_part_with_its_hashes(bill: dict[str, Any]) -> None:
    pinned = set(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", TEXT, re.MULTILINE))

    assert {(part["name"], part["version"]) for part in bill["components"]} == pinned
    assert sum(len(part["hashes"]) for part in bill["components"]) == TEXT.count("--hash=sha256:")
    assert len({part["bom-ref"] for part in bill["components"]}) == len(pinned)


def test_what_the_project_asks_for_hangs_on_it_and_every_part_hangs_on_something(bill: dict[str, Any]) -> None:
    graph = {one["ref"]: set(one["dependsOn"]) for one in bill["dependencies"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {re.split(r"[\[<>=~! ]", one)[0].lower().replace("_", "-") for one in project["dependencies"]}

    direct = {ref.removeprefix("pkg:pypi/").partition("@")[0] for ref in graph["pkg:pypi/rekindle-crm@1.2.3"]}
    assert direct == asked
    assert set().union(*graph.values()) == {part["bom-ref"] for part in bill["components"]}


def test_a_part_without_a_hash_stops_it() -> None:
    with pytest.raises(ValueError, match="flask has no hash"):
        list(read_lock("flask==3.1.3\n    # via rekindle-crm (pyproject.toml)\n"))


def test_the_command_writes_the_same_bytes_each_time() -> None:
    once, again = (
        subprocess.run([sys.executable, "-m", "tests.security.sbom"], cwd=ROOT, capture_output=True, check=True).stdout
        for _ in range(2)
    )

    assert once == again
    found = orjson.loads(once)
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
