"""The composition root: the only place that chooses concrete parts."""

from __future__ import annotations

import errno
import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session

from connectors.base import Connector, Credentials, Kit, Role
from connectors.base import Settings as ConnectorSettings
from connectors.budget import Budget
from connectors.guard import GuardedConnector
from connectors.http import CallCount, Http
from connectors.registry import connector_spec
from mappings.documents.mapping_set import MappingSet, parse_mapping_set, shipped_mapping_set, shipped_mapping_text
from mappings.documents.policy import Policy, parse_policy, shipped_policy, shipped_policy_text
from service import clock
from service.config import Settings
from service.errors import RekindleError, UsageFault
from service.losses.rules import Rules
from service.processes.life import is_dead, this_process
from service.security.addresses import is_public
from service.security.breached import check_list
from service.security.keyring import Keyring, load_keyring
from service.store.budgets import StoredWindows
from service.store.documents import current_document, lock_documents, publish_document
from service.store.migrate import ensure_schema
from service.store.models import ConnectionRow, MappingSetRow, PolicyRow
from service.store.sealed import stored_ciphertexts
from service.store.session import Store, open_store
from service.store.tokens import StoredTokens, UnkeptTokens

SHIPPED_BY = "rekindle"
TRIES_WHILE_WAITED_FOR = 2
CONNECT_WHILE_WAITED_FOR_S, READ_WHILE_WAITED_FOR_S = 4.0, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The parts, put together. `now` gives aware UTC; `sleep` takes seconds."""

    settings: Settings
    store: Store
    keyring: Keyring
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    jitter: Callable[[], float]

    def today(self, connection: ConnectionRow) -> date:
        """The date in the connection's zone."""
        return clock.today_in(connection.zone, self.now())

    def rules(self, tx: Session) -> Rules:
        """The published mapping set and policy."""
        mapping_text, policy_text = self.documents(tx)
        return Rules(mapping_set=_parsed_mappings(mapping_text), policy=_parsed_policy(policy_text))

    def documents(self, tx: Session) -> tuple[str, str]:
        """The texts of both; the shipped ones are published first where there are none."""
        mappings = current_document(tx, MappingSetRow)
        policy = current_document(tx, PolicyRow)
        if mappings is None or policy is None:
            lock_documents(tx)  # of two processes that find none, the second finds what the first published
            mappings = current_document(tx, MappingSetRow) or self._ship_mappings(tx)
            policy = current_document(tx, PolicyRow) or self._ship_policy(tx)
        return mappings.text, policy.text

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A unit of work that only reads, in which both documents are published. Whoever writes need not wait for it.

        Of a new installation the first one publishes those that ship.
        """
        with self.store.read() as tx:
            is_published = all(current_document(tx, one) is not None for one in (MappingSetRow, PolicyRow))
        if not is_published:
            with self.store.begin() as tx:
                self.documents(tx)
        with self.store.read() as tx:
            yield tx

    def connector(self, connection: ConnectionRow) -> tuple[Connector, CallCount]:
        """A connector to a saved connection, and the count of the calls it makes."""
        return self._connector(connection, self.http(only_public=connection.only_public))

    def connector_for_page(self, connection: ConnectionRow) -> Connector:
        """The same for somebody who sits there and waits: it gives up soon."""
        return self._connector(connection, self._impatient(self.http(only_public=connection.only_public)))[0]

    def _connector(self, connection: ConnectionRow, http: Http) -> tuple[Connector, CallCount]:
        if connection.credentials is None:
            raise UsageFault(
                f"{connection.name} has no credentials.",
                remedy=f"Run `rekindle connect {connection.crm} {connection.name}`.",
            )
        tokens = StoredTokens(
            self.store, self.keyring, connection.id, now=self.now, sleep=self.sleep, lease_s=self._token_lease_s
        )
        holder = f"{this_process()}|{secrets.token_hex(8)}"
        budget = Budget(StoredWindows(self.store, connection.id), holder=holder, is_gone=_is_gone)
        _BUDGETS[holder] = budget
        kit = Kit(http=http, now=self.now, tokens=tokens, budget=budget)
        settings = ConnectorSettings(
            name=connection.name,
            url=connection.url,
            account_id=connection.account_id,
            zone=connection.zone,
            fields={Role(role): tuple(names) for role, names in connection.fields.items()},
            options=_options(connection),
        )
        credentials = self.keyring.decrypt(connection.credentials)
        opened = connector_spec(connection.crm).open(settings, credentials, kit)
        return GuardedConnector(opened, name=connection.name), http.calls

    def try_connector(
        self,
        crm: str,
        settings: ConnectorSettings,
        credentials: Credentials,
        tokens: UnkeptTokens,
        *,
        only_public: bool = False,
    ) -> Connector:
        """A connector to an account that is not saved yet. It gives up soon: somebody sits there and waits.

        What `tokens` holds in the end is to be saved with the account: a refresh token may be good for one use only.
        """
        http = self._impatient(self.http(only_public=only_public))
        kit = Kit(http=http, now=self.now, tokens=tokens)
        return GuardedConnector(connector_spec(crm).open(settings, credentials, kit), name=settings.name)

    @staticmethod
    def _impatient(http: Http) -> Http:
        """The door out for a page: nobody waits a minute for one."""
        there = http.settings
        http.settings = replace(
            there,
            max_tries=min(there.max_tries, TRIES_WHILE_WAITED_FOR),
            connect_timeout_s=min(there.connect_timeout_s, CONNECT_WHILE_WAITED_FOR_S),
            read_timeout_s=min(there.read_timeout_s, READ_WHILE_WAITED_FOR_S),
            max_wait_s=min(there.max_wait_s, READ_WHILE_WAITED_FOR_S),
        )
        return http

    @property
    def _token_lease_s(self) -> float:
        """Longer than a request for a token can last: two at once would end each other's sessions."""
        return self.settings.http.total_timeout_s + self.settings.lease_s

    def http(self, *, only_public: bool) -> Http:
        """The door out. `only_public`: where a user of the app entered the address, it leads nowhere inside."""
        guard = is_public if only_public and not self.settings.allow_private_addresses else None
        return Http(self.settings.http, sleep=self.sleep, jitter=self.jitter, may_reach=guard)

    def _ship_mappings(self, tx: Session) -> MappingSetRow:
        document = shipped_mapping_set()
        text, version = shipped_mapping_text(), document.version
        return publish_document(
            tx, MappingSetRow, version=version, text=text, author=SHIPPED_BY, comment="As shipped.", now=self.now()
        )

    def _ship_policy(self, tx: Session) -> PolicyRow:
        document = shipped_policy()
        text, version = shipped_policy_text(), document.version
        return publish_document(
            tx, PolicyRow, version=version, text=text, author=SHIPPED_BY, comment="As shipped.", now=self.now()
        )


