"""The calls about lost deals: the list, one deal's story, a person's verdict, the debrief, the taxonomy."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort

from mappings.taxonomy import TAXONOMY, Category
from service import debriefs
from service.api import deal_schemas, schemas
from service.api.audit import lens_of
from service.api.routes import SEE, WORK, Routes, seen_edition, tagged
from service.api.who import person, product
from service.deeds.deals import Access, access_to, decide_many
from service.errors import UsageFault
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.mapping_sets.versions import published
from service.store.debriefs import debrief_of
from service.store.models import ClassificationRow, DebriefRow, TaskRefRow
from service.store.stated_values import stating_value
from service.store.stories import PAGE, deal_lines, deal_story, latest_episode

TASK_FIELDS = ("subject", "due_on", "owner_id", "status")

calls = Routes("deals", "Lost deals: what each was taken to mean, its plan, and what people say about it.")


@calls.call("GET", "/deals", SEE, query=schemas.DealQuery, gives=schemas.DealsPart)
def deals(query: dict[str, Any]) -> Any:
    """Lost deals, the latest loss first, fifty a page unless `limit` says otherwise. Go on with `after`; `page` is for
    jumping about.
    """
    app = product()
    page, words, review = query.pop("page"), query.pop("q"), query.pop("review", None)
    size = query.pop("limit") or PAGE
    after, stated, other = _place(query.pop("after", None)), query.pop("stated", None), query.pop("not_category", None)
    with app.store.read() as tx:
        lens = lens_of(tx, query, app.now().date())
        conditions = lens.conditions()
        if "start" in query or "end" in query:
            conditions.append(lens.in_period())
        if review is not None:
            conditions.append(ClassificationRow.needs_review.is_(review))
        if other is not None:
            conditions.append(ClassificationRow.category != other)
        if stated is not None:
            if lens.connection_id is None:
                raise UsageFault("`stated` needs `connection`.", remedy="Give both, as the reason says them.")
            conditions.append(stating_value(tx, lens.connection_id, stated))
        lines, total = deal_lines(tx, conditions, words=words, page=page, size=size, after=after)
    last = lines[-1] if len(lines) == size else None
    next_ = f"{last.lost_on.isoformat()}.{last.id}" if last else None
    return {"total": total if after is None else None, "page": page, "next": next_, "deals": lines}


@calls.call("GET", "/deals/<int:deal_row_id>", SEE, gives=schemas.DealStoryPart, also=(404,))
def deal(deal_row_id: int) -> Any:
    """One deal: the CRM's record, what it was taken to mean, the plan, the reminders and their history."""
    _refuse_strangers(deal_row_id, is_work=False)
    with product().store.read() as tx:
        story = deal_story(tx, deal_row_id)
    if story is None:
        abort(404, "There is no such deal.")
    return {
        "id": story.deal.id,
        "connection": story.connection.name,
        "deal_id": story.deal.crm_deal_id,
        "state": story.deal.state,
        "record": story.deal.record,
        "classification": story.classification.record if story.classification else None,
        "plan": story.plan.record if story.plan else None,
        "episodes": [
            {"number": one.number, "lost_on": one.lost_on, "ended_as": one.ended_as, "ended_on": one.ended_on}
            for one in story.episodes
        ],
        "reminders": [
            {
                "id": one.id,
                "purpose": one.purpose,
                "due_on": one.due_on,
                "state": one.state,
                "why": one.why,
                "task": _task(story.tasks.get(one.id)),
            }
            for one in story.reminders
        ],
        "events": [{"at": one.at, "who": one.who, "to": one.to_state, "why": one.why} for one in story.events],
        "debrief": _told(story.debrief) if story.debrief else None,
        "consents": story.consents,
    }


def _task(row: TaskRefRow | None) -> dict[str, Any] | None:
    """The task as the CRM has it: what we wrote, and over it what a person changed there, which `changed` names."""
    if row is None:
        return None
    there = {**{name: row.written.get(name) for name in TASK_FIELDS}, **(row.seen or {})}
    return {"id": row.crm_task_id, "state": row.state, **there, "changed": list(row.touched)}


@calls.call("GET", "/deals/<int:deal_row_id>/debrief", SEE, gives=deal_schemas.DebriefPart, also=(404,))
def debrief(deal_row_id: int) -> Any:
    """What people said about the deal's latest loss; empty where nobody did."""
    _refuse_strangers(deal_row_id, is_work=False)
    return _debrief(deal_row_id)


