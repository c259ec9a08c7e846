"""The editable documents: saving over a draft, previews, putting in force; adding and changing sub-reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from mappings.documents import mapping_edits as edits
from mappings.taxonomy import Category
from service import clock
from service.bootstrap import App
from service.errors import UsageFault
from service.jobs.asked import Asking
from service.mapping_sets.drafts import Draft, open_draft
from service.mapping_sets.kinds import KINDS, Kind
from service.mapping_sets.learn import Edit, edit_draft
from service.mapping_sets.listing import Preview
from service.mapping_sets.pending import work_on
from service.mapping_sets.preview import start_preview
from service.mapping_sets.publish import begin_publication
from service.store.people import record_action

AT_ONCE_S = 0.4
"""Work done while somebody waits, where no worker is at it."""

SAID = 200
"""Letters of an action that the audit log keeps."""

Save = Callable[[Session], Draft]


def save_over(app: App, kind: Kind, save: Save, *, who: str, what: str = "edit", says: str = "") -> Draft:
    """Save the draft, and note who did. Raises as `save` does."""
    with app.store.begin() as tx:
        app.rules(tx)
        made = save(tx)
        subject = f"{KINDS[kind].label} draft"
        record_action(tx, who=who, what=what, subject=subject, says=says[:SAID], now=app.now())
    return made


def draft_scope(app: App, connection: str, scope: Mapping[str, Any], *, who: str) -> Draft:
    """Put a connection's scope into the mapping set's draft, as it stands. Raises UsageFault, DocumentError."""

    def save(tx: Session) -> Draft:
        revision = open_draft(tx, Kind.MAPPINGS).revision
        return edit_draft(
            tx,
            Kind.MAPPINGS,
            lambda text: edits.put_scope(text, connection, scope),
            revision=revision,
            author=who,
            now=app.now(),
        )

    return save_over(app, Kind.MAPPINGS, save, who=who, what="edit", says=f"Scope of {connection}.")


def begin_preview(app: App, kind: Kind, *, rollback_to: int | None, asking: Asking, who: str) -> Preview:
    """Preview the draft, or going back to a version: the counts at once, the list goes on."""
    preview_id = start_preview(app, kind, author=who, rollback_to=rollback_to)
    return _begun(app, preview_id, asking)


def put_in_force(app: App, preview_id: int, *, comment: str, asking: Asking, who: str) -> Preview:
    """Publish a preview, and begin to do to the deals what it says. Raises UsageFault, StalePreviewError, Busy."""
    if not comment.strip():
        raise UsageFault("The comment is missing.", remedy="Say in a line why; the history keeps it.")
    number = begin_publication(app, preview_id, author=who, comment=comment.strip())
    with app.store.begin() as tx:
        subject = f"preview {preview_id}, number {number}"
        record_action(tx, who=who, what="publish", subject=subject, says=comment.strip()[:SAID], now=app.now())
    return _begun(app, preview_id, asking)


def go_on(app: App, preview_id: int) -> Preview:
    """Do a little more of its list or publication."""
    return work_on(app, preview_id, seconds=AT_ONCE_S, monotonic=clock.monotonic)


def sub_reason_edit(category: Category, name: str, *, new_name: str, says: str) -> Edit:
    """Add a sub-reason, say something else of it, or call it otherwise. Raises UsageFault for a bad name."""
    wanted = new_name or name
    if not wanted or not wanted.replace("_", "").isalnum() or wanted != wanted.lower():
        raise UsageFault(
            f"“{wanted}” cannot be a name.", remedy="Use small letters, digits and _ such as `budget_moved`."
        )

    def edit(text: str) -> str:
        renamed = edits.rename_sub_reason(text, category, name, wanted) if wanted != name else text
        return edits.put_sub_reason(renamed, category, wanted, says)

    return edit


def _begun(app: App, preview_id: int, asking: Asking) -> Preview:
    found = go_on(app, preview_id)
    if asking.wake is not None:
        asking.wake("finish_changes", None)
    return found
