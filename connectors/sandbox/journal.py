"""A sandbox CRM that outlives its process: every change asked of it is written down, and done again at the start.

The CRMs give the same answers to the same requests at the same instants, so doing them again restores the state.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

import orjson

from connectors.sandbox.wire import App, Request, Response

AppT = TypeVar("AppT", bound=App)


class Journalled(Generic[AppT]):
    """`app` with a journal in a file. A line cut off by a crash was never answered, and is left out."""

    def __init__(self, app: AppT, path: Path) -> None:
        self.app = app
        self._path = path
        self._replay()
        self._file = path.open("ab")

    def __call__(self, request: Request, now: datetime) -> Response:
        """The answer; what was carried out is in the journal before it is answered."""
        answer = self.app(request, now)
        if request.method != "GET" and answer.status < 400:
            self._file.write(orjson.dumps(_entry(request, now), option=orjson.OPT_APPEND_NEWLINE))
            self._file.flush()
        return answer

    def _replay(self) -> None:
        if not self._path.exists():
            return
        content = self._path.read_bytes()
        whole, _, torn = content.rpartition(b"\n")
        for line in whole.split(b"\n") if whole else []:
            entry = orjson.loads(line)
            request = Request(
                method=entry["method"],
                path=entry["path"],
                query=entry["query"],
                headers=entry["headers"],
                body=entry["body"].encode("latin-1"),
            )
            self.app(request, datetime.fromisoformat(entry["at"]))
        if torn:
            self._path.write_bytes(whole + b"\n" if whole else b"")


def _entry(request: Request, now: datetime) -> dict[str, object]:
    return {
        "at": now.isoformat(),
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": dict(request.headers),
        "body": request.body.decode("latin-1"),
    }
