"""The files that several processes count in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.observe.metrics import FOLDER_VARIABLE, reserve_metrics


def test_what_a_process_counts_in_is_there_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))

    reserve_metrics()

    files = sorted(tmp_path.iterdir())
    assert [one.name.partition("_")[0] for one in files] == ["counter", "histogram"]
    assert all(one.stat().st_blocks * 512 >= one.stat().st_size > 0 for one in files), "no holes in them"


def test_without_room_a_process_counts_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "not there"))

    reserve_metrics()

    assert FOLDER_VARIABLE not in os.environ
