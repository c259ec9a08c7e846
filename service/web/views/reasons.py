"""Reasons: what every stated reason is taken to mean; assigning by hand; rules with a tester; sub-reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from mappings.documents import mapping_edits as edits
from mappings.documents.mapping_set import MappingSet
from mappings.documents.toml import DocumentError
from mappings.taxonomy import TAXONOMY, Category
from service.deeds.documents import sub_reason_edit
from service.errors import RekindleError, UsageFault
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.mapping_sets.learn import deals_by_sub_reason, remove_sub_reason
from service.mapping_sets.reasons import TOP, DistinctReason, Order, distinct_reasons, own_value, reads_as
from service.mapping_sets.versions import published
from service.people.roles import Right
from service.store.connections import all_connections
from service.web.editing import refused, save_edit, save_with, summary_of
from service.web.filters import link
from service.web.views.rule_forms import rule_of_form, rule_typed, try_both
from service.web.who import person, product, requires
from service.web.words.present import category_name, words_of

PAGE = 50
LONGEST = 1000
KEYS: Mapping[Category, str] = {
    Category.TIMING: "t",
    Category.BUDGET: "b",
    Category.COMPETITOR: "c",
    Category.AUTHORITY: "a",
    Category.NEED: "n",
    Category.VALUE_PERCEPTION: "v",
    Category.UNRESPONSIVE: "s",
    Category.NOT_A_REJECTION: "r",
    Category.UNKNOWN: "u",
}
"""The letter that chooses a category; shown on the page."""

SOURCES = {
    "label": "assigned",
    "shipped_label": "a known picklist",
    "near_label": "close to a known value",
    "rule": "a rule",
    "name": "a competitor's name",
    "words": "its words",
    "none": "nothing known",
}


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/reasons", "reasons", reasons)
    site.add_url_rule("/reasons/assign", "reasons_assign", assign, methods=["POST"])
    site.add_url_rule("/reasons/rules", "reasons_rules", rules)
    site.add_url_rule("/reasons/rules/save", "reasons_rules_save", save_rule, methods=["POST"])
    site.add_url_rule("/reasons/rules/remove", "reasons_rules_remove", remove_rule, methods=["POST"])
    site.add_url_rule("/reasons/test", "reasons_test", test, methods=["POST"])
    site.add_url_rule("/reasons/sub-reasons", "reasons_subs", sub_reasons)
    site.add_url_rule("/reasons/sub-reasons/change", "reasons_subs_change", change_sub_reason, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Line:
    """A reason as the draft reads it; what it is in force, where that is another meaning; the value to label."""

    reason: DistinctReason
    was: tuple[Category, str | None] | None
    main: str


@requires(Right.EDIT_MAPPINGS)
def reasons() -> str:
    """Every distinct stated reason, those that nobody has decided first."""
    words, page = request.args.get("q", "")[:LONGEST], max(1, request.args.get("page", 1, type=int))
    connection = request.args.get("connection_id", type=int)
    with product().reading() as tx:
        summary = summary_of(tx, Kind.MAPPINGS)
        drafted, in_force = mapping_set_of(summary.draft.text), mapping_set_of(published(tx, Kind.MAPPINGS).text)
        found = distinct_reasons(
            tx,
            drafted,
            connection_id=connection,
            order=Order.REVIEW,
            search=words,
            offset=(page - 1) * PAGE,
            limit=PAGE,
            in_force=in_force,
        )
        connections = all_connections(tx)
    return render_template(
        "reasons.html",
        summary=summary,
        kind=Kind.MAPPINGS,
        lines=[Line(one, _was(one, in_force), own_value(in_force, one)) for one in found.reasons],
        total=found.total,
        covered=found.covered / found.deals if found.total > TOP and not words else 0,
        deals=found.deals,
        top=TOP,
        undecided=sum(one.needs_review for one in found.reasons),
        page=page,
        pages=-(-found.total // PAGE),
        link=link,
        words=words,
        connections=connections,
        choices=_choices(drafted),
        keys=KEYS,
        sources=SOURCES,
    )


@requires(Right.EDIT_MAPPINGS)
def assign() -> BaseResponse:
    """Have the chosen values mean what was chosen, in the draft."""
    values = list(dict.fromkeys(request.form.getlist("value")))
    if not values:
        raise UsageFault("No value was chosen.", remedy="Tick one with the mouse or with x, then choose what it means.")
    category, sub_reason = _meaning(request.form.get("meaning", ""))
    connection = request.form.get("connection") or None
    what = f"“{values[0][:60]}”" if len(values) == 1 else f"{len(values)} values"
    says = f"{what}: {category_name(category)}{', ' + words_of(sub_reason) if sub_reason else ''}, in the draft."
    return save_edit(
        Kind.MAPPINGS,
        lambda text: edits.assign_labels(text, values, category, sub_reason, connection=connection),
        says,
    )


@requires(Right.EDIT_MAPPINGS)
def rules() -> str:
    """The rules of words, and a tester of any text."""
    return _rules()


def _rules(
    fault: str = "", typed: Mapping[str, str] | None = None, tried: Mapping[str, Any] | None = None, text: str = ""
) -> str:
    with product().reading() as tx:
        summary = summary_of(tx, Kind.MAPPINGS)
        drafted = mapping_set_of(summary.draft.text)
        connections = all_connections(tx)
    chosen = next((one for one in drafted.rules if one.id == request.args.get("edit")), None)
    return render_template(
        "rules.html",
        summary=summary,
        kind=Kind.MAPPINGS,
        rules=drafted.rules,
        fault=fault,
        typed=typed or (rule_typed(chosen) if chosen else {}),
        choices=_choices(drafted),
        connections=connections,
        tried=tried,
        text=text,
    )


@requires(Right.EDIT_MAPPINGS)
def save_rule() -> BaseResponse:
    """Add a rule to the draft, or change the one of that name."""
    try:
        category, sub_reason = _meaning(request.form.get("meaning", ""))
        rule = rule_of_form(request.form, category, sub_reason)
        return save_edit(Kind.MAPPINGS, lambda text: edits.put_rule(text, rule), f"The rule {rule.id} is in the draft.")
    except (RekindleError, DocumentError) as fault:
        return refused(_rules(fault=str(fault), typed=request.form), HTTPStatus.UNPROCESSABLE_ENTITY)


@requires(Right.EDIT_MAPPINGS)
def remove_rule() -> BaseResponse:
    """Take a rule out of the draft."""
    name = request.form.get("id", "")
    return save_edit(
        Kind.MAPPINGS, lambda text: edits.remove_rule(text, name), f"The rule {name} is taken out of the draft."
    )


@requires(Right.EDIT_MAPPINGS)
def test() -> str:
    """What a text would be taken to mean, in force and in the draft: the page, or its part for a script."""
    text, connection = request.form.get("text", "")[:LONGEST], request.form.get("connection") or None
    app = product()
    with app.reading() as tx:
        summary = summary_of(tx, Kind.MAPPINGS)
        in_force = mapping_set_of(published(tx, Kind.MAPPINGS).text)
    drafted = mapping_set_of(summary.draft.text) if summary.draft.is_open else None
    place = request.form.get("place", "reason")
    tried = try_both(in_force, drafted, text, today=app.now().date(), place=place, connection=connection)
    if request.headers.get("HX-Request"):
        return render_template("_tried.html", tried=tried)
    return _rules(tried=tried, text=text)


@requires(Right.EDIT_MAPPINGS)
def sub_reasons() -> str:
    """The second level of the taxonomy, with how many deals stand under each."""
    return _sub_reasons()


def _sub_reasons(fault: str = "") -> str:
    with product().reading() as tx:
        summary = summary_of(tx, Kind.MAPPINGS)
        drafted = mapping_set_of(summary.draft.text)
        counts = deals_by_sub_reason(tx)
    groups = [(one, TAXONOMY[one].says, dict(drafted.sub_reasons.get(one, {}))) for one in Category]
    return render_template(
        "sub_reasons.html", summary=summary, kind=Kind.MAPPINGS, groups=groups, counts=counts, fault=fault
    )


@requires(Right.EDIT_MAPPINGS)
def change_sub_reason() -> BaseResponse:
    """Add, rename, describe anew or remove one."""
    verb, name = request.form.get("verb", ""), request.form.get("name", "").strip()
    category, new = _category(request.form.get("category", "")), request.form.get("new_name", "").strip()
    says = request.form.get("says", "").strip()
    spelt = f"{category}.{name}"
    try:
        if verb == "remove":
            me, now = person().email, product().now()
            return save_with(
                Kind.MAPPINGS,
                lambda tx, revision: remove_sub_reason(tx, category, name, revision=revision, author=me, now=now),
                f"{spelt} is taken out of the draft.",
            )
        is_renamed = verb == "save" and bool(new) and new != name
        edit = sub_reason_edit(category, name, new_name=new if is_renamed else "", says=says)
        told = f"{spelt} is called {new} in the draft." if is_renamed else f"{spelt} is in the draft."
        return save_edit(Kind.MAPPINGS, edit, told)
    except (RekindleError, DocumentError) as fault:
        return refused(_sub_reasons(fault=str(fault)), HTTPStatus.UNPROCESSABLE_ENTITY)


def _was(one: DistinctReason, in_force: MappingSet) -> tuple[Category, str | None] | None:
    former = reads_as(in_force, one)
    return None if former == (one.category, one.sub_reason) else former


def _choices(mapping_set: MappingSet) -> list[tuple[Category, str, list[str]]]:
    """Every meaning that can be chosen: category, its key, its sub-reasons."""
    return [(one, KEYS[one], list(mapping_set.sub_reasons.get(one, {}))) for one in Category]


def _meaning(given: str) -> tuple[Category, str | None]:
    category, _, sub_reason = given.partition(".")
    return _category(category), sub_reason or None


def _category(given: str) -> Category:
    if given not in set(Category):
        raise UsageFault("No meaning was chosen.", remedy="Choose a category, with or without a sub-reason.")
    return Category(given)
