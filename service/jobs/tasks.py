"""The addresses of jobs. They stand in queues by these names: none is renamed, none takes more than one id."""

from __future__ import annotations

from service.jobs.running import run


def process_inbox() -> None:
    """Webhooks received: fetch their deals, and plan."""
    run("process_inbox")


def dispatch_reminders(connection_id: int) -> None:
    """What is due, into the outbox."""
    run("dispatch_reminders", connection_id)


def drain_outbox(connection_id: int) -> None:
    """What is intended, into the CRM."""
    run("drain_outbox", connection_id)


def read_back_tasks(connection_id: int) -> None:
    """What people did to our tasks."""
    run("read_back_tasks", connection_id)


def sync_connection(connection_id: int) -> None:
    """What changed in the CRM since the last time."""
    run("sync_connection", connection_id)


def check_ledger(connection_id: int) -> None:
    """Everything read again, and counted against the CRM's own counts."""
    run("check_ledger", connection_id)


def enter_later_steps(connection_id: int) -> None:
    """Steps that have come within two years."""
    run("enter_later_steps", connection_id)


def send_digests(connection_id: int) -> None:
    """Each rep's message of the day, made."""
    run("send_digests", connection_id)


def send_messages() -> None:
    """Messages that were made, sent."""
    run("send_messages")


def apply_retention() -> None:
    """What is not to be kept any longer."""
    run("apply_retention")


def finish_changes() -> None:
    """Previews whose list is not ready, and a publication that is not finished."""
    run("finish_changes")


def make_review() -> None:
    """The review of the week that is over."""
    run("make_review")


def send_reviews() -> None:
    """Reviews that were made, sent."""
    run("send_reviews")
