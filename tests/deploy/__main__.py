"""Hold deploy/ against the vendors' own tools, each where it is there: python -m tests.deploy [FOLDER for the image]

promtool (Debian: prometheus), docker-compose, systemd-analyze, kubernetes-validate (PyPI), and the image's steps in a
bare root (debootstrap, as root). What is not there is named and not counted; what fails ends this with status 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.deploy.image import bare_root, build, inside, steps_of
from tests.patience import free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES_VALIDATE = "kubernetes-validate==1.37.0"
SERVES = """
rekindle up --host 127.0.0.1 --port $PORT >/dev/null & serving=$!
python - <<'PROBE'
import os, time, urllib.error, urllib.request
until = time.monotonic() + 300
while time.monotonic() < until:
    try:
        print(urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/readyz", timeout=30).status)
        break
    except (urllib.error.URLError, OSError):
        time.sleep(0.2)
PROBE
kill $serving; wait $serving || true
"""


PROBE = "python3 -m venv /tmp/probe && /tmp/probe/bin/pip download --quiet --no-deps --dest /tmp/probe idna"
NETWORK_S = 900.0
"""How long anything that comes by network is waited for."""


class NotHere(Exception):  # noqa: N818 -- it says what it is
    """A tool that this machine does not have."""


def main() -> int:
    """Run every check; how many failed."""
    checks: dict[str, Callable[[], None]] = {
        "alerts": _alerts,
        "compose": _compose,
        "systemd": _systemd,
        "kubernetes": _kubernetes,
        "image": _image,
    }
    failed = 0
    for name, check in checks.items():
        try:
            check()
            print(f"{name}: ok", flush=True)  # noqa: T201 -- what it is for
        except NotHere as missing:
            print(f"{name}: not run, {missing}", flush=True)  # noqa: T201
        except subprocess.CalledProcessError as error:
            failed += 1
            print(f"{name}: FAILED\n{error.stdout or ''}{error.stderr or ''}", flush=True)  # noqa: T201
    return min(failed, 1)


def _alerts() -> None:
    _run("promtool", "check", "rules", str(DEPLOY / "monitoring/alerts.yaml"))
    _run("promtool", "check", "config", str(DEPLOY / "monitoring/prometheus.yaml"))


def _compose() -> None:
    """Debian's docker-compose knows no `name`, which is newer than it; everything else is held against it."""
    folder = DEPLOY / "container"
    with tempfile.TemporaryDirectory() as place:
        filled = Path(place) / "filled.env"
        example = (folder / "example.env").read_text(encoding="utf-8").splitlines()
        filled.write_text("\n".join(f"{line}filled" if line.endswith("=") else line for line in example))
        text = (folder / "compose.yaml").read_text(encoding="utf-8")
        file = Path(place) / "compose.yaml"
        file.write_text(text.replace("name: rekindle\n", "", 1), encoding="utf-8")
        _run("docker-compose", "--env-file", str(filled), "-f", str(file), "config", "--quiet")


def _systemd() -> None:
    """The units as installed: their program has to be there."""
    with tempfile.TemporaryDirectory() as place:
        units = []
        for unit in sorted((DEPLOY / "systemd").glob("rekindle*")):
            if unit.suffix in {".service", ".target"}:
                text = unit.read_text(encoding="utf-8").replace("/opt/rekindle/bin/rekindle", "/bin/true")
                (Path(place) / unit.name).write_text(text, encoding="utf-8")
                units.append(str(Path(place) / unit.name))
        _run("systemd-analyze", "verify", *units)


def _kubernetes() -> None:
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        pip = [f"{place}/bin/pip", "install", "--quiet", "--disable-pip-version-check", KUBERNETES_VALIDATE]
        if not _succeeds(pip):
            raise NotHere(f"{KUBERNETES_VALIDATE} could not be installed")
        files = [str(file) for file in sorted((DEPLOY / "kubernetes").glob("*.yaml"))]
        _run(f"{place}/bin/kubernetes-validate", "--strict", *files)


def _image() -> None:
    if os.geteuid() != 0:
        raise NotHere("it takes root")
    if shutil.which("debootstrap", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        raise NotHere("no debootstrap")
    dockerfile = DEPLOY / "container/Dockerfile"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(place)
        try:
            bare_root(folder)
        except subprocess.CalledProcessError as error:
            raise NotHere(f"debootstrap could not make a bare root here ({error.stderr.strip()[-200:]})") from error
        except subprocess.TimeoutExpired as error:
            raise NotHere("debootstrap did not come to an end here") from error
        root = _built(dockerfile, folder)
        (root / "dev").mkdir(exist_ok=True)
        if subprocess.run(["mount", "--bind", "/dev", root / "dev"], capture_output=True, check=False).returncode:
            raise NotHere("its steps ran; nothing may be mounted here, so it was not started")
        try:
            environment = {**steps_of(dockerfile)[-1].environment, "REKINDLE_LOG_FORMAT": "console"}
            environment |= {"PORT": str(free_port()), "REKINDLE_START_TIMEOUT_S": "300"}
            environment["PATH"] = "/opt/rekindle/bin:/usr/bin:/bin:/usr/sbin"
            said = inside(root, SERVES, user="10001:10001", environment=environment)
        finally:
            subprocess.run(["umount", "--lazy", root / "dev"], check=True)
        if "\n200" not in f"\n{said}":
            raise subprocess.CalledProcessError(1, SERVES, output=said)


def _built(dockerfile: Path, folder: Path) -> Path:
    """The image's root. A step that fails is tried again, and counts only where a bare root reaches a package index."""
    try:
        return build(dockerfile, ROOT, folder)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        try:
            inside(bare_root(folder), PROBE)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            raise NotHere("a bare root reaches no package index") from None
    try:
        return build(dockerfile, ROOT, folder)
    except subprocess.TimeoutExpired:
        raise NotHere("one of its steps did not come to an end") from None


def _succeeds(command: list[str]) -> bool:
    with suppress(subprocess.TimeoutExpired):
        return subprocess.run(command, capture_output=True, check=False, timeout=NETWORK_S).returncode == 0
    return False


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise NotHere(f"no {program}")
    subprocess.run([program, *arguments], check=True, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