def open_app(
    settings: Settings,
    *,
    now: Callable[[], datetime] = clock.now,
    sleep: Callable[[float], None] = clock.sleep,
    jitter: Callable[[], float] = random.random,
) -> App:
    """The product, ready to run. Raises RekindleError naming what is in the way."""
    make_home(settings)
    if settings.breached_passwords:
        check_list(settings.breached_passwords)
    store = open_store(settings.database)
    ensure_schema(store, is_ours=settings.is_embedded_database)
    with store.read() as tx:
        ciphertexts = list(stored_ciphertexts(tx.connection()))
    keyring = load_keyring(settings, ciphertexts=ciphertexts)
    return App(settings=settings, store=store, keyring=keyring, now=now, sleep=sleep, jitter=jitter)


_BUDGETS: WeakValueDictionary[str, Budget] = WeakValueDictionary()
"""Those of this process that are still in use. A connector is opened for each job and let go after it."""


def _is_gone(holder: str) -> bool:
    """Whether nobody makes calls under that name any more, as far as this process can tell."""
    is_ours = holder.rpartition("|")[0] == str(this_process())
    return holder not in _BUDGETS if is_ours else is_dead(holder)


def _options(connection: ConnectionRow) -> dict[str, str]:
    """The connector's own options; the history of stages is read only where a scope rule asks for it."""
    wants_history = {"reached_stages": "on"} if connection.scope_in_force.get("reached_stage") else {}
    return {**connection.options, **wants_history}


def make_home(settings: Settings) -> None:
    """The data folder, made where it is not there. Raises RekindleError where it cannot be, or cannot be written."""
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise RekindleError(
            f"The data folder {home} cannot be made: a file stands in its place.",
            remedy="Name another folder in REKINDLE_HOME.",
        ) from error
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise RekindleError(
            f"The data folder {home} cannot be made: {error.strerror}.",
            remedy="Free some room." if full else "Name another one in REKINDLE_HOME.",
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise RekindleError(
            f"The data folder {home} may not be written by this user.",
            remedy="Give the user the right, or name another folder in REKINDLE_HOME.",
        )


@lru_cache(maxsize=8)
def _parsed_mappings(text: str) -> MappingSet:
    return parse_mapping_set(text)


@lru_cache(maxsize=8)
def _parsed_policy(text: str) -> Policy:
    return parse_policy(text)
