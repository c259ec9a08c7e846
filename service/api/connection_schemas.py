"""What the calls about connections take and give."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from connectors.base import Role
from service.api.schemas import Words, text

NAMES = validate.Length(min=1, max=100)
ROLES = tuple(str(role) for role in Role)
ATTRIBUTES = ("record_type", "pipeline", "type")


def _by_name(description: str, value: Words) -> dict[str, Any]:
    return {"keys": Words(validate=NAMES), "values": value, "metadata": {"description": description}}


class WayPart(Schema):
    """One way to authenticate."""

    key = fields.String()
    label = fields.String()
    needs = fields.List(fields.String(), metadata={"description": "The credentials it needs, by name."})
    help = fields.String()


class CrmPart(Schema):
    """A CRM that can be connected."""

    key = fields.String()
    label = fields.String()
    default_url = fields.String(allow_none=True)
    ways = fields.List(fields.Nested(WayPart))
    options = fields.Dict(keys=fields.String(), values=fields.String())


class AccountBody(Schema):
    """An account to connect. For a name that is there its credentials are renewed and all else is kept."""

    crm = text("The CRM's key.", required=True, validate=validate.Length(max=40))
    name = text("What the connection is called here.", required=True, validate=validate.Length(min=1, max=60))
    url = text(
        "The account's address, where the CRM has no one address.", load_default="", validate=validate.Length(max=500)
    )
    credentials = fields.Dict(
        **_by_name("By name; see `ways` of the CRM.", Words(validate=validate.Length(max=20_000))), required=True
    )
    webhook_secret = text(
        "What the CRM's app signs its webhooks with.", load_default="", validate=validate.Length(max=500)
    )


class HealthPart(Schema):
    """One line of a connection's health."""

    check = fields.String()
    ok = fields.Boolean()
    says = fields.String()


class WebhookPart(Schema):
    """Where webhooks are sent to. `url` is for the CRM's own, `deals_url` for any sender."""

    url = fields.String()
    token = fields.String(metadata={"description": "The secret part of `url`, where the CRM cannot sign."})
    deals_url = fields.String()
    secret_set = fields.Boolean()


class ConnectionPart(Schema):
    """One connection, without its secrets."""

    name = fields.String()
    crm = fields.String()
    account_id = fields.String()
    account_name = fields.String()
    state = fields.String(metadata={"enum": ["hold", "live", "reconnect"]})
    url = fields.String()
    zone = fields.String()
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), data_key="fields", attribute="fields"
    )
    scope = fields.Dict()
    webhook = fields.Nested(WebhookPart)
    last_sync = fields.String(allow_none=True)
    health = fields.List(fields.Nested(HealthPart))
    notes = fields.String()
    retention_days = fields.Integer(allow_none=True)
    one_task_per_account = fields.Boolean()
    account_sense = fields.Boolean()
    write_ahead_days = fields.Integer(allow_none=True)
    fallback_owner = fields.String(allow_none=True)
    sync_every_minutes = fields.Integer(allow_none=True)
    morning_hour = fields.Integer()
    digest = fields.String()
    digest_hour = fields.Integer()
    slack_set = fields.Boolean()
    escalate_after_days = fields.Integer(allow_none=True)


class ConnectedPart(ConnectionPart):
    """The connection made, which fields seemed likely, and what there is to know."""

    found_fields = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    warnings = fields.List(fields.String())


class ConnectionSettingsBody(Schema):
    """Settings by name, spelt as on the command line: on, off, numbers, addresses."""

    settings = fields.Dict(
        **_by_name(
            'Such as {"notes": "facts"}; an unknown name is refused with the list.',
            Words(validate=validate.Length(max=2000)),
        ),
        required=True,
        validate=validate.Length(min=1, max=50),
    )


class CrmFieldPart(Schema):
    """A field of the CRM."""

    name = fields.String()
    label = fields.String()
    type = fields.String(metadata={"description": "The CRM's own word."})
    likely_for = fields.List(fields.String(), metadata={"description": "Roles it seems to be for."})
    samples = fields.List(fields.String(), metadata={"description": "Some of its values."})


class CrmFieldsPart(Schema):
    """The CRM's own description of an account."""

    fields_ = fields.List(fields.Nested(CrmFieldPart), data_key="fields", attribute="fields")
    stages = fields.List(fields.Dict())
    warnings = fields.List(fields.String())


class ScopeBody(Schema):
    """Which deals are taken."""

    include = fields.Dict(
        keys=Words(validate=validate.OneOf(ATTRIBUTES)), values=fields.List(Words(validate=NAMES)), load_default=dict
    )
    exclude_ = fields.Dict(
        keys=Words(validate=validate.OneOf(ATTRIBUTES)),
        values=fields.List(Words(validate=NAMES)),
        load_default=dict,
        data_key="exclude",
    )
    min_amount = fields.Decimal(
        load_default=None, allow_none=True, validate=validate.Range(0, 10**15), metadata={"type": "number"}
    )
    reached_stage = text(load_default=None, allow_none=True, validate=NAMES)


class FieldsBody(Schema):
    """The CRM's field for each role, and the scope. What is left out is not read."""

    fields_ = fields.Dict(
        keys=Words(validate=validate.OneOf(ROLES)),
        values=fields.List(Words(validate=NAMES), validate=validate.Length(max=20)),
        data_key="fields",
        required=True,
        metadata={"description": f"By role: {', '.join(ROLES)}."},
    )
    scope = fields.Nested(ScopeBody, load_default=dict)


class CountPart(Schema):
    """How many deals have a value."""

    value = fields.String()
    deals = fields.Integer()


class ScopePart(Schema):
    """What the scope comes to over the deals that are stored."""

    inside = fields.Integer()
    left_out = fields.List(fields.Nested(CountPart), metadata={"description": "By the rule that left them out."})
    by_record_type = fields.List(fields.Nested(CountPart))
    by_pipeline = fields.List(fields.Nested(CountPart))
    by_type = fields.List(fields.Nested(CountPart))


class ForeseenPart(Schema):
    """What another scope would come to."""

    inside = fields.Integer()
    left_out = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "By rule."})
    entering = fields.Integer()
    leaving = fields.Integer()
    tasks_closed = fields.Integer()
    needs_reading = fields.Boolean(metadata={"description": "Which stages deals reached is not asked here."})


class RemovalQuery(Schema):
    """What becomes of our open tasks."""

    tasks = text(
        "`leave` leaves them in the CRM as plain tasks.", load_default="", validate=validate.OneOf(("", "leave"))
    )


class LimitPart(Schema):
    """One limit of the CRM as it stands."""

    name = fields.String()
    requests = fields.Integer(metadata={"description": "Calls that the window allows; 0: not told."})
    window_s = fields.Float()
    used = fields.Integer(metadata={"description": "Places given out that still count."})
    closed_until = fields.DateTime(allow_none=True)
    closed_why = fields.String()


class OwnerPart(Schema):
    """A user of the CRM."""

    owner_id = fields.String()
    email = fields.String()
    name = fields.String()
    is_active = fields.Boolean()
