"""What the calls about the mapping set and the policy take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.schemas import CATEGORIES, LARGEST_ID, PageQuery, Words
from service.api.schemas import text as words
from service.mapping_sets.tester import Place

MOST_LETTERS = 900_000
MOST_VALUES = 500


class ReasonsQuery(PageQuery):
    """Which stated reasons."""

    connection = words("The connection's name.", validate=validate.Length(max=100))
    q = words("Words in the value.", load_default="", validate=validate.Length(max=200))
    order = words(
        "`review`: those that nobody has decided first.",
        load_default="review",
        validate=validate.OneOf(("review", "count")),
    )
    of = words("Whose reading.", load_default="published", validate=validate.OneOf(("published", "draft")))


class ReasonPart(Schema):
    """One distinct stated reason, and what it is taken to mean."""

    connection = fields.String()
    key = fields.String(metadata={"description": "`stated` of the list of deals, together with `connection`."})
    values = fields.List(fields.Dict(), metadata={"description": "Its words by field: {field, value}."})
    count = fields.Integer()
    amounts = fields.Dict(keys=fields.String(), values=fields.Float())
    category = fields.String()
    sub_reason = fields.String(allow_none=True)
    source = fields.String(metadata={"description": "label, shipped_label, near_label, rule, name, words or none."})
    rule = fields.String()
    confidence = fields.Float()
    needs_review = fields.Boolean()
    guesses = fields.List(fields.String())
    in_force = fields.String(metadata={"description": "The category of the value as published."})
    disagree = fields.Integer(
        metadata={"description": "Its deals that are taken for another category, mostly for what their notes say."}
    )


class ReasonsPart(Schema):
    """A page of reasons, a hundred a page."""

    total = fields.Integer()
    deals = fields.Integer(metadata={"description": "How many losses state them, in all."})
    covered = fields.Integer(metadata={"description": "How many of those the fifteen most frequent cover."})
    page = fields.Integer()
    reasons = fields.List(fields.Nested(ReasonPart))


class DraftPart(Schema):
    """The draft of a document; where none is open, the published document at the draft's revision."""

    kind = fields.String()
    text = fields.String()
    version = fields.String()
    revision = fields.Integer(metadata={"description": "Send it back as If-Match."})
    is_open = fields.Boolean()
    base_number = fields.Integer(metadata={"description": "The published number that it was made from."})
    is_outdated = fields.Boolean()
    author = fields.String()
    updated_at = fields.DateTime(allow_none=True)


class DraftBody(Schema):
    """A document, word for word."""

    text = words("TOML.", required=True, validate=validate.Length(max=MOST_LETTERS))


class AssignBody(Schema):
    """What reason values mean."""

    values = fields.List(
        Words(validate=validate.Length(min=1, max=2000)),
        required=True,
        validate=validate.Length(min=1, max=MOST_VALUES),
        metadata={"description": "The CRM's words."},
    )
    category = words("The category.", required=True, validate=validate.OneOf(CATEGORIES))
    sub_reason = words("The bare sub-reason.", load_default=None, allow_none=True, validate=validate.Length(max=100))
    connection = words(
        "On this connection only.", load_default=None, allow_none=True, validate=validate.Length(max=100)
    )
    field = words("In this CRM field only.", load_default=None, allow_none=True, validate=validate.Length(max=200))


class PreviewBody(Schema):
    """What to preview: the draft, or going back."""

    rollback_to = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, LARGEST_ID),
        metadata={"description": "A published number to go back to; left out: the draft."},
    )


class RollbackBody(Schema):
    """Where to go back to."""

    number = fields.Integer(required=True, validate=validate.Range(1, LARGEST_ID))


class PublishBody(Schema):
    """Why it is published."""

    comment = words("For the history.", required=True, validate=validate.Length(min=1, max=500))


class PreviewPart(Schema):
    """A preview as it stands."""

    id = fields.Integer()
    kind = fields.String()
    state = fields.String(metadata={"description": "building, ready, publishing or published."})
    version = fields.String()
    rollback_to = fields.Integer(allow_none=True)
    number = fields.Integer(allow_none=True)
    counts = fields.Dict(metadata={"description": "Deals by stated category before and after; the values that move."})
    totals = fields.Dict(metadata={"description": "What the list holds, complete once it is ready."})
    done = fields.Integer()
    total = fields.Integer()
    author = fields.String()
    created_at = fields.DateTime()
    stale = fields.String(allow_none=True, metadata={"description": "Why it does not hold any more."})
    differences = fields.List(fields.Dict())


class WrittenPart(Schema):
    """What was written, and a line for what was not."""

    written = fields.Integer()
    failures = fields.List(fields.String())


class OutcomesQuery(Schema):
    """Which part of the list."""

    after = fields.Integer(
        load_default=0, validate=validate.Range(0, LARGEST_ID), metadata={"description": "`next` of the last page."}
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class OutcomesPart(Schema):
    """Deals that change: {deal, state, name, before, after, steps, tasks}."""

    outcomes = fields.List(fields.Dict())
    next = fields.Integer(allow_none=True)


class VersionPart(Schema):
    """A published version."""

    number = fields.Integer()
    version = fields.String()
    author = fields.String()
    comment = fields.String()
    published_at = fields.DateTime(allow_none=True)
    is_current = fields.Boolean()


class VersionTextPart(Schema):
    """A published version's text."""

    number = fields.Integer()
    text = fields.String()


class DiffQuery(Schema):
    """Which two versions."""

    old = fields.Integer(data_key="from", required=True, validate=validate.Range(1, LARGEST_ID))
    new = fields.Integer(data_key="to", required=True, validate=validate.Range(1, LARGEST_ID))


class DifferencePart(Schema):
    """One entry or setting that differs."""

    path = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)
    says = fields.String()


class TestBody(Schema):
    """A text to try."""

    text = words("The words.", required=True, validate=validate.Length(max=20_000))
    place = words("Where they stand.", load_default="reason", validate=validate.OneOf(tuple(str(one) for one in Place)))
    notes = words("Free text beside a reason.", load_default="", validate=validate.Length(max=20_000))
    connection = words(
        "Let its rules apply, too.", load_default=None, allow_none=True, validate=validate.Length(max=100)
    )


class TestedPart(Schema):
    """What is in force, and the draft where one is open, take it to mean."""

    published = fields.Dict()
    draft = fields.Dict(allow_none=True)
