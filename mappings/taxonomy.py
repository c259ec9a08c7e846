"""The rejection taxonomy: categories are fixed, so that reports compare over years; sub-reasons are editable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """A word of a closed list. It hashes as its text: an enumeration's own hash is worked out in Python each time."""

    __hash__ = str.__hash__


class Category(Word):
    """What the prospect is saying: six kinds of refusal, and three for what is not a stated refusal."""

    TIMING = "timing"
    BUDGET = "budget"
    COMPETITOR = "competitor"
    AUTHORITY = "authority"
    NEED = "need"
    VALUE_PERCEPTION = "value_perception"
    UNRESPONSIVE = "unresponsive"
    NOT_A_REJECTION = "not_a_rejection"
    UNKNOWN = "unknown"


class Finality(Word):
    """Are you certain you have a definitive no?"""

    NOT_NOW = "not_now"
    OPEN = "open"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a category means, and the sub-reasons shipped under it, each with its meaning."""

    says: str
    sub_reasons: dict[str, str]


TAXONOMY: dict[Category, Definition] = {
    Category.TIMING: Definition(
        "Not now; later.",
        {
            "postponed": "The decision or the project was moved to a later time.",
            "contract_locked": "They are bound by a contract that has not ended yet.",
            "reorganisation": "A merger, a restructuring or new leadership comes first.",
            "seasonal": "It is the wrong season for them.",
            "on_hold": "The project is paused, with no new time named.",
        },
    ),
    Category.BUDGET: Definition(
        "No money allocated, or the price is over what is allocated.",
        {
            "no_budget": "No money was allocated for this.",
            "frozen": "Spending is frozen or was cut.",
            "over_budget": "The price is over the money they have.",
            "funding_lost": "Money that was there is gone: a round, a grant, a sponsor.",
        },
    ),
    Category.COMPETITOR: Definition(
        "We chose someone else.",
        {
            "chose_competitor": "They bought from another vendor.",
            "stayed_with_incumbent": "They kept the supplier or the tool they have.",
            "built_in_house": "They do it themselves.",
            "lost_to_partner": "A partner or reseller of ours got the deal.",
        },
    ),
    Category.AUTHORITY: Definition(
        "I cannot decide; someone else stopped it.",
        {
            "needs_approval": "A superior, a board or a team has to agree.",
            "champion_left": "Our supporter left or changed roles.",
            "legal_or_procurement": "Legal, compliance or procurement stopped it.",
            "security_review": "The security review stopped it.",
            "wrong_contact": "We spoke with someone who does not decide.",
        },
    ),
    Category.NEED: Definition(
        "We do not have that problem, or you do not solve it.",
        {
            "no_need": "They do not have the problem.",
            "product_gap": "Something they require is missing.",
            "requirements_changed": "What they require changed on the way.",
            "project_cancelled": "The project behind it was cancelled.",
            "acquired": "The company was bought or merged.",
            "company_closed": "The company closed; there is nobody to sell to.",
        },
    ),
    Category.VALUE_PERCEPTION: Definition(
        "I do not see the return.",
        {
            "no_roi": "The return does not justify the money or the effort.",
            "price_value": "Too expensive for what it gives.",
            "unconvinced": "They are not persuaded that it works for them.",
            "trust_or_experience": "Bad service, quality, references or trust.",
        },
    ),
    Category.UNRESPONSIVE: Definition(
        "Nothing: no decision, or they went dark.",
        {
            "went_dark": "They stopped answering.",
            "no_decision": "They answered, and decided nothing.",
        },
    ),
    Category.NOT_A_REJECTION: Definition(
        "Ours: the record is not a refusal by a prospect.",
        {
            "duplicate": "The same deal exists twice, or was merged into another.",
            "test": "A test, demo or spam record.",
            "disqualified": "We turned them down.",
            "data_error": "The record was closed or entered by mistake.",
        },
    ),
    Category.UNKNOWN: Definition(
        "A reason that says nothing, or none.",
        {
            "none_given": "No reason was recorded.",
            "other": "A reason was recorded that says nothing.",
        },
    ),
}
