"""The pages that are written for people, and what is in them: headings, links, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("connectors", "deploy", "docs", "mappings", "service", "tests")
DOCS = ROOT / "docs"
GUIDES = tuple(sorted((DOCS / "guides").glob("*.md")))
WALKED = (ROOT / "README.md", *GUIDES, ROOT / "deploy/salesforce/README.md", ROOT / "deploy/hubspot/README.md")
"""Pages that a reader follows line by line."""


def pages() -> list[Path]:
    """Every page of the project."""
    found = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
    return sorted(path for path in found if "node_modules" not in path.parts)


def name_of(path: Path) -> str:
    """A page as a test names it."""
    return path.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.DOTALL | re.MULTILINE)


def links(text: str) -> list[str]:
    """Where the links and pictures of a page lead, but for those to other sites."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(text)) + re.findall(r'(?:src|srcset|href)="([^"]+)"', prose(text))
    return [one for one in found if not re.match(r"[a-z]+:", one)]


def anchors(text: str) -> set[str]:
    """The names by which the headings of a page can be linked to, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        base = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        name, number = base, 0
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found.add(name)
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One command of a page, as a reader would type it: without the comment behind it."""

    page: Path
    number: int
    text: str

    @property
    def words(self) -> list[str]:
        """What it consists of, up to where a shell would take over."""
        import shlex

        return shlex.split(re.split(r" [|<>]|\|\||&&|>>", self.text)[0], comments=True)


def shell_lines(path: Path) -> Iterator[Line]:
    """The commands of the page's shell blocks, in order. Lines that end in a backslash go on; loops are one line."""
    text = path.read_text(encoding="utf-8")
    for block in re.finditer(r"^( *)```sh\n(.*?)^\1```$", text, flags=re.DOTALL | re.MULTILINE):
        first = text.count("\n", 0, block.start(2)) + 1
        number, pending = first, ""
        for offset, raw in enumerate(block.group(2).splitlines()):
            pending, number = (f"{pending}\n{raw}", number) if pending else (raw, first + offset)
            is_open = pending.rstrip().endswith("\\") or (pending.startswith("for ") and raw.strip() != "done")
            if is_open:
                continue
            command = re.sub(r"\s+# .*$", "", pending.strip().replace("\\\n", " "))
            pending = ""
            if command and not command.startswith("#"):
                yield Line(path, number, command)


def spans(text: str) -> list[str]:
    """Commands of ours within sentences."""
    found = re.findall(r"(?<!`)`(rekindle [^`]+)`", prose(text))
    return [" ".join(one.split()) for one in found]
