"""`rekindle messages` as an admin types it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from service import clock
from service.store.models import ConnectionRow, MessageRow, ReviewLetterRow, ReviewRow, UserRow
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


def with_an_unclear_review(here: CommandLine) -> None:
    """A weekly review on its way to somebody, whose answer was lost a week ago."""
    here.ok("migrate")
    store = open_store(f"sqlite:///{here.home / 'rekindle.sqlite3'}")
    then = clock.now() - timedelta(days=7)
    user = {"email": "boss@x.example", "name": "", "role": "manager", "password": "", "created_at": then}
    letter = {
        "week": "2026-W40", "channel": "email", "state": "unclear", "attempts": 1, "next_try_at": then,
        "created_at": then, "done_at": then, "error": "The mail server did not say whether it took the message.",
    }  # fmt: skip
    with store.begin() as tx:
        user_id = tx.scalar(insert(UserRow).returning(UserRow.id), user)
        tx.execute(insert(ReviewRow), {"week": "2026-W40", "zone": "UTC", "made_at": then, "content": {}})
        tx.execute(insert(ReviewLetterRow), {**letter, "user_id": user_id})
    store.dispose()


def test_a_review_that_may_not_have_arrived_is_listed_and_decided_about_like_any_message(here: CommandLine) -> None:
    with_an_unclear_review(here)
    (told,) = here.json("messages", "list")
    assert (told["id"], told["kind"], told["reader"], told["state"]) == (
        "review-1",
        "review",
        "boss@x.example",
        "unclear",
    )

    refused = here.run("messages", "resend", "1")
    assert (refused.status, "1 left as they are" in refused.err) == (1, True)
    assert here.json("messages", "resend", "review-1") == {"resent": 1}
    assert here.json("messages", "list")[0]["state"] == "ready"
    assert here.run("messages", "discard", "review-1").status == 1


@pytest.mark.parametrize("word", ["review-", "review-0", "letter-1", "²", "review-1-1", "99999999999999999999"])
def test_what_is_no_messages_id_is_refused_in_words(here: CommandLine, word: str) -> None:
    refused = here.run("messages", "discard", word)
    assert (refused.status, "no message's id" in refused.err) == (2, True)
