"""The CRM in memory, as the contract suite needs it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from connectors.base import (
    Channel,
    Connector,
    FieldMap,
    GoneDeal,
    GoneHow,
    OpenDeal,
    Role,
    TaskSnapshot,
    TaskStatus,
    WonDeal,
)
from connectors.errors import ConnectorError, RateLimited, ServerError, Unclear
from connectors.http import Http, HttpSettings
from mappings.model import Account, DealKey, LostDeal, StatedReason
from tests.contract.crm import Breaks, DealIs
from tests.fakes.account import ACCOUNT_ID, REASON
from tests.fakes.connector import FakeConnector

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
FIELDS: FieldMap = {
    Role.REASON: (REASON,),
    Role.CATEGORY_OUT: ("Category",),
    Role.SUB_REASON_OUT: ("Sub_Reason",),
    Role.NEXT_FOLLOW_UP_OUT: ("Next",),
}


class Clock:
    """The clock of the CRM and the connector: waiting moves it."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class FakeCrm:
    """See tests.contract.crm.Crm."""

    connector: FakeConnector
    clock: Clock
    account_id: str = ACCOUNT_ID
    owner_id: str = "rep-1"
    inactive_owner_id: str = "rep-2"
    fields: FieldMap = field(default_factory=lambda: FIELDS)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def http(self) -> Http:
        """The door that counts the connector's calls."""
        return self.connector.http

    def opened(self, *, fields: FieldMap | None = None, options: dict[str, str] | None = None) -> Connector:
        return replace(self.connector, mapped=self.fields if fields is None else fields)

    def add_account(self, name: str) -> str:
        return f"account-{name}"

    def add_deal(
        self,
        state: DealIs = DealIs.LOST,
        *,
        reason: str | None = None,
        closed_on: date | None = None,
        account_id: str | None = None,
        stage_label: str | None = None,
    ) -> DealKey:
        if stage_label:
            self.connector.stages = tuple(
                replace(stage, label=stage_label) if stage.is_lost else stage for stage in self.connector.stages
            )
        key = DealKey(ACCOUNT_ID, f"D{next(self.numbers)}")
        self._put(key, state, reason=reason, closed_on=closed_on or date(2026, 10, 2), account_id=account_id)
        return key

    def add_contact(self, key: DealKey) -> str:
        deal = self.connector.deals[key.deal_id]
        assert isinstance(deal, LostDeal)
        contact_id = f"contact-{key.deal_id}"
        self.connector.deals[key.deal_id] = replace(deal, contact_id=contact_id)
        return contact_id

    def opt_out(self, contact_id: str) -> None:
        self.connector.opted_out[contact_id] = frozenset({Channel.EMAIL, Channel.PHONE})
        for key, deal in self.connector.deals.items():
            if isinstance(deal, LostDeal) and deal.contact_id == contact_id:
                self.connector.deals[key] = replace(deal, do_not_contact=True)

    def move_deal(self, key: DealKey, state: DealIs) -> None:
        self._put(key, state, closed_on=self.clock.at.date())

    def delete_deal(self, key: DealKey) -> None:
        self.connector.deals[key.deal_id] = GoneDeal(key=key, how=GoneHow.DELETED)

    def tasks_of(self, key: DealKey) -> tuple[TaskSnapshot, ...]:
        return tuple(task.snapshot for task in self.connector.live() if task.deal == key)

    def complete_task(self, task_id: str) -> None:
        self.connector.tasks[task_id].status = TaskStatus.COMPLETED

    def delete_task(self, task_id: str) -> None:
        self.connector.tasks[task_id].status = TaskStatus.DELETED

    def shrink_pages(self, size: int) -> None:
        self.connector.page_size = size

    def breaks(self, how: Breaks) -> None:
        if how in {Breaks.TOKEN_EXPIRES, Breaks.LOGIN_IS_REFUSED}:
            self.connector.login.is_valid = False
            self.connector.login.is_renewed = how is Breaks.TOKEN_EXPIRES
        elif how is Breaks.CUT_AFTER_WRITE:
            self.connector.after = failing(Unclear("The connection broke."), of={"write_tasks"}, times=1)
        else:
            self.connector.before = failing(_ANSWERS[how], times=1 if how is Breaks.HTML_ON_READ else None)

    def pass_time(self, *, minutes: int) -> None:
        self.clock.at += timedelta(minutes=minutes)

    def _put(
        self,
        key: DealKey,
        state: DealIs,
        *,
        closed_on: date,
        reason: str | None = None,
        account_id: str | None = None,
    ) -> None:
        now = self.clock.at
        if state is DealIs.OPEN:
            self.connector.deals[key.deal_id] = OpenDeal(key=key, account_id=account_id, modified_at=now)
        elif state is DealIs.WON:
            won = WonDeal(key=key, won_on=closed_on, account_id=account_id, modified_at=now)
            self.connector.deals[key.deal_id] = won
        else:
            self.connector.deals[key.deal_id] = LostDeal(
                key=key,
                lost_on=closed_on,
                close_date=closed_on,
                account=Account(id=account_id),
                stated_reasons=(StatedReason(field=REASON, value=reason),) if reason else (),
                owner_id=self.owner_id,
                stage=next(stage.label for stage in self.connector.stages if stage.is_lost),
                modified_at=now,
            )


_ANSWERS: dict[Breaks, ConnectorError] = {
    Breaks.HTML_ON_READ: ServerError("The CRM answered with a page instead of data (503)."),
    Breaks.HTML_ON_EVERY_READ: ServerError("The CRM answered with a page instead of data (503)."),
    Breaks.LIMIT_FOR_LONG: RateLimited("The daily limit is used up.", retry_after_s=3600, policy="DAILY"),
}


def failing(error: ConnectorError, *, of: set[str] | None = None, times: int | None = None) -> Callable[[str], None]:
    """A hook that answers the next requests (of these kinds) with the error, `times` times or always."""
    met: list[str] = []

    def fail(kind: str) -> None:
        if (of is None or kind in of) and (times is None or len(met) < times):
            met.append(kind)
            raise error

    return fail


def fake_crm(*, has_key_field: bool = False) -> FakeCrm:
    """An empty account with a connector on it."""
    clock = Clock()
    connector = FakeConnector(
        has_key_field=has_key_field,
        mapped=FIELDS,
        http=Http(HttpSettings(), sleep=clock.sleep, jitter=lambda: 0.5),
        now=clock,
        inactive_owners={"rep-2"},
    )
    return FakeCrm(connector=connector, clock=clock)
