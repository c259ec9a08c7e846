"""What the calls about the audit give, and what an export says."""

from __future__ import annotations

from marshmallow import Schema, fields


class OwnedPart(Schema):
    """A CRM owner that somebody is."""

    connection = fields.String()
    owner_id = fields.String()


class MePart(Schema):
    """Who is asking."""

    email = fields.String()
    name = fields.String()
    role = fields.String()
    rights = fields.List(fields.String())
    owners = fields.List(fields.Nested(OwnedPart))


class AuditPart(Schema):
    """The audit of a period."""

    period = fields.Dict(keys=fields.String(), values=fields.String())
    lost = fields.Integer()
    amount = fields.List(fields.Dict())
    by_category = fields.List(fields.Dict())
    stated_vs_underlying = fields.List(fields.Dict())
    findings = fields.List(fields.Dict())
    moves = fields.List(fields.Dict(), metadata={"description": "What moved most since the period before."})
    won_back = fields.List(fields.Dict())


class WeekPart(Schema):
    """A week's losses; `no_decision` is counted apart from `unresponsive`."""

    monday = fields.Date()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class GroupPart(Schema):
    """Losses that share something, and the commonest category among them."""

    key = fields.String()
    name = fields.String()
    deals = fields.Integer()
    leading = fields.String()
    leading_deals = fields.Integer()


class StandingPart(Schema):
    """The queue in four numbers."""

    overdue = fields.Integer()
    this_week = fields.Integer()
    next_week = fields.Integer()
    backlog = fields.Integer()


class DeadlinePart(Schema):
    """A contract whose last useful day is near while nobody has worked on it."""

    connection = fields.String()
    deal_row_id = fields.Integer()
    account = fields.String()
    deal = fields.String()
    deadline_on = fields.Date()
    amount = fields.Float(allow_none=True)
    currency = fields.String(allow_none=True)


class StepHealthPart(Schema):
    """What people did with the tasks of one purpose."""

    purpose = fields.String()
    done = fields.Integer()
    moved = fields.Integer()
    deleted = fields.Integer()
    open = fields.Integer()


class DetailsPart(Schema):
    """What stands beside the audit's counts."""

    today = fields.Date()
    refusals = fields.Integer()
    refusals_before = fields.Integer()
    weeks = fields.List(fields.Nested(WeekPart))
    pareto = fields.List(fields.Dict())
    owners = fields.List(fields.Nested(GroupPart))
    competitors = fields.List(fields.Nested(GroupPart))
    industries = fields.List(fields.Nested(GroupPart))
    countries = fields.List(fields.Nested(GroupPart))
    amounts = fields.List(fields.Nested(GroupPart))
    standing = fields.Nested(StandingPart)
    deadlines = fields.List(fields.Nested(DeadlinePart))
    health = fields.List(fields.Nested(StepHealthPart))
    unknown_without_plan = fields.Integer()


class ExportPart(Schema):
    """What an export of lost deals says."""

    deals = fields.Integer()
    errors = fields.Integer()
    needs_review = fields.Integer()
    reasons_before = fields.List(fields.Dict())
    distinct_reasons = fields.Integer()
    reasons_after = fields.List(fields.Dict())
    next_follow_ups = fields.List(fields.Dict())
    deadlines_missed = fields.Dict()
    no_plan = fields.Dict(keys=fields.String(), values=fields.Integer())
    tasks = fields.List(fields.Dict())
    skipped = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "Rows that are no lost deals."}
    )
