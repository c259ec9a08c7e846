"""What the calls that tell a connection what to do take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.connection_schemas import WebhookPart
from service.api.schemas import LARGEST_ID, MOST_ROWS, Words


class SyncBody(Schema):
    """How much is read."""

    full = fields.Boolean(load_default=False, metadata={"description": "Everything, and not only what changed."})


class PilotQuery(Schema):
    """Which deals may be written to."""

    owner = fields.List(
        Words(validate=validate.Length(min=1, max=255)),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "E-mail addresses of CRM users; none is everybody."},
    )
    limit = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 1_000_000))
    lost_since = fields.Date(load_default=None, allow_none=True, metadata={"description": "First day of the loss."})


class PilotBody(PilotQuery):
    """Which deals may be written to."""


class GoLivePart(Schema):
    """What going live would write."""

    connection = fields.String()
    tasks = fields.Integer()
    deals = fields.Integer()
    backlog = fields.Integer()
    fields_ = fields.Integer(data_key="fields", attribute="fields")
    waiting = fields.Integer()
    skipped = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "By rule."})
    by_month = fields.Dict(keys=fields.String(), values=fields.Integer())
    by_owner = fields.Dict(keys=fields.String(), values=fields.Integer())
    by_category = fields.Dict(keys=fields.String(), values=fields.Integer())


class SinceQuery(Schema):
    """How far back."""

    since = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "What was written from then on; left out: everything."},
    )


class SinceBody(SinceQuery):
    """How far back."""


class UndoPart(Schema):
    """What an undo would take back, and what a person touched, which stays."""

    connection = fields.String()
    tasks_deleted = fields.Integer()
    fields_restored = fields.Integer()
    unsettled = fields.Integer()
    failed = fields.Integer()
    touched = fields.List(fields.Dict())


class RunPart(Schema):
    """A sync, go-live, undo or reclassify."""

    id = fields.Integer()
    kind = fields.String()
    started_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)
    error = fields.String(allow_none=True)
    counts = fields.Dict()
    calls = fields.Dict()


class RunsQuery(Schema):
    """Which runs."""

    before = fields.Integer(
        load_default=None, validate=validate.Range(1, LARGEST_ID), metadata={"description": "`next` of the last page."}
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST_ROWS))


class RunsPart(Schema):
    """Runs, the newest first."""

    runs = fields.List(fields.Nested(RunPart))
    next = fields.Integer(allow_none=True)


class JobPart(Schema):
    """Something that was asked for and goes on; ask its address (Location) how far it is."""

    job = fields.String()
    kind = fields.String()
    state = fields.String(metadata={"enum": ["waiting", "running", "done", "failed", "lost"]})
    url = fields.String()
    run = fields.Nested(RunPart, allow_none=True)


class RotateBody(Schema):
    """Whether the former keys count for a while."""

    at_once = fields.Boolean(
        load_default=False, metadata={"description": "The former have leaked: they count no more."}
    )


class KeysPart(WebhookPart):
    """The new keys, shown this once."""

    name = fields.String()
    secret = fields.String(metadata={"description": "What any sender signs with (Standard Webhooks)."})
    former_until = fields.String(allow_none=True)


class LettersQuery(Schema):
    """How many."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST_ROWS))


class LetterPart(Schema):
    """One dead letter."""

    id = fields.Integer()
    kind = fields.String()
    state = fields.String()
    attempts = fields.Integer()
    error = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    deal_id = fields.String(allow_none=True)
    received_at = fields.String()
    next_try_at = fields.String()


class LettersBody(Schema):
    """Which dead letters."""

    ids = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, LARGEST_ID)),
        required=True,
        validate=validate.Length(min=1, max=MOST_ROWS),
    )
