"""What a preview rests on: the versions in force, the draft, the day; and whether it still does."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.bootstrap import App
from service.errors import RekindleError
from service.losses.rules import Rules
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind, mapping_set_of, policy_of
from service.mapping_sets.reconsider import Step
from service.mapping_sets.versions import published, version_text
from service.store.connections import all_connections
from service.store.models import PreviewRow, PreviewState


class StalePreviewError(RekindleError):
    """What a preview rests on has changed. Nothing was done."""


def rules_of(base: Rules, kind: Kind, text: str) -> Rules:
    """The rules in force with one document in place of its like."""
    if kind is Kind.MAPPINGS:
        return Rules(mapping_set=mapping_set_of(text), policy=base.policy)
    return Rules(mapping_set=base.mapping_set, policy=policy_of(text))


def stale_because(app: App, tx: Session, row: PreviewRow) -> str | None:
    """What a preview rests on and is not so any more, in words; None where it holds."""
    if row.state not in (PreviewState.BUILDING, PreviewState.READY):
        return None
    bases = published(tx, Kind.MAPPINGS).number, published(tx, Kind.POLICY).number
    if bases != (row.mappings_base, row.policy_base):
        return "another version was published since"
    if row.draft_revision is not None and open_draft(tx, Kind(row.kind)).revision != row.draft_revision:
        return "the draft was changed since"
    if days_of_connections(app, tx) != row.days:
        return "the day has changed since, or a connection was added or removed"
    return None


def step_of(tx: Session, row: PreviewRow) -> Step:
    """From the documents that a preview was made against to those it is about."""
    base = Rules(
        mapping_set=mapping_set_of(version_text(tx, Kind.MAPPINGS, row.mappings_base)),
        policy=policy_of(version_text(tx, Kind.POLICY, row.policy_base)),
    )
    return Step(base=base, rules=rules_of(base, Kind(row.kind), row.text))


def days_of_connections(app: App, tx: Session) -> dict[str, str]:
    """The date in each connection's zone, by its id."""
    return {str(one.id): app.today(one).isoformat() for one in all_connections(tx)}
