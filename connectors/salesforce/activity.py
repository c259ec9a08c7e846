"""What goes on at accounts, read before a task is written: one query a question and batch, never one a deal."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from connectors.base import AccountActivity, MonthCount
from connectors.salesforce.ids import long_id
from connectors.salesforce.org import NOT_HERE, Org
from connectors.salesforce.queries import LOST, both, in_lists, is_in, select
from connectors.salesforce.schema import ACCOUNT, OPPORTUNITY, TASK
from connectors.salesforce.values import Record, as_bool, as_day, as_text

log = logging.getLogger(__name__)
RECENT = timedelta(days=60)
"""Activity older than this holds nothing up, so whose it was need not be known."""


def account_activity(org: Org, account_ids: Sequence[str]) -> Iterator[AccountActivity]:
    """See Connector.account_activity."""
    for ids in in_lists([long_id(one) for one in account_ids]):
        open_deals, won_on = _deals(org, ids)
        active_on = _last_activity(org, ids)
        for account_id in ids:
            yield AccountActivity(
                account_id=account_id,
                open_deal_ids=tuple(open_deals.get(account_id, ())),
                won_on=won_on.get(account_id),
                last_activity_on=active_on.get(account_id),
            )


def _deals(org: Org, ids: Sequence[str]) -> tuple[dict[str, list[str]], dict[str, date]]:
    """Open deals and the latest win, by account."""
    soql = select(
        ("Id", "AccountId", "IsClosed", "IsWon", "CloseDate"),
        OPPORTUNITY,
        f"{is_in('AccountId', ids)} AND (IsClosed = false OR IsWon = true)",
    )
    open_deals: dict[str, list[str]] = defaultdict(list)
    won_on: dict[str, date] = {}
    for record in org.records(soql, kind="activity", doing="reading the accounts' deals"):
        account_id = _account(record)
        if not as_bool(record.get("IsClosed")):
            open_deals[account_id].append(long_id(as_text(record.get("Id")) or ""))
        elif as_bool(record.get("IsWon")) and (day := as_day(record.get("CloseDate"))):
            won_on[account_id] = max(day, won_on.get(account_id, day))
    return open_deals, won_on


def _last_activity(org: Org, ids: Sequence[str]) -> dict[str, date]:
    """The latest activity by account, without our own tasks where one of ours may be the latest.

    Account.LastActivityDate is the latest due date of a completed task or past event; ours count there too.
    """
    accounts = org.describe_optional(ACCOUNT)
    if accounts is None or "LastActivityDate" not in accounts.fields:
        return {}
    soql = select(("Id", "LastActivityDate"), ACCOUNT, is_in("Id", ids))
    days: dict[str, date] = {}
    for record in org.records(soql, kind="activity", doing="reading the accounts' last activity"):
        if day := as_day(record.get("LastActivityDate")):
            days[long_id(as_text(record.get("Id")) or "")] = day
    since = org.kit.now().date() - RECENT
    recent = [account_id for account_id, day in days.items() if day >= since]
    touched, others = _without_ours(org, recent, since) if recent else (frozenset[str](), dict[str, date]())
    return {**{one: day for one, day in days.items() if one not in touched}, **others}


def _without_ours(org: Org, ids: Sequence[str], since: date) -> tuple[frozenset[str], dict[str, date]]:
    """The accounts with a recent completed task of ours, and the latest of everybody else's tasks and events there."""
    key_field = org.key_field()
    if key_field is None:
        return frozenset(), {}
    window = f"ActivityDate >= {since.isoformat()}"
    ours = both(is_in("AccountId", ids), "IsClosed = true", window, f"{key_field.name} != null")
    touched = frozenset(_account(record) for record in _activities(org, TASK, ours))
    if not touched:
        return frozenset(), {}
    among = both(is_in("AccountId", sorted(touched)), window)
    today = org.kit.now().date().isoformat()
    latest: dict[str, date] = {}
    for record in (
        *_activities(org, TASK, both(among, "IsClosed = true", f"{key_field.name} = null")),
        *_activities(org, "Event", both(among, f"ActivityDate <= {today}")),
    ):
        if day := as_day(record.get("ActivityDate")):
            latest[_account(record)] = max(day, latest.get(_account(record), day))
    return touched, latest


def _activities(org: Org, name: str, where: str) -> list[Record]:
    """Tasks or events; none where the user may not see them."""
    soql = select(("AccountId", "ActivityDate"), name, where)
    try:
        return list(org.records(soql, kind="activity", doing="reading the accounts' activities"))
    except NOT_HERE as error:
        log.warning("%s", error)
        return []


def count_lost(org: Org) -> Iterator[MonthCount]:
    """See Connector.count_lost."""
    year, month = "CALENDAR_YEAR(CloseDate)", "CALENDAR_MONTH(CloseDate)"
    soql = select((f"{year} y", f"{month} m", "COUNT(Id) n"), OPPORTUNITY, LOST, f"GROUP BY {year}, {month}")
    for record in org.records(soql, kind="ledger", doing="counting lost deals by month"):
        y, m, n = (_aggregate(record, name, place) for place, name in enumerate(("y", "m", "n")))
        yield MonthCount(month=f"{y:04d}-{m:02d}" if y and m else "", count=n)


def _aggregate(record: Record, name: str, place: int) -> int:
    """A grouped value by its alias, else by the name the server gives to what has none."""
    value = record.get(name, record.get(f"expr{place}"))
    return int(value) if value is not None else 0


def _account(record: Record) -> str:
    return long_id(as_text(record.get("AccountId")) or "")
