"""What the pages of both documents share: saving an edit of the draft, and what is shown where that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from service.deeds.documents import save_over
from service.mapping_sets.drafts import Draft, DraftConflictError
from service.mapping_sets.kinds import KINDS, Kind
from service.mapping_sets.learn import Edit, edit_draft
from service.mapping_sets.summary import DraftSummary, draft_summary, others_since
from service.web.who import person, product

HOME = {Kind.MAPPINGS: "site.reasons", Kind.POLICY: "site.timing"}
OURS = ("/reasons", "/timing", "/documents/", "/versions/", "/changes")


def summary_of(tx: Session, kind: Kind) -> DraftSummary:
    """The draft against what is in force; the shipped documents are in force where none was published."""
    product().rules(tx)
    return draft_summary(tx, kind)


def save_edit(kind: Kind, edit: Edit, says: str) -> BaseResponse:
    """Save one edit and go back to where it was made; where somebody saved meanwhile, show what and offer it again.

    Raises UsageFault or DocumentError for an edit that cannot be made.
    """
    return save_with(
        kind,
        lambda tx, revision: edit_draft(tx, kind, edit, revision=revision, author=person().email, now=product().now()),
        says,
    )


def save_with(kind: Kind, save: Callable[[Session, int], Draft], says: str, *, what: str = "edit") -> BaseResponse:
    """The same for anything that saves the draft over a revision."""
    try:
        save_over(product(), kind, lambda tx: save(tx, seen_revision()), who=person().email, what=what, says=says)
    except DraftConflictError as conflict:
        return refused(show_conflict(kind, conflict, says), HTTPStatus.CONFLICT)
    flash(says)
    return redirect(back_to(kind), code=303)


def show_conflict(kind: Kind, conflict: DraftConflictError, says: str) -> str:
    """What the other changed, and what was wanted, with everything that was typed."""
    with product().store.read() as tx:
        theirs, gone = others_since(tx, kind, request.form.get("seen", ""))
        summary = draft_summary(tx, kind)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "revision")]
    return render_template(
        "conflict.html",
        kind=kind,
        label=KINDS[kind].label,
        draft=conflict.draft,
        theirs=theirs,
        gone=gone,
        wanted=says,
        kept=[(name, value) for name, value in kept if name != "seen"],
        summary=summary,
        back=back_to(kind),
    )


def refused(page: str, status: HTTPStatus) -> BaseResponse:
    """A page that says why nothing was saved, with what was typed."""
    return Response(page, status=status, mimetype="text/html")


def seen_revision() -> int:
    """The draft's revision that the form was made for; one that never was where it says none."""
    return request.form.get("revision", -1, type=int)


def back_to(kind: Kind) -> str:
    """The page that the form came from, if it is one of these pages."""
    back = request.form.get("back", "")
    return back if back.startswith(OURS) and "\\" not in back else url_for(HOME[kind])
