"""What the API takes and gives, as marshmallow schemas; OpenAPI is made of them."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

CATEGORIES = (
    "timing", "budget", "competitor", "authority", "need", "value_perception", "unresponsive", "not_a_rejection",
    "unknown",
)  # fmt: skip
MOST_ROWS = 200
LARGEST_ID = 2**31 - 1


REFUSED = re.compile("[\x00\ud800-\udfff]")
"""What no database takes."""


class Words(fields.String):
    """A text that can be kept: without a NUL or half of a surrogate pair."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = super()._deserialize(value, attr, data, **kwargs)
        if REFUSED.search(found):
            raise ValidationError("Holds a character that cannot be kept.")
        return found


def text(description: str = "", **kwargs: Any) -> fields.String:
    """A text with its description."""
    return Words(metadata={"description": description} if description else {}, **kwargs)


class PageQuery(Schema):
    """Which part of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000), metadata={"description": "From 1."})
    limit = fields.Integer(
        load_default=None,
        validate=validate.Range(1, MOST_ROWS),
        metadata={
            "description": f"How many at most; 100, of deals 50, where it is not given. {MOST_ROWS} is the most."
        },
    )


class LensQuery(Schema):
    """Which losses count; everything is optional."""

    start = fields.Date(data_key="from", metadata={"description": "First day of the loss, with `to`."})
    end = fields.Date(data_key="to", metadata={"description": "Last day of the loss."})
    connection = text("The connection's name.", validate=validate.Length(max=100))
    owner_id = text("The owner's id in the CRM.", validate=validate.Length(max=64))
    category = text("The underlying category.", validate=validate.OneOf(CATEGORIES))
    stated_category = text("The stated category.", validate=validate.OneOf(CATEGORIES))
    sub_reason = text("The bare sub-reason.", validate=validate.Length(max=100))
    competitor = text("Whom they chose instead.", validate=validate.Length(max=255))
    country = text("The account's country, ISO 3166-1 alpha-2.", validate=validate.Length(equal=2))
    industry = text("The account's industry, as in the CRM.", validate=validate.Length(max=255))


class DealQuery(LensQuery, PageQuery):
    """Which deals."""

    q = text("Words in the deal's or account's name.", load_default="", validate=validate.Length(max=200))
    after = text(
        "`next` of the page before: what follows it, at the same speed however far the list goes.",
        validate=validate.Regexp(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,10}\Z"),
    )
    review = fields.Boolean(metadata={"description": "Only those whose meaning a person should look at."})
    stated = fields.Integer(
        validate=validate.Range(-(2**63), 2**63 - 1),
        metadata={"description": "`key` of one of the reasons; it needs `connection`."},
    )
    not_category = text("Only those taken for another category.", validate=validate.OneOf(CATEGORIES))


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

    total = fields.Integer(
        allow_none=True, metadata={"description": "How many there are in all; not counted again for `after`: null."}
    )
    page = fields.Integer()
    next = fields.String(
        allow_none=True, metadata={"description": "Send it as `after` for what follows; null: that is all."}
    )
    deals = fields.List(fields.Nested(DealPart))


class ConsentPart(Schema):
    """What was read of a person's wish not to be contacted, or of the deal's own flag (without a `contact_id`)."""

    contact_id = fields.String()
    flags = fields.Dict(metadata={"description": "The CRM's fields; true where they say no."})
    is_closed = fields.Boolean()
    basis = fields.String(metadata={"description": "The legal footing on the day of the reading."})
    email_until = fields.Date(allow_none=True)
    read_at = fields.DateTime()
    changed_at = fields.DateTime()


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
    debrief = fields.Dict(allow_none=True)
    consents = fields.List(fields.Nested(ConsentPart))


class ReminderQuery(PageQuery):
    """Which follow-ups."""

    bucket = text(
        "Which part of the queue.",
        load_default="week",
        validate=validate.OneOf(("overdue", "today", "week", "later", "backlog")),
    )
    start = fields.Date(
        data_key="from", metadata={"description": "First day it is due, with `to`; in place of `bucket`."}
    )
    end = fields.Date(data_key="to", metadata={"description": "Last day it is due, with `from`."})
    connection = text("The connection's name.", validate=validate.Length(max=100))
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


class IdsBody(Schema):
    """Which follow-ups."""

    ids = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID)),
        required=True,
        validate=validate.Length(min=1, max=MOST_ROWS),
        metadata={"description": "Their ids."},
    )


class ActionBody(IdsBody):
    """What to do with follow-ups."""

    why = text("For the record.", load_default="", validate=validate.Length(max=500))


class SnoozeBody(ActionBody):
    """Move follow-ups to a day."""

    until = fields.Date(required=True, metadata={"description": "A later day."})


class ChangedPart(Schema):
    """How many were changed; the others were over already, or are not the person's to change."""

    changed = fields.Integer()


class SnoozedPart(ChangedPart):
    """The same, and the days on which they come back."""

    days = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "How many come back on which day: a weekend or holiday there gives way to the next."},
    )


class GiveBody(IdsBody):
    """Whom to give follow-ups to."""

    connection = text("The connection's name.", required=True, validate=validate.Length(min=1, max=100))
    owner_id = text("A user of its CRM; see `/colleagues`.", required=True, validate=validate.Length(min=1, max=64))


class OwnerQuery(Schema):
    """Whose."""

    owner_id = text("The owner's id in the CRM.", validate=validate.Length(max=64))


class BucketsPart(Schema):
    """How many follow-ups are in each part of the queue."""

    overdue = fields.Integer()
    today = fields.Integer()
    week = fields.Integer()
    later = fields.Integer()
    backlog = fields.Integer()


class ColleaguePart(Schema):
    """Somebody follow-ups can be given to."""

    connection = fields.String()
    owner_id = fields.String()
    email = fields.String()
    name = fields.String()
