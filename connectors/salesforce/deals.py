"""Reading deals: all lost ones, the changed ones, and given ones."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import Checkpoint, DealState, GoneDeal, GoneHow, Page, UnreadableRecord, Watermark
from connectors.errors import Gone, ServerError, Unsupported
from connectors.salesforce.answers import LocatorExpired, UnknownField
from connectors.salesforce.bulk import fetch_results, start_job, wait_for_job
from connectors.salesforce.children import ChildReader
from connectors.salesforce.client import Call
from connectors.salesforce.cursor import Cursor, Mode, from_checkpoint, to_checkpoint
from connectors.salesforce.ids import long_id
from connectors.salesforce.layout import Layout
from connectors.salesforce.org import NOT_HERE, Org, page_of
from connectors.salesforce.queries import IN_ORDER, LOST, after, both, in_lists, is_in, query_path, select
from connectors.salesforce.records import DealFields, to_deal_state
from connectors.salesforce.schema import ACCOUNT, OPPORTUNITY
from connectors.salesforce.values import Record, as_text
from mappings.model import DealKey

log = logging.getLogger(__name__)
OVERLAP = timedelta(minutes=30)
RECENTLY = timedelta(days=31)
"""A deal asked for by its id is looked up in the history of stages where it moved since then."""
BULK_THRESHOLD = 20_000
BULK_PAGE = 2_000
BULK_WAIT_S = 1_800.0


class DealReader:
    """Reads one org's opportunities."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._client = org.client
        self._kit = org.kit
        self._children = ChildReader(org)

    # --- long reads ------------------------------------------------------------------------------------------

    def changed(self, since: Watermark | Checkpoint | None) -> Iterator[Page]:
        """See Connector.changed_deals."""
        if isinstance(since, Checkpoint):
            cursor = from_checkpoint(since)
        elif since is None:
            cursor = self._first_read()
        else:
            cursor = Cursor(mode=Mode.CHANGES, since=since.stamp, high=since.stamp, high_id=since.id)
        if cursor.mode is Mode.BULK:
            yield from self._bulk_pages(cursor)
        else:
            yield from self._rest_pages(cursor)

    def _first_read(self) -> Cursor:
        threshold = _number(self._org.settings.options.get("bulk_threshold"), BULK_THRESHOLD)
        count = self._count_lost() if threshold else 0
        return Cursor(mode=Mode.BULK if count > threshold > 0 else Mode.LOST)

    def _count_lost(self) -> int:
        soql = select(("COUNT()",), OPPORTUNITY, LOST)
        try:
            content = self._client.json(Call(path=query_path(soql), kind="read", doing="counting lost deals"))
        except NOT_HERE as error:
            log.warning("%s", error)
            return 0  # pages of any number can be read by REST
        total = content.get("totalSize") if isinstance(content, dict) else None
        return int(total) if isinstance(total, int) else 0

    def _rest_pages(self, cursor: Cursor, warnings: tuple[str, ...] = ()) -> Iterator[Page]:
        """Follows the server's own pages; where it has lost the place, or a field, asks again from the last deal."""
        reading = _Reading(self._org, warnings)
        ids: set[str] = set()
        begun: Cursor | None = None
        while True:
            try:
                for records, is_last in self._server_pages(cursor, reading.layout):
                    cursor = replace(cursor, start=cursor.start or self._client.latest_time())
                    cursor = cursor.past(records)
                    moved_since = cursor.since - OVERLAP if cursor.since and cursor.mode is Mode.CHANGES else None
                    page = self._page(records, reading, to_checkpoint(cursor), moved_since)
                    del records
                    if cursor.mode is Mode.CHANGES:
                        ids.update(deal.key.deal_id for deal in page.deals)
                    yield self._ended(page, cursor, ids) if is_last else page
            except LocatorExpired:
                if begun == cursor:
                    raise  # nothing was read since the last time: asking again would go on for ever
                begun = cursor
                log.info("%s: the server no longer keeps this read; going on from the last deal", self._client.where)
                continue
            except UnknownField as error:
                reading.adapt(error)
                continue
            return

    def _server_pages(self, cursor: Cursor, layout: Layout) -> Iterator[tuple[tuple[Record, ...], bool]]:
        is_changes = cursor.mode is Mode.CHANGES
        path: str | None = query_path(
            select(layout.select, OPPORTUNITY, _condition(cursor), IN_ORDER), deleted_too=is_changes
        )
        is_first = True
        while path:
            call = Call(path=path, kind="read", doing="reading deals", headers=self._org.page_header())
            try:
                records, path = page_of(self._client.json(call))
            except (Unsupported, Gone) as error:
                if is_first:
                    raise
                raise LocatorExpired(error.what) from error  # some servers say that a place is unknown, not expired
            is_first = False
            yield records, path is None
            del records  # as large as a page of deals, while the next ones are fetched

    def _page(
        self,
        records: Sequence[Record],
        reading: _Reading,
        checkpoint: Checkpoint | None,
        moved_since: datetime | None = None,
    ) -> Page:
        completed = self._children.added_to(records, reading.warnings, moved_since=moved_since)
        deals, unreadable = decode(completed, reading.fields)
        return Page(deals=deals, unreadable=unreadable, checkpoint=checkpoint, warnings=reading.take_warnings())

    def _ended(self, page: Page, cursor: Cursor, ids: set[str]) -> Page:
        """The last page: with the watermark, and with what the deleted log adds to a read of changes."""
        gone: tuple[GoneDeal, ...] = ()
        warnings = page.warnings
        if cursor.mode is Mode.CHANGES and cursor.since:
            gone, said = self._deleted_since(cursor.since - OVERLAP, ids)
            warnings += said
        watermark = cursor.watermark() or Watermark(stamp=self._client.server_time() - OVERLAP)
        return replace(page, deals=page.deals + gone, checkpoint=None, watermark=watermark, warnings=warnings)

    def _deleted_since(self, since: datetime, ids: set[str]) -> tuple[tuple[GoneDeal, ...], tuple[str, ...]]:
        """Deals of the org's log of deletions, purged ones too, that the read itself did not show."""
        if not self._org.describe(OPPORTUNITY).replicateable:
            return (), ()
        try:
            found = self._org.deleted_log(OPPORTUNITY, since)
        except NOT_HERE as error:
            log.warning("%s", error)
            return (), (f"Deals removed for good may be seen later: {error.what}",)
        account = self._org.info().id
        fresh = dict.fromkeys(long_id(one) for one in found if long_id(one) not in ids)
        return tuple(GoneDeal(key=DealKey(account, one), how=GoneHow.DELETED) for one in fresh), ()

    # --- by Bulk ---------------------------------------------------------------------------------------------

    def _bulk_pages(self, cursor: Cursor, *, is_again: bool = False) -> Iterator[Page]:
        """The results of a Bulk job, from the cursor's place; by REST where Bulk cannot be used.

        Results and locators are kept for some days only: where they are gone, one more job is made.
        """
        reading = _Reading(self._org, ())
        is_resumed = bool(cursor.job)
        try:
            if not is_resumed:
                cursor = self._bulk_job(reading)
                yield Page(deals=(), checkpoint=to_checkpoint(cursor))  # a job that is under way is not begun again
            if not cursor.locator:
                wait_for_job(self._client, self._kit, cursor.job, at_most_s=BULK_WAIT_S)
            cursor, records = self._bulk_results(cursor)
            while cursor.locator:
                yield self._page(records, reading, to_checkpoint(cursor))
                is_resumed = True
                cursor, records = self._bulk_results(cursor)
        except (*NOT_HERE, Gone, ServerError) as error:
            if is_resumed and isinstance(error, ServerError):
                raise  # the job's results are still there for the next sync
            if is_resumed and not is_again:
                log.info("%s: the bulk query's results are no longer kept; it is asked anew", self._client.where)
                yield from self._bulk_pages(Cursor(mode=Mode.BULK), is_again=True)
                return
            warning = f"Bulk API 2.0 cannot be used, deals are read page by page: {error.what}"
            yield from self._rest_pages(Cursor(mode=Mode.LOST), (warning,))
            return
        yield self._ended(self._page(records, reading, None), cursor, set())

    def _bulk_job(self, reading: _Reading) -> Cursor:
        while True:
            try:
                job = start_job(self._client, select(reading.layout.select, OPPORTUNITY, LOST))
                break
            except UnknownField as error:
                reading.adapt(error)
        return Cursor(mode=Mode.BULK, job=job, version=self._client.version, start=self._client.latest_time())

    def _bulk_results(self, cursor: Cursor) -> tuple[Cursor, tuple[Record, ...]]:
        size = _number(self._org.settings.options.get("bulk_page_size"), BULK_PAGE)
        records, columns, locator = fetch_results(
            self._client,
            cursor.job,
            version=cursor.version,
            locator=cursor.locator,
            page_size=size,
            header=cursor.header,
        )
        found = tuple(records)
        return replace(cursor.seen(found), locator=locator, header=columns), found

    # --- given deals -----------------------------------------------------------------------------------------

    def get(self, keys: Sequence[DealKey]) -> Iterator[DealState]:
        """See Connector.get_deals."""
        reading = _Reading(self._org, ())
        account = reading.fields.account_id
        for ids in in_lists([long_id(key.deal_id) for key in keys]):
            missing = dict.fromkeys(ids)
            records = self._by_id(ids, reading)
            moved_since = self._kit.now() - RECENTLY
            completed = self._children.added_to(records, reading.warnings, moved_since=moved_since)
            deals, unreadable = decode(completed, reading.fields)
            for deal in deals:
                missing.pop(deal.key.deal_id, None)
                yield deal
            for one in unreadable:
                missing.pop(one.record_id, None)
                log.warning("%s: deal %s cannot be read: %s", self._client.where, one.record_id, one.says)
            yield from (GoneDeal(key=DealKey(account, one), how=GoneHow.NOT_FOUND) for one in missing)

    def _by_id(self, ids: Sequence[str], reading: _Reading) -> list[Record]:
        while True:
            soql = select(reading.layout.select, OPPORTUNITY, is_in("Id", ids))
            try:
                return list(self._org.records(soql, kind="read", doing="reading deals", deleted_too=True))
            except UnknownField as error:
                reading.adapt(error)


