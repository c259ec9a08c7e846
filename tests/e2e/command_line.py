"""The command line as a person meets it: a process of its own, with an environment that holds nothing else."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.cli.main import status_of
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
QUICK = {
    "REKINDLE_HTTP_MAX_TRIES": "2",
    "REKINDLE_HTTP_BACKOFF_S": "0.01",
    # On a busy machine a start, a stop, a handshake and a commit take what they take.
    "REKINDLE_HTTP_CONNECT_TIMEOUT_S": "30",
    "REKINDLE_START_TIMEOUT_S": "300",
    "REKINDLE_STOP_TIMEOUT_S": "60",
    "REKINDLE_WEBHOOK_COMMIT_TIMEOUT_S": "60",
}


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return orjson.loads(self.out)

    @property
    def error_line(self) -> str:
        """The one line on stderr; fails where there is not exactly one, or where Python's inner life shows."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        self.refuse_traceback()
        return lines[0]

    def refuse_traceback(self) -> None:
        """Fail where a traceback, or an exception's name, reached the person."""
        for text in (self.out, self.err):
            assert "Traceback" not in text, text
            assert not re.search(r"\b\w+(Error|Exception)\b", text), text


@dataclass(slots=True)
class CommandLine:
    """`rekindle` with a home of its own."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    through: tuple[str, ...] = ()
    """A program that it is started by, such as one that gives it a network of its own."""

    def start(
        self, *arguments: object, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """The command as a running process."""
        return subprocess.Popen(
            [*self.through, sys.executable, "-m", "service.cli.main", *map(str, arguments)],
            env={**self.environment(), **(env or {})},
            cwd=self.home.parent,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    def run(self, *arguments: object, stdin: str | bytes | None = None, env: Mapping[str, str] | None = None) -> Done:
        """Run a command to its end."""
        text = stdin.encode() if isinstance(stdin, str) else stdin
        with self.start(*arguments, env=env, stdin=subprocess.DEVNULL if text is None else subprocess.PIPE) as process:
            out, err = process.communicate(text, timeout=PATIENCE_S)
        return Done(process.returncode, out.decode(), err.decode())

    def ok(self, *arguments: object, stdin: str | None = None) -> Done:
        """Run a command that has to succeed without a word on stderr about failures."""
        done = self.run(*arguments, stdin=stdin)
        assert done.status == 0, (done.out, done.err)
        done.refuse_traceback()
        return done

    def json(self, *arguments: object, stdin: str | None = None) -> Any:
        """The JSON document of a command that has to succeed."""
        return self.ok(*arguments, "--json", stdin=stdin).json

    def environment(self) -> dict[str, str]:
        """All that a command sees of the environment."""
        passed = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SYSTEMROOT") if name in os.environ}
        ours = {"PYTHONPATH": str(ROOT), "HOME": str(self.home.parent), "LANG": "C.UTF-8"}
        return {**passed, **ours, "REKINDLE_HOME": str(self.home), **QUICK, **self.env}


class InProcess(CommandLine):
    """The same, without a process of its own: five times as fast, for all that a process does not change."""

    def run(self, *arguments: object, stdin: str | bytes | None = None, env: Mapping[str, str] | None = None) -> Done:
        """Run a command to its end."""
        given = stdin.encode() if isinstance(stdin, str) else stdin or b""
        streams = [io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8") for raw in (given, b"", b"")]
        with pytest.MonkeyPatch.context() as patch:
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            patch.setattr(os, "environ", {**self.environment(), **(env or {})})
            status = status_of([str(one) for one in arguments])
        out, err = (_written(stream) for stream in streams[1:])
        return Done(status, out, err)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    content: bytes = stream.buffer.getvalue()  # type: ignore[attr-defined] # it is the BytesIO made above
    return content.decode()


@contextmanager
def nothing_listens() -> Iterator[int]:
    """A local port that refuses connections for as long as the block runs: taken, and not listened on."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
