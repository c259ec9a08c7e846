"""What the calls about one deal take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.schemas import CATEGORIES, LARGEST_ID, text

LONGEST = 5_000


class SubReasonPart(Schema):
    """A sub-reason of a category."""

    name = fields.String()
    says = fields.String()


class CategoryPart(Schema):
    """A category of the taxonomy; the categories are fixed, the sub-reasons are edited."""

    category = fields.String()
    says = fields.String()
    sub_reasons = fields.List(fields.Nested(SubReasonPart))


class VerdictBody(Schema):
    """What a loss means, as a person says."""

    category = text("The category.", required=True, validate=validate.OneOf(CATEGORIES))
    sub_reason = text("The bare sub-reason.", load_default=None, allow_none=True, validate=validate.Length(max=100))
    why = text("Why it means that.", required=True, validate=validate.Length(min=1, max=LONGEST))


class VerdictsBody(VerdictBody):
    """What several losses mean."""

    ids = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID)),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "Their ids."},
    )


class DecidedPart(Schema):
    """How many were decided, and why the others were not."""

    changed = fields.Integer()
    not_done = fields.List(fields.String())


class DebriefBody(Schema):
    """The five minutes after a loss; what is left out was not spoken of."""

    stated = text("The reason in the prospect's words.", load_default="", validate=validate.Length(max=LONGEST))
    category = text("The underlying category.", load_default=None, allow_none=True, validate=validate.OneOf(CATEGORIES))
    sub_reason = text("The bare sub-reason.", load_default=None, allow_none=True, validate=validate.Length(max=100))
    momentum = text("Where momentum was lost.", load_default="", validate=validate.Length(max=LONGEST))
    to_change = text("One thing to change.", load_default="", validate=validate.Length(max=LONGEST))
    is_worth_it = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Worth a future touch? A no ends the follow-ups."}
    )
    touch_on = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "When: it times the follow-ups as a stated date."}
    )


class DebriefPart(Schema):
    """What people said about a loss: a verdict with its why, and the debrief."""

    category = fields.String(allow_none=True)
    sub_reason = fields.String(allow_none=True)
    why = fields.String()
    stated = fields.String()
    momentum = fields.String()
    to_change = fields.String()
    is_worth_it = fields.Boolean(allow_none=True)
    touch_on = fields.Date(allow_none=True)
    debriefed_at = fields.DateTime(allow_none=True)
    who = fields.String()
    said_at = fields.DateTime(allow_none=True)
