"""What is not kept for ever: messages of last quarter, and uses of links that are long over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from service.bootstrap import App
from service.messages.links import LIVES
from service.store.models import LinkUseRow, MessageRow

KEPT = timedelta(days=90)


def forget_messages(app: App) -> None:
    """Remove them. A link that is over is refused by its own date, whether its use is remembered or not."""
    now = app.now()
    with app.store.begin() as tx:
        tx.execute(delete(MessageRow).where(MessageRow.created_at < now - KEPT))
        tx.execute(delete(LinkUseRow).where(LinkUseRow.used_at < now - 2 * LIVES))
