"""The Dockerfile as steps, and those steps run in a bare Debian root: no engine is needed for that.

Only what our own Dockerfile is written with: one instruction a line (or continued), FROM, WORKDIR, COPY, RUN, ENV.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

RELEASE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
REACH = (
    "etc/resolv.conf",
    "etc/hosts",
    "etc/pip.conf",
    "etc/ssl/certs/ca-certificates.crt",
    "root/.config/pip/pip.conf",
    "root/.pip/pip.conf",
)
IGNORED = shutil.ignore_patterns("__pycache__")


@dataclass(slots=True)
class Stage:
    """What one stage of the file does. `runs` and `copied` are in the file's order; so is `order`, of both."""

    name: str
    runs: list[str] = field(default_factory=list)
    copied: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)


def steps_of(dockerfile: Path) -> list[Stage]:
    """The stages of a Dockerfile."""
    stages: list[Stage] = []
    text = dockerfile.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in (line.strip() for line in text.splitlines()):
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word == "FROM":
            stages.append(Stage(name=rest.partition(" AS ")[2]))
        elif word == "RUN":
            stages[-1].runs.append(rest)
            stages[-1].order.append(("run", rest))
        elif word == "COPY":
            *sources, target = rest.split()
            stages[-1].copied.append((tuple(sources), target))
            stages[-1].order.append(("copy", rest))
        elif word == "ENV":
            stages[-1].environment |= dict(pair.split("=", 1) for pair in rest.split())
        elif word == "WORKDIR":
            stages[-1].order.append(("folder", rest))
    return stages


def bare_root(folder: Path) -> Path:
    """A bare Debian with Python in `folder`, made where it is not there yet. Needs root and debootstrap.

    Raises CalledProcessError, with what it said on stderr, or TimeoutExpired.
    """
    base = folder / "base"
    if not base.exists():
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(base)]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)
    return base


def build(dockerfile: Path, context: Path, folder: Path) -> Path:
    """Build the image's file tree in `folder` as the Dockerfile says; the root of the last stage.

    Needs root and debootstrap; the packages come from where this machine's apt and pip get theirs. Raises
    CalledProcessError where a step fails.
    """
    base = bare_root(folder)
    roots: dict[str, Path] = {}
    root = base
    for number, stage in enumerate(steps_of(dockerfile)):
        root = folder / f"stage{number}"
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["cp", "--archive", base, root], check=True)
        roots[stage.name] = root
        _take(stage, root, context, roots)
    return root


def _take(stage: Stage, root: Path, context: Path, roots: dict[str, Path]) -> None:
    here = "/"
    for kind, text in stage.order:
        if kind == "folder":
            here = text
            (root / here.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif kind == "copy":
            _copy(text.split(), root / here.lstrip("/"), root, context, roots)
        else:
            inside(root, text, here=here)


def _copy(words: list[str], here: Path, root: Path, context: Path, roots: dict[str, Path]) -> None:
    source_root = context
    if words[0].startswith("--from="):
        source_root = roots[words.pop(0).removeprefix("--from=")]
    *sources, target = words
    place = root / target.lstrip("/") if target.startswith("/") else here / target
    for name in sources:
        source = source_root / name.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, place, dirs_exist_ok=True, ignore=IGNORED, symlinks=True)
        else:
            shutil.copy2(source, place)


def inside(
    root: Path, command: str, *, here: str = "/", user: str = "0:0", environment: dict[str, str] | None = None
) -> str:
    """Run a shell command in the root; its output. Raises CalledProcessError."""
    reach = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.endswith("_proxy")}
    settings = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root", **reach, **(environment or {})}
    _reachable(root)
    done = subprocess.run(
        ["chroot", f"--userspec={user}", str(root), "/bin/sh", "-c", f"cd {here} && {command}"],
        check=True,
        env=settings,
        stdout=subprocess.PIPE,
        text=True,
        timeout=900,
    )
    return done.stdout


def _reachable(root: Path) -> None:
    """The network as this machine has it: names, and where pip finds its packages."""
    for name in REACH:
        source = Path("/") / name
        if source.exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, root / name)
