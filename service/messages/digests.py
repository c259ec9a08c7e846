"""Making each rep's message of the day."""

from __future__ import annotations

from service.bootstrap import App
from service.store.models import ConnectionRow


def make_digests(app: App, connection: ConnectionRow) -> None:
    """."""
