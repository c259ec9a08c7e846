"""The calls about the mapping set and the policy: reasons, drafts with ETags, versions, the tester.

`kind` is `mappings` or `policy`. A draft is changed with If-Match: its revision; who saw an older one gets 412.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from mappings.taxonomy import Category
from service.api import document_schemas as schemas
from service.api.drafting import kind_named, known_number, ready, saved, told
from service.api.routes import EDIT, Routes
from service.api.who import person, product
from service.mapping_sets import drafts, learn
from service.mapping_sets.drafts import Draft, open_draft
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.mapping_sets.reasons import DistinctReason, Order, distinct_reasons
from service.mapping_sets.tester import Place, try_text
from service.mapping_sets.versions import diff_texts, list_versions, published, version_text
from service.store.connections import connection_named

PAGE = 100

calls = Routes("documents", "The mapping set and the policy: reasons, drafts with ETags, versions, the tester.")


@calls.call("GET", "/reasons", EDIT, query=schemas.ReasonsQuery, gives=schemas.ReasonsPart)
def reasons(query: dict[str, Any]) -> Any:
    """Every distinct stated reason with its count, amount, category, source and confidence; a hundred a page."""
    name, page, size = query.get("connection"), query["page"], query["limit"] or PAGE
    app = product()
    with app.reading() as tx:
        mapping_set = in_force = app.rules(tx).mapping_set
        if query["of"] == "draft":
            mapping_set = mapping_set_of(open_draft(tx, Kind.MAPPINGS).text)
        found = distinct_reasons(
            tx,
            mapping_set,
            connection_id=connection_named(tx, name).id if name else None,
            order=Order(query["order"]),
            search=query["q"],
            offset=(page - 1) * size,
            limit=size,
            in_force=in_force,
        )
    counts = {"total": found.total, "deals": found.deals, "covered": found.covered}
    return {**counts, "page": page, "reasons": [_reason(one) for one in found.reasons]}


@calls.call("GET", "/documents/<kind>/draft", EDIT, gives=schemas.DraftPart, also=(404,))
def draft(kind: str) -> Any:
    """The draft; its ETag is its revision."""
    wanted = kind_named(kind)
    with ready() as tx:
        return told(open_draft(tx, wanted))


@calls.call(
    "PUT", "/documents/<kind>/draft", EDIT, takes=schemas.DraftBody, gives=schemas.DraftPart, also=(404, 412, 428)
)
def put_draft(body: dict[str, Any], kind: str) -> Any:
    """Save the draft over the revision in If-Match."""
    wanted, text = kind_named(kind), body["text"]

    def save(tx: Session, revision: int) -> Draft:
        return drafts.save_draft(tx, wanted, text, revision=revision, author=person().email, now=product().now())

    return saved(wanted, save, "edit")


@calls.call("DELETE", "/documents/<kind>/draft", EDIT, gives=schemas.DraftPart, also=(404, 412, 428))
def discard(kind: str) -> Any:
    """Forget the draft."""
    wanted = kind_named(kind)

    def save(tx: Session, revision: int) -> Draft:
        return drafts.discard_draft(tx, wanted, revision=revision, author=person().email, now=product().now())

    return saved(wanted, save, "discard")


@calls.call("POST", "/documents/<kind>/draft/rebase", EDIT, gives=schemas.DraftPart, also=(404, 412, 428))
def rebase(kind: str) -> Any:
    """Take the draft for a change of the version now in force."""
    wanted = kind_named(kind)

    def save(tx: Session, revision: int) -> Draft:
        return drafts.rebase_draft(tx, wanted, revision=revision, author=person().email, now=product().now())

    return saved(wanted, save, "edit")


@calls.call("POST", "/reasons/assign", EDIT, takes=schemas.AssignBody, gives=schemas.DraftPart, also=(412, 428))
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

    return saved(Kind.MAPPINGS, save, "edit")


@calls.call("GET", "/documents/<kind>/versions", EDIT, gives=schemas.VersionPart(many=True), also=(404,))
def versions(kind: str) -> Any:
    """Every published version, the newest first."""
    wanted = kind_named(kind)
    with ready() as tx:
        return list_versions(tx, wanted)


@calls.call("GET", "/documents/<kind>/versions/<int:number>", EDIT, gives=schemas.VersionTextPart, also=(404,))
def one_version(kind: str, number: int) -> Any:
    """A version's document, word for word."""
    wanted = kind_named(kind)
    with ready() as tx:
        return {"number": number, "text": version_text(tx, wanted, known_number(number))}


@calls.call(
    "GET", "/documents/<kind>/diff", EDIT, query=schemas.DiffQuery, gives=schemas.DifferencePart(many=True), also=(404,)
)
def diff(query: dict[str, Any], kind: str) -> Any:
    """What differs between two versions, by names."""
    wanted = kind_named(kind)
    with ready() as tx:
        return list(diff_texts(wanted, version_text(tx, wanted, query["old"]), version_text(tx, wanted, query["new"])))


@calls.call("POST", "/reasons/test", EDIT, takes=schemas.TestBody, gives=schemas.TestedPart)
def test(body: dict[str, Any]) -> Any:
    """What a text would be taken to mean, with the words that decide. Nothing is stored."""
    app = product()
    with ready() as tx:
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


def _reason(one: DistinctReason) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in schemas.ReasonPart().fields}
    return {**told, "values": [{"field": name, "value": words} for name, words in one.values]}
