"""The inbox of webhooks, as the queue sees it."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from service.bootstrap import App
from service.store.inbox import connections_with_work
from service.webhooks.processing import process_inbox

log = logging.getLogger(__name__)

BATCH = 2000
MOST_S = 10.0
"""After this a job works on no second batch of a connection: what is due elsewhere has its turn before the rest."""


def has_inbox_work(app: App, tx: Session) -> bool:
    """Whether something waits that may be processed now."""
    return bool(connections_with_work(tx, now=app.now()))


def work_on_inbox(app: App) -> None:
    """Fetch the deals of webhooks received, and follow the line with them."""
    for line in process_inbox(app, limit=BATCH, most_s=MOST_S).failures:
        log.warning("%s", line)
