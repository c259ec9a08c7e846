"""How long a write waits for its next try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.outbox.settings import OutboxSettings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_workers_turned_away_together_do_not_come_back_together() -> None:
    draws = iter([0.0, 0.5, 0.99])
    settings = OutboxSettings(backoff_s=2, jitter=lambda: next(draws))
    assert len({settings.next_try(NOW, 3, None) for _ in range(3)}) == 3


def test_nobody_comes_back_before_the_crm_s_own_word() -> None:
    settings = OutboxSettings(backoff_s=2, jitter=lambda: 0.0)
    assert settings.next_try(NOW, 1, 60.0) == NOW + timedelta(seconds=60)
