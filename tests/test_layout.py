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


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_module_is_read_in_one_sitting() -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}

    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}, "split them in two"


def test_a_module_says_in_its_first_line_what_it_is_about() -> None:
    said = {name_of(path): (ast.get_docstring(parsed(path)) or "").splitlines() for path in MODULES}

    assert [name for name, lines in said.items() if not lines or not lines[0].strip()] == []


def test_no_function_is_longer_than_a_screen() -> None:
    functions = {
        f"{name_of(path)}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: lines for name, lines in functions.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_typed_and_introduces_itself(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()
    readme = (ROOT / package / "README.md").read_text(encoding="utf-8")
    assert "## Decisions" in readme


def test_a_module_is_named_where_its_package_is_described() -> None:
    """In the README nearest to it, by its name, its kind (`*_schemas.py`) or its folder (`views/`)."""
    unnamed = []
    for path in MODULES:
        folder = next(above for above in path.parents if (above / "README.md").exists())
        readme = (folder / "README.md").read_text(encoding="utf-8")
        kind = f"*_{path.stem.rpartition('_')[2]}.py"
        folders = (f"`{name}/`" for name in path.relative_to(folder).parts[:-1])
        if not path.stem.startswith("__") and not any(
            name in readme for name in (path.name, f"`{path.stem}`", kind, *folders)
        ):
            unnamed.append(name_of(path))

    assert unnamed == [], "add a row to the table of modules"


def test_no_file_holds_both_sides_of_an_unfinished_merge() -> None:
    kinds = ("*.md", "*.toml", "*.py", "*.html", "*.css", "*.js", "*.yml", "*.txt")
    written = (
        path for package in (*PACKAGES, "tests", "docs") for kind in kinds for path in (ROOT / package).rglob(kind)
    )
    marked = [
        name_of(path) for path in (*written, *ROOT.glob("*.md")) if "\n<<<<<<< " in path.read_text(encoding="utf-8")
    ]

    assert marked == [], "choose one side, or put both into one sentence"
