"""The calls about changes of the documents: previews with their lists, publishing, rollback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_smorest import Blueprint

from service import clock
from service.api import document_schemas as schemas
from service.api.documents import kind_named, known_number
from service.api.who import needs, person, product
from service.mapping_sets.kinds import Difference, Kind
from service.mapping_sets.listing import Preview, differences_of, list_outcomes, load_preview
from service.mapping_sets.pending import work_on
from service.mapping_sets.preview import start_preview
from service.mapping_sets.publish import begin_publication
from service.people.roles import Right
from service.store.people import record_action

AT_ONCE_S = 0.4

change = Blueprint("changes", __name__, url_prefix="/api/v1", description="Previews, publications and rollbacks.")


@change.post("/documents/<kind>/previews")
@change.arguments(schemas.PreviewBody)
@change.response(201, schemas.PreviewPart)
@change.alt_response(409, description="The draft was made from an older version.")
@needs(Right.EDIT_MAPPINGS)
def preview(body: dict[str, Any], kind: str) -> Any:
    """Begin a preview; the counts are there at once, the list follows."""
    return _started(kind_named(kind), body["rollback_to"])


@change.post("/documents/<kind>/rollback")
@change.arguments(schemas.RollbackBody)
@change.response(201, schemas.PreviewPart)
@change.alt_response(404, description="There is no such version.")
@needs(Right.EDIT_MAPPINGS)
def rollback(body: dict[str, Any], kind: str) -> Any:
    """Begin the preview of going back to a version; publishing it does it."""
    return _started(kind_named(kind), body["number"])


@change.get("/previews/<int:preview_id>")
@change.response(200, schemas.PreviewPart)
@change.alt_response(404, description="There is no such preview.")
@needs(Right.EDIT_MAPPINGS)
def one_preview(preview_id: int) -> Any:
    """A preview as it stands."""
    return _preview(load_preview(product(), known_number(preview_id)))


@change.post("/previews/<int:preview_id>/go-on")
@change.response(200, schemas.PreviewPart)
@change.alt_response(404, description="There is no such preview.")
@needs(Right.EDIT_MAPPINGS)
def go_on(preview_id: int) -> Any:
    """Do a little more of its list or publication here and now: for an installation without workers."""
    return _preview(work_on(product(), known_number(preview_id), seconds=AT_ONCE_S, monotonic=clock.monotonic))


@change.get("/previews/<int:preview_id>/outcomes")
@change.arguments(schemas.OutcomesQuery, location="query")
@change.response(200, schemas.OutcomesPart)
@change.alt_response(404, description="There is no such preview.")
@needs(Right.EDIT_MAPPINGS)
def outcomes(query: dict[str, Any], preview_id: int) -> Any:
    """The deals that change, in order."""
    load_preview(product(), known_number(preview_id))
    with product().store.read() as tx:
        rows = list_outcomes(tx, preview_id, after_deal=query["after"], limit=query["limit"])
    return {"outcomes": rows, "next": rows[-1]["deal"] if len(rows) == query["limit"] else None}


@change.post("/previews/<int:preview_id>/publish")
@change.arguments(schemas.PublishBody)
@change.response(202, schemas.PreviewPart)
@change.alt_response(409, description="The preview is not ready, does not hold any more, or another is being applied.")
@needs(Right.EDIT_MAPPINGS)
def publish(body: dict[str, Any], preview_id: int) -> Any:
    """Put it in force and do exactly what it lists; `state` says when it is done."""
    app, who = product(), person().email
    number = begin_publication(app, known_number(preview_id), author=who, comment=body["comment"])
    with app.store.begin() as tx:
        subject = f"preview {preview_id}, number {number}"
        record_action(tx, who=who, what="publish", subject=subject, says=body["comment"][:200], now=app.now())
    return _preview(work_on(app, preview_id, seconds=AT_ONCE_S, monotonic=clock.monotonic))


def _started(kind: Kind, rollback_to: int | None) -> Any:
    app = product()
    preview_id = start_preview(app, kind, author=person().email, rollback_to=rollback_to)
    return _preview(work_on(app, preview_id, seconds=AT_ONCE_S, monotonic=clock.monotonic))


def _preview(found: Preview) -> dict[str, Any]:
    with product().store.read() as tx:
        differences = differences_of(tx, found.id)
    return {
        **{name: getattr(found, name) for name in Preview.__dataclass_fields__},
        "differences": _differences(differences),
    }


def _differences(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    return [{"path": one.path, "before": one.before, "after": one.after, "says": one.says} for one in differences]
