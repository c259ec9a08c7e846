"""The calls about the mapping set and the policy: reasons, drafts with ETags, versions, the tester.

`kind` is `mappings` or `policy`. A draft is changed with If-Match: its revision; who saw an older one gets 412.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from flask import Response, abort, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from mappings.taxonomy import Category
from service.api import document_schemas as schemas
from service.api.problems import problem
from service.api.schemas import LARGEST_ID
from service.api.who import needs, person, product
from service.mapping_sets import drafts, learn
from service.mapping_sets.drafts import Draft, DraftConflictError, open_draft
from service.mapping_sets.kinds import KINDS, Kind, mapping_set_of
from service.mapping_sets.reasons import DistinctReason, Order, distinct_reasons
from service.mapping_sets.tester import Place, try_text
from service.mapping_sets.versions import diff_texts, list_versions, published, version_text
from service.people.roles import Right
from service.store.connections import connection_named
from service.store.people import record_action

PAGE = 100
AT_ONCE_S = 0.4
CONFLICT = "Somebody saved the draft since that revision; `errors` says what it says by now."
MISSING = "If-Match is missing: send the revision of the draft that you saw."

edit = Blueprint("documents", __name__, url_prefix="/api/v1", description="The mapping set and the policy.")


@edit.get("/reasons")
@edit.arguments(schemas.ReasonsQuery, location="query")
@edit.response(200, schemas.ReasonsPart)
@needs(Right.EDIT_MAPPINGS)
def reasons(query: dict[str, Any]) -> Any:
    """Every distinct stated reason with its count, amount, category, source and confidence; a hundred a page."""
    name, page = query.get("connection"), query["page"]
    app = product()
    with app.store.begin() as tx:
        mapping_set = app.rules(tx).mapping_set
        if query["of"] == "draft":
            mapping_set = mapping_set_of(open_draft(tx, Kind.MAPPINGS).text)
        found = distinct_reasons(
            tx,
            mapping_set,
            connection_id=connection_named(tx, name).id if name else None,
            order=Order(query["order"]),
            search=query["q"],
            offset=(page - 1) * PAGE,
            limit=PAGE,
        )
    return {"total": found.total, "page": page, "reasons": [_reason(one) for one in found.reasons]}


@edit.get("/documents/<kind>/draft")
@edit.response(200, schemas.DraftPart)
@edit.alt_response(404, description="There is no such document.")
@needs(Right.EDIT_MAPPINGS)
def draft(kind: str) -> Any:
    """The draft; its ETag is its revision."""
    wanted = kind_named(kind)
    with _ready() as tx:
        return _told(open_draft(tx, wanted))


@edit.put("/documents/<kind>/draft")
@edit.arguments(schemas.DraftBody)
@edit.response(200, schemas.DraftPart)
@edit.alt_response(412, description=CONFLICT)
@edit.alt_response(428, description=MISSING)
@needs(Right.EDIT_MAPPINGS)
def put_draft(body: dict[str, Any], kind: str) -> Any:
    """Save the draft over the revision in If-Match."""
    wanted, text = kind_named(kind), body["text"]

    def save(tx: Session, revision: int) -> Draft:
        return drafts.save_draft(tx, wanted, text, revision=revision, author=person().email, now=product().now())

    return _saved(wanted, save, "edit")


@edit.delete("/documents/<kind>/draft")
@edit.response(200, schemas.DraftPart)
@edit.alt_response(412, description=CONFLICT)
@edit.alt_response(428, description=MISSING)
@needs(Right.EDIT_MAPPINGS)
def discard(kind: str) -> Any:
    """Forget the draft."""
    wanted = kind_named(kind)

    def save(tx: Session, revision: int) -> Draft:
        return drafts.discard_draft(tx, wanted, revision=revision, author=person().email, now=product().now())

    return _saved(wanted, save, "discard")


@edit.post("/documents/<kind>/draft/rebase")
@edit.response(200, schemas.DraftPart)
@edit.alt_response(412, description=CONFLICT)
@edit.alt_response(428, description=MISSING)
@needs(Right.EDIT_MAPPINGS)
def rebase(kind: str) -> Any:
    """Take the draft for a change of the version now in force."""
    wanted = kind_named(kind)

    def save(tx: Session, revision: int) -> Draft:
        return drafts.rebase_draft(tx, wanted, revision=revision, author=person().email, now=product().now())

    return _saved(wanted, save, "edit")


@edit.post("/reasons/assign")
@edit.arguments(schemas.AssignBody)
@edit.response(200, schemas.DraftPart)
@edit.alt_response(412, description=CONFLICT)
@edit.alt_response(428, description=MISSING)
@needs(Right.EDIT_MAPPINGS)
def assign(body: dict[str, Any]) -> Any:
    """Have these values mean that, in the draft. Repeating it changes nothing but the revision."""

    def save(tx: Session, revision: int) -> Draft:
        if body["connection"] is not None:
            connection_named(tx, body["connection"])
        return learn.assign_values(
            tx,
            body["values"],
            Category(body["category"]),
            body["sub_reason"],
            connection=body["connection"],
            field=body["field"],
            revision=revision,
            author=person().email,
            now=product().now(),
        )

    return _saved(Kind.MAPPINGS, save, "edit")


@edit.get("/documents/<kind>/versions")
@edit.response(200, schemas.VersionPart(many=True))
@needs(Right.EDIT_MAPPINGS)
def versions(kind: str) -> Any:
    """Every published version, the newest first."""
    wanted = kind_named(kind)
    with _ready() as tx:
        return list_versions(tx, wanted)


@edit.get("/documents/<kind>/versions/<int:number>")
@edit.response(200, schemas.VersionTextPart)
@edit.alt_response(404, description="There is no such version.")
@needs(Right.EDIT_MAPPINGS)
def one_version(kind: str, number: int) -> Any:
    """A version's document, word for word."""
    wanted = kind_named(kind)
    with _ready() as tx:
        return {"number": number, "text": version_text(tx, wanted, known_number(number))}


