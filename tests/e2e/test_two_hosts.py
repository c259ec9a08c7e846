"""Two machines over one PostgreSQL and one Valkey, first one cut off, then the other: nothing lost, nothing doubled."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.webhooks import send
from connectors.standard_webhooks import signature
from service import clock
from service.config import Settings
from service.processes import valkey
from service.store.migrate import migrate
from service.store.models import InboxRow, OutboxRow, ReminderRow
from service.store.session import open_store
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import Portal, a_portal
from tests.e2e.test_up import lost_deal, readiness
from tests.e2e.two_hosts import Host, Relay, started, through_socket
from tests.integration.conftest import postgres_url
from tests.integration.queue_world import running_valkey
from tests.patience import PATIENCE_S, eventually

__all__ = ["postgres_url"]

DEALS = 30
CUT_S = 4.0  # two leases
# An unclear write is looked for after a lease and the two time-outs: a worker that stands still for longer than that
# between its last look at its lease and its request could not know that it is late.
IN_SECONDS = {
    "REKINDLE_LEASE_S": "2",
    "REKINDLE_SWEEP_S": "0.3",
    "REKINDLE_SYNC_EVERY_S": "0",
    "REKINDLE_READ_BACK_EVERY_S": "1",
    "REKINDLE_HTTP_READ_TIMEOUT_S": "10",
    "REKINDLE_HTTP_CONNECT_TIMEOUT_S": "4",
    "REKINDLE_INBOX_BACKOFF_S": "0.2",
    "REKINDLE_WEBHOOK_COMMIT_TIMEOUT_S": "1",
    "REKINDLE_WEB_WORKERS": "1",
}

pytestmark = pytest.mark.slow


@pytest.fixture
def database(postgres_url: str) -> str:
    """A database of its own with every table."""
    return new_database(postgres_url)


def new_database(postgres_url: str) -> str:
    """The same, at that server."""
    server = open_store(postgres_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS two_hosts WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE two_hosts"))
    server.dispose()
    address, _, options = postgres_url.partition("?")
    url = f"{address.rpartition('/')[0]}/two_hosts?{options}"
    store = open_store(url)
    migrate(store)
    store.dispose()
    return url


@pytest.fixture
def hosts(tmp_path: Path, database: str) -> Iterator[tuple[Host, Host]]:
    """Two machines that have nothing in common but the servers and the keys."""
    folder = parse_qs(urlsplit(database).query)["host"][0]
    keys = {"REKINDLE_SECRET_KEY": "s" * 40, "REKINDLE_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    with running_valkey(Settings(home=tmp_path / "valkey")):
        redis = valkey.socket_path(Settings(home=tmp_path / "valkey"))

        def host(name: str) -> Host:
            to_database = Relay(through_socket(Path(folder) / ".s.PGSQL.5432"))
            to_redis = Relay(through_socket(redis))
            url = f"postgresql://postgres@127.0.0.1:{to_database.port}/two_hosts?sslmode=disable&connect_timeout=2"
            env = {"REKINDLE_DATABASE_URL": url, "REKINDLE_REDIS_URL": f"redis://127.0.0.1:{to_redis.port}/0"}
            return Host(CommandLine(tmp_path / name, {**IN_SECONDS, **keys, **env}), to_database, to_redis)

        yield host("one"), host("two")


@pytest.fixture
def portal() -> Iterator[Portal]:
    with a_portal() as found:
        yield found


def announce(hosts: tuple[Host, Host], number: int, deal: str, secret: str, answers: Counter[int]) -> None:
    """As a sender does who knows both machines: to one, then the other, until one of them acknowledges it."""
    until = clock.monotonic() + PATIENCE_S
    for count in itertools.count():
        assert clock.monotonic() < until, f"never acknowledged: {answers}"
        body, stamp = json.dumps({"ids": [deal]}).encode(), str(int(clock.now().timestamp()))
        id_ = f"m-{deal}"
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(secret, message_id=id_, timestamp=stamp, body=body),
        }
        host = hosts[(number + count) % 2]
        status = send(f"http://{host.address}:{host.port}/webhooks/deals/acme", headers, body, timeout_s=10).status
        answers[status] += 1
        if status == 200:
            return
        clock.sleep(0.05)


def tasks_by_deal(portal: Portal) -> Counter[str]:
    return Counter(str(deal) for task in portal.portal.tasks() for deal in task["associations"].get("deals", ()))


def test_each_machine_is_cut_off_once_and_every_deal_has_its_task_once(
    hosts: tuple[Host, Host], portal: Portal, database: str
) -> None:
    tell_both_and_cut_each(hosts, portal, database, crm=portal.url, cut_s=CUT_S)


def tell_both_and_cut_each(
    hosts: tuple[Host, Host], portal: Portal, database: str, *, crm: str, cut_s: float
) -> Counter[int]:
    """The story: `crm` is where they reach the portal. How often which answer was given to who announced a deal."""
    one, two = hosts
    options = ["--token-stdin", "--api-url", crm, "--live"]
    one.rekindle.ok("connect", "hubspot", "acme", *options, stdin=DEMO_TOKEN + "\n")
    two.rekindle.ok("sync", "acme")
    before = tasks_by_deal(portal)
    secret = one.rekindle.json("connections", "webhook", "acme")["secret"]
    deals = [
        lost_deal(portal, number, portal.portal.add("companies", {"name": f"Company {number}"}, at=clock.now()))
        for number in range(2 * DEALS)
    ]
    answers: Counter[int] = Counter()

    def tell(numbers: range) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: announce(hosts, number, deals[number], secret, answers), numbers))

    with started(one, two):
        for host in hosts:
            eventually(lambda host=host: readiness(host.port, host=host.address)["ok"], "ready")  # type: ignore[misc] # bound on purpose
        for host, numbers in ((one, range(DEALS)), (two, range(DEALS, 2 * DEALS))):
            with ThreadPoolExecutor(1) as telling:
                told = telling.submit(tell, numbers)
                eventually(lambda: answers.total() > numbers.start, "the first is told")  # noqa: B023 -- used at once
                host.cut()
                clock.sleep(cut_s)
                host.heal()
                told.result()
        eventually(lambda: set(deals) <= tasks_by_deal(portal).keys(), "every task")
        for host in hosts:
            eventually(lambda host=host: readiness(host.port, host=host.address)["ok"], "ready again")  # type: ignore[misc] # as above
        eventually(lambda: is_at_rest(database), "at rest")

    after = tasks_by_deal(portal)
    assert {deal: after[deal] for deal in deals} == dict.fromkeys(deals, 1)
    assert after.total() == before.total() + len(deals)
    store = open_store(database)
    with store.read() as tx:
        stored = Counter(tx.scalars(select(InboxRow.deal_id)))
        states = set(tx.scalars(select(InboxRow.state)))
        dead = tx.scalars(select(OutboxRow.error).where(OutboxRow.state == "dead")).all()
        keys = tx.scalars(select(ReminderRow.key)).all()
    store.dispose()
    assert (stored, states, dead) == (Counter(deals), {"done"}, [])
    assert len(keys) == len(set(keys))
    assert set(answers) <= {0, 200, 503}, answers
    for host in hosts:
        assert "Unforeseen" not in (host.rekindle.home.parent / f"{host.rekindle.home.name}.log").read_text()
    return answers


def is_at_rest(database: str) -> bool:
    store = open_store(database)
    with store.read() as tx:
        waiting = tx.scalars(select(InboxRow.id).where(InboxRow.state.in_(("pending", "working")))).all()
        unsent = tx.scalars(select(OutboxRow.id).where(OutboxRow.state.in_(("ready", "writing", "unclear")))).all()
    store.dispose()
    return not waiting and not unsent
