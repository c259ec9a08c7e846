"""FollowUpPlan -> the words of a task: what the rep reads in the CRM on the day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from mappings.deciding.competitors import competitor_of
from mappings.documents.policy import Policy
from mappings.documents.policy_values import TaskTemplate
from mappings.model import (
    Anchor,
    Classification,
    Evidence,
    Fact,
    FactKind,
    FollowUpPlan,
    LostDeal,
    LostOnSource,
    Purpose,
    Step,
)
from mappings.task_text import TaskText
from mappings.timing.words import (
    MONTHS,
    NAMELESS,
    PURPOSE_WORDS,
    as_sentences,
    in_full,
    in_short,
    listed,
    on_one_line,
    without_year,
)

LONGEST_SUBJECT = 70
LONGEST_QUOTE = 240
LONGEST_COMPETITOR = 24
SHORTEST_NAME = 10
"""Room that a subject must leave for the account's name, or a shorter subject is taken."""

SENTENCE_ENDS = re.compile(r"[.!?;](?=\s|$)\s*|[。！？\n]\s*")
ASK_FOR_THE_REVIEW = "When is the budget reviewed?"
HOW_TO_STEER = "Move the due date and we follow it. Delete it and we stop. Learned a date? Put it in Next Follow-up."
FIELD_WORDS = {
    "contract_end": "The deal's contract end says",
    "next_follow_up": "Next Follow-up on the deal says",
}
UNKNOWN_WORDS = {
    "competitor": "the supplier they chose",
    "lost": "that day",
    "stated": "the day they named",
    "contract_end": "its end",
    "assumed_end": "its end",
    "deadline": "the last useful day",
    "review": "the review",
    "fiscal_start": "the start of their fiscal year",
    "budget_month": "their next fiscal year",
}


def compose_task(
    deal: LostDeal,
    classification: Classification,
    plan_: FollowUpPlan,
    step: Step,
    policy: Policy,
    *,
    deal_url: str,
    other_waiting: Sequence[str] = (),
    contact_note: str | None = None,
) -> TaskText:
    """The words of the task for one step of a plan.

    `step.why` and `step.due_on` are taken as they are, so a step that was moved is given with its new day and why.
    `other_waiting` names the account's other deals whose follow-ups wait for this one to end. `contact_note` says which
    ways to the person are left.
    """
    template = _template(policy, classification, step.purpose, step.anchor)
    known = _words(deal, classification, step)
    words = {name: word or UNKNOWN_WORDS[name] for name, word in known.items()}
    lines = [
        step.why,
        *_quotes(deal, classification, step),
        f"To do: {_filled(template.do, words)}",
        *([contact_note] if contact_note else []),
        *_merged_lines(policy, classification, step, words),
        _questions(template, step, words),
        _what_comes_next(plan_, step),
    ]
    if other_waiting:
        lines.append(f"Also waiting at this account: {listed([on_one_line(name) for name in other_waiting])}.")
    lines.append(HOW_TO_STEER)
    return TaskText(subject=_subject(template, known, words), lines=tuple(lines), deal_url=deal_url)


def _template(policy: Policy, classification: Classification, purpose: Purpose, anchor: Anchor) -> TaskTemplate:
    """What the date hangs on decides before the kind of loss, which counts only where it is sure."""
    verdict = classification.underlying
    kinds = () if classification.needs_review else (f"{verdict.category}.{verdict.sub_reason}", verdict.category.value)
    ours = {template.when: template for template in policy.tasks if template.purpose is purpose}
    return next(ours[when] for when in (anchor.value, *kinds, None) if when in ours)


def _words(deal: LostDeal, classification: Classification, step: Step) -> Mapping[str, str | None]:
    competitor = competitor_of(deal, classification)
    is_short = 0 < len(competitor) <= LONGEST_COMPETITOR
    lost_is_known = deal.lost_on_source is not LostOnSource.TODAY
    return {
        "account": on_one_line(deal.account.name) or on_one_line(deal.name) or NAMELESS,
        "competitor": competitor if is_short else None,
        "their_contract": f"{competitor} contract" if is_short else "contract",
        "lost": without_year(deal.lost_on, beside=step.due_on) if lost_is_known else None,
        "due": without_year(step.due_on, beside=step.due_on),
        **_aim_words(step),
    }


def _aim_words(step: Step) -> dict[str, str | None]:
    """The day the step is aimed at, under the name of what it is."""
    aim, deadline = step.about_on, step.deadline_on
    words: dict[str, str | None] = dict.fromkeys(UNKNOWN_WORDS.keys() - {"competitor", "lost"})
    if deadline is not None:
        words["deadline"] = without_year(deadline, beside=aim or step.due_on)
    if aim is None:
        return words
    if step.anchor is Anchor.CONTRACT_EXPIRY:
        words["assumed_end" if step.provisional else "contract_end"] = _end_words(step, aim)
    elif step.anchor is Anchor.STATED_DATE:
        words["stated"] = without_year(aim, beside=step.due_on)
    elif step.anchor is Anchor.BUDGET_CYCLE and any(fact.on is not None for fact in step.facts):
        words["review"] = without_year(aim, beside=step.due_on)
    elif step.anchor is Anchor.BUDGET_CYCLE:
        words["fiscal_start"] = without_year(aim, beside=step.due_on)
        words["budget_month"] = f"{MONTHS[aim.month]} {aim.year}"
    return words


def _end_words(step: Step, ends_on: date) -> str:
    return in_short(ends_on)[-8:].strip() if step.provisional else in_short(ends_on)


def _filled(text: str, words: Mapping[str, str]) -> str:
    return as_sentences(text.format_map(words))


# --- the subject --------------------------------------------------------------------------------------------


