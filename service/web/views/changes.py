"""Changes of both documents: the preview like a diff before a merge, publishing, versions, rollback."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.deeds import documents
from service.errors import UsageFault
from service.mapping_sets.drafts import discard_draft, rebase_draft
from service.mapping_sets.kinds import KINDS, Kind
from service.mapping_sets.listing import differences_of, list_outcomes
from service.mapping_sets.pending import recent_previews
from service.mapping_sets.versions import diff_texts, list_versions, version_text
from service.operations import write_planned
from service.people.roles import Right
from service.web.editing import HOME, save_with, summary_of
from service.web.who import asking, person, product, requires
from service.web.words.changes import told_of

PAGE = 50


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/changes", "changes", changes)
    site.add_url_rule("/changes/start", "changes_start", start, methods=["POST"])
    site.add_url_rule("/changes/<int:preview_id>", "changes_one", change)
    site.add_url_rule("/changes/<int:preview_id>/go-on", "changes_go_on", go_on, methods=["POST"])
    site.add_url_rule("/changes/<int:preview_id>/publish", "changes_publish", publish, methods=["POST"])
    site.add_url_rule("/changes/<int:preview_id>/write", "changes_write", write, methods=["POST"])
    site.add_url_rule("/drafts/<kind>/discard", "drafts_discard", discard, methods=["POST"])
    site.add_url_rule("/drafts/<kind>/rebase", "drafts_rebase", rebase, methods=["POST"])
    site.add_url_rule("/versions/<kind>", "versions", versions)


@requires(Right.EDIT_MAPPINGS)
def changes() -> str:
    """The last previews and publications."""
    app = product()
    with app.reading() as tx:
        app.rules(tx)
        rows = recent_previews(app, tx)
    return render_template("changes.html", rows=[(row, KINDS[row.kind].label) for row in rows])


@requires(Right.EDIT_MAPPINGS)
def start() -> BaseResponse:
    """Preview the draft, or going back to a version."""
    app = product()
    kind, number = kind_named(request.form.get("kind", "")), request.form.get("rollback_to", type=int)
    found = documents.begin_preview(app, kind, rollback_to=number, asking=asking(), who=person().email)
    return redirect(url_for("site.changes_one", preview_id=found.id), code=303)


@requires(Right.EDIT_MAPPINGS)
def change(preview_id: int) -> str:
    """One preview: the document's differences, the counts, the deals that change; and how to publish it."""
    app, after = product(), max(0, request.args.get("after", 0, type=int))
    with app.store.read() as tx:
        rows = list_outcomes(tx, preview_id, after_deal=after, limit=PAGE + 1)
        differences = differences_of(tx, preview_id)
    told = told_of(app, preview_id)
    return render_template(
        "change.html",
        told=told,
        preview=told.preview,
        label=KINDS[told.preview.kind].label,
        kind=told.preview.kind,
        home=url_for(HOME[told.preview.kind]),
        differences=differences,
        rows=rows[:PAGE],
        after=after,
        more=rows[PAGE - 1]["deal"] if len(rows) > PAGE else None,
    )


@requires(Right.EDIT_MAPPINGS)
def go_on(preview_id: int) -> str | BaseResponse:
    """Do a little more of it, unless a worker is at it; how far it is."""
    app = product()
    told = told_of(app, preview_id)
    if told.preview.done == request.form.get("done", -1, type=int) or not request.headers.get("HX-Request"):
        documents.go_on(app, preview_id)
        told = told_of(app, preview_id)
    here = url_for("site.changes_one", preview_id=preview_id)
    if not request.headers.get("HX-Request"):
        return redirect(here, code=303)
    if not told.is_under_way:
        return BaseResponse(status=204, headers={"HX-Redirect": here})
    return render_template("_progress.html", told=told, preview=told.preview)


@requires(Right.EDIT_MAPPINGS)
def publish(preview_id: int) -> BaseResponse:
    """Put it in force, and do to the deals what the preview says."""
    comment = request.form.get("comment", "")
    documents.put_in_force(product(), preview_id, comment=comment, asking=asking(), who=person().email)
    return redirect(url_for("site.changes_one", preview_id=preview_id), code=303)


@requires(Right.EDIT_MAPPINGS)
def write(preview_id: int) -> BaseResponse:
    """Write to the CRM what a publication brought, here and now: for an installation without workers."""
    written, failures = write_planned(product())
    flash(f"{written} {'write' if written == 1 else 'writes'} done in the CRM." if written else "Nothing waited.")
    for says in failures[:5]:
        flash(says)
    return redirect(url_for("site.changes_one", preview_id=preview_id), code=303)


@requires(Right.EDIT_MAPPINGS)
def discard(kind: str) -> BaseResponse:
    """Forget the draft."""
    wanted, me, now = kind_named(kind), person().email, product().now()
    return save_with(
        wanted,
        lambda tx, revision: discard_draft(tx, wanted, revision=revision, author=me, now=now),
        "The draft is discarded.",
        what="discard",
    )


@requires(Right.EDIT_MAPPINGS)
def rebase(kind: str) -> BaseResponse:
    """Take the draft for a change of the version now in force."""
    wanted, me, now = kind_named(kind), person().email, product().now()
    return save_with(
        wanted,
        lambda tx, revision: rebase_draft(tx, wanted, revision=revision, author=me, now=now),
        "The draft is now a change of the version in force. Look at its differences before you publish it.",
    )


@requires(Right.EDIT_MAPPINGS)
def versions(kind: str) -> str:
    """What was published, by whom and why; what differs between two; the way back."""
    wanted = kind_named(kind)
    with product().reading() as tx:
        summary = summary_of(tx, wanted)
        rows = list_versions(tx, wanted)
        old, new = _chosen_pair([one.number for one in rows])
        differences = (
            diff_texts(wanted, version_text(tx, wanted, old), version_text(tx, wanted, new)) if old and new else ()
        )
    return render_template(
        "versions.html",
        kind=wanted,
        label=KINDS[wanted].label,
        summary=summary,
        rows=rows,
        old=old,
        new=new,
        differences=differences,
    )


def kind_named(name: str) -> Kind:
    """The document of that name. Raises UsageFault."""
    if name not in set(Kind):
        raise UsageFault(f"There is no document “{name}”.", remedy=f"They are: {', '.join(Kind)}.")
    return Kind(name)


def _chosen_pair(numbers: list[int]) -> tuple[int | None, int | None]:
    """Which two are compared: the last two where nothing is chosen."""
    new = request.args.get("to", numbers[0] if numbers else None, type=int)
    old = request.args.get("from", numbers[1] if len(numbers) > 1 else None, type=int)
    return old, new
