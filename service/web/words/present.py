"""Values as people read them: in the reader's language and time zone. Used by the templates as filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_compact_currency, format_compact_decimal, format_decimal, format_percent

from service.audit.names import CATEGORY_NAMES, CHARTED_NAMES
from service.clock import zone_named

DEFAULT_LOCALE = Locale("en", "GB")

PURPOSE_NAMES = {
    "reconnect": "Reconnect",
    "position": "First talk before the contract ends",
    "business_case": "Bring the figures",
    "decide": "Decision is due",
    "ask_contract_end": "Ask when the contract ends",
    "get_into_plan": "Get into the budget plan",
    "money_landed": "New money is there",
    "last_offer": "Leave the door open",
    "ask_reason": "Ask for the reason",
}

STATE_NAMES = {
    "held": "Held",
    "scheduled": "Scheduled",
    "due": "In the CRM",
    "done": "Done",
    "snoozed": "Snoozed",
    "cancelled": "Ended",
    "skipped": "Skipped",
    "failed": "Failed",
    "hold": "On hold",
    "live": "Live",
    "reconnect": "Reconnect needed",
    "lost": "Lost",
    "open": "Open again",
    "won": "Won back",
    "gone": "Deleted",
    "decided": "Decided",
}

FIELD_NAMES = {
    "reason": "Loss reason",
    "notes": "Notes",
    "competitor": "Competitor",
    "contract_end": "Their contract's end",
    "fiscal_year_start_month": "Month their fiscal year starts",
    "do_not_contact": "Do not contact",
    "category_out": "Category, written by us",
    "sub_reason_out": "Sub-reason, written by us",
    "next_follow_up_out": "Next follow-up, written by us",
}
"""What each field of the CRM is to us."""

RULE_NAMES = {
    "hold": "waits until the connection goes live",
    "backlog": "in the backlog, of which some come each week",
    "lost_before": "lost too long ago",
    "failed": "our own code failed on them; the connection's page names them",
    "no_follow_up": "not to be followed up, or not within two years",
    "open_deal": "the account has an open deal",
    "won_since": "the account has bought since",
    "active_account": "somebody spoke with the account lately",
    "other_owner": "another owner",
    "limit": "beyond the limit",
    "do_not_contact": "not to be contacted",
    "opted_out": "asked not to be contacted",
    "plan_changed": "no longer in the plan",
    "deleted_in_crm": "somebody deleted the task in the CRM",
    "undone": "taken back",
    "reopened": "the deal is open again",
    "won": "the deal was won",
    "deleted": "the deal was deleted",
    "merged": "the deal was merged into another",
}
"""Why a follow-up is held back or ended, or a deal gets none now."""


class Reader:
    """How one person reads: their locale and zone."""

    def __init__(self, *, locale: str | None, zone: str | None, now: datetime) -> None:
        self.locale = known_locale(locale)
        self.zone = zone_named(zone or "UTC")
        self.today = now.astimezone(self.zone).date()

    def day(self, value: date | str | None) -> str:
        """A date: 5 Nov 2026."""
        found = _as_date(value)
        return format_date(found, "d MMM y", locale=self.locale) if found else ""

    def weekday(self, value: date | str | None) -> str:
        """A date with its weekday: Thu 5 Nov."""
        found = _as_date(value)
        return format_date(found, "EEE d MMM", locale=self.locale) if found else ""

    def month(self, value: str) -> str:
        """A month that is given as 2026-11: November 2026."""
        found = _as_date(f"{value}-01")
        return format_date(found, "LLLL y", locale=self.locale) if found else value

    def instant(self, value: datetime | None) -> str:
        """An instant in the reader's zone."""
        return format_datetime(value, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.locale) if value else ""

    def ago(self, value: datetime | None, now: datetime) -> str:
        """How long ago: 3 minutes ago."""
        return format_timedelta(value - now, add_direction=True, locale=self.locale) if value else "never"

    def number(self, value: Decimal | float | None) -> str:
        """A number with its thousands."""
        return "" if value is None else format_decimal(value, locale=self.locale)

    def share(self, part: float, whole: float) -> str:
        """A part of a whole in per cent; a dash where there is no whole."""
        return format_percent(part / whole, locale=self.locale) if whole else "–"

    def money(self, amount: Decimal | int | None, currency: str | None) -> str:
        """An amount in short: €1.2M."""
        if amount is None:
            return ""
        if not currency or not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            return format_compact_decimal(amount, locale=self.locale, fraction_digits=1)
        return format_compact_currency(amount, currency.upper(), locale=self.locale, fraction_digits=1)


def known_locale(name: str | None) -> Locale:
    """The locale of that name, or the default for one that is not known."""
    if not name:
        return DEFAULT_LOCALE
    try:
        return Locale.parse(name, sep="-" if "-" in name else "_")
    except (ValueError, UnknownLocaleError):
        return DEFAULT_LOCALE


def rule_name(rule: str) -> str:
    """Why a follow-up is where it is; the week of a release is in the rule's name."""
    kind, _, week = rule.partition("_")
    if kind == "released" and week:
        return f"came out of the backlog in week {week}"
    return RULE_NAMES.get(rule) or words_of(rule)


def scope_rule(rule: str) -> str:
    """The rule of a scope that leaves a deal out, as the form of the scope calls it."""
    kind, _, rest = rule.partition(" ")
    what, _, values = rest.partition("=")
    if kind in ("include", "exclude") and values:
        return f"“{'only' if kind == 'include' else 'not'} {words_of(what)} {values.replace(',', ', ')}”"
    named = {"min_amount": "smallest amount", "reached_stage": "reached the stage"}
    return f"“{named[kind]} {rest}”" if kind in named else rule


def category_name(category: str | None, sub_reason: str | None = None) -> str:
    """A category as pages call it, with its sub-reason where one is known: who did not decide has not gone silent."""
    if category == "unresponsive" and sub_reason:
        return CHARTED_NAMES["no_decision" if sub_reason == "no_decision" else category]
    return CATEGORY_NAMES.get(category or "", category or "")


def words_of(name: str | None) -> str:
    """A name of ours as words: `over_budget` is "over budget"."""
    return (name or "").replace("_", " ")


def named(table: Mapping[str, str], name: str) -> str:
    """A name from one of the tables above, or its plain words."""
    return table.get(name) or words_of(name).capitalize()


def short(text: str | None, most: int = 300) -> str:
    """Words of a CRM in a list: the beginning, where they are long."""
    words = text or ""
    return words if len(words) <= most else f"{words[: most - 1]}…"


def as_amount(text: str | None) -> Decimal | None:
    """An amount that was kept as text."""
    return Decimal(text) if text else None


def _as_date(value: date | str | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value
