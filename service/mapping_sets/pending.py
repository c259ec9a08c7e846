"""Changes under way, made a little at a time: previews whose list is not ready, a publication that is not finished.

Whoever has time works on them: a worker, or the page that shows one. Each batch is saved, so anybody can go on.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.bootstrap import App
from service.mapping_sets.basis import StalePreviewError, stale_because
from service.mapping_sets.listing import Preview, as_told, load_preview
from service.mapping_sets.preview import build_preview
from service.mapping_sets.publish import resume_publication
from service.store.models import PreviewRow, PreviewState
from service.store.previews import publishing

SHOWN = 20


class _Enough(Exception):  # noqa: N818 -- it is no error
    """The time given is over. Raised between two batches, when what is done is committed."""


def work_on(app: App, preview_id: int, *, seconds: float, monotonic: Callable[[], float]) -> Preview:
    """Go on with a preview or its publication for about so long; how it stands then. A stale one is left alone."""
    until = monotonic() + seconds

    def pause(_done: int, _total: int) -> None:
        if monotonic() >= until:
            raise _Enough

    there = load_preview(app, preview_id)
    try:
        if there.state == PreviewState.BUILDING and not there.stale:
            build_preview(app, preview_id, progress=pause)
        elif there.state == PreviewState.PUBLISHING:
            resume_publication(app, progress=pause)
    except (_Enough, StalePreviewError):
        pass
    return load_preview(app, preview_id)


def work_on_all(app: App) -> None:
    """Finish the publication that is under way, then the list of every preview that still holds."""
    resume_publication(app)
    for preview_id in _unfinished(app):
        try:
            build_preview(app, preview_id)
        except StalePreviewError:
            continue


def has_pending(app: App, tx: Session) -> bool:
    """Whether a publication or a list is unfinished."""
    return publishing(tx) is not None or any(stale_because(app, tx, row) is None for row in tx.scalars(_BUILDING))


def recent_previews(app: App, tx: Session) -> list[Preview]:
    """The last previews and publications of both documents, the newest first."""
    return [as_told(app, tx, row) for row in tx.scalars(select(PreviewRow).order_by(PreviewRow.id.desc()).limit(SHOWN))]


_BUILDING = select(PreviewRow).where(PreviewRow.state == PreviewState.BUILDING).order_by(PreviewRow.id)


def _unfinished(app: App) -> list[int]:
    with app.store.read() as tx:
        return [row.id for row in tx.scalars(_BUILDING) if stale_because(app, tx, row) is None]
