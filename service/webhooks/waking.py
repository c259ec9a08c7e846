"""Telling the workers that there is something to do: soon, once for many, and never in the way of an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from service.observe.logging import logger

log = logger(__name__)

Wake = Callable[[str], None]
"""Tells whoever processes the inbox that a connection, by its name, has new webhooks. May fail; a sweep finds them."""


def nobody(_connection: str) -> None:
    """Wakes nobody: the inbox is looked at by itself."""


class Waker:
    """Calls `wake` from a thread of its own. While one call is under way, further ones for a connection become one."""

    def __init__(self, wake: Wake) -> None:
        self._wake = wake
        self._names: set[str] = set()
        self._has_names = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, names: Iterable[str]) -> None:
        """Have these connections looked at. Returns at once."""
        if self._wake is nobody:
            return
        with self._has_names:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True, name="inbox-waker")
                self._thread.start()
            self._names.update(names)
            self._has_names.notify()

    def _run(self) -> None:
        while True:
            with self._has_names:
                while not self._names:
                    self._has_names.wait()
                names, self._names = self._names, set()
            for name in sorted(names):
                try:
                    self._wake(name)
                except Exception as error:  # noqa: BLE001 -- the queue may be away; the rows are in the database
                    log.warning("A worker could not be woken.", connection=name, error=type(error).__name__)
