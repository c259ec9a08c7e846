"""The policy's numbers as people know them, in the groups of the form. What each is for stands in the policy itself."""

from __future__ import annotations

from dataclasses import dataclass

from service.web.words.present import PURPOSE_NAMES, category_name, named, words_of


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of the form: where it stands in the document, how it is called, its unit."""

    path: str
    label: str
    unit: str = "days"


GROUPS: tuple[tuple[str, str, tuple[Setting, ...]], ...] = (
    (
        "In general",
        "How soon after a loss anybody is called, and how far ahead follow-ups are planned.",
        (
            Setting("timing.cool_off_days", "Leave them alone after the loss for"),
            Setting("timing.horizon_months", "Plan ahead for", "months"),
        ),
    ),
    (
        "They signed with somebody else",
        "The contract's end less the notice is their last day to leave. Steps count back from there.",
        (
            Setting("timing.notice_days", "Notice, where theirs is not known"),
            Setting("timing.position_days", "First talk, before the last day"),
            Setting("timing.business_case_days", "Bring the figures, before the last day"),
            Setting("timing.decide_days", "Ask for the decision, before the last day"),
            Setting("timing.term_months", "A renewed contract runs for another", "months"),
            Setting("timing.assumed_end_months", "An unknown end is taken to be, after the loss", "months"),
            Setting("timing.ask_contract_end_days", "Ask when it ends, after the loss"),
        ),
    ),
    (
        "No budget",
        "Steps hang on their budget review, or on the start of their fiscal year.",
        (
            Setting("timing.review_lead_days", "Before a budget review they named"),
            Setting("timing.plan_lead_days", "Get into the plan, before the fiscal year"),
            Setting("timing.public_plan_lead_days", "The same for public bodies"),
            Setting("timing.landed_days", "The money has landed, into the year"),
            Setting("timing.budget_steps", "Follow-ups made", "steps"),
        ),
    ),
    (
        "Right after the loss",
        "What is asked or said while the deal is fresh.",
        (
            Setting("timing.last_offer_business_days", "Leave the door open, after", "business days"),
            Setting("timing.ask_reason_business_days", "Ask the rep for the reason, after", "business days"),
            Setting("timing.ask_reason_within_days", "Ask for a reason only within"),
        ),
    ),
    (
        "Room in a rep's day",
        "No rep gets more follow-ups than this; a deadline comes first.",
        (
            Setting("spread.per_day", "At most a day", "follow-ups"),
            Setting("spread.per_week", "At most a week", "follow-ups"),
        ),
    ),
    (
        "Tasks in the CRM",
        "When tasks are written, and what waits.",
        (
            Setting("writing.write_ahead_days", "Write the next task ahead of its day by"),
            Setting("writing.active_within_days", "Wait while somebody was active on the account within"),
            Setting("writing.backlog_after_days", "At go-live, to the backlog what was due more than"),
            Setting("writing.backlog_per_week", "Released from the backlog, a week and rep", "tasks"),
            Setting("writing.lost_since_months", "At go-live, take losses of the last", "months"),
        ),
    ),
)

_SETTINGS = {one.path: one for _, _, settings in GROUPS for one in settings}
_INTERVALS = "timing.intervals."


def setting_name(path: str) -> str:
    """A setting as the form calls it, where it is one of the form's; else as the document does."""
    if path in _SETTINGS:
        return _SETTINGS[path].label
    if path.startswith(_INTERVALS):
        category, _, sub_reason = path.removeprefix(_INTERVALS).partition(".")
        part = f": {words_of(sub_reason)}" if sub_reason else ""
        return f"Days until we come back, {category_name(category).lower()}{part}"
    if path.startswith("task["):
        purpose, _, part = path.removeprefix("task[").partition("]")
        names = [named(PURPOSE_NAMES, word) for word in purpose.split()]
        return f"Task text “{', '.join(names)}”{', ' + words_of(part.removeprefix('.')) if part else ''}"
    return path


def change_in_words(says: str) -> str:
    """A changed setting in the form's words: "Leave them alone after the loss for: 14 to 20 days"."""
    path, mark, values = says.partition(": ")
    name = setting_name(path)
    if not mark or name == path:
        return says
    unit = f" {_SETTINGS[path].unit}" if path in _SETTINGS else ""
    return f"{name}: {values.replace(' -> ', ' to ')}{unit}"


MAY_BE_EMPTY = frozenset({"writing.write_ahead_days"})

WHEN_NAMES = {
    "": "all other losses",
    "stated_date": "they named a day",
    "contract_expiry": "it hangs on a contract",
    "budget_cycle": "it hangs on a budget",
    "policy": "it hangs on an interval",
}

PLACEHOLDERS = (
    ("account", "the account's name"),
    ("competitor", "whom they chose"),
    ("their_contract", "“Zendesk contract”, or “contract”"),
    ("lost", "the day of the loss"),
    ("due", "the day of the task"),
    ("stated", "the day they asked for"),
    ("contract_end", "the end of their contract"),
    ("assumed_end", "its end where that is only assumed"),
    ("deadline", "their last useful day"),
    ("review", "the day of their budget review"),
    ("fiscal_start", "the start of their fiscal year"),
    ("budget_month", "its month"),
)