@calls.call(
    "PUT", "/deals/<int:deal_row_id>/debrief", WORK, takes=deal_schemas.DebriefBody, gives=deal_schemas.DebriefPart,
    also=(404, 409, 412), is_body_required=False,
)  # fmt: skip
def put_debrief(body: dict[str, Any], deal_row_id: int) -> Any:
    """Keep a debrief; its day, or its no, times the follow-ups at once."""
    _refuse_strangers(deal_row_id, is_work=True)
    category = Category(body.pop("category")) if body["category"] else body.pop("category")
    given = debriefs.Debrief(**body, category=category)
    debriefs.debrief(product(), deal_row_id, given, who=person().email, edition=seen_edition())
    return _debrief(deal_row_id)


@calls.call(
    "PUT", "/deals/<int:deal_row_id>/verdict", WORK, takes=deal_schemas.VerdictBody, gives=deal_schemas.DebriefPart,
    also=(404, 409, 412),
)  # fmt: skip
def put_verdict(body: dict[str, Any], deal_row_id: int) -> Any:
    """Say what the loss means; it stays through every new reading until it is taken back."""
    _refuse_strangers(deal_row_id, is_work=True)
    category, edition = Category(body.pop("category")), seen_edition()
    debriefs.override(product(), deal_row_id, category=category, **body, who=person().email, edition=edition)
    return _debrief(deal_row_id)


@calls.call(
    "POST", "/deals/verdicts", WORK, takes=deal_schemas.VerdictsBody, gives=deal_schemas.DecidedPart, also=(404,)
)
def put_verdicts(body: dict[str, Any]) -> Any:
    """Say what several losses mean, with one reason for all; `not_done` says why some were not decided."""
    ids = list(dict.fromkeys(body.pop("ids")))
    for deal_row_id in ids:
        _refuse_strangers(deal_row_id, is_work=True)
    category = Category(body.pop("category"))
    done, faults = decide_many(product(), ids, category=category, **body, who=person().email)
    return {"changed": done, "not_done": faults}


@calls.call("DELETE", "/deals/<int:deal_row_id>/verdict", WORK, gives=deal_schemas.DebriefPart, also=(404, 409, 412))
def take_back(deal_row_id: int) -> Any:
    """Take the verdict back: the words decide again."""
    _refuse_strangers(deal_row_id, is_work=True)
    debriefs.take_back(product(), deal_row_id, who=person().email, edition=seen_edition())
    return _debrief(deal_row_id)


@calls.call("GET", "/taxonomy", SEE, gives=deal_schemas.CategoryPart(many=True))
def taxonomy() -> Any:
    """The categories, and their sub-reasons as published."""
    app = product()
    with app.reading() as tx:
        app.rules(tx)
        own = mapping_set_of(published(tx, Kind.MAPPINGS).text).sub_reasons
    return [
        {
            "category": one,
            "says": TAXONOMY[one].says,
            "sub_reasons": [
                {"name": name, "says": says} for name, says in {**TAXONOMY[one].sub_reasons, **own.get(one, {})}.items()
            ],
        }
        for one in Category
    ]


def _refuse_strangers(deal_row_id: int, *, is_work: bool) -> None:
    """A deal that is not theirs is not there for them; one they may only look at is not theirs to change."""
    if deal_row_id > schemas.LARGEST_ID:
        abort(404, "There is no such deal.")
    with product().store.read() as tx:
        access = access_to(tx, person(), deal_row_id)
    if access is Access.HIDDEN:
        abort(404, "There is no such deal.")
    if is_work and access is not Access.WORKED:
        abort(403, "This deal is not yours to change.")


def _debrief(deal_row_id: int) -> tuple[Any, int, dict[str, str]]:
    with product().store.read() as tx:
        episode = latest_episode(tx, deal_row_id)
        row = debrief_of(tx, episode.id) if episode else None
    return tagged(_told(row), debriefs.edition_of(row))


def _told(row: DebriefRow | None) -> dict[str, Any]:
    names = deal_schemas.DebriefPart().fields
    if row is None:
        texts = dict.fromkeys(("why", "stated", "momentum", "to_change", "who"), "")
        return {**dict.fromkeys(names), **texts}
    return {name: getattr(row, name) for name in names}


def _place(after: str | None) -> tuple[date, int] | None:
    """Where a page begins. The schema has looked at its shape."""
    if after is None:
        return None
    day, _, number = after.partition(".")
    try:
        return date.fromisoformat(day), min(int(number), schemas.LARGEST_ID)
    except ValueError:
        abort(422, "`after` is `next` of the page before.")
