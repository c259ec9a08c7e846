"""The calls about changes of the documents: previews with their lists, publishing, rollback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from service.api import document_schemas as schemas
from service.api.drafting import kind_named, known_number
from service.api.routes import EDIT, Routes
from service.api.who import asking, person, product
from service.deeds import documents
from service.mapping_sets.kinds import Difference, Kind
from service.mapping_sets.listing import Preview, differences_of, list_outcomes, load_preview
from service.mapping_sets.pending import recent_previews
from service.operations import write_planned

calls = Routes("changes", "Previews, publications and rollbacks: publishing does exactly what a preview lists.")


@calls.call(
    "POST",
    "/documents/<kind>/previews",
    EDIT,
    takes=schemas.PreviewBody,
    gives=schemas.PreviewPart,
    status=201,
    also=(404, 409),
)
def preview(body: dict[str, Any], kind: str) -> Any:
    """Begin a preview; the counts are there at once, the list follows."""
    return _started(kind_named(kind), body["rollback_to"])


@calls.call(
    "POST",
    "/documents/<kind>/rollback",
    EDIT,
    takes=schemas.RollbackBody,
    gives=schemas.PreviewPart,
    status=201,
    also=(404,),
)
def rollback(body: dict[str, Any], kind: str) -> Any:
    """Begin the preview of going back to a version; publishing it does it."""
    return _started(kind_named(kind), body["number"])


@calls.call("GET", "/previews/<int:preview_id>", EDIT, gives=schemas.PreviewPart, also=(404,))
def one_preview(preview_id: int) -> Any:
    """A preview as it stands."""
    return _preview(load_preview(product(), known_number(preview_id)))


@calls.call("POST", "/previews/<int:preview_id>/go-on", EDIT, gives=schemas.PreviewPart, also=(404,))
def go_on(preview_id: int) -> Any:
    """Do a little more of its list or publication here and now: for an installation without workers."""
    return _preview(documents.go_on(product(), known_number(preview_id)))


@calls.call(
    "GET",
    "/previews/<int:preview_id>/outcomes",
    EDIT,
    query=schemas.OutcomesQuery,
    gives=schemas.OutcomesPart,
    also=(404,),
)
def outcomes(query: dict[str, Any], preview_id: int) -> Any:
    """The deals that change, in order."""
    load_preview(product(), known_number(preview_id))
    with product().store.read() as tx:
        rows = list_outcomes(tx, preview_id, after_deal=query["after"], limit=query["limit"])
    return {"outcomes": rows, "next": rows[-1]["deal"] if len(rows) == query["limit"] else None}


@calls.call(
    "POST",
    "/previews/<int:preview_id>/publish",
    EDIT,
    takes=schemas.PublishBody,
    gives=schemas.PreviewPart,
    status=202,
    also=(409,),
)
def publish(body: dict[str, Any], preview_id: int) -> Any:
    """Put it in force and do exactly what it lists; `state` says when it is done."""
    number, me = known_number(preview_id), person().email
    return _preview(documents.put_in_force(product(), number, comment=body["comment"], asking=asking(), who=me))


@calls.call("GET", "/previews", EDIT, gives=schemas.PreviewPart(many=True))
def recent() -> Any:
    """The last previews and publications, the newest first."""
    app = product()
    with app.reading() as tx:
        app.rules(tx)
        rows = recent_previews(app, tx)
    return [_preview(row) for row in rows]


@calls.call("POST", "/previews/<int:preview_id>/write", EDIT, gives=schemas.WrittenPart, also=(404,))
def write(preview_id: int) -> Any:
    """Write to the CRM what a publication brought, here and now: for an installation without workers."""
    load_preview(product(), known_number(preview_id))
    written, failures = write_planned(product())
    return {"written": written, "failures": failures}


def _started(kind: Kind, rollback_to: int | None) -> Any:
    me = person().email
    return _preview(documents.begin_preview(product(), kind, rollback_to=rollback_to, asking=asking(), who=me))


def _preview(found: Preview) -> dict[str, Any]:
    with product().store.read() as tx:
        differences = differences_of(tx, found.id)
    return {
        **{name: getattr(found, name) for name in Preview.__dataclass_fields__},
        "differences": _differences(differences),
    }


def _differences(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    return [{"path": one.path, "before": one.before, "after": one.after, "says": one.says} for one in differences]
