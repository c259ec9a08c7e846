"""Sending."""

from __future__ import annotations

from service.bootstrap import App


def send_ready(app: App) -> None:
    """."""
