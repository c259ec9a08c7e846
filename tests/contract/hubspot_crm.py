"""A HubSpot portal for the contract suite: the sandbox behind a real socket, and a person's hands on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from connectors.base import Connector, FieldMap, Kit, Role, Settings, TaskSnapshot
from connectors.http import Http, HttpSettings
from connectors.hubspot.spec import HUBSPOT
from connectors.hubspot.tasks import snapshot_of
from connectors.sandbox.book import Book, BookUser
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import ALL_SCOPES, DEMO_TOKEN, PortalSettings
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import Request, Response
from mappings.model import DealKey
from tests.contract.crm import Breaks, DealIs

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
_OTHERS_TOKEN = "pat-na1-others"
HTML = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
FIELDS: FieldMap = {
    Role.REASON: ("closed_lost_reason",),
    Role.CATEGORY_OUT: ("rejection_category",),
    Role.SUB_REASON_OUT: ("rejection_sub_reason",),
    Role.NEXT_FOLLOW_UP_OUT: ("next_follow_up",),
}
EMPTY_BOOK = Book(
    users=(
        BookUser(number=1, name="Ada Berg", email="ada@seller.example"),
        BookUser(number=2, name="Otto Gone", email="otto@seller.example", is_active=False),
    ),
    accounts=(),
    contacts=(),
    deals=(),
)


class NoTokens:
    """Static tokens are kept nowhere but in the credentials."""

    def load(self) -> Mapping[str, str] | None:
        return None

    def save(self, token: Mapping[str, str], /) -> None:
        raise AssertionError("a static token is never saved")

    def lease(self) -> AbstractContextManager[None]:
        return nullcontext()


class Clock:
    """The one clock of the portal and the connector: waiting moves it."""

    def __init__(self) -> None:
        self.time = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


class Habits:
    """A portal whose pages may be smaller than asked for, and which may forget the associations of new tasks."""

    def __init__(self, portal: HubSpotPortal) -> None:
        self.portal = portal
        self.most: int | None = None
        self.forgets_associations = False

    def __call__(self, request: Request, now: datetime) -> Response:
        if self.forgets_associations and request.path.endswith("tasks/batch/create"):
            inputs = [{**row, "associations": []} for row in orjson.loads(request.body)["inputs"]]
            request = replace(request, body=orjson.dumps({"inputs": inputs}))
        return self.portal(self._shrunk(request) if self.most else request, now)

    def _shrunk(self, request: Request) -> Request:
        if request.path.endswith("/search"):
            body = orjson.loads(request.body)
            return replace(request, body=orjson.dumps({**body, "limit": min(self.most or 1, body.get("limit", 10))}))
        args = dict(parse_qsl(request.query, keep_blank_values=True))
        if "limit" not in args:
            return request
        return replace(request, query=urlencode({**args, "limit": min(self.most or 1, int(args["limit"]))}))


class HubSpotCrm:
    """See `tests.contract.crm.Crm`."""

    def __init__(self, server: RunningServer[Habits], clock: Clock, *, options: Mapping[str, str]) -> None:
        self.server = server
        self.clock = clock
        self.portal = server.app.portal
        self.account_id = str(self.portal.settings.portal_id)
        owners = {owner.email: str(owner.id) for owner in self.portal.state.owners.values()}
        self.owner_id, self.inactive_owner_id = owners["ada@seller.example"], owners["otto@seller.example"]
        self.fields = FIELDS
        self.options = options
        self.http = Http(HttpSettings(), sleep=clock.sleep, jitter=lambda: 0.5)
        self.connector = self.opened()

    def opened(
        self,
        *,
        fields: FieldMap | None = None,
        options: Mapping[str, str] | None = None,
        token: str = DEMO_TOKEN,
        clock: Callable[[], datetime] | None = None,
    ) -> Connector:
        settings = Settings(
            name="acme",
            url=self.server.url,
            account_id=self.account_id,
            zone="Europe/Berlin",
            fields=self.fields if fields is None else fields,
            options={**self.options, **(options or {})},
        )
        return HUBSPOT.open(
            settings, {"token": token}, Kit(http=self.http, now=clock or self.clock.now, tokens=NoTokens())
        )

    # --- a person's hands -----------------------------------------------------------------------------------

    def add_account(self, name: str) -> str:
        return str(self.post("/crm/v3/objects/companies", {"properties": {"name": name}})["id"])

    def add_deal(
        self,
        state: DealIs = DealIs.LOST,
        *,
        reason: str | None = None,
        closed_on: date | None = None,
        account_id: str | None = None,
        stage_label: str | None = None,
        **properties: str,
    ) -> DealKey:
        if stage_label:
            self._rename_lost_stage(stage_label)
        closed = datetime.combine(closed_on or date(2026, 10, 2), datetime.min.time(), tzinfo=self.portal.state.zone)
        values = {
            "dealname": "A deal",
            "pipeline": "default",
            "dealstage": _STAGES[state],
            "closedate": closed.isoformat(),
            "hubspot_owner_id": self.owner_id,
            **({"closed_lost_reason": reason} if reason else {}),
            **properties,
        }
        linked = {
            "to": {"id": account_id},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}],
        }
        row = self.post("/crm/v3/objects/deals", {"properties": values, "associations": [linked] if account_id else []})
        return DealKey(self.account_id, row["id"])

    def add_contact(self, key: DealKey) -> str:
        email = {"email": f"kim-{key.deal_id}@contoso.example"}
        contact = str(self.post("/crm/v3/objects/contacts", {"properties": email})["id"])
        ends = [{"from": {"id": key.deal_id}, "to": {"id": contact}}]
        self.post("/crm/v4/associations/deals/contacts/batch/associate/default", {"inputs": ends})
        return contact

    def opt_out(self, contact_id: str) -> None:
        record = self.portal.state.table("contacts").records[
            int(contact_id)
        ]  # not a person's to set: by a letter's link
        record.properties["hs_email_optout"], record.rendered_form = "true", None

    def move_deal(self, key: DealKey, state: DealIs) -> None:
        self.portal.edit("deals", key.deal_id, at=self.clock.time, dealstage=_STAGES[state])

    def delete_deal(self, key: DealKey) -> None:
        self.portal.delete("deals", key.deal_id, at=self.clock.time)

    def tasks_of(self, key: DealKey) -> tuple[TaskSnapshot, ...]:
        return tuple(
            snapshot_of(task["properties"], self.portal.state.zone)
            for task in self.portal.tasks()
            if key.deal_id in task["associations"].get("deals", ())
        )

    def complete_task(self, task_id: str) -> None:
        self.portal.edit("tasks", task_id, at=self.clock.time, hs_task_status="COMPLETED")

    def delete_task(self, task_id: str) -> None:
        self.portal.delete("tasks", task_id, at=self.clock.time)

    def shrink_pages(self, size: int) -> None:
        self.server.app.most = size

    def breaks(self, how: Breaks) -> None:
        if how is Breaks.LOGIN_IS_REFUSED:
            self.portal.access.revoke(DEMO_TOKEN)
        else:
            self.server.faults.add(_FAULTS[how])

    def pass_time(self, *, minutes: int) -> None:
        self.clock.time += timedelta(minutes=minutes)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A write by somebody else's program, which keeps to the limits too."""
        self.clock.time += timedelta(milliseconds=400)
        request = Request(
            method="POST",
            path=path,
            headers={"authorization": f"Bearer {_OTHERS_TOKEN}", "content-type": "application/json"},
            body=orjson.dumps(body),
        )
        answer = self.portal(request, self.clock.time)
        assert answer.status < 300, answer.body
        told: dict[str, Any] = orjson.loads(answer.body)
        return told

    def _rename_lost_stage(self, label: str) -> None:
        state = self.portal.state
        state.pipelines = tuple(
            replace(
                pipeline,
                stages=tuple(replace(s, label=label) if s.id == "closedlost" else s for s in pipeline.stages),
            )
            for pipeline in state.pipelines
        )


