"""What the calls about rules, sub-reasons, the policy's settings and texts, and the simulator take and give."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from mappings.model import Purpose
from service.api.schemas import CATEGORIES, LARGEST_ID, Words, text

PURPOSES = tuple(str(one) for one in Purpose)
PHRASES = validate.Length(max=200)
ONE_PHRASE = validate.Length(min=1, max=500)


def _phrases(description: str) -> fields.List[Any]:
    return fields.List(
        Words(validate=ONE_PHRASE), load_default=list, validate=PHRASES, metadata={"description": description}
    )


class RulePart(Schema):
    """A rule of words."""

    id = fields.String()
    category = fields.String(attribute="meaning.category")
    sub_reason = fields.String(attribute="meaning.sub_reason", allow_none=True)
    any = fields.List(fields.String())
    all = fields.List(fields.String())
    regex = fields.List(fields.String())
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    connection = fields.String(allow_none=True)
    confidence = fields.Float()


class RuleBody(Schema):
    """A rule of words: it applies where one of `any`, every one of `all`, and one of `regex` stands in one text."""

    category = text("What it means.", required=True, validate=validate.OneOf(CATEGORIES))
    sub_reason = text("The bare sub-reason.", load_default=None, allow_none=True, validate=validate.Length(max=100))
    any = _phrases("One of these, or none is given.")
    all = _phrases("Every one of these.")
    regex = _phrases("One of these regular expressions, or none is given.")
    fields_ = fields.List(
        Words(validate=ONE_PHRASE), load_default=list, validate=PHRASES, data_key="fields",
        metadata={"description": "CRM fields it looks at, or `reasons`, or `notes`; none is every one."},
    )  # fmt: skip
    connection = text("On this connection only.", load_default=None, allow_none=True, validate=validate.Length(max=100))


class SubReasonCountPart(Schema):
    """A sub-reason of the draft, and how many deals stand under it now."""

    category = fields.String()
    name = fields.String()
    says = fields.String()
    deals = fields.Integer()


class SubReasonBody(Schema):
    """What a sub-reason says; with `name` it is called otherwise from then on, wherever it is used."""

    says = text("Its definition.", load_default="", validate=validate.Length(max=1000))
    name = text("Another name.", load_default="", validate=validate.Length(max=60))


class UnassignBody(Schema):
    """Labels to take out."""

    values = fields.List(
        Words(validate=validate.Length(min=1, max=2000)), required=True, validate=validate.Length(min=1, max=500)
    )
    connection = text("Of this connection only.", load_default=None, allow_none=True, validate=validate.Length(max=100))
    field = text("Of this CRM field only.", load_default=None, allow_none=True, validate=validate.Length(max=200))


class SettingPart(Schema):
    """One number of the policy's draft."""

    path = fields.String()
    value = fields.Raw(allow_none=True)
    shipped = fields.String(allow_none=True)
    says = fields.String()
    grade = fields.String(allow_none=True, metadata={"description": "How sure its source is: A, B, C, or O, our own."})


class SpanPart(Schema):
    """Days on which nothing is due, such as 12-20 to 01-03."""

    from_ = fields.String(data_key="from", attribute="from")
    to = fields.String()


class SettingsPart(Schema):
    """The policy's numbers as the draft has them."""

    settings = fields.List(fields.Nested(SettingPart))
    blackout = fields.List(fields.Nested(SpanPart))


class SpanBody(Schema):
    """Days on which nothing is due."""

    from_ = text("Month and day, such as 12-20.", data_key="from", required=True, validate=validate.Length(equal=5))
    to = text("Month and day.", required=True, validate=validate.Length(equal=5))


class SettingsBody(Schema):
    """Numbers to set, by path; null takes one back to what is shipped."""

    settings = fields.Dict(
        keys=Words(validate=validate.Regexp(r"[a-z_]{1,60}(\.[a-z_]{1,60}){1,3}\Z")),
        values=fields.Raw(allow_none=True),
        load_default=dict,
        validate=validate.Length(max=200),
        metadata={"description": 'Such as {"timing.notice_days": 90}.'},
    )
    blackout = fields.List(
        fields.Nested(SpanBody), load_default=None, allow_none=True, validate=validate.Length(max=50),
        metadata={"description": "Exactly these spans; left out: as they are."},
    )  # fmt: skip


class TaskTextPart(Schema):
    """What the task of a purpose says."""

    purpose = fields.String()
    when = fields.String(allow_none=True)
    subject = fields.List(fields.String())
    do = fields.String()
    questions = fields.List(fields.String())


class TaskTextBody(Schema):
    """What the task of a purpose says; `when` is for one kind of loss: an anchor, a category, a sub-reason."""

    purpose = text("The step's purpose.", required=True, validate=validate.OneOf(PURPOSES))
    when = text(
        "A kind of loss; left out: all others.",
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=100),
    )
    subject = fields.List(
        Words(validate=ONE_PHRASE), required=True, validate=validate.Length(min=1, max=10),
        metadata={"description": "Candidates; the first whose placeholders are all known is taken."},
    )  # fmt: skip
    do = text("One thing to do.", required=True, validate=validate.Length(max=2000))
    questions = fields.List(
        Words(validate=validate.Length(max=1000)), required=True, validate=validate.Length(equal=2),
        metadata={"description": "Two questions to ask."},
    )  # fmt: skip


class TaskTextQuery(Schema):
    """Which text."""

    purpose = text("The step's purpose.", required=True, validate=validate.OneOf(PURPOSES))
    when = text("The kind of loss.", required=True, validate=validate.Length(min=1, max=100))


class ExamplePart(Schema):
    """What a rep would read."""

    subject = fields.String(allow_none=True)
    body = fields.String(allow_none=True)


class SimulateBody(Schema):
    """A deal: a stored one by its id, or one that exists nowhere."""

    deal = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, LARGEST_ID),
        metadata={"description": "The id of a stored deal; everything else is then not looked at."},
    )  # fmt: skip
    reason = text("The stated reason.", load_default="", validate=validate.Length(max=1000))
    notes = text("Free text.", load_default="", validate=validate.Length(max=20_000))
    lost_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "Left out: today."})
    country = text("ISO 3166-1 alpha-2.", load_default=None, allow_none=True, validate=validate.Length(equal=2))
    industry = text(load_default=None, allow_none=True, validate=validate.Length(max=255))
    competitor = text(load_default=None, allow_none=True, validate=validate.Length(max=255))
    contract_end = fields.Date(load_default=None, allow_none=True)
    fiscal_year_start_month = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 12)
    )
    public_sector = fields.Boolean(load_default=None, allow_none=True)


class StepPart(Schema):
    """A follow-up."""

    due_on = fields.String()
    anchor = fields.String()
    purpose = fields.String()
    provisional = fields.Boolean()
    why = fields.String()


class SimulatedPart(Schema):
    """A deal under one set of rules."""

    reading = fields.Dict(metadata={"description": "What it is taken to mean, with the words that decide."})
    steps = fields.List(fields.Nested(StepPart))
    later = fields.List(fields.Nested(StepPart))
    dropped = fields.List(fields.String(), metadata={"description": "What was considered and left out, with why."})
    why_none = fields.String(allow_none=True)
    tasks = fields.List(fields.Nested(ExamplePart))


class SimulationPart(Schema):
    """A deal as it is planned now, and as the drafts would plan it where that differs."""

    today = fields.Date()
    lost_on = fields.Date()
    published = fields.Nested(SimulatedPart)
    draft = fields.Nested(SimulatedPart, allow_none=True)
