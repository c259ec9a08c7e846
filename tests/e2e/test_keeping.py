"""Backup and restore as an operator does them: by command, on a disk that may be full, with a book of any size."""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from service.store.models import ConnectionRow, ReminderRow
from tests.e2e.command_line import CommandLine, InProcess
from tests.integration.keeping_world import KEY, filled, multiplied, opened
from tests.integration.world import step
from tests.patience import PATIENCE_S


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with a filled database in it."""
    home = tmp_path / "home"
    home.mkdir()
    with opened(f"sqlite:///{home / 'rekindle.sqlite3'}") as store:
        filled(store, deals=12)
    return home


def in_use(home: Path, **env: str) -> InProcess:
    return InProcess(home, env={"REKINDLE_ENCRYPTION_KEYS": KEY, **env})


def standing(home: Path) -> dict[str, list[str]]:
    """The states of all connections and of all reminders."""
    with opened(f"sqlite:///{home / 'rekindle.sqlite3'}") as store, store.read() as tx:
        found = (tx.scalars(select(kind.state).order_by(kind.id)).all() for kind in (ConnectionRow, ReminderRow))
        return dict(zip(("connections", "reminders"), map(list, found), strict=True))


def test_a_backup_is_brought_back_into_an_empty_home_and_everything_is_on_hold(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "acme.rekindle"
    told = in_use(home).json("admin", "backup", file)
    elsewhere = in_use(tmp_path / "elsewhere")

    done = elsewhere.ok("admin", "restore", file)

    assert (told["rows"]["deals"], told["file"]) == (12, str(file))
    assert "acme is on hold" in done.out
    assert standing(elsewhere.home) == {**standing(home), "connections": ["hold"]}


def test_a_restore_without_the_key_names_it_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "acme.rekindle"
    key = in_use(home).json("admin", "backup", file)["keys"][0]
    elsewhere = InProcess(tmp_path / "elsewhere")

    done = elsewhere.run("admin", "restore", file)

    assert (done.status, key in done.error_line) == (2, True)
    assert elsewhere.json("connections") == []
    assert elsewhere.ok("admin", "restore", file, "--without-secrets").status == 0


def test_a_restore_over_something_asks_for_it_twice(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "acme.rekindle"
    rekindle = in_use(home)
    rekindle.ok("admin", "backup", file)

    assert "--replace" in rekindle.run("admin", "restore", file).error_line
    assert rekindle.run("admin", "restore", file, "--replace").status != 0
    assert standing(home)["connections"] == ["live"]
    rekindle.ok("admin", "restore", file, "--replace", "--yes")
    assert standing(home)["connections"] == ["hold"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_and_leaves_the_backup_from_before(home: Path, tmp_path: Path) -> None:
    assert "disk is full" in in_use(home).run("admin", "backup", "/dev/full").error_line
    file = tmp_path / "backups" / "acme.rekindle"
    file.parent.mkdir()
    in_use(home).ok("admin", "backup", file)
    before = file.read_bytes()
    room = len(before) // 2  # no file may grow beyond it

    quiet = {"PYTHONDONTWRITEBYTECODE": "1"}  # Python's own files would be cut too
    with CommandLine(home, env=quiet).start(
        "admin", "backup", file, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    ) as process:
        _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 1, err
    assert "disk is full" in err.decode()
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    done = in_use(home).run("admin", "backup", tmp_path / "nowhere" / "a.rekindle")

    assert (done.status, "nowhere" in done.error_line) == (2, True)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs to see how large a process became")
def test_a_backup_and_a_restore_of_100_000_deals_need_no_more_memory_than_of_a_thousand(tmp_path: Path) -> None:
    peaks = {}
    for deals in (1_000, 100_000):
        home = tmp_path / str(deals)
        home.mkdir()
        with opened(f"sqlite:///{home / 'rekindle.sqlite3'}") as store:
            world = filled(store, deals=10)
            world.lose("more", step(date(2026, 12, 1)))
            multiplied(store, deals // 10)
        file = home / "book.rekindle"
        for arguments in (("admin", "backup", file), ("admin", "restore", file, "--replace", "--yes")):
            peaks[arguments[1], deals] = _peak_mb(in_use(home), *arguments)

    for what in ("backup", "restore"):
        assert peaks[what, 100_000] < peaks[what, 1_000] + 40, peaks


def _peak_mb(rekindle: CommandLine, *arguments: object) -> float:
    """The most memory that a process of its own took for a command."""
    # Not `getrusage`, which begins with the size of the process that started this one.
    code = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from service.cli.main import status_of\n"
        "assert status_of(sys.argv[1:]) == 0\n"
        "print(int(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024)\n"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=rekindle.environment(), capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def test_new_keys_are_made_by_command_and_the_old_one_goes_when_it_is_said(tmp_path: Path) -> None:
    rekindle = InProcess(tmp_path / "home")
    rekindle.ok("connections")  # makes the data folder, and a key in it
    first = (rekindle.home / "keys.toml").read_text()

    told = rekindle.json("admin", "rotate-key")
    both = (rekindle.home / "keys.toml").read_text()
    dropped = rekindle.json("admin", "rotate-key", "--forget-old")

    assert (dropped["key"], dropped["dropped"]) == (told["key"], 1)
    assert len({first, both, (rekindle.home / "keys.toml").read_text()}) == 3
    rekindle.ok("connections")


def test_a_person_is_shown_and_taken_out_by_command(home: Path) -> None:
    rekindle = in_use(home)
    whom = ("rep-2@seller.example", "--name", "Straße 7")

    found = rekindle.ok("admin", "person", "export", *whom).json["found"]
    waiting = home / "spool" / "1-000000001.pages"  # read from the CRM and not saved yet
    waiting.parent.mkdir()
    waiting.write_bytes(b"...Stra\xc3\x9fe 7...")
    assert rekindle.run("admin", "person", "delete", *whom).status != 0  # nobody said yes
    done = rekindle.json("admin", "person", "delete", *whom, "--yes")

    assert {"owners", "deals"} <= found.keys()
    assert done["rows"]["owners"] == 1
    assert not waiting.exists()
    assert rekindle.ok("admin", "person", "export", *whom).json["found"] == {}


@pytest.mark.parametrize("wrong", [("nobody",), ("a@b.example", "--name", "Al")])
def test_a_person_nobody_could_be_told_by_is_refused(home: Path, wrong: tuple[str, ...]) -> None:
    assert in_use(home).run("admin", "person", "delete", *wrong, "--yes").status == 2
