"""The documents themselves, for experts: edited as text with complaints by line, exported and imported."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mappings.documents.toml import DocumentError, Problem
from service.deeds.documents import save_over
from service.errors import UsageFault
from service.mapping_sets.drafts import DraftConflictError, open_draft, save_draft
from service.mapping_sets.kinds import KINDS, Kind
from service.mapping_sets.summary import others_since
from service.mapping_sets.versions import diff_texts, published, version_text
from service.people.roles import Right
from service.web.editing import refused, seen_revision, summary_of
from service.web.uploads import chosen_file
from service.web.views.changes import kind_named
from service.web.who import person, product, requires

MOST_LETTERS = 900_000


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/documents/<kind>", "document", document)
    site.add_url_rule("/documents/<kind>", "document_save", save, methods=["POST"])
    site.add_url_rule("/documents/<kind>/export", "document_export", export)
    site.add_url_rule("/documents/<kind>/import", "document_import", import_file, methods=["POST"])


@requires(Right.EDIT_MAPPINGS)
def document(kind: str) -> str:
    """The draft as text."""
    return _page(kind_named(kind))


@requires(Right.EDIT_MAPPINGS)
def save(kind: str) -> BaseResponse:
    """Save the text as the draft; where that cannot be, the text stays as it was typed."""
    return _save(kind_named(kind), request.form.get("text", "").replace("\r\n", "\n"), "The draft is saved.")


@requires(Right.EDIT_MAPPINGS)
def import_file(kind: str) -> BaseResponse:
    """Save a file as the draft."""
    given = chosen_file((".toml", ".txt"), remedy="Choose a document that was exported here or written by hand.")
    try:
        text = given.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageFault("The file is not text in UTF-8.", remedy="Choose the .toml file itself.") from error
    return _save(kind_named(kind), text.replace("\r\n", "\n"), f"{str(given.filename)[:80]} is the draft now.")


@requires(Right.EDIT_MAPPINGS)
def export(kind: str) -> Response:
    """A document as a file: `which` is `draft`, a number, or what is in force."""
    wanted, which = kind_named(kind), request.args.get("which", "")
    app = product()
    with app.reading() as tx:
        app.rules(tx)
        if which == "draft":
            text = open_draft(tx, wanted).text
        elif which.isdecimal():
            text = version_text(tx, wanted, int(which[:9]))
        else:
            text = published(tx, wanted).text
    name = f"{wanted}-{which or 'in-force'}.toml" if which.isalnum() or not which else f"{wanted}.toml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), content_type="application/toml; charset=utf-8", headers=headers)


def _save(kind: Kind, text: str, says: str) -> BaseResponse:
    app, me = product(), person().email
    if len(text) > MOST_LETTERS:
        raise UsageFault("The document is too long.", remedy=f"At most {MOST_LETTERS} letters are taken.")
    try:
        save_over(
            app,
            kind,
            lambda tx: save_draft(tx, kind, text, revision=seen_revision(), author=me, now=app.now()),
            who=me,
            says=says,
        )
    except DocumentError as error:
        return refused(
            _page(kind, text=text, problems=error.problems, revision=seen_revision()), HTTPStatus.UNPROCESSABLE_ENTITY
        )
    except DraftConflictError as conflict:
        return refused(_page(kind, text=text, conflict=conflict), HTTPStatus.CONFLICT)
    flash(says)
    return redirect(url_for("site.document", kind=kind), code=303)


def _page(
    kind: Kind,
    *,
    text: str | None = None,
    problems: Sequence[Problem] = (),
    conflict: DraftConflictError | None = None,
    revision: int | None = None,
) -> str:
    with product().reading() as tx:
        summary = summary_of(tx, kind)
        theirs, gone = others_since(tx, kind, request.form.get("seen", "")) if conflict else ([], 0)
    lines = (text or "").splitlines()
    return render_template(
        "document.html",
        kind=kind,
        label=KINDS[kind].label,
        summary=summary,
        text=summary.draft.text if text is None else text,
        revision=summary.draft.revision if revision is None else revision,
        problems=[(one, lines[one.line - 1] if one.line and one.line <= len(lines) else "") for one in problems],
        conflict=conflict,
        theirs=theirs,
        gone=gone,
        mine=diff_texts(kind, summary.draft.text, text) if conflict and text is not None else (),
    )
