"""The shape of the code: modules short enough to read in one sitting, typed, and with a first line that says what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("mappings", "connectors", "service")
MIGRATIONS = ROOT / "service" / "store" / "migrations" / "versions"
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.parent != MIGRATIONS)
MOST_LINES = 300
LONGEST_FUNCTION = 60


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= MOST_LINES, "split it in two"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_in_its_first_line_what_it_is_about(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    assert docstring
    assert docstring.splitlines()[0].strip()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    long = {one.name: one.end_lineno - one.lineno + 1 for one in functions if one.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_typed_and_introduces_itself(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()
    readme = (ROOT / package / "README.md").read_text(encoding="utf-8")
    assert "## Decisions" in readme
