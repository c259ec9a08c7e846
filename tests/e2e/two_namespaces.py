"""`python -m tests.e2e.two_namespaces [SECONDS]`: two machines in network namespaces, each cut off for a minute.

The same story as test_two_hosts, with the kernel's own network between the machines and the servers. It takes Linux,
root and iproute2. The first loses its cable: database, Redis and CRM at once. The second loses database and Redis alone
and goes on reaching the CRM: the case in which a task could be written twice.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet

from service import clock
from service.config import Settings
from service.processes import valkey
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import a_portal
from tests.e2e.test_two_hosts import IN_SECONDS, new_database, tell_both_and_cut_each
from tests.e2e.two_hosts import Host, Relay, through_socket
from tests.integration.queue_world import running_valkey
from tests.postgres import running_postgres

BRIDGE, CRM, SERVERS = "rk-bridge", "10.83.7.1", "10.83.7.2"
CUT_S = 60.0
PORT = 8080


@dataclass
class Machine(Host):
    """One whose network is a namespace's."""

    name: str = ""
    loses_all: bool = False

    def cut(self) -> None:
        """Pull the cable, or lose the servers alone; nobody is told."""
        if self.loses_all:
            ip("link", "set", f"{self.name}-cable", "down")
        else:
            self.filter("-A")

    def heal(self) -> None:
        """Put it back."""
        if self.loses_all:
            ip("link", "set", f"{self.name}-cable", "up")
        else:
            self.filter("-D")

    def filter(self, what: str) -> None:
        """Add or take away the rule that drops what goes to the servers and comes from them."""
        for chain, side in (("OUTPUT", "-d"), ("INPUT", "-s")):
            ip("netns", "exec", self.name, "iptables", what, chain, side, SERVERS, "-j", "DROP")


def main() -> int:
    """Play it; what was seen. An assertion that fails ends it."""
    cut_s = float(sys.argv[1]) if len(sys.argv) > 1 else CUT_S
    began = clock.monotonic()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(bridge("rk-one", "rk-two"))
        portal = stack.enter_context(a_portal())
        home = Settings(home=folder / "valkey")
        stack.enter_context(running_valkey(home))
        database = new_database(stack.enter_context(running_postgres()))
        server = Path(parse_qs(urlsplit(database).query)["host"][0]) / ".s.PGSQL.5432"
        to_database = Relay(through_socket(server), host=SERVERS)
        to_redis = Relay(through_socket(valkey.socket_path(home)), host=SERVERS)
        at = urlsplit(portal.url)
        to_crm = Relay(lambda: socket.create_connection((str(at.hostname), at.port or 80)), host=CRM)
        env = {
            **IN_SECONDS,
            "REKINDLE_SECRET_KEY": "s" * 40,
            "REKINDLE_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "REKINDLE_DATABASE_URL": f"postgresql://postgres@{SERVERS}:{to_database.port}/two_hosts"
            "?sslmode=disable&connect_timeout=2",
            "REKINDLE_REDIS_URL": f"redis://{SERVERS}:{to_redis.port}/0",
        }

        def machine(name: str, address: str, *, loses_all: bool) -> Machine:
            rekindle = CommandLine(folder / name, env, through=("ip", "netns", "exec", name))
            shared = {"database": to_database, "redis": to_redis, "address": address, "port": PORT}
            return Machine(rekindle, name=name, loses_all=loses_all, **shared)  # type: ignore[arg-type] # by name

        hosts = machine("rk-one", "10.83.7.11", loses_all=True), machine("rk-two", "10.83.7.12", loses_all=False)
        crm = f"http://{CRM}:{to_crm.port}"
        answers = tell_both_and_cut_each(hosts, portal, database, crm=crm, cut_s=cut_s)
    seen = ", ".join(f"{status or 'no answer'}: {count}" for status, count in sorted(answers.items()))
    print(f"Each machine was cut off for {cut_s:.0f} s; every deal has its task, once. Answers: {seen}.")  # noqa: T201
    print(f"{clock.monotonic() - began:.0f} s in all")  # noqa: T201
    return 0


@contextmanager
def bridge(*names: str) -> Iterator[None]:
    """A namespace a name, all on one bridge with the servers."""
    ip("link", "add", BRIDGE, "type", "bridge")
    try:
        for address in (CRM, SERVERS):
            ip("address", "add", f"{address}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(names, start=11):
            ip("netns", "add", name)
            ip("link", "add", f"{name}-cable", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"{name}-cable", "master", BRIDGE, "up")
            for rest in (("address", "add", f"10.83.7.{number}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
                ip("-netns", name, *rest)
            ip("-netns", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
        ip("link", "delete", BRIDGE)


def ip(*words: str) -> None:
    """The command of iproute2. Raises CalledProcessError."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
