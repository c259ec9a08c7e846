"""What the calls about people and tokens take and give."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.schemas import LARGEST_ID, MOST_ROWS, Words, text
from service.people.roles import Role, Scope

ROLES = tuple(str(one) for one in Role)
SCOPES = tuple(str(one) for one in Scope)


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
    role = text("What they may do.", required=True, validate=validate.OneOf(ROLES))


class InvitedPart(PersonPart):
    """The person, and the one-time code with which they set a password."""

    code = fields.String()


class PersonBody(Schema):
    """What to change of a person; what is left out stays."""

    role = text("What they may do.", load_default=None, allow_none=True, validate=validate.OneOf(ROLES))
    is_active = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "A no lets them in no more."}
    )


class OwnerBody(Schema):
    """Which CRM owner a person is."""

    owner_id = text(
        "Left out or null: as their e-mail address says.",
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=64),
    )  # fmt: skip


class TokenPart(Schema):
    """A bearer token; the token itself is never shown again."""

    id = fields.Integer()
    name = fields.String()
    email = fields.String()
    scopes = fields.List(fields.String())
    created_at = fields.DateTime()
    expires_at = fields.DateTime(allow_none=True)
    used_at = fields.DateTime(allow_none=True, metadata={"description": "To the minute; null: never."})


class NewTokenBody(Schema):
    """A token to make. It may do what its scopes and the person's role both allow."""

    email = text("Whose it is.", required=True, validate=validate.Length(min=1, max=255))
    name = text("What it is for.", required=True, validate=validate.Length(min=1, max=100))
    scopes = fields.List(
        Words(validate=validate.OneOf(SCOPES)), required=True, validate=validate.Length(min=1, max=len(SCOPES))
    )
    days = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 3650),
        metadata={"description": "How long it works; left out: until it is revoked."},
    )  # fmt: skip


class MadeTokenPart(Schema):
    """The token, shown this once."""

    email = fields.String()
    token = fields.String()


class ActionsQuery(Schema):
    """Which lines of the audit log."""

    who = text("By this person.", load_default="", validate=validate.Length(max=255))
    what = text("Of this kind.", load_default="", validate=validate.Length(max=100))
    words = text("With all of these words.", load_default="", validate=validate.Length(max=200))
    before = fields.Integer(
        load_default=None, validate=validate.Range(1, LARGEST_ID), metadata={"description": "`next` of the last page."}
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MOST_ROWS))


class ActionKindsPart(Schema):
    """What the audit log can be filtered by."""

    who = fields.List(fields.String())
    what = fields.List(fields.String())


class ActionPart(Schema):
    """Who did what."""

    id = fields.Integer()
    at = fields.DateTime()
    who = fields.String()
    what = fields.String()
    subject = fields.String()
    says = fields.String()


class ActionsPart(Schema):
    """The audit log, the newest first."""

    actions = fields.List(fields.Nested(ActionPart))
    next = fields.Integer(allow_none=True)