_STAGES = {DealIs.LOST: "closedlost", DealIs.OPEN: "appointmentscheduled", DealIs.WON: "closedwon"}
_FAULTS = {
    Breaks.HTML_ON_READ: Fault(path="/crm/", status=503, body=HTML),
    Breaks.HTML_ON_EVERY_READ: Fault(path="/crm/", status=503, body=HTML, times=None),
    Breaks.CUT_AFTER_WRITE: Fault(path="tasks/batch/create", close="after"),
    Breaks.LIMIT_FOR_LONG: Fault(
        status=429,
        times=None,
        body={"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"},
    ),
}


@contextmanager
def hubspot_crm(
    settings: PortalSettings | None = None, *, book: Book = EMPTY_BOOK, options: Mapping[str, str] | None = None
) -> Iterator[HubSpotCrm]:
    """A running portal that starts with `book`, and a connector opened on it."""
    clock = Clock()
    settings = settings or PortalSettings()
    settings = replace(settings, tokens={**settings.tokens, _OTHERS_TOKEN: ALL_SCOPES})
    app = Habits(HubSpotPortal(book, settings))
    with serve(app, now=clock.now, sleep=clock.sleep) as server:
        yield HubSpotCrm(server, clock, options=options or {})


def bulk_edited(crm: HubSpotCrm, count: int) -> set[str]:
    """So many lost deals with one modification stamp."""
    row = {"properties": {"dealname": "x", "pipeline": "default", "dealstage": "closedlost"}, "associations": []}
    ids: list[str] = []
    for start in range(0, count, 100):
        inputs = [row] * min(100, count - start)
        told = crm.post("/crm/v3/objects/deals/batch/create", {"inputs": inputs})
        ids += [each["id"] for each in told["results"]]
    crm.portal.edit_many("deals", ids, at=crm.clock.time, dealname="renamed at once")
    return set(ids)
