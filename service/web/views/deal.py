"""One lost deal: its story from left to right, what people say it means, and the debrief."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from connectors.errors import ConnectorError
from mappings.model import Classification, Evidence, Fact, FollowUpPlan, LostDeal
from mappings.taxonomy import Category
from service import debriefs
from service.bootstrap import App
from service.deeds.deals import Access, access_to
from service.errors import RekindleError, UsageFault
from service.people.roles import Right
from service.store.codec import from_record
from service.store.stories import DealStory, deal_story
from service.web.highlight import Mark, marked
from service.web.who import person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    at = "/deals/<int:deal_row_id>"
    site.add_url_rule(at, "deal", deal)
    site.add_url_rule(f"{at}/verdict", "deal_verdict", verdict, methods=["POST"])
    site.add_url_rule(f"{at}/verdict/take-back", "deal_take_back", take_back, methods=["POST"])
    site.add_url_rule(f"{at}/debrief", "deal_debrief", debrief, methods=["POST"])


@requires(Right.SEE_ALL, Right.SEE_OWN)
def deal(deal_row_id: int) -> str | BaseResponse:
    """One deal, from the CRM's record to the tasks."""
    return _page(deal_row_id)


@requires(Right.WORK_ALL, Right.WORK_OWN)
def verdict(deal_row_id: int) -> str | BaseResponse:
    """Say what the loss means, with a reason."""
    refuse_strangers(deal_row_id)
    try:
        category, sub_reason = meaning_typed()
        why = request.form.get("why", "")
        debriefs.override(product(), deal_row_id, category=category, sub_reason=sub_reason, why=why, who=person().email)
    except UsageFault as error:
        return make_response(_page(deal_row_id, fault=str(error)), 400)
    return _done(deal_row_id, "Saved. The follow-ups are planned anew, and it stays until you take it back.")


@requires(Right.WORK_ALL, Right.WORK_OWN)
def take_back(deal_row_id: int) -> BaseResponse:
    """Let the words decide again."""
    refuse_strangers(deal_row_id)
    debriefs.take_back(product(), deal_row_id, who=person().email)
    return _done(deal_row_id, "Taken back: the words decide again.")


@requires(Right.WORK_ALL, Right.WORK_OWN)
def debrief(deal_row_id: int) -> str | BaseResponse:
    """Keep the five minutes after the loss, and time the follow-ups by them."""
    refuse_strangers(deal_row_id)
    form = request.form
    try:
        category, sub_reason = meaning_typed()
        given = debriefs.Debrief(
            stated=form.get("stated", ""),
            category=category,
            sub_reason=sub_reason,
            momentum=form.get("momentum", ""),
            to_change=form.get("to_change", ""),
            is_worth_it={"yes": True, "no": False}.get(form.get("worth", "")),
            touch_on=_day(form.get("touch_on", "")),
        )
        debriefs.debrief(product(), deal_row_id, given, who=person().email)
    except UsageFault as error:
        return make_response(_page(deal_row_id, fault=str(error)), 400)
    says = "The follow-ups have ended." if given.is_worth_it is False else "The follow-ups are planned by it."
    return _done(deal_row_id, f"The debrief is kept. {says}")


def _done(deal_row_id: int, says: str) -> BaseResponse:
    flash(says)
    return redirect(url_for("site.deal", deal_row_id=deal_row_id), code=303)


def refuse_strangers(deal_row_id: int) -> None:
    """A deal that is not theirs is not there for them; one they may only look at is not theirs to change."""
    with product().store.read() as tx:
        access = access_to(tx, person(), deal_row_id)
    if access is Access.HIDDEN:
        abort(404)
    if access is Access.SEEN:
        abort(403)


def meaning_typed() -> tuple[Category | None, str | None]:
    """What the form's `meaning` names: a category, or a category and its sub-reason."""
    category, _, sub_reason = request.form.get("meaning", "").partition(".")
    if not category:
        return None, None
    if category not in set(Category):
        raise UsageFault(f"{category!r} is no category.", remedy="Choose one of the list.")
    return Category(category), sub_reason or None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageFault(f"{text!r} is no day.", remedy="Choose one, or leave it empty.") from error


def _page(deal_row_id: int, *, fault: str | None = None) -> str:
    app = product()
    with app.reading() as tx:
        meanings = debriefs.sub_reasons_of(app, tx)
    with app.store.read() as tx:
        story = deal_story(tx, deal_row_id)
    if story is None or not person().may_see(story.deal.connection_id, story.deal.owner_id):
        abort(404)  # a deal that is not theirs is not there for them
    record = from_record(story.deal.record, LostDeal) if story.deal.record else None
    found = from_record(story.classification.record, Classification) if story.classification else None
    plan = from_record(story.plan.record, FollowUpPlan) if story.plan else None
    return render_template(
        "deal.html",
        story=story,
        deal=record,
        crm_url=_crm_url(app, story, record),
        found=found,
        plan=plan,
        texts=_texts(record, found) if record else [],
        is_current=_is_current(story),
        meanings=meanings,
        may_work=person().may_work(story.deal.connection_id, story.deal.owner_id) and story.deal.state == "lost",
        fault=fault,
        typed=request.form,
    )


def _crm_url(app: App, story: DealStory, record: LostDeal | None) -> str:
    """Where the CRM shows the deal; the page does without where its connection cannot be opened."""
    try:
        return app.connector(story.connection)[0].deal_url(record.key) if record else ""
    except (RekindleError, ConnectorError):
        return ""


@dataclass(frozen=True, slots=True)
class Text:
    """A reason or note with its marks."""

    field: str
    words: Markup


def _texts(record: LostDeal, found: Classification | None) -> list[Text]:
    """The reasons and notes, with the words that decided marked."""
    evidence = (*found.stated.evidence, *found.underlying.evidence) if found else ()
    facts = found.facts if found else ()
    rows = [(reason.field, reason.words) for reason in record.stated_reasons]
    rows += [(note.field, note.text) for note in record.notes]
    return [Text(field, marked(words, _marks(field, words, evidence, facts))) for field, words in rows]


def _marks(field: str, words: str, evidence: tuple[Evidence, ...], facts: tuple[Fact, ...]) -> list[Mark]:
    why = [Mark(one.start, one.end, "why", one.rule) for one in evidence if _stands(one, field, words)]
    when = [Mark(one.start, one.end, "when", one.kind.replace("_", " ")) for one in facts if _stands(one, field, words)]
    return [*why, *when]


def _stands(one: Evidence | Fact, field: str, words: str) -> bool:
    """Whether its words stand in this text: a field may have been read in several parts."""
    return one.field == field and words[one.start : one.end] == one.text


def _is_current(story: DealStory) -> bool:
    return bool(story.episodes) and story.episodes[0].ended_as is None
