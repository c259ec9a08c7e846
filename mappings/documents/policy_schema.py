"""How a policy document must look: marshmallow schemas whose complaints say what to write instead."""

from __future__ import annotations

import calendar
import re
import string
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from mappings.documents import policy_values as values
from mappings.model import Anchor, Purpose
from mappings.taxonomy import Category

PLACEHOLDERS = (
    "account", "competitor", "their_contract", "lost", "due", "stated", "contract_end", "assumed_end", "deadline",
    "review", "fiscal_start", "budget_month",
)  # fmt: skip
WHEN = frozenset(Anchor) | frozenset(Category)
MESSAGES = {
    "unknown": "is no setting; remove it, or check its spelling against the shipped policy",
    "type": "must be a table of settings",
}


MISSING: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "is missing; the shipped policy shows how it is written"
}


def text(**options: Any) -> fields.String:
    """A text in quotes."""
    return fields.String(error_messages={**MISSING, "invalid": "write a text in quotes"}, **options)


class Number(fields.Integer):
    """A whole number between two bounds, said so in the complaint. True and "5" are none."""

    def __init__(self, low: int, high: int, **options: Any) -> None:
        self.remedy = f"write a whole number from {low} to {high}"
        super().__init__(
            strict=True,
            validate=validate.Range(low, high, error=self.remedy),
            error_messages={"invalid": self.remedy, "too_large": self.remedy, "null": self.remedy},
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(self.remedy)
        return int(super()._deserialize(value, attr, data, **options) or 0)


def days(low: int = 0) -> Number:
    """Days of a setting, at most ten years."""
    return Number(low, 3660, required=True)


class MonthDay(fields.Field[tuple[int, int]]):
    """A day of any year, written "12-20"."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else f"{value[0]:02}-{value[1]:02}"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[int, int]:
        found = re.fullmatch(r"(\d\d)-(\d\d)", value) if isinstance(value, str) else None
        month, day = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(2024, month)[1]:
            raise ValidationError('write a month and a day, such as "12-20" for 20 December')
        return month, day


class Words(fields.List[str]):
    """A list of texts that becomes a tuple."""

    def __init__(self, **options: Any) -> None:
        messages: dict[str, Any] = {**MISSING, "invalid": "write a list of texts in square brackets"}
        each = text(validate=validate.Length(min=1, error="must not be empty"))
        super().__init__(each, error_messages=messages, **options)

    def _deserialize(self, *arguments: Any, **options: Any) -> Any:
        return tuple(super()._deserialize(*arguments, **options))


def _check_kind(key: str) -> None:
    category = key.partition(".")[0]
    if category not in frozenset(Category):
        raise ValidationError(f"{category!r} is no category; write one of {', '.join(Category)}")


def _check_when(when: str) -> None:
    if when.partition(".")[0] not in WHEN:
        raise ValidationError(f"write one of {', '.join(sorted(WHEN))}, or category.sub_reason")


class Strict(Schema):
    """A table in which a misspelt setting is an error, never ignored."""

    error_messages = MESSAGES


class TimingSchema(Strict):
    cool_off_days = days()
    horizon_months = Number(1, 120, required=True)
    notice_days = days()
    term_months = Number(1, 240, required=True)
    position_days = days()
    business_case_days = days()
    decide_days = days()
    assumed_end_months = Number(1, 240, required=True)
    ask_contract_end_days = days()
    review_lead_days = days()
    plan_lead_days = days()
    public_plan_lead_days = days()
    landed_days = days()
    budget_steps = Number(1, 6, required=True)
    last_offer_business_days = Number(0, 60, required=True)
    ask_reason_business_days = Number(0, 60, required=True)
    ask_reason_within_days = days()
    intervals = fields.Dict(keys=text(validate=_check_kind), values=days(), required=True)


class WholeTimingSchema(TimingSchema):
    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.Timing:
        return values.Timing(**data)


class BlackoutSchema(Strict):
    first = MonthDay(data_key="from", required=True)
    last = MonthDay(data_key="to", required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.Blackout:
        return values.Blackout(**data)


class SpreadSchema(Strict):
    per_day = Number(1, 1000, required=True)
    per_week = Number(1, 5000, required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.Spread:
        return values.Spread(**data)


class WritingSchema(Strict):
    write_ahead_days = Number(0, 3660, load_default=None)
    active_within_days = days()
    backlog_after_days = days()
    backlog_per_week = Number(0, 1000, required=True)
    lost_since_months = Number(1, 600, required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.Writing:
        return values.Writing(**data)


class TaskSchema(Strict):
    purpose = fields.Enum(Purpose, by_value=True, required=True, error_messages=MISSING)
    when = text(load_default=None, validate=_check_when)
    subject = Words(required=True, validate=validate.Length(min=1, error="give at least one subject"))
    do = text(required=True)
    questions = Words(required=True, validate=validate.Length(equal=2, error="give two questions"))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.TaskTemplate:
        for name, texts in (("subject", data["subject"]), ("do", (data["do"],)), ("questions", data["questions"])):
            for text in texts:
                _check_template(name, text)
        if not all(text.startswith("{account}") for text in data["subject"]):
            raise ValidationError("begin every subject with {account}", "subject")
        return values.TaskTemplate(**data)


def _check_template(name: str, text: str) -> None:
    try:
        names = [found for _, found, _, _ in string.Formatter().parse(text) if found is not None]
    except ValueError as error:
        raise ValidationError(f"a brace is not closed in {text!r}; write {{{{ for a plain brace", name) from error
    for found in names:
        if found not in PLACEHOLDERS:
            raise ValidationError(f"{{{found}}} is no placeholder; write one of {', '.join(PLACEHOLDERS)}", name)


class CompetitorSchema(Strict):
    name = text(required=True)
    aliases = Words(load_default=())
    notice_days = Number(0, 3660, load_default=None)
    term_months = Number(1, 240, load_default=None)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.CompetitorTerms:
        return values.CompetitorTerms(**data)


class Amount(fields.Field[Decimal]):
    """A sum of money, written as a number; kept exact, and written back as it was."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> int | float | None:
        if value is None:
            return None
        return int(value) if value == value.to_integral_value() else float(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("write an amount as a number, such as 50000")
        return Decimal(str(value))


class SegmentSchema(Strict):
    name = text(required=True)
    countries = Words(load_default=())
    industries = Words(load_default=())
    amount_from = Amount(load_default=None)
    amount_below = Amount(load_default=None)
    currency = text(load_default=None)
    timing = fields.Nested(TimingSchema(partial=True), required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.Segment:
        return values.Segment(**data)


class FiscalYearSchema(Strict):
    sector = text(
        required=True, validate=validate.OneOf(("government", "company"), error='write "government" or "company"')
    )
    country = text(required=True, validate=validate.Regexp("^[A-Z]{2}$", error='write two capitals, such as "DE"'))
    region = text(load_default=None)
    starts = MonthDay(required=True)
    source = text(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.FiscalYearRow:
        return values.FiscalYearRow(**data)


class ContactLawSchema(Strict):
    country = text(required=True, validate=validate.Regexp("^[A-Z]{2}$", error='write two capitals, such as "DE"'))
    basis = text(required=True)
    email_months = Number(0, 240, load_default=None)
    source = text(required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> values.ContactLawRow:
        return values.ContactLawRow(**data)


class PolicySchema(Strict):
    timing = fields.Nested(WholeTimingSchema, required=True)
    blackout = fields.List(fields.Nested(BlackoutSchema), load_default=())
    spread = fields.Nested(SpreadSchema, required=True)
    writing = fields.Nested(WritingSchema, required=True)
    enabled = fields.Dict(
        keys=fields.Enum(Purpose, by_value=True),
        values=fields.Boolean(truthy={True}, falsy={False}, error_messages={"invalid": "write true or false"}),
        error_messages={"invalid": "must be a table of settings"},
    )
    tasks = fields.List(fields.Nested(TaskSchema), data_key="task", required=True)
    competitors = fields.List(fields.Nested(CompetitorSchema), data_key="competitor", load_default=())
    segments = fields.List(fields.Nested(SegmentSchema), data_key="segment", load_default=())
    fiscal_years = fields.List(fields.Nested(FiscalYearSchema), data_key="fiscal_year", load_default=())
    contact_laws = fields.List(fields.Nested(ContactLawSchema), data_key="contact_law", load_default=())

    @post_load
    def settings(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What `Policy` is made of."""
        lists = ("blackout", "tasks", "competitors", "segments", "fiscal_years", "contact_laws")
        missing = set(Purpose) - {task.purpose for task in data["tasks"] if task.when is None}
        if missing:
            raise ValidationError(f"give a task without `when` for {', '.join(sorted(missing))}", "task")
        return {key: tuple(value) if key in lists else value for key, value in data.items()}
