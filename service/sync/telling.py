"""Letting those who watch a run see how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from service.bootstrap import App
from service.store.runs import note_progress

EVERY = timedelta(seconds=1)


class Telling:
    """Writes down how far a run is, once in a while: a page of a fast CRM takes milliseconds."""

    def __init__(self, app: App, run_id: int) -> None:
        self._app, self._run_id = app, run_id
        self._told_at: datetime | None = None

    def tell(self, counts: Mapping[str, Any]) -> None:
        """So far it came."""
        now = self._app.now()
        if self._told_at is None or now - self._told_at >= EVERY:
            self._told_at = now
            with self._app.store.begin() as tx:
                note_progress(tx, self._run_id, counts=counts)