class _Reading:
    """The fields in use during one read; they shrink when the org takes one away."""

    def __init__(self, org: Org, warnings: tuple[str, ...]) -> None:
        self._org = org
        self.layout = org.layout()
        self.fields: DealFields = org.deal_fields(self.layout)
        self.warnings = [*self.layout.warnings, *warnings]

    def adapt(self, error: UnknownField) -> None:
        """Describe again and leave out what is gone. Raises the error where nothing is left to leave out."""
        before = self.layout.select
        self._org.forget((OPPORTUNITY, ACCOUNT))
        self.layout = self._org.layout()
        if self.layout.select == before and not self._drop_named(error):
            raise error
        self.layout = self._org.layout()
        self.fields = self._org.deal_fields(self.layout)
        gone = [name for name in before if name not in self.layout.select]
        self.warnings += [f"The field {name} can no longer be read; it is left out." for name in gone]

    def _drop_named(self, error: UnknownField) -> bool:
        names = [name.removeprefix("Account.") for name in error.fields]
        dropped = [self._org.drop_field(one, name) for name in names for one in (OPPORTUNITY, ACCOUNT)]
        return any(dropped)

    def take_warnings(self) -> tuple[str, ...]:
        """The warnings not told yet."""
        taken, self.warnings[:] = tuple(self.warnings), []
        return taken


def decode(records: Sequence[Record], fields: DealFields) -> tuple[tuple[DealState, ...], tuple[UnreadableRecord, ...]]:
    """The records as deals; one that cannot be understood does not hold up the others."""
    deals: list[DealState] = []
    unreadable: list[UnreadableRecord] = []
    for record in records:
        try:
            deals.append(to_deal_state(record, fields))
        except (ValueError, TypeError, AttributeError) as error:
            record_id = as_text(record.get("Id")) if isinstance(record, dict) else None
            unreadable.append(UnreadableRecord(record_id=long_id(record_id or ""), says=str(error)))
    return tuple(deals), tuple(unreadable)


def _condition(cursor: Cursor) -> str:
    scope = LOST if cursor.mode is Mode.LOST else ""
    if cursor.at:
        return both(scope, after(cursor.at, cursor.at_id))
    return both(scope, after(cursor.since - OVERLAP, "") if cursor.since else "")


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default
