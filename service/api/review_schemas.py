"""What the calls about reviews and findings take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.schemas import text
from service.audit.suggestions import MOST
from service.reviews.wishes import WAYS


class ReviewLinePart(Schema):
    """One review that was made."""

    week = fields.String(metadata={"description": "The ISO week, such as 2026-W47."})
    zone = fields.String()
    made_at = fields.DateTime()


class ReviewPart(ReviewLinePart):
    """A review, as it was made."""

    content = fields.Dict()


class WeekBody(Schema):
    """Which week."""

    week = text("The ISO week, such as 2026-W47.", required=True, validate=validate.Regexp(r"^[0-9]{4}-W[0-9]{2}$"))


class WishPart(Schema):
    """How a person gets the weekly review. The Slack address is never shown."""

    way = fields.String()
    slack_set = fields.Boolean()


class WishBody(Schema):
    """How a person wants it."""

    way = text("email, slack or off.", required=True, validate=validate.OneOf(WAYS))
    slack_url = text(
        "The incoming webhook; left out: the one that is known.",
        load_default="",
        validate=validate.Length(max=500),
    )


class AdvicePart(Schema):
    """What one kind of finding suggests."""

    topic = fields.String()
    text = fields.String()
    shipped = fields.String()


class AdviceBody(Schema):
    """The text to be."""

    text = text("Empty brings back the shipped one.", required=True, validate=validate.Length(max=MOST))