def _subject(template: TaskTemplate, known: Mapping[str, str | None], words: Mapping[str, str]) -> str:
    """The first candidate whose words are known and which leaves room for the name."""
    name = words["account"]
    without_name = {key: word for key, word in known.items() if word} | {"account": ""}
    for candidate in template.subject:
        try:
            rest = candidate.format_map(without_name)
        except KeyError:
            continue
        room = LONGEST_SUBJECT - len(rest)
        if (short := _shortened(name, room)) is not None:
            return as_sentences(short + rest)
    return _cut(_filled(template.subject[-1], words), LONGEST_SUBJECT)


def _shortened(name: str, room: int) -> str | None:
    """The name, or as many of its words as fit before an ellipsis; None where that leaves too little of it."""
    if len(name) <= room:
        return name
    if room < SHORTEST_NAME:
        return None
    kept = name[:room].rpartition(" ")[0].rstrip(" ,;:-&/(")
    return f"{kept}…" if len(kept) >= SHORTEST_NAME // 2 else _cut(name, room)


def _cut(text: str, room: int) -> str:
    """At most so many characters: cut between words where there are any."""
    if len(text) <= room:
        return text
    kept = text[: room - 1]
    between_words = kept.rpartition(" ")[0]
    return (between_words if len(between_words) > room // 2 else kept).rstrip(" ,;:-&/(") + "…"


# --- the body -----------------------------------------------------------------------------------------------


def _quotes(deal: LostDeal, classification: Classification, step: Step) -> Iterator[str]:
    """The words the day rests on, with their date; those of the loss where no fact stands behind it."""
    if step.facts:
        for fact in step.facts:
            yield _fact_line(deal, fact)
        return
    stated = next((reason for reason in deal.stated_reasons if reason.words.strip()), None)
    if stated is not None:
        yield f'The loss reason on the deal says{_dated(deal, deal.lost_on)}: "{_quoted(stated.words)}"'
    reason_fields = {reason.field for reason in deal.stated_reasons}
    said = next((one for one in classification.underlying.evidence if _is_in_notes(one, reason_fields)), None)
    if said is not None:
        sentence, said_on = _said(deal, said.field, said.start, said.end, said.text)
        yield f'Written down{_dated(deal, said_on)}: "{_quoted(sentence)}"'
    if stated is None and said is None:
        yield "Nothing is written down about why the deal was lost."


def _is_in_notes(evidence: Evidence, reason_fields: set[str]) -> bool:
    return bool(evidence.text.strip()) and evidence.field not in reason_fields


def _fact_line(deal: LostDeal, fact: Fact) -> str:
    if fact.field in FIELD_WORDS and fact.on is not None and not fact.text.strip():
        return f"{FIELD_WORDS[fact.field]} {in_full(fact.on)}."
    if fact.text.strip():
        sentence, said_on = _said(deal, fact.field, fact.start, fact.end, fact.text)
        return f'Written down{_dated(deal, said_on)}: "{_quoted(sentence)}"'
    return f"In the notes: {FACT_WORDS[fact.kind]}{f' {in_full(fact.on)}' if fact.on else ''}."


FACT_WORDS = {
    FactKind.CONTRACT_END: "the end of their contract,",
    FactKind.BUDGET_CYCLE: "their budget's yearly round,",
    FactKind.REVISIT: "the day to come back,",
}


def _said(deal: LostDeal, field: str, start: int, end: int, words: str) -> tuple[str, date]:
    """The sentence that holds these words, and the day it was written; the words alone where the text is not kept."""
    texts = [(note.text, note.said_on or deal.lost_on) for note in deal.notes if note.field == field]
    texts += [(reason.words, deal.lost_on) for reason in deal.stated_reasons if reason.field == field]
    for text, said_on in texts:
        if words and text[start:end] == words:
            return _sentence(text, start, end), said_on
    return words, texts[0][1] if len(texts) == 1 else deal.lost_on


def _sentence(text: str, start: int, end: int) -> str:
    begins = max((found.end() for found in SENTENCE_ENDS.finditer(text, 0, start)), default=0)
    ends = SENTENCE_ENDS.search(text, end)
    sentence = text[begins : ends.end() if ends else None].strip()
    return sentence if len(sentence) <= LONGEST_QUOTE else text[start:end]


def _dated(deal: LostDeal, day: date) -> str:
    if day == deal.lost_on and deal.lost_on_source is LostOnSource.TODAY:
        return ""
    return f" ({in_full(day)})"


def _questions(template: TaskTemplate, step: Step, words: Mapping[str, str]) -> str:
    """Where the fiscal year is only assumed, the first thing to ask is when the budget is reviewed."""
    first, second = (_filled(question, words) for question in template.questions)
    if step.provisional and step.anchor is Anchor.BUDGET_CYCLE and first != ASK_FOR_THE_REVIEW:
        first, second = ASK_FOR_THE_REVIEW, first
    return f"Two questions to ask: 1. {first} 2. {second}"


def _merged_lines(
    policy: Policy, classification: Classification, step: Step, words: Mapping[str, str]
) -> Iterator[str]:
    for purpose in step.merged:
        template = _template(policy, classification, purpose, step.anchor)
        yield f"At the same time: {_filled(template.do, words)}"


def _what_comes_next(plan_: FollowUpPlan, step: Step) -> str:
    steps = (*plan_.steps, *plan_.later)
    names = [(one.purpose, one.ordinal) for one in steps]
    own = (step.purpose, step.ordinal)
    following = next(iter(steps[names.index(own) + 1 :]), None) if own in names else None
    if following is None:
        return "What comes next: nothing; this is the last follow-up."
    return f"What comes next: {PURPOSE_WORDS[following.purpose]}, about {in_full(following.due_on)}."


def _quoted(text: str) -> str:
    return _cut(on_one_line(text), LONGEST_QUOTE)
