"""The calls about the parts of the mapping set's draft: rules of words, labels, sub-reasons."""

from __future__ import annotations

from typing import Any

from mappings.documents import mapping_edits as edits
from mappings.documents.mapping_set import Meaning, WordRule
from mappings.taxonomy import Category
from service.api import timing_schemas as schemas
from service.api.connection_schemas import ScopeBody
from service.api.connections import scope_record
from service.api.document_schemas import DraftPart
from service.api.drafting import ready, saved, saved_edit
from service.api.routes import EDIT, Routes
from service.api.who import person, product
from service.deeds.documents import sub_reason_edit
from service.errors import NothingSuch, UsageFault
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.mapping_sets.learn import deals_by_sub_reason, remove_sub_reason
from service.store.connections import connection_named

calls = Routes("mapping", "The parts of the mapping set's draft: rules of words, labels, sub-reasons.")
DRAFT = "/documents/mappings/draft"


@calls.call("GET", f"{DRAFT}/rules", EDIT, gives=schemas.RulePart(many=True))
def rules() -> Any:
    """The rules of words of the draft, in order; the first that applies decides."""
    with ready() as tx:
        return list(mapping_set_of(open_draft(tx, Kind.MAPPINGS).text).rules)


@calls.call("PUT", f"{DRAFT}/rules/<rule_id>", EDIT, takes=schemas.RuleBody, gives=DraftPart, also=(412, 428))
def put_rule(body: dict[str, Any], rule_id: str) -> Any:
    """Add a rule, or change the one of that name."""
    if not (body["any"] or body["all"] or body["regex"]):
        raise UsageFault("The rule has no words.", remedy="Give at least one phrase in `any`, `all` or `regex`.")
    rule = WordRule(
        id=rule_id,
        meaning=Meaning(category=Category(body["category"]), sub_reason=body["sub_reason"]),
        any=tuple(body["any"]),
        all=tuple(body["all"]),
        regex=tuple(body["regex"]),
        fields=tuple(body["fields_"]),
        connection=body["connection"],
    )
    return saved_edit(Kind.MAPPINGS, lambda text: edits.put_rule(text, rule))


@calls.call("DELETE", f"{DRAFT}/rules/<rule_id>", EDIT, gives=DraftPart, also=(412, 428))
def remove_rule(rule_id: str) -> Any:
    """Take a rule out."""
    return saved_edit(Kind.MAPPINGS, lambda text: edits.remove_rule(text, rule_id))


@calls.call(
    "PUT", f"{DRAFT}/scopes/<connection>", EDIT, takes=ScopeBody, gives=DraftPart, also=(404, 412, 428),
    is_body_required=False,
)  # fmt: skip
def put_scope(body: dict[str, Any], connection: str) -> Any:
    """Give a connection this scope: previewed, published and rolled back with the mapping set."""
    with ready() as tx:
        name = connection_named(tx, connection).name
    return saved_edit(Kind.MAPPINGS, lambda text: edits.put_scope(text, name, scope_record(body)))


@calls.call("DELETE", f"{DRAFT}/scopes/<connection>", EDIT, gives=DraftPart, also=(412, 428))
def remove_scope(connection: str) -> Any:
    """Say nothing of its scope: what was said when it was connected counts again."""
    return saved_edit(Kind.MAPPINGS, lambda text: edits.remove_scope(text, connection))


@calls.call("POST", "/reasons/unassign", EDIT, takes=schemas.UnassignBody, gives=DraftPart, also=(412, 428))
def unassign(body: dict[str, Any]) -> Any:
    """Forget what was assigned to these values with exactly these limits: words decide again."""
    return saved_edit(
        Kind.MAPPINGS,
        lambda text: edits.remove_labels(text, body["values"], connection=body["connection"], field=body["field"]),
    )


@calls.call("GET", f"{DRAFT}/sub-reasons", EDIT, gives=schemas.SubReasonCountPart(many=True))
def sub_reasons() -> Any:
    """The sub-reasons of the draft, and how many deals stand under each."""
    with ready() as tx:
        drafted = mapping_set_of(open_draft(tx, Kind.MAPPINGS).text).sub_reasons
        counts = deals_by_sub_reason(tx)
    return [
        {"category": one, "name": name, "says": says, "deals": counts.get((one, name), 0)}
        for one in Category
        for name, says in drafted.get(one, {}).items()
    ]


@calls.call(
    "PUT", f"{DRAFT}/sub-reasons/<category>/<name>", EDIT, takes=schemas.SubReasonBody, gives=DraftPart,
    also=(404, 412, 428), is_body_required=False,
)  # fmt: skip
def put_sub_reason(body: dict[str, Any], category: str, name: str) -> Any:
    """Add a sub-reason, say something else of it, or call it otherwise."""
    edit = sub_reason_edit(_category(category), name, new_name=body["name"], says=body["says"])
    return saved_edit(Kind.MAPPINGS, edit)


@calls.call("DELETE", f"{DRAFT}/sub-reasons/<category>/<name>", EDIT, gives=DraftPart, also=(404, 412, 428))
def drop_sub_reason(category: str, name: str) -> Any:
    """Take a sub-reason out; refused, with the counts, while deals or entries of the draft use it."""
    one, me, now = _category(category), person().email, product().now()
    return saved(
        Kind.MAPPINGS,
        lambda tx, revision: remove_sub_reason(tx, one, name, revision=revision, author=me, now=now),
    )


def _category(name: str) -> Category:
    if name not in set(Category):
        raise NothingSuch(f"There is no category {name!r}.", remedy=f"They are: {', '.join(Category)}.")
    return Category(name)
