"""`rekindle messages` as an admin types it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from service import clock
from service.store.models import ConnectionRow, MessageRow
from service.store.session import open_store
from tests.e2e.command_line import CommandLine


def with_an_unclear_one(here: CommandLine) -> None:
    """A message of yesterday whose answer was lost."""
    here.ok("migrate")
    store = open_store(f"sqlite:///{here.home / 'rekindle.sqlite3'}")
    now = clock.now()
    connection = {
        "name": "acme", "crm": "hubspot", "account_id": "1", "state": "live", "url": "https://crm.example",
        "auth": "token", "fields": {}, "scope": {}, "options": {}, "described": {}, "health": [], "created_at": now,
    }  # fmt: skip
    message = {
        "connection_id": 1, "kind": "digest", "owner_id": "rep-1", "day": now.date() - timedelta(days=1),
        "channel": "email", "state": "unclear", "content": {"reminder_ids": [], "more": 0}, "attempts": 1,
        "next_try_at": now, "created_at": now, "error": "The mail server did not say whether it took the message.",
    }  # fmt: skip
    with store.begin() as tx:
        tx.execute(insert(ConnectionRow), [connection])
        tx.execute(insert(MessageRow), [message])
    store.dispose()


def test_an_unclear_message_is_listed_and_sent_again_only_when_asked(here: CommandLine) -> None:
    with_an_unclear_one(here)
    (told,) = here.json("messages", "list")
    assert (told["state"], told["reader"], told["connection"]) == ("unclear", "rep-1", "acme")
    assert "did not say" in here.ok("messages").out

    assert here.json("messages", "resend", str(told["id"])) == {"resent": 1}
    refused = here.run("messages", "resend", str(told["id"]), "99")
    assert (refused.status, "2 left as they are" in refused.err) == (1, True)
    assert here.json("messages", "list")[0]["state"] == "ready"


def test_an_unclear_message_is_given_up_when_asked(here: CommandLine) -> None:
    with_an_unclear_one(here)
    assert here.json("messages", "discard", "1") == {"discarded": 1}
    assert here.json("messages", "list") == []
    assert here.json("messages", "list", "--all")[0]["error"] == "Given up by admin."
