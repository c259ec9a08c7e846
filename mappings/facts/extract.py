"""The facts of one deal: from its reason fields, its notes and the CRM's own date fields.

How a reader chooses: **of each kind, the first fact that fits is the one to plan on.** Facts stand by kind
(contract end, budget cycle, revisit), and within a kind: the CRM's own field first, then dated before undated, then
the last said before the first (by day, then by place in the deal: reasons, then notes in order, then position).
"""

from __future__ import annotations

from datetime import date
from itertools import chain

from mappings.facts.reading import read_dates
from mappings.facts.resolve import resolve
from mappings.model import Fact, FactKind, LostDeal
from mappings.values import replace

CONTRACT_END_FIELD = "contract_end"
FOLLOW_UP_FIELD = "next_follow_up"
_ORDER = {FactKind.CONTRACT_END: 0, FactKind.BUDGET_CYCLE: 1, FactKind.REVISIT: 2}


def extract_facts(deal: LostDeal) -> tuple[Fact, ...]:
    """Every date-bearing statement of the deal, in the order in which a plan prefers them."""
    said = _said(deal)
    spoken = list(chain.from_iterable(facts for _, facts in sorted(said, key=lambda row: row[0], reverse=True)))
    ends = [fact for fact in spoken if fact.kind is FactKind.CONTRACT_END]
    fields = []
    if deal.contract_end is not None:
        fields.append(_field_contract_end(deal.contract_end, ends))
    if deal.stated_follow_up is not None:
        fields.append(Fact(kind=FactKind.REVISIT, on=deal.stated_follow_up, field=FOLLOW_UP_FIELD))
    if not (fields or spoken):
        return ()
    return tuple(sorted([*fields, *spoken], key=_preference))


def _said(deal: LostDeal) -> list[tuple[tuple[date, int], list[Fact]]]:
    """The facts of each text, last said first, with the day and place that order the texts."""
    texts = [(reason.field, reason.words, deal.lost_on) for reason in deal.stated_reasons]
    texts += [(note.field, note.text, note.said_on or deal.lost_on) for note in deal.notes]
    said = []
    for place, (field, text, said_on) in enumerate(texts):
        if mentions := read_dates(text):
            facts = resolve(
                mentions, field=field, said_on=said_on, account=deal.account, contract_end=deal.contract_end
            )
            said.append(((said_on, place), list(reversed(facts))))
    return said


def _field_contract_end(ends_on: date, spoken: list[Fact]) -> Fact:
    """The CRM's date beats the words, but only words say the term and the notice."""
    fact = Fact(kind=FactKind.CONTRACT_END, on=ends_on, field=CONTRACT_END_FIELD)
    term = next((said.term_months for said in spoken if said.term_months), None)
    notice = next((said.notice_days for said in spoken if said.notice_days is not None), None)
    return replace(fact, term_months=term, notice_days=notice)


def _preference(fact: Fact) -> tuple[int, bool, bool]:
    is_word = fact.field not in {CONTRACT_END_FIELD, FOLLOW_UP_FIELD} or fact.end > fact.start
    return _ORDER[fact.kind], is_word, fact.on is None and fact.fiscal_year_start_month is None
