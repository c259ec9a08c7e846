"""Whoever follows a page line by line gets through it: every command of ours does what it should, in that order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, WALKED, Line, name_of, shell_lines
from tests.docs.reader import reader

pytestmark = pytest.mark.slow

CONNECT = (
    "rekindle connect salesforce acme --instance-url https://acme.my.salesforce.com"
    " --client-id CONSUMER_KEY --client-secret-stdin"
)
BEFORE = {"operator.md": (CONNECT, "rekindle sync acme")}
"""What was done already by whoever comes to that page."""


@pytest.mark.parametrize("path", WALKED, ids=name_of)
def test_a_reader_gets_through(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = [Line(path, 0, text) for text in BEFORE.get(path.name, ())]
    lines = before + [line for line in shell_lines(path) if line.words[0] == "rekindle"]
    with reader(tmp_path) as anybody:
        for line in lines:
            done = anybody.follow(line)
            assert done.status == 0, (f"{name_of(path)}:{line.number}", line.text, done.out, done.err)
            done.refuse_traceback()


def test_the_drill_leaves_no_task_and_no_field_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    guide = ROOT / "docs/guides/admin.md"
    text = guide.read_text(encoding="utf-8")
    first, last = (text.count("\n", 0, text.index(f"\n## {name}")) + 2 for name in ("The undo drill", "Go live for"))
    drill = [line for line in shell_lines(guide) if first < line.number < last]
    with reader(tmp_path) as anybody:
        for told in BEFORE["operator.md"]:
            anybody.follow(Line(guide, 0, told))
        done = [anybody.follow(line) for line in drill]

    assert "\nstate: hold" in done[-1].out
    assert "task(s) deleted" in done[-2].out
    assert not done[-2].out.startswith("acme: 0 task(s)")
