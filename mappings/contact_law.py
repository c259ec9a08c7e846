"""On what footing a prospect may be contacted, and until when an e-mail rests on it. A summary, not legal advice."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from mappings.calendars import add_months
from mappings.documents.policy_values import ContactLawRow
from mappings.timing.words import in_full

NOT_SHIPPED = "not in our table: the CRM's opt-outs decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLaw:
    """The footing in one country. `email_months` counts from the last exchange; None where no clock runs."""

    basis: str = NOT_SHIPPED
    email_months: int | None = None
    source: str = ""

    def email_until(self, last_exchange_on: date) -> date | None:
        """The last day on which an e-mail still rests on what the prospect asked for; None without such a clock."""
        return None if self.email_months is None else add_months(last_exchange_on, self.email_months)


def contact_law(country: str | None, own_rows: tuple[ContactLawRow, ...] = ()) -> ContactLaw:
    """The footing for an account's country. `own_rows` are the policy's own, and beat the shipped ones.

    Source: mappings/data/contact_law.toml
    """
    code = (country or "").strip().upper()
    for row in own_rows:
        if row.country == code:
            return ContactLaw(basis=row.basis, email_months=row.email_months, source=row.source)
    return _table().get(code, ContactLaw())


def contact_note(closed: Collection[str], *, email_until: date | None, today: date) -> str | None:
    """What a task says of the ways that are left; None where all of them are open and no clock runs.

    `closed` holds the channels that everybody the task is about opted out of: `email`, `phone`.
    """
    if "email" in closed and "phone" in closed:
        return None
    if "email" in closed:
        return "Call, and send no e-mail: they opted out of it."
    says = "Write, and do not call: they asked for that. " if "phone" in closed else ""
    if email_until is not None:
        over = email_until < today
        says += (
            f"Their consent to e-mail ended on {in_full(email_until)}: call, or ask for consent first."
            if over
            else f"Their consent to e-mail ends on {in_full(email_until)}."
        )
    return says.strip() or None


@cache
def _table() -> dict[str, ContactLaw]:
    text = resources.files("mappings.data").joinpath("contact_law.toml").read_text("utf-8")
    return {
        country: ContactLaw(basis=row["basis"], email_months=row.get("email_months"), source=row["source"])
        for row in tomllib.loads(text)["law"]
        for country in row["countries"]
    }
