"""Stored deals under other rules: which of them an edit can touch, and what becomes of those. No CRM, no writes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from mappings.classify import classify
from mappings.deciding.said import keep_said
from mappings.diff import PolicyReach, Reach, Words, policy_reach_of, reach_of
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.losses.rules import Rules
from service.losses.scope import Scope, scope_from
from service.store.case_contents import load_deals, load_words
from service.store.models import ConnectionRow, ReminderRow
from service.store.models import ReminderState as S
from service.store.previews import StoredCase
from service.store.reasons import count_stated, with_words

MOST_KEYS = 10_000
"""Reasons that a statement's list of values is made for; with more of them every deal is looked at."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """From the documents in force, `base`, to those that are to be, `rules`."""

    base: Rules
    rules: Rules

    @cached_property
    def versions(self) -> tuple[str, str]:
        """The versions a deal stands on once it is done."""
        return self.rules.mapping_set.version, self.rules.policy.version

    def scope_for(self, connection: ConnectionRow) -> Scope | None:
        """The scope that is to be, where it is another than before; else None."""
        before, after = (
            connection.scope if (said := one.mapping_set.scope_of(connection.name)) is None else said
            for one in (self.base, self.rules)
        )
        return None if before == after else scope_from(after)

    @cached_property
    def reach(self) -> Reach:
        """What the step between the mapping sets can touch."""
        return reach_of(self.base.mapping_set, self.rules.mapping_set)

    def stating(self, tx: Session, connection_id: int) -> list[int] | None:
        """The keys of the stated reasons whose deals the step can touch, where those alone tell; else None."""
        is_policy = self.base.policy.version != self.rules.policy.version
        if is_policy or not self.reach.is_by_reason or self.scope_for(tx.get_one(ConnectionRow, connection_id)):
            return None
        found = with_words(tx, count_stated(tx, connection_id))
        keys = [one.key for one in found if self.reach.relabels(one.texts, one.connection)]
        return keys if len(keys) <= MOST_KEYS else None

    @cached_property
    def policy_reach(self) -> PolicyReach:
        """What the step between the policies can touch."""
        return policy_reach_of(self.base.policy, self.rules.policy)

    def touched(
        self, tx: Session, cases: Sequence[StoredCase], connection: ConnectionRow, scope: Scope | None
    ) -> list[StoredCase]:
        """Those of the deals that something may happen to; of the others no more is read than what they say."""
        if scope is not None:
            deals = load_deals(tx, [one.deal_row_id for one in cases])
            return [one for one in cases if not self._stays(one, deals[one.deal_row_id], connection.name, scope)]
        inside = [one for one in cases if one.excluded_by is None]
        asked = [one for one in inside if not self._replans(one) and self._may_reread(one)]
        words = load_words(tx, [one.deal_row_id for one in asked if not self.reach.is_everything])
        return [
            one
            for one in inside
            if self._replans(one) or self._rereads(one, words.get(one.deal_row_id), connection.name)
        ]

    def _stays(self, case: StoredCase, deal: LostDeal, connection: str, scope: Scope) -> bool:
        """Whether nothing happens to the deal where the scope changes: it stays out of it, or in it as it is."""
        rule = scope.excluding_rule(deal)
        if case.excluded_by is not None:
            return rule is not None
        return rule is None and not (self._replans(case) or self._rereads(case, deal, connection))

    def _replans(self, case: StoredCase) -> bool:
        """A deal that does not stand on the base is planned again in any case."""
        if case.policy_version == self.rules.policy.version:
            return False
        return case.policy_version != self.base.policy.version or self.policy_reach.touches(case.category)

    def _may_reread(self, case: StoredCase) -> bool:
        """Whether its words tell if the deal keeps its classification."""
        return case.mapping_version == self.base.mapping_set.version != self.rules.mapping_set.version

    def _rereads(self, case: StoredCase, deal: LostDeal | Words | None, connection: str) -> bool:
        """As `_replans`, for the classification. Without `deal` any deal is touched that can be."""
        if case.mapping_version == self.rules.mapping_set.version:
            return False
        return not self._may_reread(case) or deal is None or self.reach.touches(deal, connection)

    def meaning(self, case: StoredCase, deal: LostDeal, stored: Classification, connection: str) -> Classification:
        """What the loss means under the new mapping set; texts that the edit cannot touch are not read again."""
        mapping_set = self.rules.mapping_set
        if not self._rereads(case, deal, connection):
            return replace(stored, mapping_version=mapping_set.version)
        return keep_said(classify(deal, mapping_set, connection), stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsidered:
    """A deal with what it was taken to mean, and what it is taken to mean now; the same for its plan."""

    case: StoredCase
    deal: LostDeal
    before: Classification
    after: Classification
    old_plan: FollowUpPlan
    plan: FollowUpPlan
    is_reread: bool
    is_replanned: bool
    excluded_by: str | None = None

    @property
    def crosses(self) -> bool:
        """Whether the deal comes into scope, or leaves it."""
        return (self.case.excluded_by is None) != (self.excluded_by is None)


def reconsider(
    case: StoredCase,
    deal: LostDeal,
    stored: tuple[Classification, FollowUpPlan] | None,
    step: Step,
    connection: str,
    *,
    scope: Scope | None = None,
    today: date,
) -> Reconsidered:
    """One deal under the new documents, planned with the `today` it was first planned with; one that never was, with
    this one. `scope` is the connection's, where it changes.

    What changes but its version is not `is_reread`, nor `is_replanned`.
    """
    rule = case.excluded_by if scope is None else scope.excluding_rule(deal)
    if case.excluded_by is not None or rule is not None or stored is None:
        return _crossing(case, deal, stored, step, connection, rule, today)
    before, old_plan = stored
    after = step.meaning(case, deal, before, connection)
    is_reread = what_is_meant(after) != what_is_meant(before)
    plan = old_plan
    if is_reread or case.policy_version != step.rules.policy.version:
        plan = step.rules.replan(deal, after, case.made_on or today)
    return Reconsidered(
        case=case,
        deal=deal,
        before=before,
        after=after,
        old_plan=old_plan,
        plan=plan,
        is_reread=is_reread,
        is_replanned=plan is not old_plan and what_is_planned(plan) != what_is_planned(old_plan),
    )


def _crossing(
    case: StoredCase,
    deal: LostDeal,
    stored: tuple[Classification, FollowUpPlan] | None,
    step: Step,
    connection: str,
    rule: str | None,
    today: date,
) -> Reconsidered:
    """A deal that comes into scope, read anew whatever it was taken to mean; or one that leaves it, without a plan."""
    made_on, found = case.made_on or today, classify(deal, step.rules.mapping_set, connection)
    after = keep_said(found, stored[0]) if stored else found
    old_plan = stored[1] if stored else FollowUpPlan(made_on=made_on)
    out = FollowUpPlan(why_none=f"The deal is out of scope: {rule}.", made_on=made_on)
    return Reconsidered(
        case=case,
        deal=deal,
        before=stored[0] if stored else after,
        after=after,
        old_plan=old_plan,
        plan=step.rules.replan(deal, after, made_on) if rule is None else out,
        is_reread=stored is not None and what_is_meant(after) != what_is_meant(stored[0]),
        is_replanned=True,
        excluded_by=rule,
    )


what_is_meant = attrgetter(*(one.name for one in fields(Classification) if one.name != "mapping_version"))
"""All of a classification but its version."""
what_is_planned = attrgetter(*(one.name for one in fields(FollowUpPlan) if one.name != "policy_version"))
"""All of a plan but its version."""


def deal_mark(case: StoredCase) -> str:
    """Changes when the deal does: for outcomes that rest on the deal alone."""
    return _digest((case.fingerprint, case.episode_id, str(case.made_on), case.said_at, case.excluded_by))


def full_mark(case: StoredCase, rows: Sequence[ReminderRow], tasks: Mapping[int, str], gate: str) -> str:
    """Changes with everything an outcome rests on: the deal, its reminders and tasks, and what may be written.

    `tasks` says by reminder what stands in the CRM; `gate` is `gate_of` the connection.
    """
    reminders = [
        (
            row.id,
            S.SCHEDULED if row.state == S.DUE else row.state,
            row.due_on.isoformat(),
            row.planned_on.isoformat(),
            row.is_pinned,
            row.is_placed,
            row.owner_id,
            tasks.get(row.id, ""),
        )
        for row in sorted(rows, key=lambda row: row.id)
    ]
    return _digest((deal_mark(case), gate, reminders))


def gate_of(connection: ConnectionRow) -> str:
    """What decides whether a connection's follow-ups are scheduled or held."""
    return repr((connection.state, connection.live_since is None, connection.lost_since, connection.live_owner_ids))


def _digest(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def days_of(outcome: Mapping[str, Any], deal_id: str) -> dict[tuple[str, str, int], date]:
    """The days an outcome gives, as placing takes them."""
    return {
        (deal_id, one["purpose"], one["ordinal"]): date.fromisoformat(one["to"])
        for one in outcome.get("steps", ())
        if one["to"] is not None
    }
