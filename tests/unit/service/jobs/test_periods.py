"""When jobs come round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.config import Settings
from service.jobs.periods import PERIODS, after_failure, next_hour
from service.store.models import ConnectionRow

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def connection(**values: object) -> ConnectionRow:
    row = ConnectionRow(name="acme", zone="Europe/Berlin", state="live", digest="off", sync_every_minutes=None)
    for name, value in values.items():
        setattr(row, name, value)
    return row


def test_a_sync_comes_round_as_the_installation_says_unless_the_connection_does() -> None:
    sync, settings = PERIODS["sync_connection"], Settings(sync_every_s=900)

    assert sync.next_after(NOW, connection(), settings) == NOW + timedelta(minutes=15)
    assert sync.next_after(NOW, connection(sync_every_minutes=60), settings) == NOW + timedelta(hours=1)
    assert sync.next_after(NOW, connection(sync_every_minutes=0), settings) is None


def test_the_daily_check_waits_for_the_night_of_the_org() -> None:
    check = PERIODS["check_ledger"]

    found = check.next_after(NOW, connection(last_sync_at=NOW), Settings())

    assert found == datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert check.next_after(NOW, connection(), Settings()) is None


def test_the_night_on_which_clocks_change_has_its_hour_once() -> None:
    before = datetime(2026, 10, 24, 20, tzinfo=UTC)
    first = next_hour(before, "Europe/Berlin", 2)
    second = next_hour(first, "Europe/Berlin", 2)

    assert (first, second) == (datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 26, 1, tzinfo=UTC))


def test_a_job_that_fails_waits_longer_each_time_but_never_past_its_turn() -> None:
    planned = NOW + timedelta(days=1)
    waits = [after_failure(NOW, planned, failures) for failures in (0, 1, 2, 30)]

    assert [wait - NOW for wait in waits if wait] == [timedelta(minutes=m) for m in (1, 2, 4, 60)]
    assert after_failure(NOW, NOW + timedelta(seconds=5), 3) == NOW + timedelta(seconds=5)


def test_digests_are_looked_at_only_where_they_are_wanted() -> None:
    digests = PERIODS["send_digests"]

    assert digests.next_after(NOW, connection(), Settings()) is None
    assert digests.next_after(NOW, connection(digest="email"), Settings()) == NOW + timedelta(minutes=1)
    assert digests.next_after(NOW, connection(digest="email", state="hold"), Settings()) is None
