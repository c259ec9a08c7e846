"""Where the rules of retention plug in: each is called once a day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from service.bootstrap import App
from service.jobs.periods import next_hour
from service.keeping.retention import forget_old_runs, forget_old_words
from service.messages.forget import forget_messages
from service.store.answers import drop_answers
from service.store.turns import end_turn

log = logging.getLogger(__name__)

ANSWERS_KEPT = timedelta(hours=24)


def forget_answers(app: App) -> None:
    """Remove answers of the API whose keys count no more."""
    with app.store.begin() as tx:
        drop_answers(tx, kept_since=app.now() - ANSWERS_KEPT)


RULES: list[Callable[[App], None]] = [forget_messages, forget_answers, forget_old_words, forget_old_runs]
"""Whoever keeps something for a time only adds what removes it."""


def apply_all(app: App) -> None:
    """Apply every rule; one that fails does not keep the others from it."""
    failed = []
    for rule in RULES:
        try:
            rule(app)
        except Exception as error:
            log.exception("A rule of retention failed")
            failed.append(str(error))
    now = app.now()
    with app.store.begin() as tx:
        end_turn(tx, "apply_retention", due_at=next_hour(now, "UTC", 4), now=now, error="; ".join(failed) or None)
