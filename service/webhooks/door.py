"""From a webhook as it came to rows in the inbox. What the routes render is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.registry import connector_specs
from connectors.standard_webhooks import parse_announcement
from connectors.webhooks import Refusal, Webhook, WebhookEvent, WebhookRejected, WebhookSecrets
from service import clock
from service.bootstrap import App
from service.observe.metrics import metrics
from service.store.models import InboxState
from service.webhooks.committer import Committer, NotSaved, Row
from service.webhooks.directory import Directories, Directory, Entry
from service.webhooks.waking import Wake, Waker, nobody

ANYBODY = "deals"
"""What the generic endpoint is counted as."""
# What may be true of a connection that was made or changed since the directory was read.
_MAYBE_NEW = frozenset({Refusal.BAD_SIGNATURE, Refusal.BAD_TOKEN})


class NoSuchDoor(LookupError):  # noqa: N818 -- the words say it
    """No CRM sends its webhooks to this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A webhook as it came: header names in small letters, the body's bytes, and the address it was sent to."""

    headers: Mapping[str, str]
    body: bytes
    url: str


class Door:
    """Takes webhooks in: proves their sender, stores what they announce, and wakes whoever works on it."""

    def __init__(self, app: App, *, wake: Wake = nobody, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._app = app
        self._waker = Waker(wake)
        self._directories = Directories(app, monotonic=monotonic)
        self._committer = Committer(
            app.store, timeout_s=app.settings.webhook_commit_timeout_s, after=self._after_commit
        )

    def take_signed(self, crm: str, received: Received) -> Webhook:
        """A webhook that is signed by the CRM itself. Raises WebhookRejected, NotSaved, or NoSuchDoor."""
        parse = _parser(crm, proof="signature")
        app_secrets = self._app.settings.app_secrets(crm)
        allows_v1 = self._app.settings.hubspot_signature_v1

        def read(directory: Directory) -> Webhook:
            secrets = directory.signing_secrets(crm, app_secrets, allows_v1=allows_v1)
            return parse(received, secrets, self._app.now())

        return self._take(crm, read, lambda directory, event: directory.of_account(crm, event.key.account_id))

    def take_by_token(self, crm: str, name: str, received: Received) -> Webhook:
        """A webhook whose address holds the connection's token. Raises WebhookRejected, NotSaved or NoSuchDoor."""
        parse = _parser(crm, proof="token")

        def read(directory: Directory) -> Webhook:
            return parse(received, directory.tokens(crm, name), self._app.now())

        return self._take(crm, read, lambda directory, _: directory.by_name.get(name))

    def take_announcement(self, name: str, received: Received) -> Webhook:
        """A webhook of any sender who knows the connection's secret. Raises WebhookRejected or NotSaved."""

        def read(directory: Directory) -> Webhook:
            entry = directory.by_name.get(name)
            spec = connector_specs().get(entry.crm) if entry else None
            return parse_announcement(
                received.headers,
                received.body,
                entry.secrets if entry else (),
                self._app.now(),
                account_id=entry.account_id if entry else "",
                deal_id_of=spec.deal_id_of if spec else str,
            )

        return self._take(ANYBODY, read, lambda directory, _: directory.by_name.get(name))

    def _take(
        self,
        via: str,
        read: Callable[[Directory], Webhook],
        whose: Callable[[Directory, WebhookEvent], Entry | None],
    ) -> Webhook:
        try:
            directory = self._directories.current()
            webhook, directory = self._read(read, directory)
            rows, unknown = self._rows(webhook, directory, whose)
            newer = self._directories.newer(directory) if unknown else None
            if newer is not None:
                rows, unknown = self._rows(webhook, newer, whose)
            if rows:
                self._committer.save(rows)
        except WebhookRejected as error:
            metrics().webhooks.labels(via, error.reason).inc()
            raise
        except NotSaved:
            metrics().webhooks.labels(via, "not_saved").inc()
            raise
        _count(via, webhook, rows, unknown)
        return webhook

    def _read(self, read: Callable[[Directory], Webhook], directory: Directory) -> tuple[Webhook, Directory]:
        """The webhook as read; what may be refused by what is remembered only is read again."""
        try:
            return read(directory), directory
        except WebhookRejected as error:
            newer = self._directories.newer(directory) if error.reason in _MAYBE_NEW else None
            if newer is None:
                raise
            return read(newer), newer

    def _rows(
        self, webhook: Webhook, directory: Directory, whose: Callable[[Directory, WebhookEvent], Entry | None]
    ) -> tuple[list[Row], int]:
        """The rows to store, and how many events are of accounts that are not connected."""
        now, quiet = self._app.now(), timedelta(seconds=self._app.settings.inbox_flood_quiet_s)
        found = [(event, whose(directory, event)) for event in webhook.events]
        rows = {_meaning(row): row for row in (_row(event, entry, now, quiet) for event, entry in found if entry)}
        return list(rows.values()), sum(entry is None for _, entry in found)

    def _after_commit(self, rows: Sequence[Row], new: int) -> None:
        metrics().stored("new").inc(new)
        metrics().stored("known").inc(len(rows) - new)
        names = {one.id: one.name for one in self._directories.current().by_name.values()}
        self._waker.ask({names[row["connection_id"]] for row in rows if row["connection_id"] in names})


def _parser(crm: str, *, proof: str) -> Callable[[Received, WebhookSecrets, datetime], Webhook]:
    """How a CRM's webhooks are read. Raises NoSuchDoor where it sends none of this kind."""
    spec = connector_specs().get(crm)
    if spec is None or spec.parse_webhook is None or spec.webhook_proof != proof:
        raise NoSuchDoor(crm)
    parse = spec.parse_webhook
    return lambda received, secrets, now: parse(received.headers, received.body, secrets, now, url=received.url)


def _row(event: WebhookEvent, entry: Entry, now: datetime, quiet: timedelta) -> dict[str, Any]:
    """What is kept of an event. One of an import waits for the import to come to rest."""
    return {
        "connection_id": entry.id,
        "deal_id": event.key.deal_id,
        "kind": event.kind,
        "mark": event.mark,
        "state": InboxState.PENDING,
        "is_bulk": event.is_bulk,
        "is_deletion": event.is_deletion,
        "attempts": 0,
        "occurred_at": event.occurred_at,
        "received_at": now,
        "next_try_at": now + quiet if event.is_bulk else now,
    }


def _meaning(row: Row) -> tuple[Any, ...]:
    return row["connection_id"], row["deal_id"], row["kind"], row["mark"]


def _count(via: str, webhook: Webhook, rows: Sequence[Row], unknown: int) -> None:
    counted = metrics()
    counted.became(via, "accepted").inc()
    for outcome, count in {**webhook.left_out, "taken": len(rows), "unknown_account": unknown}.items():
        if count:
            counted.named(via, outcome).inc(count)
