"""What the API takes and gives, as marshmallow schemas; OpenAPI is made of them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

CATEGORIES = (
    "timing", "budget", "competitor", "authority", "need", "value_perception", "unresponsive", "not_a_rejection",
    "unknown",
)  # fmt: skip
MOST_ROWS = 200
LARGEST_ID = 2**31 - 1


def text(description: str, **kwargs: Any) -> fields.String:
    """A text with its description."""
    return fields.String(metadata={"description": description}, **kwargs)


class PageQuery(Schema):
    """Which part of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000), metadata={"description": "From 1."})


class LensQuery(Schema):
    """Which losses count; everything is optional."""

    start = fields.Date(data_key="from", metadata={"description": "First day of the loss, with `to`."})
    end = fields.Date(data_key="to", metadata={"description": "Last day of the loss."})
    connection = text("The connection's name.", validate=validate.Length(max=100))
    owner_id = text("The owner's id in the CRM.", validate=validate.Length(max=64))
    category = text("The underlying category.", validate=validate.OneOf(CATEGORIES))
    stated_category = text("The stated category.", validate=validate.OneOf(CATEGORIES))
    competitor = text("Whom they chose instead.", validate=validate.Length(max=255))
    country = text("The account's country, ISO 3166-1 alpha-2.", validate=validate.Length(equal=2))
    industry = text("The account's industry, as in the CRM.", validate=validate.Length(max=255))


class DealQuery(LensQuery, PageQuery):
    """Which deals."""

    q = text("Words in the deal's or account's name.", load_default="", validate=validate.Length(max=200))


class AuditPart(Schema):
    """The audit of a period."""

    period = fields.Dict(keys=fields.String(), values=fields.String())
    lost = fields.Integer()
    amount = fields.List(fields.Dict())
    by_category = fields.List(fields.Dict())
    stated_vs_underlying = fields.List(fields.Dict())
    findings = fields.List(fields.Dict())
    won_back = fields.List(fields.Dict())


class DealPart(Schema):
    """One row of the list of deals."""

    id = fields.Integer()
    connection = fields.String()
    name = fields.String()
    account = fields.String()
    owner = fields.String()
    amount = fields.Float(allow_none=True)
    currency = fields.String(allow_none=True)
    state = fields.String()
    lost_on = fields.Date()
    category = fields.String()
    sub_reason = fields.String(allow_none=True)
    confidence = fields.Float()
    needs_review = fields.Boolean()
    next_on = fields.Date(allow_none=True)


class DealsPart(Schema):
    """A page of deals."""

    total = fields.Integer()
    page = fields.Integer()
    deals = fields.List(fields.Nested(DealPart))


class DealStoryPart(Schema):
    """Everything about one deal."""

    id = fields.Integer()
    connection = fields.String()
    deal_id = fields.String()
    state = fields.String()
    record = fields.Dict()
    classification = fields.Dict(allow_none=True)
    plan = fields.Dict(allow_none=True)
    episodes = fields.List(fields.Dict())
    reminders = fields.List(fields.Dict())
    events = fields.List(fields.Dict())


class ReminderQuery(PageQuery):
    """Which follow-ups."""

    bucket = text(
        "Which part of the queue.",
        load_default="week",
        validate=validate.OneOf(("overdue", "today", "week", "later", "backlog")),
    )
    owner_id = text("The owner's id in the CRM.", validate=validate.Length(max=64))
    q = text("Words in the deal's or account's name.", load_default="", validate=validate.Length(max=200))


class ReminderPart(Schema):
    """One follow-up in the queue."""

    id = fields.Integer()
    deal_row_id = fields.Integer()
    connection = fields.String()
    account = fields.String()
    deal = fields.String()
    amount = fields.Float(allow_none=True)
    currency = fields.String(allow_none=True)
    owner = fields.String()
    purpose = fields.String()
    due_on = fields.Date()
    deadline_on = fields.Date(allow_none=True)
    state = fields.String()
    is_pinned = fields.Boolean()
    provisional = fields.Boolean()
    why = fields.String()
    task_id = fields.String(allow_none=True)


class RemindersPart(Schema):
    """A page of follow-ups."""

    total = fields.Integer()
    page = fields.Integer()
    today = fields.Date()
    reminders = fields.List(fields.Nested(ReminderPart))


class ActionBody(Schema):
    """What to do with follow-ups."""

    ids = fields.List(
        fields.Integer(validate=validate.Range(1, LARGEST_ID)),
        required=True,
        validate=validate.Length(min=1, max=MOST_ROWS),
        metadata={"description": "Their ids."},
    )
    why = text("For the record.", load_default="", validate=validate.Length(max=500))


class SnoozeBody(ActionBody):
    """Move follow-ups to a day."""

    until = fields.Date(required=True, metadata={"description": "A later day."})


class ChangedPart(Schema):
    """How many were changed; the others were over already, or are not the person's to change."""

    changed = fields.Integer()


class ConnectionPart(Schema):
    """One connection, without its secrets."""

    name = fields.String()
    crm = fields.String()
    account_id = fields.String()
    account_name = fields.String()
    state = fields.String()
    zone = fields.String()
    fields_ = fields.Dict(data_key="fields", attribute="fields")
    webhook = fields.Dict()
    last_sync = fields.String(allow_none=True)
    health = fields.List(fields.Dict())


class PersonPart(Schema):
    """One person."""

    email = fields.String()
    name = fields.String()
    role = fields.String()
    is_active = fields.Boolean()
    signed_in_at = fields.DateTime(allow_none=True)


class NewPersonBody(Schema):
    """Somebody to add."""

    email = text("As in the CRM.", required=True, validate=[validate.Email(), validate.Length(max=255)])
    name = text("How they are called.", load_default="", validate=validate.Length(max=255))
    role = text("What they may do.", required=True, validate=validate.OneOf(("admin", "manager", "rep", "viewer")))


class InvitedPart(PersonPart):
    """The person added, and the one-time code with which they set a password."""

    code = fields.String()
