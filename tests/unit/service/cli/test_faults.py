"""What becomes of an error that nobody foresaw: a line for a person, and the details where they are looked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli.faults import line_and_status


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REKINDLE_HOME", str(tmp_path))
    return tmp_path


def test_at_a_terminal_the_details_of_an_unforeseen_fault_go_to_a_file(home: Path) -> None:
    line, status = line_and_status(ZeroDivisionError("by nought"))

    assert status == 1
    assert str(home / "errors.log") in line
    assert "by nought" in (home / "errors.log").read_text()


def test_in_a_container_they_go_to_the_log_that_is_collected(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REKINDLE_LOG_FORMAT", "json")

    line, _ = line_and_status(ZeroDivisionError("by nought"))

    event = json.loads(capsys.readouterr().err)
    assert "in the log" in line
    assert "by nought" in event["exception"]
    assert not (home / "errors.log").exists()
