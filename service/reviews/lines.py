"""Eight lines of a review that stand alone, for a message. Pure: from the review's own content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from service.audit.names import name_of_charted

NAMED = 3
SHARES = ("two_hold_80_percent", "one_holds_40_percent", "minimum_number")
NOT_REFUSALS = ("unknown", "not_a_rejection")

Content = Mapping[str, Any]


def eight_lines(content: Content) -> tuple[str, ...]:
    """What a manager is to know of the week; each line can be read without the others."""
    return (
        _lost(content),
        _why(content),
        _moved(content),
        _stands_out(content),
        _disagrees(content),
        _deadlines(content),
        _follow_ups(content),
        _won_back(content),
    )


def subject_of(content: Content) -> str:
    """The review in one line."""
    return f"Lost deals, {_week(content)}: {_count(content['lost'], 'deal')} lost, {len(content['won_back'])} won back"


def _week(content: Content) -> str:
    year, _, week = content["week"].partition("-W")
    return f"week {int(week)} of {year}"


def _lost(content: Content) -> str:
    lost, before = content["lost"], content["lost_before"]
    worth = " and ".join(_money(one) for one in content["amount"] if Decimal(one["amount"]))
    change = "as many as" if lost == before else f"{abs(lost - before)} {'more' if lost > before else 'fewer'} than"
    days = f"{_day(content['from'], year=False)} to {_day(content['to'])}"
    valued = f", worth {worth}" if worth else ""
    return f"{_count(lost, 'deal')} lost from {days}{valued}: {change} the week before."


def _why(content: Content) -> str:
    named = [one for one in content["by_category"] if one["category"] not in NOT_REFUSALS]
    rest = {one["category"]: one["deals"] for one in content["by_category"] if one["category"] in NOT_REFUSALS}
    causes = [f"{name_of_charted(one['category']).lower()} {one['deals']}" for one in named]
    says = ", ".join(causes) or "no stated refusal"
    unknown = f"; {rest['unknown']} for a reason nobody knows" if "unknown" in rest else ""
    others = f"; {rest['not_a_rejection']} no rejection at all" if "not_a_rejection" in rest else ""
    return f"Why: {says}{unknown}{others}."


def _moved(content: Content) -> str:
    found = [one for one in content["quarter"]["findings"] if one["rule"] == "largest_change"]
    if not found:
        return "Nothing moved over thirteen weeks by more than chance explains."
    return f"Over thirteen weeks: {found[0]['says']}"


def _stands_out(content: Content) -> str:
    found = [one for one in content["quarter"]["findings"] if one["rule"] in SHARES]
    if not found:
        return "No one or two reasons hold most of the last thirteen weeks' losses."
    advice = f" {found[0]['suggests']}" if found[0]["suggests"] else ""
    return f"Over thirteen weeks: {found[0]['says']}{advice}"


def _disagrees(content: Content) -> str:
    found = [one for one in content["quarter"]["findings"] if one["rule"] == "stated_and_underlying_differ"]
    said = found[0]["says"] if found else "No stated reason stands out as one that the notes contradict."
    unknown = content["unknown"]
    more = f" {_count(unknown, 'loss', 'losses')} without a plan, the reason being unknown." if unknown else ""
    return f"{said}{more}"


def _deadlines(content: Content) -> str:
    rows = content["deadlines"]
    if not rows:
        return "No known contract is to be decided within thirty days with nobody at work on it."
    named = ", ".join(f"{one['account'] or one['deal']} by {_day(one['deadline_on'])}" for one in rows[:NAMED])
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return f"{_count(len(rows), 'contract')} to decide within thirty days, not worked on: {named}{more}."


def _follow_ups(content: Content) -> str:
    now = content["standing"]
    backlog = f"; {now['backlog']} in the backlog" if now["backlog"] else ""
    return f"Follow-ups: {now['this_week']} this week, {now['next_week']} next, {now['overdue']} overdue{backlog}."


def _won_back(content: Content) -> str:
    rows = content["won_back"]
    if not rows:
        return "No lost deal was won back this week."
    named = ", ".join(_win(one) for one in rows[:NAMED])
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return f"{_count(len(rows), 'deal')} won back: {named}{more}."


def _win(one: Mapping[str, Any]) -> str:
    worth = f" ({_money(one)})" if one["amount"] else ""
    return f"{one['account'] or one['deal']}{worth}, lost on {_day(one['lost_on'])}"


def _money(one: Mapping[str, Any]) -> str:
    return f"{Decimal(one['amount']):,.0f} {one['currency'] or ''}".strip()


def _day(text: str, *, year: bool = True) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def as_text(lines: Sequence[str], *, name: str, url: str) -> str:
    """The message as plain text."""
    greeting = f"Good morning {' '.join(name.split())}," if name.strip() else "Good morning,"
    ending = ["", f"The whole review: {url}"] if url else []
    return "\n".join([greeting, "", *(f"- {' '.join(line.split())}" for line in lines), *ending, ""])


def as_slack(lines: Sequence[str], *, title: str, url: str) -> str:
    """The message in Slack's markup."""
    ending = [f"<{url}|The whole review>"] if url else []
    return "\n".join([f"*{_escaped(title)}*", *(f"• {_escaped(line)}" for line in lines), *ending])


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
