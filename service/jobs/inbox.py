"""Where the inbox of webhooks plugs in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.bootstrap import App

BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """`has_work` is cheap, and asked at each sweep; `process` fetches and plans a batch.

    It gives the ids of the connections that it touched.
    """

    has_work: Callable[[App, Session], bool]
    process: Callable[[App, int], Collection[int]]


INBOXES: list[Inbox] = []


def has_inbox_work(app: App, tx: Session) -> bool:
    """Whether something waits that may be processed now."""
    return any(one.has_work(app, tx) for one in INBOXES)