@edit.get("/documents/<kind>/diff")
@edit.arguments(schemas.DiffQuery, location="query")
@edit.response(200, schemas.DifferencePart(many=True))
@edit.alt_response(404, description="There is no such version.")
@needs(Right.EDIT_MAPPINGS)
def diff(query: dict[str, Any], kind: str) -> Any:
    """What differs between two versions, by names."""
    wanted = kind_named(kind)
    with _ready() as tx:
        return list(diff_texts(wanted, version_text(tx, wanted, query["old"]), version_text(tx, wanted, query["new"])))


@edit.post("/reasons/test")
@edit.arguments(schemas.TestBody)
@edit.response(200, schemas.TestedPart)
@needs(Right.EDIT_MAPPINGS)
def test(body: dict[str, Any]) -> Any:
    """What a text would be taken to mean, with the words that decide. Nothing is stored."""
    app = product()
    with _ready() as tx:
        in_force, there = published(tx, Kind.MAPPINGS).text, open_draft(tx, Kind.MAPPINGS)
    texts = {"published": in_force, "draft": there.text if there.is_open else None}
    today, place = app.now().date(), Place(body["place"])
    return {
        name: text
        and try_text(
            mapping_set_of(text),
            body["text"],
            today=today,
            place=place,
            notes=body["notes"],
            connection=body["connection"],
        )
        for name, text in texts.items()
    }


# --- shared -------------------------------------------------------------------------------------------------


@contextmanager
def _ready() -> Iterator[Session]:
    """A unit of work in which both documents are published; the shipped ones are, where there were none."""
    app = product()
    with app.store.begin() as tx:
        app.rules(tx)
        yield tx


def kind_named(name: str) -> Kind:
    if name not in set(Kind):
        abort(404, f"There is no document {name!r}; they are: {', '.join(Kind)}.")
    return Kind(name)


def known_number(number: int) -> int:
    """A number that the database could hold."""
    if number > LARGEST_ID:
        abort(404, "There is nothing of that number.")
    return number


def _saved(kind: Kind, save: Callable[[Session, int], Draft], what: str) -> Any:
    """Save over the revision that was seen; the new draft with its ETag."""
    app, revision = product(), _seen()
    if revision is None:
        return problem(HTTPStatus.PRECONDITION_REQUIRED, MISSING, remedy="Read the draft; its ETag is the revision.")
    try:
        with _ready() as tx:
            made = save(tx, revision)
            record_action(tx, who=person().email, what=what, subject=f"{KINDS[kind].label} draft", now=app.now())
    except DraftConflictError as conflict:
        return _conflict(conflict)
    return _told(made)


def _seen() -> int | None:
    """The revision of If-Match; -1, which none has, for one that is not ours."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        return None
    tag = given.removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdecimal() and len(tag) < 10 else -1


def _conflict(conflict: DraftConflictError) -> Response:
    there = conflict.draft
    with product().store.read() as tx:
        differences = diff_texts(there.kind, published(tx, there.kind).text, there.text)
    says = {"revision": there.revision, "author": there.author, "differences": [one.says for one in differences]}
    found = problem(
        HTTPStatus.PRECONDITION_FAILED, f"{there.author or 'Somebody'} saved the draft meanwhile.",
        remedy="Read the draft again and repeat your change on it.", errors=says,
    )  # fmt: skip
    found.headers["ETag"] = f'"{there.revision}"'
    return found


def _told(there: Draft) -> tuple[Draft, int, Mapping[str, str]]:
    return there, HTTPStatus.OK, {"ETag": f'"{there.revision}"'}


def _reason(one: DistinctReason) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in schemas.ReasonPart().fields}
    return {**told, "values": [{"field": name, "value": words} for name, words in one.values]}
