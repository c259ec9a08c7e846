"""Who asks by a card: the CRM proves the account and the person; what the person may do is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectors.base import ParseCardCall
from connectors.cards import CardCaller
from connectors.registry import connector_specs
from connectors.webhooks import Refusal, WebhookRejected
from service import clock
from service.bootstrap import App
from service.errors import NothingSuch, UsageFault
from service.people.roles import Person
from service.people.sessions import person_vouched_for
from service.webhooks.directory import Directories, Directory


class Stranger(UsageFault):
    """Somebody whom the CRM knows and we do not, or who may not do what they ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCall:
    """A call as it came: header names in small letters, the body's bytes, and the address it was sent to."""

    method: str
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and the connection to the account that their card stands in."""

    connection_id: int
    email: str

    def person(self, tx: Session) -> Person:
        """What they are here. Raises Stranger."""
        found = person_vouched_for(tx, self.email)
        if found is None:
            raise Stranger(
                f"Rekindle knows nobody by the address {self.email}.",
                remedy="Ask an admin to add you at People, with that address.",
            )
        return found


class Callers:
    """Tells who asks. Remembers the connections and their secrets for a moment, as the webhooks do."""

    def __init__(self, app: App, *, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._app = app
        self._directories = Directories(app, monotonic=monotonic)

    def ask(self, crm: str, call: CardCall) -> Asker:
        """Who asks. Raises WebhookRejected where that is not proved, NothingSuch where the account is not connected."""
        spec = connector_specs().get(crm)
        if spec is None or spec.parse_card_call is None:
            raise NothingSuch(f"{crm} has no card of ours.")
        directory = self._directories.current()
        try:
            caller = self._caller(spec.parse_card_call, crm, call, directory)
        except WebhookRejected as error:
            # A connection may have been made, or given another secret, a moment ago.
            newer = self._directories.newer(directory) if error.reason is Refusal.BAD_SIGNATURE else None
            if newer is None:
                raise
            directory, caller = newer, self._caller(spec.parse_card_call, crm, call, newer)
        entry = directory.of_account(crm, caller.account_id)
        if entry is None:
            fresh = self._directories.newer(directory)
            entry = fresh.of_account(crm, caller.account_id) if fresh else None
        if entry is None:
            raise NothingSuch(
                f"This {spec.account_label} is not connected to Rekindle.", remedy=f"Connect {caller.account_id} first."
            )
        return Asker(connection_id=entry.id, email=caller.email)

    def _caller(self, parse: ParseCardCall, crm: str, call: CardCall, directory: Directory) -> CardCaller:
        secrets = directory.signing_secrets(crm, self._app.settings.app_secrets(crm), allows_v1=False)
        return parse(call.headers, call.body, secrets, self._app.now(), method=call.method, url=call.url)
