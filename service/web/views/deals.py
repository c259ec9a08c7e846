"""Lost deals: the list, and each deal's story from left to right."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from mappings.model import Classification, Evidence, Fact, FollowUpPlan, LostDeal
from service.people.roles import Right
from service.store.codec import from_record
from service.store.models import ClassificationRow, EpisodeRow
from service.store.stories import PAGE, DealStory, deal_lines, deal_story
from service.web.filters import chosen, lens_of_request, link
from service.web.highlight import Mark, marked
from service.web.who import person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/deals", "deals", deals)
    site.add_url_rule("/deals/<int:deal_row_id>", "deal", deal)


@requires(Right.SEE_ALL, Right.SEE_OWN)
def deals() -> str | BaseResponse:
    """The deals that the filters leave; all of them where no period is given."""
    lens = lens_of_request()
    words, page = request.args.get("q", ""), max(1, request.args.get("page", 1, type=int))
    conditions = lens.conditions()
    if "from" in request.args or "span" in request.args:
        conditions.append(EpisodeRow.lost_on.between(lens.period.start, lens.period.end))
    if request.args.get("review"):
        conditions.append(ClassificationRow.needs_review.is_(True))
    with product().store.read() as tx:
        lines, total = deal_lines(tx, conditions, words=words, page=page)
    return render_template(
        "deals.html",
        lines=lines,
        total=total,
        page=page,
        pages=-(-total // PAGE),
        link=link,
        chosen=chosen(),
        words=words,
    )


@requires(Right.SEE_ALL, Right.SEE_OWN)
def deal(deal_row_id: int) -> str | BaseResponse:
    """One deal, from the CRM's record to the tasks."""
    with product().store.read() as tx:
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
        found=found,
        plan=plan,
        texts=_texts(record, found) if record else [],
        is_current=_is_current(story),
    )


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
