"""What a connection is told to do: sync now, go live, hold, undo, a check, new keys for its webhooks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.base import Health
from service import operations
from service.bootstrap import App
from service.connections.check import check_connection
from service.connections.show import webhook_secrets_json
from service.connections.state import refuse_without_credentials
from service.connections.webhook_keys import rotate_webhook_keys
from service.deeds.jobs import Job, new_job
from service.errors import UsageFault
from service.golive.report import GoLiveReport, GoLiveRequest
from service.golive.undo import UndoReport
from service.jobs.asked import Asking, ask_for, ask_for_sync
from service.people.roles import Person
from service.store.connections import connection_named
from service.store.people import record_action


def sync_now(app: App, name: str, *, full: bool, asking: Asking, who: str) -> Job:
    """Have the CRM read now."""
    job = _asked(app, name, "sync", "sync asked for", "", who=who)
    ask_for_sync(app, name, full=full, wake=asking.wake, background=asking.background)
    return job


def announce_go_live(app: App, name: str, wanted: GoLiveRequest) -> GoLiveReport:
    """What going live would write. Raises UsageFault before the first sync."""
    _refuse_unread(app, name)
    return operations.announce(app, name, wanted)


def go_live(app: App, name: str, wanted: GoLiveRequest, *, asking: Asking, who: str) -> Job:
    """Let it write, and write what that brings."""
    _refuse_unread(app, name)
    job = _asked(app, name, "go-live", "went live", _says(wanted), who=who)
    _ask(app, name, job, lambda: operations.go_live(app, name, wanted), asking)
    return job


def announce_undo(app: App, name: str, *, since: datetime | None) -> UndoReport:
    """What an undo would take back, and what it would leave."""
    with app.store.read() as tx:
        refuse_without_credentials(connection_named(tx, name))
    return operations.announce_undo(app, name, since=since)


def undo(app: App, name: str, *, since: datetime | None, asking: Asking, who: str) -> Job:
    """Put it on hold and take back what was written."""
    says = f"since {since.date().isoformat()}" if since else "everything"
    job = _asked(app, name, "undo", "undo", says, who=who)
    _ask(app, name, job, lambda: operations.undo(app, name, since=since), asking)
    return job


def hold(app: App, name: str, *, who: Person) -> None:
    """Stop all its writes at once."""
    operations.hold(app, name, who=who.email, why=f"Put on hold by {who.name}.")
    with app.store.begin() as tx:
        record_action(tx, who=who.email, what="hold", subject=name, now=app.now())


def check(app: App, name: str) -> Health:
    """Try its credentials, fields and rights now."""
    return check_connection(app, name)


def rotate_keys(app: App, name: str, *, at_once: bool, base_url: str, who: str) -> dict[str, object]:
    """New keys for the senders of webhooks, with their secrets; the former count for a while, but for `at_once`."""
    overlap = timedelta(seconds=0 if at_once else app.settings.webhook_overlap_s)
    with app.store.begin() as tx:
        row = connection_named(tx, name)
        keys = rotate_webhook_keys(row, app.keyring, now=app.now(), overlap=overlap)
        record_action(tx, who=who, what="webhook keys changed", subject=name, now=app.now())
        return webhook_secrets_json(row, keys, base_url=base_url, keyring=app.keyring)


def _asked(app: App, name: str, kind: str, what: str, says: str, *, who: str) -> Job:
    with app.store.begin() as tx:
        job = new_job(tx, connection_named(tx, name), kind, now=app.now())
        record_action(tx, who=who, what=what, subject=name, says=says, now=app.now())
    return job


def _ask(app: App, name: str, job: Job, act: Callable[[], object], asking: Asking) -> None:
    ask_for(app, name, job.kind, act, background=asking.background)


def _refuse_unread(app: App, name: str) -> None:
    with app.store.read() as tx:
        row = connection_named(tx, name)
    refuse_without_credentials(row)
    if row.last_sync_at is None:
        raise UsageFault(f"{name} has not been read yet.", remedy="Sync it first.")


def _says(wanted: GoLiveRequest) -> str:
    parts = [*wanted.owner_emails]
    parts += [f"at most {wanted.limit} tasks"] if wanted.limit else []
    parts += [f"lost since {wanted.lost_since.isoformat()}"] if wanted.lost_since else []
    return ", ".join(parts) or "all owners"
